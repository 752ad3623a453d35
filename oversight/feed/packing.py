"""Columns of a view as PostgreSQL packs them: one text of bytes a column, which NumPy takes as it stands.

A million rows read one by one cost a million steps of Python. Here the server strings the binary form of a column
together (`string_agg` of `int8send`), a chunk of rows is one row of bytes, and nothing is decoded row by row. Measured
against the alternatives in decision 0037.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

Column = np.ndarray

_SENT = {
    "int64": ("int8send(({})::bigint)", ">i8"),
    "int32": ("int4send(({})::integer)", ">i4"),
    "int8": ("int2send(({})::smallint)", ">i2"),
    # Days since 2000-01-01; the calendar's ends arrive as the smallest and largest number of four bytes.
    "day": ("date_send({})", ">i4"),
    "instant": ("timestamptz_send({})", ">i8"),
    "sha256": ("decode({}, 'hex')", "V32"),
}
_EPOCH_DAYS = 10_957
_EPOCH_MICROSECONDS = _EPOCH_DAYS * 86_400_000_000
FIRST_DAY, LAST_DAY = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")


class Misaligned(AssertionError):
    """A packed column has more or fewer values than its rows: a null came through, and nothing may be read off it."""


@dataclass(frozen=True)
class Packed:
    """One column: its name, how it travels, and the SQL that gives it where that is more than the name.

    A null would fall out of the packed column, so an optional one says what stands for it: `coalesce(batch_id, 0)`.
    """

    name: str
    kind: str = "int64"
    expression: str = ""


def code(name: str, words: Sequence[str]) -> Packed:
    """A column of few words, as the place of its word in `words`; −1 for a word that is none of them."""
    known = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    place = f"coalesce(array_position(ARRAY[{known}]::text[], {name}) - 1, -1)"
    return Packed(name, "int8", place)


def read_packed(
    connection: psycopg.Connection, source: sql.Composable, columns: Sequence[Packed], given: Mapping[str, Any]
) -> dict[str, Column]:
    """The columns of `source` (a FROM clause with its WHERE, in its own order), each as one array.

    Raises: Misaligned.
    """
    packed = [sql.SQL("count(*)")]
    for column in columns:
        expression = _sent(column)
        packed.append(sql.SQL("coalesce(string_agg({}, ''::bytea), ''::bytea)").format(sql.SQL(expression)))
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(packed), source)
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(query, given).fetchone()
    assert row is not None, "an aggregate answers with a row"
    count, *parts = row
    return {column.name: _opened(column, part, count) for column, part in zip(columns, parts, strict=True)}


def read_texts(
    connection: psycopg.Connection, source: sql.Composable, name: str, given: Mapping[str, Any]
) -> list[str]:
    """One column of texts in the source's own order."""
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(name), source)
    return [text for (text,) in connection.execute(query, given).fetchall()]


def joined(chunks: Sequence[Mapping[str, Column]], columns: Sequence[Packed]) -> dict[str, Column]:
    """Chunks of the same columns as one."""
    if not chunks:
        return {column.name: _opened(column, b"", 0) for column in columns}
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def _sent(column: Packed) -> str:
    return _SENT[column.kind][0].format(column.expression or column.name)


def _opened(column: Packed, part: bytes, count: int) -> Column:
    values = np.frombuffer(part, dtype=_SENT[column.kind][1])
    if len(values) != count:
        raise Misaligned(f"{column.name}: {len(values)} values in {count} rows")
    if column.kind == "day":
        return _days(values)
    if column.kind == "instant":
        return (values.astype(np.int64) + _EPOCH_MICROSECONDS).astype("datetime64[us]")
    if column.kind == "sha256":
        return values
    return values.astype({"int64": np.int64, "int32": np.int32, "int8": np.int8}[column.kind])


def _days(values: Column) -> Column:
    days = (values.astype(np.int64) + _EPOCH_DAYS).astype("datetime64[D]")
    ends = np.iinfo(np.int32)
    if len(values) and (values.max() == ends.max or values.min() == ends.min):
        days = np.where(values == ends.max, LAST_DAY, np.where(values == ends.min, FIRST_DAY, days))
    return days
