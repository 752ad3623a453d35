"""Imports as their pages show them. Cards and names are whole for those who keep the register alone."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from chassis.reading.faults import RowFault
from chassis.reading.wording import reason_words
from chassis.vault.masking import STAR, mask_name
from oversight.registry.imports import words as _words  # noqa: F401 – words of this room's reasons
from oversight.registry.imports.kinds import KINDS, Kind
from oversight.registry.words import column_words, value_words

TAKES_ROLES = frozenset({"registrar"})
OF_PEOPLE = frozenset({"members", "enrolment", "statuses", "deaths"})


def shown_changes(kind: Kind, changes: Iterable[Any], *, in_full: bool) -> list[SimpleNamespace]:
    """Changes of a plan or of an import that is done: both name row, subject, column, old and new."""
    return [
        SimpleNamespace(
            row=change.row,
            subject=subject_words(kind, change.subject, in_full=in_full),
            column=column_words(kind.table.columns, change.column),
            old=_value(kind, change.column, change.old, in_full=in_full),
            new=_value(kind, change.column, change.new, in_full=in_full),
        )
        for change in changes
    ]


def shown_faults(kind: Kind, faults: Iterable[RowFault]) -> list[dict[str, Any]]:
    """Row, column, expected, found and why; row 0 is the whole file."""
    return [
        {
            "row": fault.row,
            "column": column_words(kind.table.columns, fault.column) if fault.column else "",
            "reason": reason_words(fault),
            "expected": fault.expected,
            "found": fault.found,
        }
        for fault in faults
    ]


def subject_words(kind: Kind, subject: str, *, in_full: bool) -> str:
    """`9901210001 2026 scheme` for those who keep the register, `****0001 2026 参合` for others; in their language."""
    first, *rest = subject.split(" ")
    if kind.key in OF_PEOPLE and not in_full:
        first = _masked_card(first)
    return " ".join([first, *(value_words(kind.key, "kind", part) or part for part in rest)])


def title_of(kind_key: str) -> str:
    kind = KINDS.get(kind_key)
    return str(kind.title) if kind else kind_key


def _value(kind: Kind, column: str, value: str | None, *, in_full: bool) -> str | None:
    if value is not None and not in_full:
        if kind.key == "members" and column == "name":
            return mask_name(value)
        if column == "card_number":
            return _masked_card(value)
    return value_words(kind.key, column, value)


def _masked_card(card: str) -> str:
    return STAR * 4 + card[-4:]
