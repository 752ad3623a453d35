"""What the reviewers' desk does by itself at night: measure what stays of each illness cost."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.desks import CONTRACTOR
from chassis.queue.handlers import Step, TaskAtHand, handles
from chassis.queue.periodic import every
from contractor.review.peers import counties_with_claims, measure

OURS = (CONTRACTOR.key,)
PEERS = "review.peers"
PEERS_EVERY_SECONDS = 86_400

every(PEERS_EVERY_SECONDS, PEERS, desks=OURS, counties=counties_with_claims)


@handles(PEERS, desks=OURS, limit_seconds=600)
def measure_peers(session: Session, task: TaskAtHand, at: dt.datetime) -> Step | None:
    """One county in one statement: a year of stays fits one sort."""
    measure(session, county_code=task.county_code, on=local_day(at), at=at)
    return None
