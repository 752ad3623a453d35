"""On the screen of one claim: what the first reviewer proposed, why another person decides, and what they said."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.authorisation import matrix
from chassis.people.queries import names_of
from chassis.visitors import Visitor
from chassis.web.current import desk_url
from contractor.second import deciding
from contractor.second.shown import shown_opinion, shown_proposal, why_not

READERS = frozenset({"reviewer", "senior", "lead"})


def beside(session: Session, visitor: Visitor, record: Row) -> dict[str, Any] | None:
    """While it waits, and ever after: a decision by two is read as one. None where nobody else was asked."""
    if not visitor.roles & READERS:
        return None
    county, is_open = visitor.county_code, record.state == "in_second_review"
    proposal = deciding.open_proposal(session, county, record.id)
    if proposal is None:
        # Handed up without a proposal: another reviewer decides on this screen.
        return {"proposal": None, "opinions": [], "is_open": True, "url": None} if is_open else None
    opinions = deciding.opinions_on(session, county, proposal.id)
    names = names_of(session, county, {proposal.proposed_by, *(one.by for one in opinions)})
    may = is_open and why_not(visitor, proposal, opinions, held_by=record.held_by) is None
    may = may and matrix().rules["contractor", "second.claim", "POST"].admits(visitor.roles)
    return {
        "proposal": shown_proposal(proposal, names),
        "opinions": [shown_opinion(one, names) for one in opinions],
        "is_open": is_open,
        "url": desk_url("second.claim", claim_id=record.id) if may else None,
    }
