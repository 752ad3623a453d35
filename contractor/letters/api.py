"""Letters for programs: the same words, amounts and steps that stand on the paper, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _
from marshmallow import fields
from sqlalchemy.orm import Session

from chassis.api.fields import Told
from chassis.api.operations import Ask, Operation
from chassis.api.operations import mount as mount_operations
from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.layout import in_language
from chassis.people.queries import names_of
from chassis.web.current import the_house
from chassis.web.places import place_name
from contractor.claims.api_asking import whole_seen
from contractor.letters.composing import cuts_of, decision_of, member_letter, paid_fen, reduction_statement

LANGUAGES = ("zh", "en")
_PARTS = ("office", "number", "day", "title", "to", "text", "why", "names")


class LetterCut(Told):
    item = fields.String(required=True)
    charged_fen = fields.Integer(required=True)
    over_fen = fields.Integer(required=True, metadata={"description": _("高于限价的部分")})
    reduced_fen = fields.Integer(required=True)
    why = fields.String(required=True, allow_none=True)


class LetterSheet(Told):
    """One language of a letter."""

    language = fields.String(required=True)
    office = fields.String(required=True)
    number = fields.String(required=True)
    day = fields.String(required=True)
    title = fields.String(required=True)
    to = fields.String(required=True)
    text = fields.String(required=True)
    why = fields.String(required=True, allow_none=True)
    money = fields.String(required=True, allow_none=True, metadata={"description": _("付到哪里")})
    cuts = fields.List(fields.Nested(LetterCut), required=True)
    ways = fields.List(fields.String(), required=True, metadata={"description": _("申诉和投诉的办法")})
    names = fields.String(required=True)


class LetterTold(Told):
    is_paid = fields.Boolean(required=True)
    benefits_fen = fields.Integer(required=True)
    sheets = fields.List(fields.Nested(LetterSheet), required=True)


def mount(app: Flask, desk: Desk) -> None:
    mount_operations(app, "letters_api", OPERATIONS)


def tell_letter(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: NotDecided."""
    return _told(session, ask, claim_id, member_letter, phone=the_house().settings.member_phone)


def tell_reduction(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: NotDecided; NotFound where the institution carries nothing, which is off the direct route."""
    return _told(session, ask, claim_id, reduction_statement, is_direct=True)


def _told(
    session: Session,
    ask: Ask,
    claim_id: int,
    compose: Callable[..., SimpleNamespace],
    *,
    is_direct: bool = False,
    **more: Any,
) -> dict[str, Any]:
    found = whole_seen(session, ask, claim_id)
    by = decision_of(found).acted_by
    if is_direct and found.record.route != "direct":
        raise NotFound(kind="reduction")
    decider = names_of(session, ask.visitor.county_code, {by}).get(by) if by else None
    is_paid = found.record.state == "approved"

    def composed(language: str) -> dict[str, Any]:
        place = place_name(found.record.county_code) or found.record.county_code
        letter = compose(found, place=place, decider=decider, **more)
        said = {part: getattr(letter, part, None) for part in _PARTS}
        return said | {
            "language": language,
            "money": getattr(letter, "money", None),
            "cuts": [vars(one) for one in cuts_of(found)],
            "ways": letter.ways,
        }

    return {
        "is_paid": is_paid,
        "benefits_fen": paid_fen(found) if is_paid else 0,
        "sheets": [in_language(one, lambda one=one: composed(one)) for one in LANGUAGES],
    }


OPERATIONS = (
    Operation(
        "letter",
        "GET",
        "/claims/<int:claim_id>/letter",
        tell_letter,
        _("补偿决定书"),
        LetterTold(),
        description=_("给参合人的决定书，中文和英文。没有裁定的回答 404，并说明现在的状态。"),
    ),
    Operation(
        "reduction",
        "GET",
        "/claims/<int:claim_id>/reduction",
        tell_reduction,
        _("直补减额通知单"),
        LetterTold(),
        description=_("给医疗机构的减额通知，只有直补的才有。"),
    ),
)
