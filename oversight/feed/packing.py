"""Columns of a view as PostgreSQL packs them: one text of bytes a column, which NumPy takes as it stands.

A million rows read one by one cost a million steps of Python. Here the server strings the binary form of a column
together (`string_agg` of `int8send`), a chunk of rows is one row of bytes, and nothing is decoded row by row. Measured
against the alternatives in decision 0037.

What the server spends goes by the number of columns, hardly by their width. So columns of small numbers share one
(`Together`), exactly or not at all: a number too large for its part is an error of PostgreSQL's own, upon which the
same rows are read again with each column by itself.
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
_NATIVE = {"int64": np.int64, "int32": np.int32, "int8": np.int8}
# A number cast to its part's width, or an error: `"char"` is PostgreSQL's one byte.
_NARROW = {8: '(({})::integer)::"char"::integer', 16: "({})::smallint", 32: "({})::integer"}
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


@dataclass(frozen=True)
class Together:
    """Columns of whole numbers or days that travel as one number of eight bytes.

    Args:
        first: has the bits that are left.
        others: each with its width in bits, 8, 16 or 32, its sign among them; a day in 16 bits lies between 1910
            and 2089.
    """

    first: Packed
    others: tuple[tuple[Packed, int], ...]

    @property
    def columns(self) -> tuple[Packed, ...]:
        return (self.first, *(column for column, _bits in self.others))


def together(first: Packed, *others: tuple[Packed, int]) -> Together:
    return Together(first, others)


@dataclass(frozen=True)
class Sparse:
    """A column that is nearly always nought: `flag` is another column, 1 where it is not, and only these travel."""

    column: Packed
    flag: str

    @property
    def columns(self) -> tuple[Packed, ...]:
        return (self.column,)


Travels = Packed | Together | Sparse


def columns_of(travelling: Sequence[Travels]) -> tuple[Packed, ...]:
    """The columns by themselves, whatever they travel with."""
    found: list[Packed] = []
    for one in travelling:
        found += (one,) if isinstance(one, Packed) else one.columns
    return tuple(found)


def word(name: str, words: Sequence[str], expression: str = "") -> Packed:
    """A column of few words, as the place of each among `words`."""
    return Packed(name, "word", expression, {one: place for place, one in enumerate(words)})


def read_packed(
    connection: psycopg.Connection, source: sql.Composable, columns: Sequence[Travels], given: Mapping[str, Any]
) -> dict[str, Column]:
    """The columns of `source` (a FROM clause with its WHERE, in its own order), each as one array.

    Raises: Misaligned.
    """
    try:
        # A transaction within the transaction: what cannot travel together must not end the reader's snapshot.
        with connection.transaction():
            row = _asked(connection, source, columns, given, is_plain=True)
    except psycopg.DataError:
        return read_packed(connection, source, columns_of(columns), given)
    try:
        return _all_opened(columns, row)
    except Misaligned:
        # A word that holds an end of line is no word of ours; it is read again with a blank in its place.
        return _all_opened(columns, _asked(connection, source, columns, given, is_plain=False))


def joined(chunks: Sequence[Mapping[str, Column]], columns: Sequence[Travels]) -> dict[str, Column]:
    """Chunks of the same columns as one."""
    if not chunks:
        return {column.name: _opened(column, b"", 0) for column in columns_of(columns)}
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _asked(
    connection: psycopg.Connection,
    source: sql.Composable,
    columns: Sequence[Travels],
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


def _sent(column: Travels, *, is_plain: bool) -> str:
    if isinstance(column, Sparse):
        expression = column.column.expression or column.column.name
        sent = f"string_agg(int8send({expression}), ''::bytea) FILTER (WHERE {expression} <> 0)"
        return f"coalesce({sent}, ''::bytea)"
    if isinstance(column, Together):
        return f"coalesce(string_agg(int8send({_one_number(column)}), ''::bytea), ''::bytea)"
    expression = column.expression or column.name
    if column.kind == "word":
        ended = expression if is_plain else f"replace({expression}, E'\\n', ' ')"
        return f"convert_to(coalesce(string_agg({ended}, E'\\n'), ''), 'UTF8')"
    return f"coalesce(string_agg({_SENT[column.kind][0].format(expression)}, ''::bytea), ''::bytea)"


def _one_number(columns: Together) -> str:
    """The parts as one bigint. Every cast and every product is checked by PostgreSQL, so none runs into the next."""
    told = f"({_number(columns.first)})::bigint"
    for column, bits in columns.others:
        part = _NARROW[bits].format(_number(column))
        told = f"({told} * {1 << bits} + {part})"
    return told


def _number(column: Packed) -> str:
    expression = column.expression or column.name
    return f"({expression} - '2000-01-01'::date)" if column.kind == "day" else expression


def _all_opened(columns: Sequence[Travels], row: tuple[Any, ...]) -> dict[str, Column]:
    count, *parts = row
    found: dict[str, Column] = {}
    for column, part in zip(columns, parts, strict=True):
        if isinstance(column, Together):
            found |= _taken_apart(column, part, count)
        elif isinstance(column, Sparse):
            found[column.column.name] = _spread(column, part, found[column.flag])
        else:
            found[column.name] = _opened(column, part, count)
    return found


def _taken_apart(columns: Together, part: bytes, count: int) -> dict[str, Column]:
    values = _opened(Packed(columns.first.name), part, count)
    found = {}
    for column, bits in reversed(columns.others):
        # The lowest bytes of a number are its lowest part, sign and all.
        low = values.astype("<i8", copy=False).view(f"<i{bits // 8}")[:: 64 // bits]
        found[column.name] = _as_told(column, low)
        values = (values - low) >> bits
    found[columns.first.name] = _as_told(columns.first, values)
    return {column.name: found[column.name] for column in columns.columns}


def _as_told(column: Packed, values: Column) -> Column:
    if column.kind == "day":
        return _days(values)
    return values.astype(_NATIVE[column.kind])


def _spread(column: Sparse, part: bytes, flags: Column) -> Column:
    """What travelled, in the rows whose flag is set; nought in the others."""
    rows = np.flatnonzero(flags)
    values = np.zeros(len(flags), dtype=_NATIVE[column.column.kind])
    values[rows] = _opened(column.column, part, len(rows))
    return values


def _opened(column: Packed, part: bytes, count: int) -> Column:
    if column.kind == "word":
        return _words(column, part, count)
    values = np.frombuffer(part, dtype=_SENT[column.kind][1])
    if len(values) != count:
        raise Misaligned(f"{column.name}: {len(values)} values in {count} rows")
    if column.kind == "day":
        return _days(values)
    return values.astype(_NATIVE[column.kind])


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
