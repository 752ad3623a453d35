"""JSON from strangers: limited in size, depth and count, no key twice, and no number ever a float.

A number stays the text it was written as, a `JsonNumber`, so that `0.1` is `0.1`, `1E5` is refused by whoever parses
amounts, and a card number that was sent as a number can be told from one that was sent as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis.reading.faults import refused

MOST_DOCUMENT_BYTES = 16 << 20
MOST_LINE_BYTES = 2 << 20
MOST_DEPTH = 40
MOST_VALUES = 2_000_000
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


class JsonNumber(str):
    """A number as its text."""

    __slots__ = ()


class _TwiceTheKey(ValueError):
    pass


class _NoNumber(ValueError):
    pass


def parse_json(document: bytes, *, row: int = 0) -> Any:
    """The document's value. Raises FileRefused with the reason; `row` is the line it stands in, 0 for a whole file."""
    if len(document) > MOST_DOCUMENT_BYTES:
        raise refused("too_large_file", expected=f"≤ {MOST_DOCUMENT_BYTES} B", found=len(document), row=row)
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused("unknown_encoding", expected="UTF-8", found=f"{document[error.start]:#04x}", row=row) from error
    _check_shape(text, row)
    try:
        return _DECODER.decode(text)
    except _TwiceTheKey as error:
        raise refused("key_twice", found=error, row=row) from error
    except _NoNumber as error:
        raise refused("not_a_number", found=error, row=row) from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise refused("broken_json", found=_told(error), row=row) from error


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Each line's number and value of a file of JSON Lines; blank lines are passed over."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_LINE_BYTES + 1):
            number += 1
            if len(line) > MOST_LINE_BYTES:
                raise refused("over_long_line", row=number, expected=f"≤ {MOST_LINE_BYTES} B")
            if line.strip():
                yield number, parse_json(line, row=number)


def _check_shape(text: str, row: int) -> None:
    opened = text.count("{") + text.count("[")
    if opened + text.count(",") > MOST_VALUES:
        raise refused("too_many_values", expected=f"≤ {MOST_VALUES}", row=row)
    if opened <= MOST_DEPTH:
        return
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > MOST_DEPTH:
        raise refused("too_deep", expected=f"≤ {MOST_DEPTH}", found=deepest, row=row)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        raise _TwiceTheKey(next(key for key, _ in pairs if key in seen or seen.add(key)))
    return made


def _refuse_constant(name: str) -> Any:
    raise _NoNumber(name)


def _told(error: Exception) -> str:
    return f"{error.msg}, {error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "RecursionError"


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=JsonNumber, parse_int=JsonNumber, parse_constant=_refuse_constant
)
