"""The papers of an appeal: documents of its claim like all others, put to the appeal while it waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from contractor.claims.sight import Sight
from contractor.corrections.refusals import AppealDecided
from contractor.corrections.tables import Appeal, AppealDocument
from contractor.documents.adding import add_document
from contractor.documents.keeping import Prepared
from contractor.documents.refusals import DocumentKnown

PAPER = "appeal"


def add_paper(session: Session, sight: Sight, appeal_id: int, *, prepared: Prepared, by: int, at: dt.datetime) -> int:
    """Keep a prepared document with the claim and put it to the appeal; the document's number.

    A file that the claim holds already is put to the appeal as it is.

    Raises: NotFound, AppealDecided, and as `add_document`.
    """
    county = sight.county_code
    asked = select(Appeal.claim_id, Appeal.decided_at).where(Appeal.county_code == county, Appeal.id == appeal_id)
    appeal = session.execute(asked.with_for_update()).one_or_none()
    if appeal is None:
        raise NotFound(kind="appeal")
    if appeal.decided_at is not None:
        raise AppealDecided(appeal_id=appeal_id)
    try:
        document_id = add_document(session, sight, appeal.claim_id, paper=PAPER, prepared=prepared, by=by, at=at)
    except DocumentKnown as known:
        document_id = known.facts["document_id"]
        if document_id in papers_of(session, county, appeal_id):
            raise
    session.execute(
        insert(AppealDocument).values(
            county_code=county, appeal_id=appeal_id, document_id=document_id, added_at=at, added_by=by
        )
    )
    return int(document_id)


def papers_of(session: Session, county_code: str, appeal_id: int) -> Sequence[int]:
    """The numbers of its documents, in the order in which they came."""
    d = AppealDocument
    asked = select(d.document_id).where(d.county_code == county_code, d.appeal_id == appeal_id)
    return session.scalars(asked.order_by(d.added_at, d.document_id)).all()
