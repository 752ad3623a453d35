"""What every room of the API asks a request for: who acts, with what keys, on which claim in sight, under which law."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.api.operations import Ask
from chassis.errors import NotFound
from chassis.web.current import the_house
from contractor.claims.decisions import NO_LAW
from contractor.claims.listing import heads
from contractor.claims.record import WholeClaim, whole_claim
from contractor.claims.sight import sight_of
from contractor.law.loading import law_if_any, law_of
from rulebook.registry import Timeline


def who(ask: Ask) -> dict[str, Any]:
    return {"county_code": ask.visitor.county_code, "by": ask.visitor.person_id, "at": ask.at}


def money(ask: Ask) -> dict[str, Any]:
    return who(ask) | {"keyring": the_house().keyring, "on": clock.local_day(ask.at)}


def note(ask: Ask) -> str | None:
    return ask.body["note"] or None


def require_seen(session: Session, ask: Ask, claim_id: int) -> None:
    """Raises: NotFound, for a claim that is not in the caller's sight."""
    if not 0 < claim_id <= MOST_ID or not heads(session, sight_of(ask.visitor), [claim_id]):
        raise NotFound(kind="claim")


def whole_seen(session: Session, ask: Ask, claim_id: int, *, with_stays: bool = False) -> WholeClaim:
    """The claim with the sheet that its approval would have. Raises: NotFound."""
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    law = law_if_any(session, ask.visitor.county_code, is_production=the_house().settings.is_production)
    return whole_claim(session, sight_of(ask.visitor), claim_id, law=law, with_stays=with_stays)


def law_in_force(session: Session, ask: Ask) -> Timeline:
    """Raises: as `law_of`, where the county has none."""
    return law_of(session, ask.visitor.county_code, is_production=the_house().settings.is_production)


def law_or_none(session: Session, ask: Ask) -> Timeline:
    """A county without a law refuses, takes back and looks all the same."""
    county = ask.visitor.county_code
    return law_if_any(session, county, is_production=the_house().settings.is_production) or NO_LAW
