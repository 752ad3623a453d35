"""A member's enrolment, status, death and referrals as the member's page shows them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from chassis.web.current import desk_url
from oversight.registry import words
from oversight.registry.institutions.queries import referrals_of
from oversight.registry.listing import name_of
from oversight.registry.membership import queries


def membership_of(session: Session, county_code: str, member_id: int) -> SimpleNamespace:
    """Everything dated about one member."""
    return SimpleNamespace(
        enrolments=[_enrolment(row) for row in queries.enrolments_of(session, county_code, member_id)],
        statuses=[
            {
                "status": words.STATUSES[row.status],
                "from_on": row.from_on,
                "until_on": row.until_on,
                "document": row.document,
            }
            for row in queries.statuses_of(session, county_code, member_id)
        ],
        death=queries.death_of(session, county_code, member_id),
        death_url=desk_url("membership.death", county_code=county_code, member_id=member_id),
        referrals=[
            {
                "slip": referral.slip_number,
                "sender": name_of(sender),
                "receiver": name_of(receiver),
                "from_on": referral.valid_from_on,
                "until_on": referral.valid_until_on,
            }
            for referral, sender, receiver in referrals_of(session, county_code, member_id)
        ],
    )


def _enrolment(row: Any) -> dict[str, Any]:
    return {
        "year": str(row.year),
        "kind": words.ENROLMENT_KINDS[row.kind],
        "enrolled_on": row.enrolled_on,
        "premium": row.premium_fen,
        "paid_by": words.PAYERS[row.paid_by],
    }
