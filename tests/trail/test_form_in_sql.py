"""The database and Python must agree on every byte, or the county would accuse the insurer of our mistake."""

from __future__ import annotations

import datetime as dt
import json

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.trail import wire
from chassis.trail.chain import Placed, canonical, genesis, link
from chassis.trail.sources import Chain, source_of

PREV = bytes(range(32))
HOSTILE = [
    "",
    "'",
    '"',
    "\\",
    "\\x00",
    "a|b",
    "张三，男",
    "𠮷𡈽🀄",
    "e\u0301",
    "\u00e9",
    "\u202e\u200b\ufeff",
    "\t\r\n\x01\x7f",
    "%s %(x)s :name $1 {0}",
    "x" * 70_000,
]
INSTANTS = [
    dt.datetime(1, 1, 1, tzinfo=dt.UTC),
    dt.datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
    dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2023, 11, 1, 8, 30, 0, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
]
FACTS = [
    "{}",
    '{"b":1,"a":2}',
    '{"a": 1,  "a":2}',
    '{"a":1e400}',
    f'{{"n":{10**50}}}',
    '{"t":"\\u0000\\"张"}',
    "[1.10]",
]

letters = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30)
placed = st.builds(
    Placed,
    county_code=st.from_regex(r"[0-9]{6}", fullmatch=True),
    stream=letters,
    seq=st.integers(1, 2**63 - 1),
    recorded_at=st.datetimes(timezones=st.just(dt.UTC)),
    acted_on=st.dates(),
    actor_kind=letters,
    actor_id=letters,
    act=letters,
    subject_kind=letters,
    subject_id=letters,
    facts=st.recursive(st.integers() | letters | st.none(), lambda inner: st.dictionaries(letters, inner)).map(
        lambda value: json.dumps(value, ensure_ascii=False)
    ),
)


@pytest.fixture(scope="module")
def unguarded(trail_database):
    """A superuser's connection to a table that takes anything, so that hostile values reach the form at all."""
    with psycopg.connect(trail_database.owner_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        checks = connection.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'contractor.trail_entry'::regclass AND contype = 'c'"
        ).fetchall()
        for (name,) in checks:
            connection.execute(f"ALTER TABLE contractor.trail_entry DROP CONSTRAINT {name}")
        yield connection


def assert_agreed(connection, entry: Placed) -> None:
    ours, hash_ = canonical(entry), link(PREV, canonical(entry))
    with connection.transaction(force_rollback=True):
        connection.execute(
            "INSERT INTO contractor.trail_entry VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(entry.county_code, entry.stream, entry.seq, entry.recorded_at, entry.acted_on),
                *(entry.actor_kind, entry.actor_id, entry.act, entry.subject_kind, entry.subject_id),
                *(entry.facts, PREV, hash_),
            ],
        )
        (theirs,) = connection.execute("SELECT canonical FROM contractor.published_trail_entry").fetchone()
        (linked,) = connection.execute(
            r"SELECT sha256('\x000e00000020'::bytea || prev_hash || canonical) FROM contractor.published_trail_entry"
        ).fetchone()
        chain = Chain(source_of(connection, "contractor"), entry.county_code, entry.stream)
        sent = list(wire.messages(connection, chain, entry.seq, min(entry.seq, 2**63 - 2) + 1))
    assert bytes(theirs) == ours
    assert bytes(linked) == hash_
    assert sent[-1] == wire.END
    if entry.seq < 2**63 - 1:
        assert [wire.own_hash_holds(row) for row in sent[:-1]] == [True]


BASE = Placed("410100", "claims", 1, INSTANTS[3], dt.date(2023, 11, 1), "staff", "u1", "done", "claim", "C1", "{}")


@pytest.mark.parametrize("field", ["stream", "actor_kind", "actor_id", "act", "subject_kind", "subject_id"])
def test_both_agree_on_hostile_text(unguarded, field):
    for value in HOSTILE:
        if field != "stream" or len(value) < 2_000:  # the key of an index is smaller than that
            assert_agreed(unguarded, Placed(**{**BASE.__dict__, field: value}))


def test_both_agree_on_the_ends_of_time_and_number(unguarded):
    for instant in INSTANTS:
        assert_agreed(unguarded, Placed(**{**BASE.__dict__, "recorded_at": instant, "acted_on": instant.date()}))
    for seq in (1, 2**31, 2**53 + 1, 2**63 - 1):
        assert_agreed(unguarded, Placed(**{**BASE.__dict__, "seq": seq}))


def test_facts_are_hashed_as_the_text_they_were_written_in(unguarded):
    """Neither the order of keys, nor a doubled key, nor a huge number may be made tidy on the way."""
    for facts in FACTS:
        assert_agreed(unguarded, Placed(**{**BASE.__dict__, "facts": facts}))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=placed)
def test_both_agree_on_anything(unguarded, entry):
    assert_agreed(unguarded, entry)


def test_both_begin_a_chain_alike(session_of):
    """The trigger computes the genesis in SQL and refuses any other."""
    from tests.trail.making import add

    session = session_of("county")
    assert add(session, 1, stream="people") == [1]
    row = session.connection().exec_driver_sql("SELECT prev_hash FROM oversight.trail_entry").one()
    assert bytes(row[0]) == genesis("oversight", "410100", "people")
