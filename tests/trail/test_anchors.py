"""What a desk keeps of the others: heads it checked itself, and who may read what for that."""

from __future__ import annotations

import datetime as dt
import threading

import psycopg
import pytest
from sqlalchemy import select

from chassis.desks import CLAIMANT, CONTRACTOR, COUNTY, FINANCE
from chassis.queue.handlers import TaskAtHand, handler_of, load_handlers
from chassis.trail.anchors import take_anchors
from chassis.trail.sources import readable_sources
from chassis.trail.tables import TrailAnchor
from chassis.trail.verdicts import Why
from chassis.trail.verification import plain_connection, verify, verify_readable
from tests.trail import tampering
from tests.trail.making import AT, COUNTY_CODE, add
from tests.trail.tampering import ENTRIES, HEADS, WHERE


@pytest.fixture()
def desks(emptied_database):
    """The four desks' databases, to be written by each as itself."""
    databases = {desk.key: emptied_database.desk(desk.key) for desk in (CONTRACTOR, COUNTY, FINANCE, CLAIMANT)}
    yield databases
    for database in databases.values():
        database.engine.dispose()


@pytest.fixture()
def superuser(emptied_database):
    with psycopg.connect(emptied_database.owner_url, autocommit=True) as connection:
        yield connection


def write(desks, key: str, count: int, stream: str = "claims") -> None:
    with desks[key].transaction() as session:
        add(session, count, stream=stream)


def anchor(desks, key: str):
    with desks[key].transaction() as session:
        return take_anchors(session, desks[key].desk)


def kept(desks, key: str):
    with desks[key].transaction() as session:
        return session.execute(
            select(
                TrailAnchor.desk, TrailAnchor.stream, TrailAnchor.seq, TrailAnchor.verdict, TrailAnchor.checked_entries
            ).order_by(TrailAnchor.seen_at)
        ).all()


def switch_triggers_off(superuser, *tables) -> None:
    for table in tables:
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_the_county_keeps_heads_and_checks_every_link_since_the_last(desks):
    write(desks, "contractor", 10)
    anchor(desks, "county")
    write(desks, "contractor", 5)
    anchor(desks, "county")
    assert kept(desks, "county") == [
        ("contractor", "claims", 10, "sound", 10),
        ("contractor", "claims", 15, "sound", 6),  # the anchored entry is read again with the five new ones
    ]


def test_a_head_that_did_not_move_is_not_kept_twice(desks):
    write(desks, "contractor", 3)
    anchor(desks, "county")
    assert [verdict.ok for verdict in anchor(desks, "county")] == [True]
    assert len(kept(desks, "county")) == 1


def test_every_keeper_keeps_what_is_published_to_it(desks):
    for key in desks:
        write(desks, key, 2)
    for key in ("contractor", "county", "finance"):
        anchor(desks, key)
    checked = {
        key: sorted((row.desk, row.checked_entries) for row in kept(desks, key))
        for key in ("contractor", "county", "finance")
    }
    assert checked == {
        "contractor": [("county", 0)],
        "county": [("claimant", 0), ("contractor", 2), ("finance", 0)],
        "finance": [("county", 0)],
    }


def test_each_role_reads_the_chains_decision_0014_gives_it(emptied_database):
    may = {}
    for role in ("contractor_rw", "county_rw", "finance_rw", "claimant_rw", "auditor_ro"):
        with psycopg.connect(emptied_database.url(role)) as connection:
            may[role] = {source.desk: (source.entries or "heads") for source in readable_sources(connection)}
    whole, published = "trail_entry", "published_trail_entry"
    assert may == {
        "contractor_rw": {"contractor": whole, "county": "heads"},
        "county_rw": {"county": whole, "contractor": published, "finance": "heads", "claimant": "heads"},
        "finance_rw": {"finance": whole, "county": "heads"},
        "claimant_rw": {"claimant": whole},
        "auditor_ro": dict.fromkeys(("contractor", "county", "finance", "claimant"), published),
    }


def test_a_fault_is_kept_with_its_place_and_the_last_sound_head_stays_the_measure(desks, superuser):
    write(desks, "contractor", 10)
    anchor(desks, "county")
    write(desks, "contractor", 10)
    switch_triggers_off(superuser, ENTRIES)
    superuser.execute(f"UPDATE {ENTRIES} SET acted_on = acted_on - 1 WHERE {WHERE} AND seq = 14")
    for _ in range(2):
        (verdict,) = anchor(desks, "county")
        assert (verdict.why, verdict.first_bad_seq) == (Why.CHANGED, 14)
    assert [(row.seq, row.verdict) for row in kept(desks, "county")] == [(10, "sound"), (20, "changed")]
    superuser.execute(f"UPDATE {ENTRIES} SET acted_on = acted_on + 1 WHERE {WHERE} AND seq = 14")
    assert [verdict.ok for verdict in anchor(desks, "county")] == [True]
    assert [(row.seq, row.verdict) for row in kept(desks, "county")][-1] == (20, "sound")


