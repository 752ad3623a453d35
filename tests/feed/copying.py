"""Rows into a table by one binary COPY, made of whole columns: a county of a million claims enters in a minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import psycopg

CHUNK = 200_000
_EPOCH = np.datetime64("2000-01-01")
_NUMBERS = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2", "boolean": "i1"}


def copy_columns(connection: psycopg.Connection, table: str, columns: Mapping[str, Any]) -> int:
    """Append the rows; a single value stands for all of them, an array for each. Returns how many there were."""
    schema, name = table.split(".")
    types = dict(
        connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
            [schema, name],
        ).fetchall()
    )
    rows = max((len(value) for value in columns.values() if isinstance(value, np.ndarray)), default=1)
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, rows, CHUNK):
            stop = min(start + CHUNK, rows)
            part = {
                column: value[start:stop] if isinstance(value, np.ndarray) else value
                for column, value in columns.items()
            }
            copy.write(_packed(part, types, stop - start))
        copy.write(b"\xff\xff")
    return rows


def _packed(columns: Mapping[str, Any], types: Mapping[str, str], rows: int) -> bytes:
    fields: list[tuple[str, str]] = [("count", ">i2")]
    values = []
    for number, (name, value) in enumerate(columns.items()):
        sent = _sent(value, types[name], rows)
        fields += [(f"length{number}", ">i4"), (f"value{number}", sent.dtype.str)]
        values.append(sent)
    packed = np.zeros(rows, dtype=np.dtype(fields))
    packed["count"] = len(values)
    for number, sent in enumerate(values):
        packed[f"length{number}"] = sent.dtype.itemsize
        packed[f"value{number}"] = sent
    return packed.tobytes()


def _sent(value: Any, kind: str, rows: int) -> np.ndarray:
    """The column as the wire has it: every value of a column has one length, or a text is padded to it by `fixed`."""
    whole = value if isinstance(value, np.ndarray) else np.full(rows, value)
    if kind == "date":
        return (whole.astype("datetime64[D]") - _EPOCH).astype(np.int64).astype(">i4")
    if kind == "timestamp with time zone":
        return (whole.astype("datetime64[us]") - _EPOCH.astype("datetime64[us]")).astype(np.int64).astype(">i8")
    if kind in _NUMBERS:
        return whole.astype(_NUMBERS[kind])
    texts = np.char.encode(whole, "utf-8") if isinstance(value, np.ndarray) else np.full(rows, str(value).encode())
    lengths = np.char.str_len(texts)
    assert (lengths == texts.dtype.itemsize).all(), "texts of one column have one length here"
    return texts
