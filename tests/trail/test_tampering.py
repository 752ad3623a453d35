"""C1 and C2: a superuser changes a chain; the verdict names the row, or what the county kept betrays him."""

from __future__ import annotations

import random

import psycopg
import pytest

from chassis.trail.verdicts import Fault, Head, Why
from chassis.trail.verification import verify
from tests.trail import tampering
from tests.trail.making import COUNTY_CODE
from tests.trail.tampering import ENTRIES, HEADS, TAMPERS, WHERE

LENGTH = 240


@pytest.fixture(scope="module")
def chain(trail_database):
    return tampering.prepare(trail_database, length=LENGTH, anchors=4)


@pytest.fixture()
def superuser(trail_database, chain):
    with psycopg.connect(trail_database.owner_url, autocommit=True) as connection:
        yield connection


def check(connection, since=None):
    return verify(connection, "contractor", COUNTY_CODE, "claims", since)


def test_an_untouched_chain_is_sound(superuser, chain):
    verdict = check(superuser)
    assert (verdict.ok, verdict.rows, verdict.anchors, verdict.head.seq) == (True, LENGTH, 4, LENGTH)
    assert verdict.first_bad_seq is verdict.why is None


def test_three_hundred_tampers_are_each_found_and_the_row_named(superuser, chain):
    rng = random.Random(20231101)
    for number in range(300):
        tamper = TAMPERS[number % len(TAMPERS)]
        with superuser.transaction(force_rollback=True):
            expected = tamper(superuser, rng, chain)
            verdict = check(superuser)
            assert expected.is_met_by(verdict), (number, tamper.__name__, expected, verdict.faults[:3])
    assert check(superuser).ok


@pytest.mark.parametrize("column", tampering.EDITS)
@pytest.mark.parametrize("seq", [1, 119, 120, LENGTH])
def test_an_edit_of_any_column_names_its_row(superuser, chain, column, seq):
    with superuser.transaction(force_rollback=True):
        superuser.execute(
            f"UPDATE {ENTRIES} SET {column} = {tampering.EDITS[column]} WHERE {WHERE} AND seq = %s", [seq]
        )
        assert check(superuser).faults == (Fault(Why.CHANGED, seq),)


def test_two_edits_are_both_named(superuser, chain):
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"UPDATE {ENTRIES} SET acted_on = acted_on - 1 WHERE {WHERE} AND seq IN (17, 18, 200)")
        assert [fault.seq for fault in check(superuser).faults] == [17, 18, 200]


def test_a_swap_names_both_rows(superuser, chain):
    with superuser.transaction(force_rollback=True):
        for old, new in ((50, 5000), (90, 50), (5000, 90)):
            superuser.execute(f"UPDATE {ENTRIES} SET seq = %s WHERE {WHERE} AND seq = %s", [new, old])
        assert check(superuser).faults == (Fault(Why.SWAPPED, 50, other=90), Fault(Why.SWAPPED, 90, other=50))


def test_so_many_edits_are_counted_and_not_all_listed(superuser, chain):
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"UPDATE {ENTRIES} SET acted_on = acted_on - 1 WHERE {WHERE}")
        verdict = check(superuser)
        assert (verdict.first_bad_seq, len(verdict.faults) + verdict.unlisted_faults) == (1, LENGTH)


def test_a_rebuilt_chain_is_placed_between_two_anchors(superuser, chain):
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"UPDATE {ENTRIES} SET acted_on = acted_on - 1 WHERE {WHERE} AND seq = 100")
        tampering._redo(superuser, 100, LENGTH)
        tampering._set_head(superuser, LENGTH)
        assert check(superuser).faults == (Fault(Why.REBUILT, 61, until=120),)


def test_an_old_copy_that_went_on_otherwise_is_found(superuser, chain):
    """A backup was put back and work went on past the old length: no gap, no wrong hash, but not what was seen."""
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"UPDATE {ENTRIES} SET subject_id = subject_id || '7' WHERE {WHERE} AND seq > 130")
        superuser.execute(
            f"INSERT INTO {ENTRIES} SELECT county_code, stream, seq + 100, {', '.join(tampering.CONTENT)}, prev_hash, "
            f"hash FROM {ENTRIES} WHERE {WHERE} AND seq > 140"
        )
        tampering._redo(superuser, 131, LENGTH + 100)
        tampering._set_head(superuser, LENGTH + 100)
        assert check(superuser).faults == (Fault(Why.REBUILT, 121, until=180),)


def test_a_chain_that_is_gone_altogether_is_missed(superuser, chain):
    from chassis.trail.sources import chains_of, source_of

    with superuser.transaction(force_rollback=True):
        superuser.execute(f"DELETE FROM {ENTRIES}")
        superuser.execute(f"DELETE FROM {HEADS}")
        (found,) = chains_of(superuser, source_of(superuser, "contractor"))
        assert (found.county_code, found.stream) == (COUNTY_CODE, "claims")
        assert check(superuser).faults == (Fault(Why.CUT, 1, until=LENGTH),)


def test_a_row_that_lost_the_size_of_its_hash_is_named(superuser, chain):
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"ALTER TABLE {ENTRIES} DROP CONSTRAINT ck_trail_entry_hashes_are_sha256")
        superuser.execute(f"UPDATE {ENTRIES} SET prev_hash = 'short' WHERE {WHERE} AND seq = 33")
        assert check(superuser).faults == (Fault(Why.CHANGED, 33),)


def test_from_an_anchor_on_only_what_came_after_is_read(superuser, chain):
    (hash_,) = superuser.execute(f"SELECT hash FROM {ENTRIES} WHERE {WHERE} AND seq = 200").fetchone()
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"UPDATE {ENTRIES} SET acted_on = acted_on - 1 WHERE {WHERE} AND seq IN (20, 220)")
        verdict = check(superuser, since=Head(200, bytes(hash_)))
        assert (verdict.faults, verdict.rows) == ((Fault(Why.CHANGED, 220),), LENGTH - 199)


@pytest.mark.parametrize(
    ("since", "fault"),
    [
        (Head(200, b"x" * 32), Fault(Why.REBUILT, 1, until=200)),
        (Head(LENGTH + 5, b"x" * 32), Fault(Why.CUT, LENGTH + 1, until=LENGTH + 5)),
    ],
)
def test_an_anchor_that_the_chain_does_not_hold_is_a_fault(superuser, chain, since, fault):
    assert fault in check(superuser, since=since).faults