def test_a_chain_rebuilt_before_the_anchor_is_placed_by_reading_it_whole(desks, superuser):
    for _ in range(3):
        write(desks, "contractor", 10)
        anchor(desks, "county")
    switch_triggers_off(superuser, ENTRIES, HEADS)
    superuser.execute(f"UPDATE {ENTRIES} SET acted_on = acted_on - 1 WHERE {WHERE} AND seq = 13")
    tampering._redo(superuser, 13, 30)
    tampering._set_head(superuser, 30)
    (verdict,) = anchor(desks, "county")
    assert [(fault.why, fault.seq, fault.until) for fault in verdict.faults] == [(Why.REBUILT, 11, 20)]


@pytest.mark.parametrize("keeper", ["finance", "contractor"])
def test_a_cut_tail_is_seen_even_by_a_desk_that_may_read_only_heads(desks, superuser, keeper):
    write(desks, "county", 10)
    anchor(desks, keeper)
    switch_triggers_off(superuser, "oversight.trail_entry", "oversight.trail_head")
    superuser.execute("DELETE FROM oversight.trail_entry WHERE seq > 7")
    superuser.execute(
        "UPDATE oversight.trail_head SET (seq, hash) = (SELECT seq, hash FROM oversight.trail_entry WHERE seq = 7)"
    )
    (verdict,) = anchor(desks, keeper)
    assert (verdict.why, verdict.first_bad_seq, verdict.faults[0].until) == (Why.CUT, 8, 10)


def test_a_head_changed_in_place_is_seen_by_a_desk_that_may_read_only_heads(desks, superuser):
    write(desks, "finance", 10)
    anchor(desks, "county")
    switch_triggers_off(superuser, "finance.trail_head")
    superuser.execute("UPDATE finance.trail_head SET hash = sha256(hash)")
    (verdict,) = anchor(desks, "county")
    assert (verdict.why, verdict.faults[0].until) == (Why.REBUILT, 10)


def test_a_head_that_vanished_is_kept_as_cut(desks, superuser):
    write(desks, "contractor", 4)
    anchor(desks, "county")
    switch_triggers_off(superuser, ENTRIES, HEADS)
    superuser.execute(f"DELETE FROM {ENTRIES}")
    superuser.execute(f"DELETE FROM {HEADS}")
    (verdict,) = anchor(desks, "county")
    assert (verdict.why, verdict.first_bad_seq, verdict.head.seq) == (Why.CUT, 1, 0)
    assert kept(desks, "county")[-1][2:4] == (0, "cut")


def test_the_insurer_finds_its_own_cut_tail_through_what_the_county_kept(desks, superuser):
    write(desks, "contractor", 10)
    anchor(desks, "county")
    switch_triggers_off(superuser, ENTRIES, HEADS)
    superuser.execute(f"DELETE FROM {ENTRIES} WHERE seq > 6")
    tampering._set_head(superuser, 6)
    with plain_connection(desks["contractor"].engine) as connection:
        assert verify(connection, "contractor", COUNTY_CODE, "claims").why is Why.CUT


def test_the_audit_bureau_checks_every_desks_chain_in_full(desks, emptied_database):
    for key in desks:
        write(desks, key, 3)
    with psycopg.connect(emptied_database.url("auditor_ro"), autocommit=True) as connection:
        verdicts = verify_readable(connection)
    assert [(verdict.schema, verdict.ok, verdict.rows) for verdict in verdicts] == [
        (schema, True, 3) for schema in ("contractor", "oversight", "finance", "claimant")
    ]


def test_a_chain_that_grows_while_it_is_checked_is_sound(desks):
    """Head and last entry are read as of one instant, anchors before them; what comes after is for the next time."""
    write(desks, "contractor", 50)
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            write(desks, "contractor", 3)
            anchor(desks, "county")

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        with plain_connection(desks["contractor"].engine) as connection:
            for _ in range(25):
                verdict = verify(connection, "contractor", COUNTY_CODE, "claims")
                assert verdict.ok, verdict.faults
    finally:
        stop.set()
        writer.join()
    assert verdict.rows > 50


def test_the_task_of_a_desk_takes_its_anchors(desks):
    load_handlers("portal")
    write(desks, "contractor", 2)
    for kind in ("anchor_trails", "verify_trails"):
        task = TaskAtHand(
            county_code="000000",
            id=1,
            kind=kind,
            payload={},
            attempts=1,
            fence=1,
            cursor=None,
            progress_done=0,
            progress_all=None,
            desk=COUNTY,
        )
        with desks["county"].transaction() as session:
            assert handler_of(COUNTY, kind).deed(session, task, AT + dt.timedelta(minutes=1)) is None
    assert len(kept(desks, "county")) == 1
    assert handler_of(CLAIMANT, "anchor_trails") is None
