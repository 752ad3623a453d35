"""What a superuser could do to a chain, and what checking it must then say. Used by the tests and by the soak run.

Each tamper changes the contractor's chain inside a transaction that is rolled back afterwards, with the triggers
switched off as only a superuser can, and returns what the verdict may truthfully be.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from chassis.desks import COUNTY
from chassis.trail.anchors import take_anchors
from chassis.trail.chain import Placed, canonical, link
from chassis.trail.verdicts import Verdict, Why
from tests.conftest import TestDatabase
from tests.trail.making import COUNTY_CODE, add

ENTRIES = "contractor.trail_entry"
HEADS = "contractor.trail_head"
WHERE = f"county_code = '{COUNTY_CODE}' AND stream = 'claims'"
ASIDE = 1_000_000
CONTENT = ("recorded_at", "acted_on", "actor_kind", "actor_id", "act", "subject_kind", "subject_id", "facts")
EDITS = {
    "recorded_at": "recorded_at - interval '1 day'",
    "acted_on": "acted_on - 1",
    "actor_kind": "'institution'",
    "actor_id": "actor_id || 'x'",
    "act": "'claim.rejected'",
    "subject_kind": "'batch'",
    "subject_id": "subject_id || '1'",
    "facts": "replace(facts::text, '\"amount_fen\":', '\"amount_fen\":9')::json",
    "prev_hash": "sha256(prev_hash)",
    "hash": "sha256(hash)",
}


@dataclass(frozen=True)
class Expected:
    """The first fault must be one of `why` at the place `seq`, or cover it."""

    why: frozenset[Why]
    seq: int

    def is_met_by(self, verdict: Verdict) -> bool:
        if verdict.ok:
            return False
        first = verdict.faults[0]
        exact = first.why in self.why and first.seq == self.seq
        return exact or (first.why is Why.REBUILT in self.why and first.seq <= self.seq <= first.last)


@dataclass(frozen=True)
class Prepared:
    """The chain to tamper with: how long it is, and where the county kept its head."""

    length: int
    anchors: tuple[int, ...]


Tamper = Callable[[psycopg.Connection, random.Random, Prepared], Expected]


def prepare(database: TestDatabase, *, length: int, anchors: int) -> Prepared:
    """A contractor's chain that the county anchored along the way, its triggers then switched off."""
    contractor, county = database.desk("contractor"), database.desk("county")
    kept = []
    for number in range(anchors):
        with contractor.transaction() as session:
            places = add(session, length // anchors)
        with county.transaction() as session:
            verdicts = take_anchors(session, COUNTY)
        assert [verdict.ok for verdict in verdicts] == [True], number
        kept.append(places[-1])
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        for table in (ENTRIES, HEADS):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for desk in (contractor, county):
        desk.engine.dispose()
    return Prepared(kept[-1], tuple(kept))


def _place(rng: random.Random, chain: Prepared) -> int:
    """Any place, the ends and the anchored ones more often than chance would have it."""
    return rng.choice([rng.randint(1, chain.length), rng.choice([1, chain.length, *chain.anchors])])


def _expect(seq: int, *why: Why) -> Expected:
    return Expected(frozenset(why), seq)


def edit_one_column(connection, rng, chain) -> Expected:
    seq, column = _place(rng, chain), rng.choice(list(EDITS))
    connection.execute(f"UPDATE {ENTRIES} SET {column} = {EDITS[column]} WHERE {WHERE} AND seq = {seq}")
    return _expect(seq, Why.CHANGED)


def move_to_another_chain(connection, rng, chain) -> Expected:
    seq, change = (
        _place(rng, chain),
        rng.choice(["county_code = '410200'", "stream = 'payments'", "seq = seq + 100000"]),
    )
    connection.execute(f"UPDATE {ENTRIES} SET {change} WHERE {WHERE} AND seq = {seq}")
    return _expect(seq, Why.MISSING)


def delete_rows(connection, rng, chain) -> Expected:
    seq, count = _place(rng, chain), rng.choice([1, 1, 2, 17])
    connection.execute(f"DELETE FROM {ENTRIES} WHERE {WHERE} AND seq >= {seq} AND seq < {seq + count}")
    return _expect(seq, Why.MISSING)


def delete_a_row_and_tie_its_neighbours(connection, rng, chain) -> Expected:
    """Every link fits; only the places do not count on."""
    seq = rng.randint(1, chain.length - 1)
    prev = bytes(_rows(connection, seq, seq)[0][-1])
    connection.execute(f"DELETE FROM {ENTRIES} WHERE {WHERE} AND seq = {seq}")
    connection.execute(f"UPDATE {ENTRIES} SET prev_hash = %s WHERE {WHERE} AND seq = {seq + 1}", [prev])
    _redo(connection, seq + 1, chain.length)
    _set_head(connection, chain.length)
    return _expect(seq, Why.MISSING)


def _two(rng: random.Random, chain: Prepared) -> tuple[int, int]:
    a, b = rng.sample(range(1, chain.length + 1), 2)
    return min(a, b), max(a, b)


def swap_whole_rows(connection, rng, chain) -> Expected:
    a, b = _two(rng, chain)
    for old, new in ((a, ASIDE + a), (b, a), (ASIDE + a, b)):
        connection.execute(f"UPDATE {ENTRIES} SET seq = {new} WHERE {WHERE} AND seq = {old}")
    return _expect(a, Why.SWAPPED)


def swap_what_two_rows_say(connection, rng, chain) -> Expected:
    a, b = _two(rng, chain)
    columns = (*CONTENT, "hash") if rng.random() < 0.5 else CONTENT
    connection.execute(
        f"UPDATE {ENTRIES} AS one SET ({', '.join(columns)}) = ROW({', '.join('other.' + c for c in columns)}) "
        f"FROM {ENTRIES} AS other WHERE one.county_code = '{COUNTY_CODE}' AND one.stream = 'claims' "
        f"AND other.county_code = one.county_code AND other.stream = one.stream "
        f"AND one.seq IN ({a}, {b}) AND other.seq = {a + b} - one.seq"
    )
    return _expect(a, Why.SWAPPED)


def _rows(connection, first: int, last: int) -> list[tuple]:
    return connection.execute(
        f"SELECT seq, {', '.join(CONTENT[:-1])}, facts::text, prev_hash FROM {ENTRIES} "
        f"WHERE {WHERE} AND seq BETWEEN {first} AND {last} ORDER BY seq"
    ).fetchall()


def _redo(connection, first: int, last: int) -> bytes:
    """Compute the hashes of a stretch anew, as somebody who has read chain.py can. Returns the last."""
    rows = _rows(connection, first, last)
    prev, redone = bytes(rows[0][-1]), []
    for seq, *content, _prev in rows:
        hash_ = link(prev, canonical(Placed(COUNTY_CODE, "claims", seq, *content)))
        redone.append((prev, hash_, seq))
        prev = hash_
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {ENTRIES} SET prev_hash = %s, hash = %s WHERE {WHERE} AND seq = %s", redone)
    return prev


def _set_head(connection, seq: int) -> None:
    connection.execute(
        f"UPDATE {HEADS} SET (seq, hash) = (SELECT seq, hash FROM {ENTRIES} WHERE {WHERE} AND seq = {seq}) "
        f"WHERE {WHERE}"
    )


def rewrite_with_a_fitting_hash(connection, rng, chain) -> Expected:
    """The row is whole again in itself; the next one, or the head, remembers what it was."""
    seq, column = _place(rng, chain), rng.choice(CONTENT)
    connection.execute(f"UPDATE {ENTRIES} SET {column} = {EDITS[column]} WHERE {WHERE} AND seq = {seq}")
    _redo(connection, seq, seq)
    return _expect(seq, Why.REWRITTEN, Why.HEAD)


def rebuild_from_a_row_on(connection, rng, chain) -> Expected:
    """Everything fits, head included: only what the county kept tells."""
    seq, column = _place(rng, chain), rng.choice(CONTENT)
    connection.execute(f"UPDATE {ENTRIES} SET {column} = {EDITS[column]} WHERE {WHERE} AND seq = {seq}")
    _redo(connection, seq, chain.length)
    _set_head(connection, chain.length)
    return _expect(seq, Why.REBUILT)


def remove_a_row_and_close_the_gap(connection, rng, chain) -> Expected:
    seq = rng.randint(1, chain.length - 1)
    prev = bytes(_rows(connection, seq, seq)[0][-1])
    connection.execute(f"DELETE FROM {ENTRIES} WHERE {WHERE} AND seq = {seq}")
    connection.execute(f"UPDATE {ENTRIES} SET seq = seq + {ASIDE} WHERE {WHERE} AND seq > {seq}")
    connection.execute(f"UPDATE {ENTRIES} SET seq = seq - {ASIDE + 1} WHERE {WHERE} AND seq > {ASIDE}")
    connection.execute(f"UPDATE {ENTRIES} SET prev_hash = %s WHERE {WHERE} AND seq = {seq}", [prev])
    _redo(connection, seq, chain.length - 1)
    _set_head(connection, chain.length - 1)
    if seq > chain.anchors[-2]:
        # Between the last two anchors only the lost length tells: what the last anchor saw is out of reach.
        return _expect(chain.length, Why.CUT)
    return _expect(seq, Why.REBUILT)


def insert_past_the_head(connection, rng, chain) -> Expected:
    """A row that fits the last one, as a forger would make it; the head does not know it."""
    copied = rng.randint(1, chain.length)
    connection.execute(
        f"INSERT INTO {ENTRIES} SELECT county_code, stream, {chain.length + 1}, {', '.join(CONTENT)}, "
        f"(SELECT hash FROM {HEADS} WHERE {WHERE}), hash FROM {ENTRIES} WHERE {WHERE} AND seq = {copied}"
    )
    _redo(connection, chain.length + 1, chain.length + 1)
    return _expect(chain.length + 1, Why.FORGED)


def insert_a_second_row_at_a_place(connection, rng, chain) -> Expected:
    seq = rng.randint(1, chain.length)
    connection.execute(f"ALTER TABLE {ENTRIES} DROP CONSTRAINT pk_trail_entry")
    connection.execute(
        f"INSERT INTO {ENTRIES} SELECT county_code, stream, seq, recorded_at, acted_on, actor_kind, actor_id, act, "
        f"subject_kind, subject_id || '9', facts, prev_hash, hash FROM {ENTRIES} WHERE {WHERE} AND seq = {seq}"
    )
    return _expect(seq, Why.FORGED, Why.CHANGED)


def forge_the_head(connection, rng, chain) -> Expected:
    how = rng.choice(["hash", "forward", "back", "gone"])
    if how == "hash":
        connection.execute(f"UPDATE {HEADS} SET hash = sha256(hash) WHERE {WHERE}")
        return _expect(chain.length, Why.HEAD)
    if how == "forward":
        connection.execute(f"UPDATE {HEADS} SET seq = seq + {rng.choice([1, 10**15])} WHERE {WHERE}")
        return _expect(chain.length + 1, Why.MISSING)
    if how == "back":
        seq = rng.randint(1, chain.length - 1)
        _set_head(connection, seq)
        return _expect(seq + 1, Why.FORGED)
    connection.execute(f"DELETE FROM {HEADS} WHERE {WHERE}")
    return _expect(chain.length, Why.HEAD)


def cut_the_tail(connection, rng, chain) -> Expected:
    """Also what an old backup put back looks like: the last rows and their head were never written."""
    kept = rng.randint(0, chain.length - 1)
    if kept:
        _set_head(connection, kept)
    else:
        connection.execute(f"DELETE FROM {HEADS} WHERE {WHERE}")
    connection.execute(f"DELETE FROM {ENTRIES} WHERE {WHERE} AND seq > {kept}")
    return _expect(kept + 1, Why.CUT)


def cut_the_tail_alone(connection, rng, chain) -> Expected:
    kept = rng.randint(0, chain.length - 1)
    connection.execute(f"DELETE FROM {ENTRIES} WHERE {WHERE} AND seq > {kept}")
    return _expect(kept + 1, Why.MISSING)


TAMPERS: tuple[Tamper, ...] = (
    edit_one_column,
    edit_one_column,
    edit_one_column,
    move_to_another_chain,
    delete_rows,
    delete_a_row_and_tie_its_neighbours,
    swap_whole_rows,
    swap_what_two_rows_say,
    rewrite_with_a_fitting_hash,
    rebuild_from_a_row_on,
    remove_a_row_and_close_the_gap,
    insert_past_the_head,
    insert_a_second_row_at_a_place,
    forge_the_head,
    cut_the_tail,
    cut_the_tail_alone,
)
