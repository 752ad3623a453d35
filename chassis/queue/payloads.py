"""What may stand in a task: ids. A queue is read by many eyes (logs, Redis, the page of dead tasks)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")
WORD = re.compile(r"[A-Za-z0-9_.:/+-]{0,128}")
# Shapes of numbers that belong to a person: identity number, bank account, mobile telephone.
OF_A_PERSON = re.compile(r"\d{17}[\dXx]|\d{16,19}|1[3-9]\d{9}")


class NotJustIds(ValueError):
    """Someone tried to post a name, a text or a number of a person; the message says which field, not what."""


def just_ids(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload itself when it holds ids, instants, hashes and codes only; `NotJustIds` otherwise."""
    for field, value in payload.items():
        if not isinstance(field, str) or not FIELD.fullmatch(field):
            raise NotJustIds(f"a field is not named as a column would be: {len(str(field))} characters")
        _check(field, value)
    return {field: list(value) if isinstance(value, tuple) else value for field, value in payload.items()}


def just_a_key(natural_key: str | None) -> str | None:
    """A natural key stands in the same light as a payload."""
    if natural_key is not None:
        if not natural_key:
            raise NotJustIds("natural_key is empty")
        _check("natural_key", natural_key)
    return natural_key


def _check(field: str, value: Any) -> None:
    match value:
        case None | bool():
            return
        case int():
            # A BIGINT id is far from eleven digits in any county; a longer number is somebody's.
            if OF_A_PERSON.fullmatch(str(abs(value))):
                raise NotJustIds(f"{field} looks like a number of a person")
        case str():
            if not WORD.fullmatch(value) or OF_A_PERSON.fullmatch(value):
                raise NotJustIds(f"{field} is not an id")
        case list() | tuple():
            for one in value:
                _check(field, one)
        case dict():
            just_ids(value)
        case _:
            raise NotJustIds(f"{field} is a {type(value).__name__}; a task carries ids")
