"""The papers of a claim as its pages show them: what was asked for, what is there, what was taken back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.authorisation import matrix
from chassis.people.queries import names_of
from chassis.visitors import Visitor
from chassis.web.current import desk_url
from contractor.claims import reasons
from contractor.claims.sight import Sight, sight_of
from contractor.documents.kinds import ACCEPTED
from contractor.documents.queries import documents_of, papers_asked, same_file_elsewhere
from contractor.documents.wording import KINDS, LEFT_OUT, LETTERS
from rulebook.lifecycles.claim import S
from rulebook.reasons import PAPERS


def shown_documents(session: Session, visitor: Visitor, claim_id: int, state: str) -> dict[str, Any]:
    """Everything the part and the page need."""
    sight = sight_of(visitor)
    rows = documents_of(session, sight, claim_id)
    people = {row.added_by for row in rows} | {row.withdrawn_by or 0 for row in rows}
    names = names_of(session, visitor.county_code, people)
    elsewhere = same_file_elsewhere(session, visitor.county_code, claim_id) if sight.is_whole and rows else {}
    there = {row.paper for row in rows if row.withdrawn_at is None}
    asked = papers_asked(session, visitor.county_code, claim_id)
    missing = [code for code in asked if code not in there]
    is_open = state != S.WITHDRAWN
    may_add = is_open and _may(visitor, "documents.page")
    may_withdraw = is_open and _may(visitor, "documents.withdraw")
    return {
        "url": desk_url("documents.page", claim_id=claim_id),
        "accepted": ACCEPTED,
        "asked": [(reasons.document_words(code), code in there) for code in asked],
        "is_waited_for": state == S.AWAITING_DOCUMENTS,
        "is_complete": bool(asked) and not missing,
        "may_add": may_add,
        "papers": [("", ""), *reasons.choices(PAPERS)],
        "next_paper": missing[0] if missing else "",
        "standing": [
            _shown(row, sight, names, elsewhere, claim_id, visitor, may_withdraw)
            for row in rows
            if row.withdrawn_at is None
        ],
        "taken_back": [
            _shown(row, sight, names, elsewhere, claim_id, visitor, False)
            for row in rows
            if row.withdrawn_at is not None
        ],
    }


def _shown(
    row: Row,
    sight: Sight,
    names: dict[int, str],
    elsewhere: dict[int, list[int]],
    claim_id: int,
    visitor: Visitor,
    may_withdraw: bool,
) -> SimpleNamespace:
    def url(number: int, **how: str) -> str:
        return desk_url("documents.sheet", claim_id=claim_id, document_id=row.id, page_no=number, **how)

    may_open = row.withdrawn_at is None or sight.is_whole
    return SimpleNamespace(
        id=row.id,
        paper=reasons.document_words(row.paper),
        name=row.file_name,
        kind=KINDS[row.media_type],
        page_count=row.page_count,
        pages=[(number, url(number), url(number, at="full")) for number in range(1, row.page_count + 1)]
        if may_open
        else [],
        added_at=row.added_at,
        added_by=names.get(row.added_by, ""),
        size_kb=-(-row.came_bytes // 1024),
        sha256=bytes(row.came_sha256).hex(),
        left_out=[str(LEFT_OUT[one]) for one in row.left_out if one in LEFT_OUT],
        letters=[str(LETTERS[one]) for one in row.left_out if one in LETTERS],
        elsewhere=[(other, desk_url("claims.claim", claim_id=other)) for other in elsewhere.get(row.id, ())],
        withdraw_url=desk_url("documents.withdraw", claim_id=claim_id, document_id=row.id)
        if may_withdraw and (sight.is_whole or row.added_by == visitor.person_id)
        else None,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=names.get(row.withdrawn_by or 0, ""),
        reason=row.reason,
    )


def _may(visitor: Visitor, endpoint: str) -> bool:
    return matrix().rules["contractor", endpoint, "POST"].admits(visitor.roles)
