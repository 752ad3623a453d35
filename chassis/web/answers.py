"""Words for refusals: what was refused, and what the reader can do about it, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from flask_babel import gettext as _

from chassis.errors import Refusal
from rulebook.refusals import Refused


@dataclass(frozen=True)
class Answer:
    title: str
    text: str
    """What happened and what to do next."""
    facts: tuple[tuple[str, str], ...] = ()
    """Beneath it, (what, value): expected and found, or every fault of a file."""


# The rulebook sits below every app and refuses with a type of its own.
Refusals = Refusal | Refused
Wording = Callable[[Refusals], Answer]
_wordings: dict[type[Refusals], Wording] = {}


def words_for(kind: type[Refusals]) -> Callable[[Wording], Wording]:
    """Register the words of a refusal; the most special class that has words gives them."""

    def keep(wording: Wording) -> Wording:
        assert kind not in _wordings, f"{kind.__name__} has words already"
        _wordings[kind] = wording
        return wording

    return keep


def answer_to(refusal: Refusals) -> Answer:
    for kind in type(refusal).__mro__:
        if kind in _wordings:
            return _wordings[kind](refusal)
    return Answer(_("这一步现在不能做"), _("什么都没有改动。请返回上一页核对，仍不行就把页面下方的编号告诉管理员。"))


def faults_in_words(faults: Any) -> Any:
    """Faults by field as a program reads them: names down to lists of sentences."""
    if isinstance(faults, Mapping):
        return {str(name): faults_in_words(found) for name, found in faults.items()}
    if isinstance(faults, tuple) and faults and is_dataclass(faults[0]):
        return [asdict(fault) for fault in faults]  # of a file: row, column, expected, found, reason
    return [str(fault) for fault in (faults if isinstance(faults, list | tuple) else [faults])]


def has_words(kind: type[Refusals]) -> bool:
    return kind in _wordings
