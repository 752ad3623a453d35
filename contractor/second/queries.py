"""Reads of second review: what waits for whom, the policies, what was drawn."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from contractor.second.tables import ReviewPolicy

MOST_WAITING = 200
_IN_SECOND_REVIEW = """
    FROM contractor.claim
    LEFT JOIN LATERAL (
        SELECT * FROM contractor.review_proposal AS p
        WHERE (p.county_code, p.claim_id) = (claim.county_code, claim.id) AND p.claim_version = (
            SELECT max(event_no) - 1 FROM contractor.claim_event AS e
            WHERE (e.county_code, e.claim_id) = (claim.county_code, claim.id) AND e.event = 'referred_up')
        ORDER BY p.id DESC LIMIT 1) AS proposal ON true
    LEFT JOIN contractor.review_opinion AS opinion
        ON (opinion.county_code, opinion.proposal_id, opinion.opinion_no) = (claim.county_code, proposal.id, 1)
    WHERE claim.county_code = :county_code AND claim.state = 'in_second_review'
      AND NOT contractor.is_too_near(claim.county_code, claim.household_id, claim.received_by, :reader)
    """
WAITING = text(
    f"""
    SELECT claim.id, claim.claim_number, claim.received_on, claim.due_on, proposal.proposed, proposal.stake_fen,
        proposal.grounds, proposal.proposed_at, proposal.proposed_by, opinion."by" AS second_by,
        opinion.decided AS second_decided
    {_IN_SECOND_REVIEW}
    ORDER BY (opinion."by" IS NOT NULL) DESC, claim.id LIMIT :most
    """
)
# Asked by the bar of every page: it ends at the cap, and nothing is put in order.
WAITING_COUNT = text(
    f"""
    SELECT count(*) FROM (
        SELECT {_IN_SECOND_REVIEW}
        AND proposal.proposed_by IS DISTINCT FROM :reader AND opinion."by" IS DISTINCT FROM :reader
        AND (opinion."by" IS NULL OR :is_lead) LIMIT :most) AS own
    """  # noqa: S608 – the text above
)


def waiting(session: Session, county_code: str, *, reader: int) -> Sequence[Row]:
    """Claims in second review, disagreements first. One's own are not shown."""
    return session.execute(WAITING, {"county_code": county_code, "reader": reader, "most": MOST_WAITING}).all()


def waiting_for(session: Session, county_code: str, *, reader: int, is_lead: bool) -> int:
    """How many of them this person could decide: not one's own proposals, and disagreements for the lead alone.

    Counted up to `MOST_WAITING` and one more.
    """
    given = {"county_code": county_code, "reader": reader, "is_lead": is_lead, "most": MOST_WAITING + 1}
    return session.execute(WAITING_COUNT, given).scalar_one()


def policies(session: Session, county_code: str) -> Sequence[ReviewPolicy]:
    """The newest first."""
    p = ReviewPolicy
    asked = select(p).where(p.county_code == county_code).order_by(p.from_on.desc(), p.id.desc()).limit(30)
    return session.scalars(asked).all()


def drawn_counts(session: Session, county_code: str) -> dict[int, tuple[int, int, int]]:
    """For each policy how many decisions were judged, how many drawn, how many referred up for any reason."""
    rows = session.execute(
        text(
            "SELECT policy_id, count(*), count(*) FILTER (WHERE 'drawn' = ANY (grounds)), "
            "count(*) FILTER (WHERE cardinality(grounds) > 0) FROM contractor.review_proposal "
            "WHERE county_code = :county_code AND policy_id IS NOT NULL GROUP BY policy_id"
        ),
        {"county_code": county_code},
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
