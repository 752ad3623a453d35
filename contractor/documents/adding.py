"""Adding a document to a claim, taking one back, opening one: each is in the trail; none deletes anything."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import actor
from contractor.claims.sight import Sight
from contractor.claims.tables import Claim
from contractor.documents.keeping import Prepared
from contractor.documents.queries import document_of
from contractor.documents.refusals import (
    ClaimClosed,
    DocumentKnown,
    DocumentWithdrawn,
    NotYourDocument,
    TooManyDocuments,
    UnknownPaper,
)
from contractor.documents.tables import ClaimDocument, DocumentWithdrawal
from rulebook.lifecycles.claim import S
from rulebook.reasons import KEPT

STREAM = "documents"
SUBJECT = "claim_document"
MOST_DOCUMENTS = 40


def add_document(
    session: Session, sight: Sight, claim_id: int, *, paper: str, prepared: Prepared, by: int, at: dt.datetime
) -> int:
    """Keep a prepared document with its claim; its number.

    Raises: UnknownPaper, NotFound, ClaimClosed, DocumentKnown, TooManyDocuments.
    """
    if paper not in KEPT:
        raise UnknownPaper(paper=paper)
    _lock_open_claim(session, sight, claim_id)
    d, w = ClaimDocument, DocumentWithdrawal
    taken_back = select(w.document_id).where(w.county_code == sight.county_code)
    standing = (d.county_code == sight.county_code, d.claim_id == claim_id, d.id.not_in(taken_back))
    known = session.execute(
        select(d.id, d.paper, d.added_at).where(*standing, d.came_sha256 == prepared.came_sha256).limit(1)
    ).one_or_none()
    if known is not None:
        raise DocumentKnown(document_id=known.id, paper=known.paper, added_at=known.added_at)
    if session.execute(select(func.count()).where(*standing)).scalar_one() >= MOST_DOCUMENTS:
        raise TooManyDocuments(most=MOST_DOCUMENTS)
    pictures = prepared.pictures
    values = {
        "county_code": sight.county_code,
        "claim_id": claim_id,
        "paper": paper,
        "file_name": prepared.file_name,
        "media_type": prepared.media_type,
        "came_sha256": prepared.came_sha256,
        "came_bytes": prepared.came_bytes,
        "shown_sha256": pictures.sha256,
        "shown_bytes": len(pictures.content),
        "page_count": len(pictures.pages),
        "pages": [list(page) for page in pictures.pages],
        "left_out": list(pictures.left_out),
        "stored_as": prepared.stored_as,
        "added_at": at,
        "added_by": by,
    }
    document_id = session.execute(insert(d).values(values).returning(d.id)).scalar_one()
    facts = {"claim": claim_id, "paper": paper, "came": prepared.came_sha256.hex(), "shown": pictures.sha256.hex()}
    _tell(session, sight, "document.added", document_id, facts, by=by, at=at)
    return document_id


def withdraw_document(
    session: Session, sight: Sight, claim_id: int, document_id: int, *, reason: str, by: int, at: dt.datetime
) -> None:
    """Take a document back, saying why. It stays, and whoever sees the whole county goes on seeing it.

    Raises: NotFound, ClaimClosed, DocumentWithdrawn, NotYourDocument.
    """
    _lock_open_claim(session, sight, claim_id)
    row = _found(session, sight, claim_id, document_id)
    if row.withdrawn_at is not None:
        raise DocumentWithdrawn(document_id=document_id)
    if not sight.is_whole and row.added_by != by:
        raise NotYourDocument(document_id=document_id)
    values = {
        "county_code": sight.county_code,
        "document_id": document_id,
        "reason": reason,
        "withdrawn_at": at,
        "withdrawn_by": by,
    }
    session.execute(insert(DocumentWithdrawal).values(values))
    _tell(session, sight, "document.withdrawn", document_id, {"claim": claim_id}, by=by, at=at)


def open_document(
    session: Session, sight: Sight, claim_id: int, document_id: int, page_no: int, *, by: int, at: dt.datetime
) -> Row:
    """The document whose page is about to be shown; that it was opened is written down first.

    What was taken back is shown only to whoever sees the whole county. Raises: NotFound.
    """
    row = _found(session, sight, claim_id, document_id)
    is_gone = row.withdrawn_at is not None and not sight.is_whole
    if is_gone or not 1 <= page_no <= row.page_count:
        raise NotFound(kind=SUBJECT)
    _tell(session, sight, "document.opened", document_id, {"claim": claim_id, "page": page_no}, by=by, at=at)
    return row


def _found(session: Session, sight: Sight, claim_id: int, document_id: int) -> Row:
    row = document_of(session, sight, claim_id, document_id)
    if row is None:
        raise NotFound(kind=SUBJECT)
    return row


def _lock_open_claim(session: Session, sight: Sight, claim_id: int) -> None:
    """Two people with the same file come one after the other; the decision on the claim is not held up by them."""
    found = session.execute(
        select(Claim.state).where(sight.covers, Claim.id == claim_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(kind="claim")
    if found == S.WITHDRAWN:
        raise ClaimClosed(claim_id=claim_id, state=found)


def _tell(session: Session, sight: Sight, act: str, document_id: int, facts: dict, *, by: int, at: dt.datetime) -> None:
    entry = Entry(act, SUBJECT, str(document_id), actor(by), facts)
    append(session, county_code=sight.county_code, stream=STREAM, entries=[entry], at=at)
