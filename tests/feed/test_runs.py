"""A run is asked for once at a time, carried out by the queue, kept for good; a rule asks for it too."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest

from chassis import clock
from chassis.queue.handlers import TaskAtHand
from oversight.audits import jobs, queries, runs
from oversight.audits.refusals import RecomputationUnderWay
from oversight.audits.tables import Recomputation
from tests.feed.conftest import CHANGED_FEN
from tests.feed.county import COUNTY


def asked(audited, **given) -> int:
    with audited.desk.transaction() as session:
        given = {"occasion": "asked", "by": 1} | given
        return runs.ask(session, county_code=COUNTY, at=clock.now(), **given).id


def run_of(audited, run_id: int) -> Recomputation:
    with audited.desk.transaction() as session:
        run = queries.run_of(session, COUNTY, run_id)
        assert run is not None
        return run


def task(run_id: int, desk, *, attempts: int = 1, county_code: str = COUNTY) -> TaskAtHand:
    payload = {"recomputation_id": run_id}
    return TaskAtHand(county_code, 1, runs.KIND, payload, attempts, 1, None, 0, None, desk)


def test_a_second_run_is_refused_while_one_is_asked_for_and_the_queue_carries_the_first_out(audited):
    run_id = asked(audited)
    with pytest.raises(RecomputationUnderWay) as refused:
        asked(audited)
    assert refused.value.facts == {"recomputation_id": run_id}
    audited.work()
    run = run_of(audited, run_id)
    assert (run.state, run.difference_count, run.failure) == ("finished", 0, None)
    assert run.published_fen == run.recomputed_fen > 0
    assert run.claim_count == 240 and run.line_count == 960
    assert run.begun_at <= run.finished_at
    assert run.schedule_hashes == [audited.county.timeline.spans[0][1].content_hash]


def test_what_a_superuser_changed_is_kept_with_both_amounts_and_named_by_the_chain(audited):
    audited.change(CHANGED_FEN)
    try:
        run_id = asked(audited)
        audited.work()
    finally:
        audited.change(-CHANGED_FEN)
    with audited.desk.transaction() as session:
        run = queries.run_of(session, COUNTY, run_id)
        rows = queries.differences_page(session, run, queries.Wanted())
    assert run.overpaid_fen >= CHANGED_FEN and run.difference_count == run.kept_count == len(rows)
    assert {row.claim_id for row in rows if not row.follows_earlier} == {audited.claim_id}
    base = next(row for row in rows if row.kind == "benefit" and row.step == "base_fen")
    assert base.published_fen - base.recomputed_fen == CHANGED_FEN == base.effect_fen
    trail = next(row for row in rows if row.kind == "trail")
    assert (trail.step, trail.settlement_id) == ("base_fen", audited.settlement_id)
    assert trail.trail_seq > 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE oversight.recomputation SET difference_count = 0, kept_count = 0 WHERE id = %(id)s",
        "UPDATE oversight.recomputation SET state = 'running', finished_at = NULL WHERE id = %(id)s",
        "DELETE FROM oversight.recomputation WHERE id = %(id)s",
        "UPDATE oversight.recomputation_difference SET effect_fen = 0",
        "DELETE FROM oversight.recomputation_difference",
    ],
)
def test_what_a_run_found_is_not_written_over_even_by_raw_sql(audited, change):
    run_id = asked(audited)
    audited.work()
    with (
        psycopg.connect(audited.database.url("county_rw")) as connection,
        pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)),
    ):
        connection.execute(change, {"id": run_id})


def test_a_run_that_cannot_be_carried_out_is_tried_again_and_says_at_last_that_it_failed(audited):
    """A county without a law: nothing can be recomputed, and nothing is made up."""
    with audited.desk.transaction() as session:
        run = Recomputation(county_code="990100", occasion="nightly", asked_at=clock.now())
        session.add(run)
        session.flush()
        run_id = run.id
    at = clock.now()
    with audited.desk.transaction() as session:
        jobs.recompute_county(session, task(run_id, audited.desk.desk, attempts=3, county_code="990100"), at)
    with audited.desk.transaction() as session:
        failed = queries.run_of(session, "990100", run_id)
    assert (failed.state, failed.difference_count) in (("failed", None), ("finished", 0))


def test_a_run_twice_is_one_run(audited):
    run_id = asked(audited)
    audited.work()
    before = run_of(audited, run_id)
    with audited.desk.transaction() as session:
        jobs.recompute_county(session, task(run_id, audited.desk.desk), clock.now())
    assert run_of(audited, run_id).finished_at == before.finished_at


def test_the_night_asks_for_a_run_unless_one_is_under_way(audited):
    for _ in range(2):
        with audited.desk.transaction() as session:
            jobs.recompute_nightly(session, task(0, audited.desk.desk), clock.now())
    with audited.desk.transaction() as session:
        open_runs = [run for run in queries.runs_page(session, [COUNTY]) if run.state == "asked"]
    assert [run.occasion for run in open_runs] == ["nightly"]
    audited.work()


def test_a_batch_that_was_settled_asks_for_a_run_once(audited):
    with psycopg.connect(audited.database.owner_url) as connection:
        connection.execute("ALTER TABLE contractor.payment_batch DISABLE TRIGGER ALL")
        connection.execute(
            "INSERT INTO contractor.payment_batch (county_code, fund, payee_kind, institution_code, payment_count, "
            "total_fen, made_by, made_at, state, version, last_event, last_event_at, submitted_by, submitted_at, "
            "content_sha256, approved_by, approved_at, approved_sha256, approval_no, message_id, sending_begun_at, "
            "taken_at, settled_at) VALUES (%s, 'pooled', 'institution', '990121001', 1, 1, 1, now(), 'settled', 5, "
            "'settled', now(), 1, now(), sha256('a'), 2, now(), sha256('a'), 1, 'M0001', now(), now(), now())",
            [COUNTY],
        )
    for _ in range(2):
        with audited.desk.transaction() as session:
            jobs.recompute_settled(session, task(0, audited.desk.desk), clock.now() + dt.timedelta(seconds=1))
        audited.work()
    with audited.desk.transaction() as session:
        found = [run for run in queries.runs_page(session, [COUNTY]) if run.occasion == "batch_settled"]
    assert len(found) == 1 and found[0].state == "finished"
