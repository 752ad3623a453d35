"""What a reader asks of the queue, and what a lead hands over, as values. No query, no rule of the trade."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate

from contractor.claims.incoming import ROUTES
from contractor.review.leasing import MOST_HANDED_OVER
from contractor.review.order import Place, cursor_of, place_of
from contractor.review.queue import Asked
from contractor.review.views import LONGEST_NAME
from rulebook.money import RefusedAmount, parse_amount_due, yuan_text

STATES = ("received", "in_review", "in_second_review")
TERMS = ("late", "soon", "unknown")
HANDS = ("free", "mine", "held")
LONGEST_SEARCH = 60
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,20}")
_REQUIRED = {
    "required": lazy_gettext("这一项要填"),
    "null": lazy_gettext("这一项要填"),
    "invalid": lazy_gettext("看不懂这一项"),
}


@dataclass(frozen=True)
class QueueRequest:
    """What the address asks for; what cannot be read is left out, for a reader corrects an address by hand."""

    asked: Asked
    after: Place | None
    first: int

    def values(self, **changes: Any) -> dict[str, str]:
        """The same filters as parts of an address."""
        a = self.asked
        parts = {
            "q": a.text,
            "state": a.state,
            "route": a.route,
            "institution": a.institution_code,
            "rule": a.rule,
            "least": yuan_text(a.least_fen) if a.least_fen is not None else "",
            "term": a.term,
            "hand": a.hand,
        }
        return {name: value for name, value in (parts | changes).items() if value}

    @property
    def query(self) -> str:
        return urlencode(self.values())


def read_queue_request(args: Mapping[str, str]) -> QueueRequest:
    text = " ".join(args.get("q", "")[:LONGEST_SEARCH].split())
    after = place_of(args.get("after", ""))
    first = args.get("n", "")
    return QueueRequest(
        Asked(
            text=text if text.isprintable() else "",
            state=_one_of(args, "state", STATES),
            route=_one_of(args, "route", ROUTES),
            institution_code=_code(args.get("institution", "")),
            rule=_code(args.get("rule", "")),
            least_fen=_fen(args.get("least", "")),
            term=_one_of(args, "term", TERMS),
            hand=_one_of(args, "hand", HANDS),
        ),
        after,
        int(first) if after and re.fullmatch(r"\d{1,9}", first, re.ASCII) else 1,
    )


def next_values(request: QueueRequest, place: Place, first: int) -> dict[str, str]:
    return request.values(after=cursor_of(place), n=str(first))


def request_of(query: str) -> QueueRequest:
    """A saved view as it is read from its address today: what the queue no longer knows is left out."""
    return read_queue_request(dict(parse_qsl(query)))


class ViewForm(Schema):
    class Meta:
        unknown = EXCLUDE

    name = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST_NAME, error=lazy_gettext("最多 %(max)s 个字", max=LONGEST_NAME)),
        error_messages=_REQUIRED,
    )
    query = fields.String(load_default="", validate=validate.Length(max=500))


class HandOverForm(Schema):
    """`to_hand` 0 puts the claims back on the desk."""

    class Meta:
        unknown = EXCLUDE

    from_hand = fields.Integer(required=True, validate=validate.Range(min=1, max=2**62), error_messages=_REQUIRED)
    to_hand = fields.Integer(required=True, validate=validate.Range(min=0, max=2**62), error_messages=_REQUIRED)
    most = fields.Integer(
        required=True,
        validate=validate.Range(
            min=1, max=MOST_HANDED_OVER, error=lazy_gettext("1 到 %(max)s 件", max=MOST_HANDED_OVER)
        ),
        error_messages=_REQUIRED,
    )
    note = fields.String(
        required=True,
        validate=validate.Length(min=2, max=200, error=lazy_gettext("写明为什么，2 到 200 个字")),
        error_messages=_REQUIRED,
    )


def _one_of(args: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    return args.get(name, "") if args.get(name, "") in known else ""


def _code(text: str) -> str:
    return text if _CODE.fullmatch(text) else ""


def _fen(text: str) -> int | None:
    try:
        return parse_amount_due(text.strip()) if text.strip() else None
    except RefusedAmount:
        return None
