"""The law of the county as the insurer loads it: from what the county publishes, by hash."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.errors import Refusal
from chassis.law.approved import law_from
from contractor.law.queries import approvals_of
from rulebook.refusals import Refused
from rulebook.registry import Timeline
from rulebook.schedule import Schedule


def law_of(
    session: Session, county_code: str, *, standing_in: Schedule | None = None, is_production: bool = True
) -> Timeline:
    """Which schedule is in force on which days. Arguments and refusals as `chassis.law.approved.law_from`."""
    return law_from(
        approvals_of(session, county_code),
        county_code=county_code,
        standing_in=standing_in,
        is_production=is_production,
    )


def law_if_any(session: Session, county_code: str, *, is_production: bool = True) -> Timeline | None:
    """The county's law; None where none is approved, so that a claim can be read or refused all the same."""
    try:
        return law_of(session, county_code, is_production=is_production)
    except (Refusal, Refused):
        return None
