"""States, routes, events, findings and steps of claims in the reader's language."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _

from chassis.i18n import language
from chassis.layout import formats
from chassis.terms import CLAIM_EVENTS, CLAIM_STATES, ROUTES, term
from rulebook.benefits import Sheet
from rulebook.checks import all_cards

SEVERITIES = {"C": "critical", "H": "high", "M": "medium", "L": "low"}
STATE_KINDS = {
    "received": "note",
    "in_review": "wait",
    "awaiting_documents": "wait",
    "in_second_review": "wait",
    "on_public_notice": "wait",
    "approved": "ok",
    "rejected": "bad",
    "withdrawn": "note",
    "reversed": "bad",
}
EVENT_KINDS = {
    "approved": "ok",
    "approved_by_rule": "ok",
    "notice_ended": "ok",
    "documents_received": "ok",
    "rejected": "bad",
    "rejected_by_rule": "bad",
    "documents_overdue": "bad",
    "reversed": "bad",
    "sent_back": "wait",
    "reduced": "wait",
    "objected": "wait",
}
OPERATORS = {"−": "minus", "-": "minus", "+": "plus", "×": "times", "=": "equals", "≤": "at_most"}


def state_words(state: str) -> str:
    return term(CLAIM_STATES, state)


def route_words(route: str) -> str:
    return term(ROUTES, route)


def event_words(event: str) -> str:
    return term(CLAIM_EVENTS, event)


def state_pill(state: str) -> tuple[str, str]:
    return state_words(state), STATE_KINDS[state]


def rule_title(rule: str) -> str:
    """What a check is called; its key where the house no longer knows it."""
    card = all_cards().get(rule)
    if card is None:
        return rule
    return card.title_en if language() == "en" else card.title


def shown_finding(rule: str | None, severity: str | None, count: int | None = 1) -> dict[str, Any] | None:
    """A finding as the badge shows it. Rules with a number show it; the others stand by their name."""
    if rule is None:
        return None
    return {
        "code": rule if rule[1:].isdigit() else "§",
        "name": rule_title(rule),
        "severity": SEVERITIES[severity or "L"],
        "more": (count or 1) - 1,
    }


def due_words(due_on: dt.date | None, state: str, today: dt.date) -> tuple[str, str | None]:
    """How long a claim may still wait; a claim that waits for nobody has no term."""
    if state not in ("received", "in_review", "in_second_review"):
        return ("", None)
    if due_on is None:
        return (_("期限未知"), None)
    left = (due_on - today).days
    if left < 0:
        return (_("逾期 %(days)s 日", days=-left), "bad")
    if left == 0:
        return (_("今日到期"), "wait")
    return (formats.day(due_on), None)


def shown_steps(sheet: Sheet | None) -> list[SimpleNamespace]:
    """A sheet for the macro `steps_sheet`."""
    if sheet is None:
        return []
    english = language() == "en"
    # The sum of the benefits is what the sheet is read for; what is left to the member stands beneath it.
    result = len(sheet.steps) - 2
    return [
        SimpleNamespace(
            operator=OPERATORS.get(step.line.operator, step.line.operator if step.line.operator in _NAMED else ""),
            label=step.line.label_en if english else step.line.label,
            amount_fen=step.amount if step.line.unit == "fen" else None,
            text=formats.percent(step.amount, 1_000_000) if step.line.unit == "ppm" else None,
            article=step.line.article,
            note=step.line.note_en if english else step.line.note,
            kind="result" if place == result else "subtotal" if step.line.is_total else "",
            assumed=step.line.assumed_en if english else step.line.assumed,
        )
        for place, step in enumerate(sheet.steps)
    ]


_NAMED = frozenset(OPERATORS.values())
