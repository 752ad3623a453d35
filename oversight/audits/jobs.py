"""Recomputations as tasks: asked for by a person, every night, and when a batch was settled."""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy.orm import Session

from chassis.desks import COUNTY
from chassis.queue.handlers import TaskAtHand, handles
from chassis.queue.periodic import every
from oversight.audits import queries, runs
from oversight.registry.schedules.law import law_of

HERE = (COUNTY.key,)
LIMIT_SECONDS = 3600
log = structlog.get_logger(__name__)

every(86_400, "recompute_nightly", desks=HERE, counties=queries.counties_with_claims)
every(300, "recompute_settled", desks=HERE, counties=queries.counties_with_claims)


@handles("recompute_nightly", desks=HERE)
def recompute_nightly(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    if queries.under_way(session, task.county_code) is None:
        runs.ask(session, county_code=task.county_code, occasion="nightly", by=None, at=at)


@handles("recompute_settled", desks=HERE)
def recompute_settled(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """A batch that the bank has answered in full is recomputed within minutes, and not only at night."""
    batch_id = queries.settled_since_last_run(session, task.county_code)
    if batch_id is not None and queries.under_way(session, task.county_code) is None:
        runs.ask(session, county_code=task.county_code, occasion="batch_settled", batch_id=batch_id, by=None, at=at)


@handles(runs.KIND, desks=HERE, limit_seconds=LIMIT_SECONDS, attempts=3)
def recompute_county(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """A run that fails for good says so itself; until then it is tried again."""
    run = queries.run_of(session, task.county_code, task.payload["recomputation_id"])
    assert run is not None, "a run is written with the task that carries it out"
    if run.finished_at is not None:
        return
    if task.attempts >= 3:
        # Its last try: what went wrong stands with the task; the run says that it did.
        try:
            with session.begin_nested():
                runs.carry_out(session, run, law_of(session, task.county_code), at=at)
        except Exception as error:
            log.exception("recomputation_failed", county_code=task.county_code)
            runs.give_up(session, run, failure=type(error).__name__, at=at)
        return
    runs.carry_out(session, run, law_of(session, task.county_code), at=at)
