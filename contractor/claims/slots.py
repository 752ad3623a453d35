"""Places on the screen of one claim that other rooms fill: documents, who decides second, what was corrected.

A room that stands on the claims gives, when it is mounted, what makes up its part of the page; the template that
shows it lies in that room and is named by the slot. The claims import none of these rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from chassis.visitors import Visitor

Filler = Callable[[Session, Visitor, Row], Mapping[str, Any] | None]

SLOTS = {
    "documents": "documents/beside.html",
    "second": "second/beside.html",
    "corrections": "corrections/beside.html",
}
_fillers: dict[str, Filler] = {}
FOR_ALL = frozenset({"documents"})
"""What an institution and a township see of their own claims, too; the rest is the insurer's."""


def fill(slot: str, filler: Filler) -> None:
    """Have this slot filled on every claim: the answer is the template's context as `part`; None leaves it empty."""
    assert slot in SLOTS, f"the screen of a claim has no place for {slot}"
    _fillers[slot] = filler


def filled(
    session: Session, visitor: Visitor, record: Row, *, is_whole: bool
) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """By slot the template and what it shows; `is_whole` where the visitor sees the whole county."""
    parts = {slot: filler(session, visitor, record) for slot, filler in _fillers.items() if is_whole or slot in FOR_ALL}
    return {slot: (SLOTS[slot], part) for slot, part in parts.items() if part is not None}
