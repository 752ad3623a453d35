"""Documents of one claim, each where the claim may be seen."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from contractor.claims.sight import Sight
from contractor.claims.tables import Claim, ClaimEvent
from contractor.documents.tables import ClaimDocument, DocumentWithdrawal

SENT_BACK = "sent_back"


def documents_of(session: Session, sight: Sight, claim_id: int) -> Sequence[Row]:
    """All of them, first to last, with their withdrawal where there is one.

    (id 3, paper "invoice", file_name "发票.pdf", page_count 2, …, withdrawn_at None, withdrawn_by None, reason None)
    """
    return session.execute(_seen(sight).where(ClaimDocument.claim_id == claim_id).order_by(ClaimDocument.id)).all()


def document_of(session: Session, sight: Sight, claim_id: int, document_id: int) -> Row | None:
    """One document of this claim; None where it is not there for this visitor."""
    d = ClaimDocument
    return session.execute(_seen(sight).where(d.claim_id == claim_id, d.id == document_id)).one_or_none()


def papers_asked(session: Session, county_code: str, claim_id: int) -> tuple[str, ...]:
    """What the claim was sent back for, as codes; empty where it was not."""
    e = ClaimEvent
    asked = session.execute(
        select(e.documents)
        .where(e.county_code == county_code, e.claim_id == claim_id, e.event == SENT_BACK)
        .order_by(e.event_no.desc())
        .limit(1)
    ).scalar_one_or_none()
    return tuple(asked or ())


def same_file_elsewhere(session: Session, county_code: str, claim_id: int) -> dict[int, list[int]]:
    """By document of this claim the other claims that hold the very same file."""
    d, other = ClaimDocument, ClaimDocument.__table__.alias("other")
    found = session.execute(
        select(d.id, func.array_agg(other.c.claim_id.distinct()))
        .join(
            other,
            and_(
                other.c.county_code == d.county_code,
                other.c.came_sha256 == d.came_sha256,
                other.c.claim_id != d.claim_id,
            ),
        )
        .where(d.county_code == county_code, d.claim_id == claim_id)
        .group_by(d.id)
    )
    return {document_id: sorted(claims) for document_id, claims in found}


def _seen(sight: Sight) -> Select:
    d, w = ClaimDocument, DocumentWithdrawal
    own = and_(Claim.county_code == d.county_code, Claim.id == d.claim_id)
    back = and_(w.county_code == d.county_code, w.document_id == d.id)
    return (
        select(*d.__table__.c, w.withdrawn_at, w.withdrawn_by, w.reason)
        .join(Claim, own)
        .join(w, back, isouter=True)
        .where(sight.covers)
    )
