"""The law of a county as the county itself loads it: from its own register, by hash."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.law.approved import law_from
from oversight.registry.schedules.queries import confirmed_of
from rulebook.registry import Timeline
from rulebook.schedule import Schedule


def law_of(
    session: Session, county_code: str, *, standing_in: Schedule | None = None, is_production: bool = True
) -> Timeline:
    """Which schedule is in force on which days. Arguments and refusals as `chassis.law.approved.law_from`."""
    return law_from(
        confirmed_of(session, county_code),
        county_code=county_code,
        standing_in=standing_in,
        is_production=is_production,
    )
