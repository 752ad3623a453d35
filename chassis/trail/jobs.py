"""Every quarter of an hour the heads of the other desks are kept; every day each chain a desk can read is checked.

A log auditor may ask for the county's own chains at any time. What was found of them is written into the trail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from chassis.desks import CONTRACTOR, COUNTY, FINANCE
from chassis.queue.handlers import Step, TaskAtHand, handles
from chassis.queue.periodic import every
from chassis.trail.anchors import take_anchors
from chassis.trail.chain import Actor, ActorKind
from chassis.trail.checking import keep_verdicts
from chassis.trail.reading import streams_of
from chassis.trail.sources import Chain, chains_of, source_of
from chassis.trail.verdicts import Verdict
from chassis.trail.verification import verify_chain, verify_readable

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
    verdicts = verify_readable(session.connection().connection.driver_connection)
    _report(task, verdicts)
    own = [verdict for verdict in verdicts if verdict.schema == task.desk.schema]
    keep_verdicts(session, own, by=Actor(ActorKind.SYSTEM, "verify_trails"), at=at)


@handles("verify_trail", desks=KEEPERS, limit_seconds=3600)
def verify_trail(session: Session, task: TaskAtHand, at: dt.datetime) -> Step | None:
    """The county's own chains, one a step, as a person asked for. Progress is counted in entries."""
    connection = session.connection().connection.driver_connection
    source = source_of(connection, task.desk.schema)
    if task.cursor is None:
        heads = {head.stream: head.seq for head in streams_of(session, task.county_code)}
        own = [chain.stream for chain in chains_of(connection, source) if chain.county_code == task.county_code]
        # An empty chain counts as one, so that every step moves on.
        left = [[stream, max(heads.get(stream, 0), 1)] for stream in own]
    else:
        left = task.cursor["left"]
    if not left:
        return None
    (stream, size), *rest = left
    verdict = verify_chain(connection, Chain(source, task.county_code, stream))
    _report(task, [verdict])
    keep_verdicts(session, [verdict], by=Actor(ActorKind.STAFF, str(task.payload["asked_by"])), at=at)
    if not rest:
        return None
    done = task.progress_done + size
    return Step({"left": rest}, done, done + sum(size for _stream, size in rest))


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
