"""Corrections for programs: previews, proposals of exactly what was previewed, what waits and what is owed back.

That a correction takes effect is another person's fresh proof on the page, so programs propose and look on. Appeals are
in `api_appeals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from chassis.api.cursors import PageQuery, number_at, page_of
from chassis.api.fields import MOST_ID
from chassis.api.operations import Ask, JsonBody, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from contractor.claims.api_asking import law_or_none, require_seen, who
from contractor.corrections import api_appeals, proposing, queries
from contractor.corrections import api_schemas as schemas
from contractor.corrections.foreseeing import Foreseen, foresee_scope
from contractor.corrections.pages_propose import MOST_LINES, scope_of, subject_of
from contractor.corrections.refusals import CorrectionChanged, NothingToCorrect
from contractor.corrections.standing import Scope
from contractor.corrections.tables import Correction
from contractor.documents.api import let_papers_in


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "corrections_api", (*OPERATIONS, *api_appeals.OPERATIONS))
    let_papers_in(app, "corrections_api.add_paper")


def preview_reversal(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: WrongState, where nothing is there to be taken back."""
    require_seen(session, ask, claim_id)
    return _told(session, ask, _reversal(session, ask, claim_id), f"claim/{claim_id}")


def propose_reversal(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: WrongState, CorrectionChanged, CorrectionPending."""
    require_seen(session, ask, claim_id)
    foreseen = _reversal(session, ask, claim_id)
    return _propose(session, ask, proposing.REVERSAL, foreseen, f"claim/{claim_id}")


def preview_reprice(session: Session, ask: Ask) -> dict[str, Any]:
    scope = _scope(ask.query)
    return _told(session, ask, _reprice(session, ask, scope), subject_of(scope))


def propose_reprice(session: Session, ask: Ask) -> dict[str, Any]:
    """Raises: NothingToCorrect, CorrectionChanged, CorrectionPending."""
    scope = _scope(ask.body)
    return _propose(session, ask, proposing.REPRICE, _reprice(session, ask, scope), subject_of(scope))


def tell_corrections(session: Session, ask: Ask) -> dict[str, Any]:
    rows = queries.corrections(session, ask.visitor.county_code, is_open=ask.query["is_open"])
    return {"corrections": [_head(row) for row in rows]}


def tell_correction(session: Session, ask: Ask, correction_id: int) -> dict[str, Any]:
    county, limit = ask.visitor.county_code, ask.query["limit"]
    row = _own(session, ask, correction_id)
    after = number_at(ask.query["cursor"]) or 0
    lines = queries.lines_with_claims(session, county, correction_id, after=min(after, MOST_ID), size=limit + 1)
    shown, cursor = page_of(lines, limit, "place")
    return _head(row) | {"lines": [dict(one._mapping) for one in shown], "next": cursor}


def withdraw(session: Session, ask: Ask, correction_id: int) -> dict[str, Any]:
    """Raises: CorrectionEnded."""
    _own(session, ask, correction_id)
    proposing.withdraw(session, correction_id, **who(ask))
    return _head(_own(session, ask, correction_id))


def renew(session: Session, ask: Ask, correction_id: int) -> dict[str, Any]:
    """Raises: CorrectionEnded, NothingToCorrect, WrongState."""
    _own(session, ask, correction_id)
    new = proposing.renew(session, correction_id, law=law_or_none(session, ask), **who(ask))
    return _head(_own(session, ask, new))


def tell_owed(session: Session, ask: Ask) -> dict[str, Any]:
    return {"owed_back": queries.still_owed(session, ask.visitor.county_code)}


def _scope(values: Mapping[str, Any]) -> Scope:
    return scope_of(dict(values))


def _reversal(session: Session, ask: Ask, claim_id: int) -> Foreseen:
    return proposing.reversal_foreseen(session, ask.visitor.county_code, claim_id, law=law_or_none(session, ask))


def _reprice(session: Session, ask: Ask, scope: Scope) -> Foreseen:
    return foresee_scope(session, ask.visitor.county_code, scope, law=law_or_none(session, ask))


def _propose(session: Session, ask: Ask, kind: str, foreseen: Foreseen, subject: str) -> dict[str, Any]:
    if not foreseen.lines:
        raise NothingToCorrect()
    if foreseen.sha256(subject) != bytes.fromhex(ask.body["content_hash"]):
        raise CorrectionChanged(correction_id=0)
    given = {"subject": subject, "reason_code": ask.body["reason_code"], "note": ask.body["note"]}
    correction_id = proposing.propose(session, kind, foreseen, **given, **who(ask))
    return _head(_own(session, ask, correction_id))


def _told(session: Session, ask: Ask, foreseen: Foreseen, subject: str) -> dict[str, Any]:
    shown = foreseen.lines[:MOST_LINES]
    numbers = queries.numbers_of(session, ask.visitor.county_code, [one.stands.claim_id for one in shown])
    return {
        "content_hash": foreseen.sha256(subject).hex() if foreseen.lines else None,
        "claim_count": len(foreseen.lines),
        "before_fen": foreseen.before_fen,
        "after_fen": foreseen.after_fen,
        "more_fen": foreseen.more_fen,
        "less_fen": foreseen.less_fen,
        "is_more": foreseen.is_more,
        "waiting_claim_ids": list(foreseen.waiting[:MOST_LINES]),
        "lines": [
            {
                "claim_id": one.stands.claim_id,
                "claim_number": numbers.get(one.stands.claim_id, str(one.stands.claim_id)),
                "is_cause": one.is_cause,
                "before_fen": one.before_fen,
                "after_fen": one.after_fen,
            }
            for one in shown
        ],
    }


def _own(session: Session, ask: Ask, correction_id: int) -> Correction:
    found = None
    if 0 < correction_id <= MOST_ID:
        found = queries.correction_of(session, ask.visitor.county_code, correction_id)
    if found is None:
        raise NotFound(kind="correction")
    return found


def _head(row: Correction) -> dict[str, Any]:
    state = "confirmed" if row.confirmed_at else "withdrawn" if row.withdrawn_at else "proposed"
    told = {name: getattr(row, name, None) for name in schemas.CorrectionHead().fields}
    return told | {"state": state, "content_hash": bytes(row.content_sha256).hex()}


_CHANGED = _("情况已变，请再预览一次；或这些申请已有一件更正在等")
_ENDED = _("已经生效或放弃")
_REVERSAL = "/claims/<int:claim_id>/reversal"
_ONE = "/corrections/<int:correction_id>"

OPERATIONS = (
    Operation(
        "reversal",
        "GET",
        _REVERSAL,
        preview_reversal,
        _("预览冲销"),
        schemas.CorrectionPreviewTold(),
        description=_("冲销以后会怎样。什么都不改动。"),
        refusals={409: _("没有可以冲销的裁定")},
    ),
    Operation(
        "propose_reversal",
        "POST",
        _REVERSAL,
        propose_reversal,
        _("提出冲销"),
        schemas.CorrectionHead(),
        description=_("由另一人在页面上验证身份后确认才生效。"),
        status=201,
        body=JsonBody(schemas.ProposingReversal()),
        is_once=True,
        refusals={409: _CHANGED},
    ),
    Operation(
        "reprice",
        "GET",
        "/corrections/reprice",
        preview_reprice,
        _("预览重新计价"),
        schemas.CorrectionPreviewTold(),
        description=_("方案或目录有误时，范围内的裁定和同年度随之变动的。什么都不改动。"),
        query=schemas.ScopeQuery(),
    ),
    Operation(
        "propose_reprice",
        "POST",
        "/corrections/reprice",
        propose_reprice,
        _("提出重新计价"),
        schemas.CorrectionHead(),
        description=_("由另一人在页面上验证身份后确认才生效。"),
        status=201,
        body=JsonBody(schemas.ProposingReprice()),
        is_once=True,
        refusals={409: _CHANGED},
    ),
    Operation(
        "corrections",
        "GET",
        "/corrections",
        tell_corrections,
        _("更正"),
        schemas.CorrectionsTold(),
        description=_("新的在前，最多六十件。"),
        query=schemas.CorrectionsQuery(),
    ),
    Operation(
        "correction",
        "GET",
        _ONE,
        tell_correction,
        _("一件更正"),
        schemas.CorrectionTold(),
        description=_("每件申请更正前后的金额，一页一页取。"),
        query=PageQuery(),
    ),
    Operation(
        "withdraw",
        "POST",
        f"{_ONE}/withdraw",
        withdraw,
        _("放弃一件更正"),
        schemas.CorrectionHead(),
        is_once=True,
        refusals={409: _ENDED},
    ),
    Operation(
        "renew",
        "POST",
        f"{_ONE}/renew",
        renew,
        _("按现在的情况重新提出"),
        schemas.CorrectionHead(),
        is_once=True,
        refusals={409: _ENDED},
    ),
    Operation("owed_back", "GET", "/owed-back", tell_owed, _("应退回的"), schemas.OwedTold()),
)
