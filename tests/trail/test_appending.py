"""Writing a chain: without gaps, without forks, in a fixed number of statements, at the database's own time."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError

from chassis.trail.appending import append
from chassis.trail.chain import genesis
from chassis.trail.tables import TrailEntry, TrailHead
from chassis.trail.verdicts import Head
from chassis.trail.verification import plain_connection, verify
from tests.trail.making import AT, COUNTY_CODE, add, an_entry, entries

WRITERS = 8


def test_entries_take_the_next_places_and_the_head_follows(session_of):
    session = session_of("contractor")
    assert add(session, 3) == [1, 2, 3]
    assert add(session, 2) == [4, 5]
    assert add(session, 1, stream="payments") == [1]
    assert add(session, 1, county_code="410200") == [1]
    rows = session.execute(
        select(TrailEntry).where(TrailEntry.county_code == COUNTY_CODE, TrailEntry.stream == "claims")
    )
    rows = sorted(rows.scalars(), key=lambda row: row.seq)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert [row.prev_hash for row in rows] == [genesis("contractor", COUNTY_CODE, "claims")] + [
        row.hash for row in rows[:-1]
    ]
    head = session.get_one(TrailHead, (COUNTY_CODE, "claims"))
    assert (head.seq, head.hash) == (5, rows[-1].hash)
    assert rows[0].facts == {"amount_fen": 1001, "county_share": False}


def test_the_day_is_the_business_day_in_shanghai(session_of):
    session = session_of("contractor")
    add(session, 1)
    assert session.scalar(select(TrailEntry.acted_on)) == dt.date(2023, 11, 2)


def test_the_time_is_the_databases_and_not_the_callers(session_of):
    session = session_of("contractor")
    before = session.scalar(select(text("clock_timestamp()")))
    add(session, 2)
    recorded = session.scalars(select(TrailEntry.recorded_at)).all()
    assert all(before <= at <= session.scalar(select(text("clock_timestamp()"))) for at in recorded)


def test_nothing_to_add_locks_nothing(session_of):
    session = session_of("contractor")
    assert append(session, county_code=COUNTY_CODE, stream="claims", entries=[], at=AT) == []
    assert session.scalars(select(TrailHead)).all() == []


def test_what_is_rolled_back_leaves_no_gap(emptied_database):
    desk = emptied_database.desk("contractor")
    with desk.transaction() as session:
        add(session, 2)
    with pytest.raises(ZeroDivisionError), desk.transaction() as session:
        add(session, 5)
        1 / 0
    with desk.transaction() as session:
        assert add(session, 1) == [3]
    desk.engine.dispose()


@pytest.mark.parametrize("subject_id", ["张三", "Zhang San", "11010519491231002X"])
def test_a_person_is_not_a_subject_id(session_of, subject_id):
    with pytest.raises(AssertionError):
        append(
            session_of("contractor"),
            county_code=COUNTY_CODE,
            stream="claims",
            entries=[an_entry(subject_id=subject_id)],
            at=AT,
        )


def test_a_chunk_takes_three_statements_however_large(session_of):
    session = session_of("contractor")
    add(session, 1)
    counted = {}
    for size in (1, 10, 3_000):
        statements: list[str] = []

        def count(_connection, _cursor, statement, *_rest, kept=statements):
            kept.append(statement)

        event.listen(session.connection(), "before_cursor_execute", count)
        add(session, size)
        event.remove(session.connection(), "before_cursor_execute", count)
        counted[size] = tuple(statement.split()[0] for statement in statements)
    assert set(counted.values()) == {("SELECT", "INSERT", "UPDATE")}


def test_eight_writers_at_once_make_one_chain_without_fork_or_gap(emptied_database):
    """A chain that read its head without the lock forked in more than half its rows (RELIABILITY.md, 3)."""
    desk = emptied_database.desk("contractor")
    together = threading.Barrier(WRITERS)

    def write(_number: int) -> list[int]:
        together.wait()
        places = []
        for _ in range(250):
            with desk.transaction() as session:
                places += add(session, 1)
        return places

    with ThreadPoolExecutor(WRITERS) as pool:
        places = [place for written in pool.map(write, range(WRITERS)) for place in written]
    assert sorted(places) == list(range(1, WRITERS * 250 + 1))
    with desk.transaction() as session:
        assert session.scalar(text("SELECT count(DISTINCT prev_hash) FROM contractor.trail_entry")) == WRITERS * 250
    with plain_connection(desk.engine) as connection:
        verdict = verify(connection, "contractor", COUNTY_CODE, "claims")
    assert (verdict.ok, verdict.rows) == (True, WRITERS * 250)
    desk.engine.dispose()


def test_eight_first_writers_agree_on_one_beginning(emptied_database):
    desk = emptied_database.desk("contractor")
    for number in range(10):
        together, stream = threading.Barrier(WRITERS), f"stream_{'abcdefghij'[number]}"

        def write(_number: int, stream=stream, together=together) -> list[int]:
            together.wait()
            with desk.transaction() as session:
                return add(session, 2, stream=stream)

        with ThreadPoolExecutor(WRITERS) as pool:
            places = [place for written in pool.map(write, range(WRITERS)) for place in written]
        assert sorted(places) == list(range(1, 2 * WRITERS + 1))
    desk.engine.dispose()


# What the database refuses a writer that goes past `append`, as the desk's own role.


def raw_entry(session, **changes) -> None:
    values = {
        "county": COUNTY_CODE,
        "stream": "claims",
        "seq": 4,
        "at": dt.timedelta(0),
        "facts": "{}",
        "subject": "C1",
        **changes,
    }
    session.execute(
        text(
            "INSERT INTO contractor.trail_entry VALUES (:county, :stream, :seq, clock_timestamp() + :at, '2023-11-01', "
            "'staff', 'u1', 'claim.approved', 'claim', :subject, :facts, sha256('a'), sha256('b'))"
        ),
        values,
    )


@pytest.mark.parametrize(
    ("changes", "refused_by"),
    [
        ({"seq": 5}, "does not follow"),
        ({"stream": "unheard"}, "does not follow"),
        ({"at": dt.timedelta(hours=-1)}, "or not now"),
        ({"at": dt.timedelta(hours=1)}, "or not now"),
        ({"seq": 3}, "pk_trail_entry"),
        ({"facts": '{"name":"张三"}'}, "facts_are_a_small_plain_object"),
        ({"facts": '{"name":"\\u5f20"}'}, "facts_are_a_small_plain_object"),
        ({"facts": "[1]"}, "facts_are_a_small_plain_object"),
        ({"facts": '{"a":"' + "x" * 9000 + '"}'}, "facts_are_a_small_plain_object"),
        ({"subject": "张三"}, "subject_id_is_an_id"),
    ],
)
def test_the_database_refuses_an_entry_out_of_place_or_time_or_kind(session_of, changes, refused_by):
    session = session_of("contractor")
    add(session, 3)
    with pytest.raises(DBAPIError, match=refused_by):
        raw_entry(session, **changes)


def test_the_database_takes_the_next_entry_at_its_place(session_of):
    """The one that the refusals above differ from."""
    session = session_of("contractor")
    add(session, 3)
    raw_entry(session)


@pytest.mark.parametrize("seq", [0, 3, 2])
def test_a_head_never_goes_back_or_stays(session_of, seq):
    session = session_of("contractor")
    add(session, 3)
    hashes = dict(session.execute(select(TrailEntry.seq, TrailEntry.hash)).all())
    hash_ = hashes.get(seq, genesis("contractor", COUNTY_CODE, "claims"))
    with pytest.raises(DBAPIError, match="moves forward"):
        session.execute(update(TrailHead).values(seq=seq, hash=hash_))


def test_a_head_never_names_an_entry_that_is_not_there(session_of):
    session = session_of("contractor")
    add(session, 3)
    with pytest.raises(DBAPIError, match="moves forward"):
        session.execute(update(TrailHead).values(seq=4))


@pytest.mark.parametrize("head", [Head(0, b"0" * 32), Head(7, genesis("contractor", "410100", "new"))])
def test_a_chain_begins_only_at_its_genesis(session_of, head):
    session = session_of("contractor")
    with pytest.raises(DBAPIError, match="moves forward"):
        session.execute(
            text("INSERT INTO contractor.trail_head (county_code, stream, seq, hash) VALUES ('410100','new',:s,:h)"),
            {"s": head.seq, "h": head.hash},
        )


def test_a_largest_chunk_is_one_statement_too_far(session_of):
    with pytest.raises(AssertionError, match="largest"):
        append(session_of("contractor"), county_code=COUNTY_CODE, stream="claims", entries=entries(1) * 50_001, at=AT)
