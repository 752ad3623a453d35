"""On the screen of one claim: what was corrected of it and appealed before, and the ways to a reversal or an appeal."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.authorisation import matrix
from chassis.terms import class_words, price_words
from chassis.visitors import Visitor
from chassis.web.current import desk_url
from contractor.claims import reasons
from contractor.corrections import of_claim, words
from contractor.corrections.appeals import APPEALABLE


def beside(session: Session, visitor: Visitor, record: Row) -> dict[str, Any] | None:
    """None where nothing was corrected or appealed and this person can begin neither."""
    county, claim_id = visitor.county_code, record.id
    corrections = of_claim.corrections_of(session, county, claim_id)
    appeals = of_claim.appeals_of(session, county, claim_id)
    lines = of_claim.lines_of(session, county, claim_id)
    acts = _acts(visitor, record, corrections, appeals)
    if not (corrections or appeals or acts):
        return None
    return {
        "acts": acts,
        "appeals": [_appeal(row, visitor) for row in appeals],
        "corrections": [_correction(row, visitor) for row in corrections],
        "lines": [_line(row) for row in lines],
    }


def _acts(visitor: Visitor, record: Row, corrections, appeals) -> list[SimpleNamespace]:
    """What this person may begin now; what waits already is found below, and not begun twice."""
    acts = []
    is_waiting = any(row.confirmed_at is None and row.withdrawn_at is None for row in corrections)
    is_appealed = any(row.outcome is None for row in appeals)
    appealable = {state.value for state in APPEALABLE}
    if record.state in appealable and not is_appealed and _may(visitor, "corrections.file_appeal", "POST"):
        acts.append(SimpleNamespace(label=_("登记申诉"), url=_url("corrections.file_appeal", record)))
    if record.state == "approved" and not is_waiting and _may(visitor, "corrections.reversal", "POST"):
        acts.append(SimpleNamespace(label=_("冲销"), url=_url("corrections.reversal", record)))
    return acts


def _may(visitor: Visitor, endpoint: str, method: str) -> bool:
    return matrix().rules["contractor", endpoint, method].admits(visitor.roles)


def _url(endpoint: str, record: Row) -> str:
    return desk_url(endpoint, claim_id=record.id)


def _appeal(row: Row, visitor: Visitor) -> SimpleNamespace:
    may = _may(visitor, "corrections.appeal", "GET")
    return SimpleNamespace(
        what=_("%(who)s %(on)s 提出", who=words.filer_words(row.filed_by), on=row.filed_on.isoformat()),
        url=desk_url("corrections.appeal", appeal_id=row.id) if may else None,
        pill=words.outcome_pill(row.outcome),
        due_on=row.due_on if row.outcome is None else None,
        answer=row.answer,
    )


def _correction(row: Row, visitor: Visitor) -> SimpleNamespace:
    may = _may(visitor, "corrections.correction", "GET")
    return SimpleNamespace(
        what=_("%(kind)s第 %(n)s 号", kind=words.kind_words(row.kind), n=row.id),
        url=desk_url("corrections.correction", correction_id=row.id) if may else None,
        pill=words.state_pill(row),
        reason=reasons.reason_words("reversed", row.reason_code),
        note=row.note,
        before_fen=row.before_fen,
        after_fen=row.after_fen,
    )


def _line(row: Row) -> SimpleNamespace:
    return SimpleNamespace(
        number=row.line_no,
        item=row.item,
        before=_listed(row.old_class, row.old_limit_e4),
        after=_listed(row.new_class, row.new_limit_e4),
    )


def _listed(catalogue_class: int, limit_e4: int) -> str:
    """What the catalogue says of a line: its class, and the price it allows."""
    if limit_e4 < 0:
        return class_words(catalogue_class)
    return f"{class_words(catalogue_class)} · {_('限价 %(limit)s', limit=price_words(limit_e4))}"
