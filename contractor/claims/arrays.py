"""Columns of plain values as PostgreSQL arrays in their text form: many times cheaper to send than lists.

Only numbers, days, booleans and words of ours travel so; free text is sent as a list, which is escaped.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

Plain = int | bool | str | dt.date | None


def array_text(values: Iterable[Plain]) -> str:
    """`{1,2,NULL}` for a parameter that the statement casts to its array type."""
    return "{" + ",".join(["NULL" if value is None else _plain(value) for value in values]) + "}"


def _plain(value: int | bool | str | dt.date) -> str:
    text = str(value)
    assert '"' not in text and "," not in text and "\\" not in text and "{" not in text and "}" not in text and text, (
        "only plain words travel in an array's text"
    )
    return text


def numbers_text(values: Iterable[int]) -> str:
    """The same for whole numbers alone."""
    return "{" + ",".join(map(str, values)) + "}"
