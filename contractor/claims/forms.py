"""What a reader asks a list for, and what a person decides, as values. No query, no rule."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import UnreadableInput
from contractor.claims.api_telling import cursor_of, place_of
from contractor.claims.incoming import ROUTES
from contractor.claims.listing import TO_REVIEW, Place, Wanted
from rulebook.lifecycles.claim import S
from rulebook.money import RefusedAmount, parse_amount_due, yuan_text

STATES = tuple(str(state) for state in S)
VIEWS: dict[str, tuple[str, ...]] = {
    "to_review": TO_REVIEW,
    "papers": ("awaiting_documents",),
    "notice": ("on_public_notice",),
    "approved": ("approved",),
    "rejected": ("rejected",),
}
ORDERS = ("newest", "due")
LONGEST_SEARCH = 60
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,20}")


@dataclass(frozen=True)
class ListRequest:
    """What the address asks for; what cannot be read is left out, for a reader corrects an address by hand."""

    wanted: Wanted
    after: Place | None
    view: str
    mine: bool

    def values(self, **changes: Any) -> dict[str, str]:
        """The same request as parts of an address."""
        w = self.wanted
        parts: dict[str, Any] = {
            "view": self.view,
            "state": w.states[0] if len(w.states) == 1 and not self.view else "",
            "route": w.route,
            "institution": w.institution_code,
            "rule": w.rule,
            "least": yuan_text(w.least_fen) if w.least_fen is not None else "",
            "from": w.received_from.isoformat() if w.received_from else "",
            "until": (w.received_until - dt.timedelta(days=1)).isoformat() if w.received_until else "",
            "file": w.file_id,
            "mine": "1" if self.mine else "",
            "q": w.text,
            "order": w.order if w.order != ORDERS[0] else "",
        }
        return {name: str(value) for name, value in (parts | changes).items() if value not in ("", None)}


def read_list_request(args: Mapping[str, str], *, own_id: int) -> ListRequest:
    view = args.get("view", "") if args.get("view", "") in VIEWS else ""
    state = args.get("state", "")
    states = VIEWS[view] if view else (state,) if state in STATES else ()
    until = _day(args.get("until", ""))
    mine = args.get("mine") == "1"
    text = " ".join(args.get("q", "")[:LONGEST_SEARCH].split())
    wanted = Wanted(
        states=states,
        route=args.get("route", "") if args.get("route", "") in ROUTES else "",
        institution_code=_code(args.get("institution", "")),
        rule=_code(args.get("rule", "")),
        least_fen=_fen(args.get("least", "")),
        received_from=_day(args.get("from", "")),
        received_until=until + dt.timedelta(days=1) if until and until < dt.date.max else None,
        file_id=_number(args.get("file", "")),
        held_by=own_id if mine else None,
        text=text if text.isprintable() else "",
        order=args.get("order", "") if args.get("order", "") in ORDERS else ORDERS[0],
    )
    return ListRequest(wanted, _place(args.get("after", "")), view, mine)


def next_values(asked: ListRequest, place: Place) -> dict[str, str]:
    return asked.values(after=cursor_of(place))


def _place(cursor: str) -> Place | None:
    try:
        return place_of(cursor)
    except UnreadableInput:
        return None


def _code(text: str) -> str:
    return text if _CODE.fullmatch(text) else ""


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else None


def _day(text: str) -> dt.date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _fen(text: str) -> int | None:
    try:
        return parse_amount_due(text.strip()) if text.strip() else None
    except RefusedAmount:
        return None
