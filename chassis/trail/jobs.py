"""Every quarter of an hour the heads of the other desks are kept; every day each chain a desk can read is checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from chassis.desks import CONTRACTOR, COUNTY, FINANCE
from chassis.queue.handlers import TaskAtHand, handles
from chassis.queue.periodic import every
from chassis.trail.anchors import take_anchors
from chassis.trail.verdicts import Verdict
from chassis.trail.verification import verify_readable

KEEPERS = (CONTRACTOR.key, COUNTY.key, FINANCE.key)
log = structlog.get_logger(__name__)

every(900, "anchor_trails", desks=KEEPERS)
every(86_400, "verify_trails")


@handles("anchor_trails", desks=KEEPERS)
def anchor_trails(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    _report(task, take_anchors(session, task.desk))


@handles("verify_trails", limit_seconds=3600)
def verify_trails(session: Session, task: TaskAtHand, at: dt.datetime) -> None:
    """From the first entry on: an anchor vouches for hashes, not for the rows before it."""
    _report(task, verify_readable(session.connection().connection.driver_connection))


def _report(task: TaskAtHand, verdicts: Sequence[Verdict]) -> None:
    """A broken chain is no failure of the task: it is what the task is there to say."""
    for verdict in verdicts:
        if not verdict.ok:
            log.error(
                "trail_broken",
                desk=task.desk.key,
                schema=verdict.schema,
                county_code=verdict.county_code,
                stream=verdict.stream,
                why=verdict.why,
                seq=verdict.first_bad_seq,
            )
    log.info("trails_checked", desk=task.desk.key, count=len(verdicts), rows=sum(verdict.rows for verdict in verdicts))
