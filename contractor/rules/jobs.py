"""What the rules do by themselves: every night they look over a county's last two years, stage by stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.desks import CONTRACTOR
from chassis.queue.handlers import Step, TaskAtHand, handles
from chassis.queue.periodic import every
from contractor.claims.tables import ClaimFile
from contractor.law.loading import law_of
from contractor.rules.nightly import STAGES, look_over
from contractor.rules.queries import cards_in_force
from contractor.rules.suspending import suspend_imprecise

OURS = (CONTRACTOR.key,)
NIGHTLY = "rules.nightly"
A_DAY_SECONDS = 86_400


def counties_with_claims(session: Session) -> Sequence[str]:
    return session.scalars(select(ClaimFile.county_code).distinct()).all()


every(A_DAY_SECONDS, NIGHTLY, desks=OURS, counties=counties_with_claims)


@handles(NIGHTLY, desks=OURS, limit_seconds=1_800)
def look_over_the_year(session: Session, task: TaskAtHand, at: dt.datetime) -> Step | None:
    """One stage a step; a night that was broken off goes on where it stood. First, rules that are nearly always wrong
    are put aside."""
    place, on = int(task.cursor["stage"]) if task.cursor else 0, local_day(at)
    if not place:
        suspend_imprecise(session, county_code=task.county_code, at=at)
    law = law_of(session, task.county_code, is_production=task.house.settings.is_production)
    cards = cards_in_force(session, task.county_code, on)
    look_over(session, STAGES[place], county_code=task.county_code, law=law, at=at, on=on, cards=cards)
    return Step({"stage": place + 1}, place + 1, len(STAGES)) if place + 1 < len(STAGES) else None
