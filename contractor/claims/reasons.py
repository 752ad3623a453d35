"""Reasons and papers by their codes, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.i18n import language
from contractor.claims.words import rule_title
from rulebook.reasons import KEPT, OBJECT, REDUCE, REFUSE, REVERSE, WITHDRAW, Reason

BY_EVENT: dict[str, Mapping[str, Reason]] = {
    "rejected": REFUSE,
    "disputed": REFUSE,
    "documents_overdue": REFUSE,
    "withdrawn": WITHDRAW,
    "objected": OBJECT,
    "reversed": REVERSE,
    "repriced": REVERSE,
    "readjudicated": REVERSE,
}


def choices(of: Mapping[str, Reason]) -> list[tuple[str, str]]:
    """Codes with their words, for a field."""
    return [(code, _words(reason)) for code, reason in of.items()]


def reason_words(event: str, code: str) -> str:
    """Why an event happened: by a person's reason, else by the rule that found it."""
    reason = BY_EVENT.get(event, {}).get(code)
    return _words(reason) if reason else rule_title(code)


def reduction_words(code: str) -> str:
    return _words(REDUCE[code]) if code in REDUCE else code


def document_words(code: str) -> str:
    return _words(KEPT[code]) if code in KEPT else code


def _words(reason: Reason) -> str:
    return reason.title_en if language() == "en" else reason.title
