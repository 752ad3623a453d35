"""Columns of a view as PostgreSQL packs them: one text of bytes a column, which NumPy takes as it stands.

A million rows read one by one cost a million steps of Python. Here the server strings the binary form of a column
together (`string_agg` of `int8send`), a chunk of rows is one row of bytes, and nothing is decoded row by row. Measured
against the alternatives in decision 0037.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

Column = np.ndarray

_SENT = {
    "int64": ("int8send(({})::bigint)", ">i8"),
    "int32": ("int4send(({})::integer)", ">i4"),
    "int8": ("int2send(({})::smallint)", ">i2"),
    # Days since 2000-01-01; the calendar's ends arrive as the smallest and largest number of four bytes.
    "day": ("date_send({})", ">i4"),
}
_EPOCH_DAYS = 10_957
_END = 10  # what ends each text of a column of words
FIRST_DAY, LAST_DAY = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")


class Misaligned(AssertionError):
    """A packed column has more or fewer values than its rows: a null came through, and nothing may be read off it."""


@dataclass(frozen=True)
class Packed:
    """One column: its name, how it travels, and the SQL that gives it where that is more than the name.

    A null would fall out of the packed column, so an optional one says what stands for it: `coalesce(batch_id, 0)`.

    Args:
        kind: int64, int32, int8, day or word.
        words: of a column of words the number that stands for each; −1 stands for a word that is none of them.
    """

    name: str
    kind: str = "int64"
    expression: str = ""
    words: Mapping[str, int] = field(default_factory=dict)


def word(name: str, words: Sequence[str], expression: str = "") -> Packed:
    """A column of few words, as the place of each among `words`."""
    return Packed(name, "word", expression, {one: place for place, one in enumerate(words)})


def read_packed(
    connection: psycopg.Connection, source: sql.Composable, columns: Sequence[Packed], given: Mapping[str, Any]
) -> dict[str, Column]:
    """The columns of `source` (a FROM clause with its WHERE, in its own order), each as one array.

    Raises: Misaligned.
    """
    row = _asked(connection, source, columns, given, is_plain=True)
    try:
        return _all_opened(columns, row)
    except Misaligned:
        # A word that holds an end of line is no word of ours; it is read again with a blank in its place.
        return _all_opened(columns, _asked(connection, source, columns, given, is_plain=False))


def joined(chunks: Sequence[Mapping[str, Column]], columns: Sequence[Packed]) -> dict[str, Column]:
    """Chunks of the same columns as one."""
    if not chunks:
        return {column.name: _opened(column, b"", 0) for column in columns}
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _asked(
    connection: psycopg.Connection,
    source: sql.Composable,
    columns: Sequence[Packed],
    given: Mapping[str, Any],
    *,
    is_plain: bool,
) -> tuple[Any, ...]:
    packed = [sql.SQL("count(*)"), *(sql.SQL(_sent(column, is_plain=is_plain)) for column in columns)]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(packed), source)
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(query, given).fetchone()
    assert row is not None, "an aggregate answers with a row"
    return row


def _sent(column: Packed, *, is_plain: bool) -> str:
    expression = column.expression or column.name
    if column.kind == "word":
        ended = expression if is_plain else f"replace({expression}, E'\\n', ' ')"
        return f"convert_to(coalesce(string_agg({ended}, E'\\n'), ''), 'UTF8')"
    return f"coalesce(string_agg({_SENT[column.kind][0].format(expression)}, ''::bytea), ''::bytea)"


def _all_opened(columns: Sequence[Packed], row: tuple[Any, ...]) -> dict[str, Column]:
    count, *parts = row
    return {column.name: _opened(column, part, count) for column, part in zip(columns, parts, strict=True)}


def _opened(column: Packed, part: bytes, count: int) -> Column:
    if column.kind == "word":
        return _words(column, part, count)
    values = np.frombuffer(part, dtype=_SENT[column.kind][1])
    if len(values) != count:
        raise Misaligned(f"{column.name}: {len(values)} values in {count} rows")
    if column.kind == "day":
        return _days(values)
    return values.astype({"int64": np.int64, "int32": np.int32, "int8": np.int8}[column.kind])


def _words(column: Packed, part: bytes, count: int) -> Column:
    """The number of each word, without making a text of any but the different ones."""
    if not count:
        return np.zeros(0, dtype=np.int32)
    text = part + b"\n"
    letters = np.frombuffer(text, dtype=np.uint8)
    if (found := text.count(b"\n")) != count:
        raise Misaligned(f"{column.name}: {found} values in {count} rows")
    length, left = divmod(len(text), count)
    if not left and (letters[length - 1 :: length] == _END).all():
        return _numbers(letters.reshape(count, length)[:, :-1], column.words)
    ends = np.flatnonzero(letters == _END)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    numbers = np.empty(count, dtype=np.int32)
    for length in np.flatnonzero(np.bincount(lengths)).tolist():
        rows = np.flatnonzero(lengths == length)
        own = np.empty((len(rows), length), dtype=np.uint8)
        for place in range(length):
            own[:, place] = letters[starts[rows] + place]
        numbers[rows] = _numbers(own, column.words)
    return numbers


def _numbers(letters: Column, words: Mapping[str, int]) -> Column:
    """Words of one length, eight letters at a time: equal words have equal numbers, and no two others have."""
    count, length = letters.shape
    whole = np.zeros((count, max(-(-length // 8), 1) * 8), dtype=np.uint8)
    whole[:, :length] = letters
    same, first = np.zeros(count, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for part in whole.view(np.uint64).T:
        if (part == part[0]).all():
            continue
        of_part, known = pd.factorize(part)
        same, of_same = pd.factorize(same * len(known) + of_part)
        first = np.full(len(of_same), count, dtype=np.int64)
        np.minimum.at(first, same, np.arange(count))
    told = [words.get(letters[row].tobytes().decode(errors="replace"), -1) for row in first.tolist()]
    return np.array(told, dtype=np.int32)[same]


def _days(values: Column) -> Column:
    days = (values.astype(np.int64) + _EPOCH_DAYS).astype("datetime64[D]")
    ends = np.iinfo(np.int32)
    if len(values) and (values.max() == ends.max or values.min() == ends.min):
        days = np.where(values == ends.max, LAST_DAY, np.where(values == ends.min, FIRST_DAY, days))
    return days
