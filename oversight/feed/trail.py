"""What the contractor's chain remembers of its decisions: facts as columns, without taking a million texts apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import psycopg

Column = np.ndarray

STREAM = "claims"
ENTRIES_A_CHUNK = 100_000
# A fact's name holds no digit and no minus, so that what is left without them is the shape of the facts.
_DIGITS = b"-0123456789"
_ONLY_DIGITS = bytes(byte if byte in _DIGITS else 0x20 for byte in range(256))


@dataclass(frozen=True)
class Facts:
    """Decisions with the same facts: `columns` holds one array for each fact, all of them whole numbers."""

    seq: Column
    claim_id: Column
    columns: dict[str, Column]


def chunks_of_trail(connection: psycopg.Connection, county_code: str) -> list[dict[str, Any]]:
    (last,) = connection.execute(
        "SELECT max(seq) FROM contractor.published_trail_entry WHERE county_code = %s AND stream = %s",
        [county_code, STREAM],
    ).fetchone()
    return [
        {"county": county_code, "stream": STREAM, "low": low, "high": low + ENTRIES_A_CHUNK}
        for low in range(1, (last or 0) + 1, ENTRIES_A_CHUNK)
    ]


def decisions_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> list[Facts]:
    """The chunk's entries about claims whose facts name a `settlement` or an `account_entry`."""
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(
            "SELECT coalesce(string_agg(int8send(seq), ''::bytea), ''), "
            "coalesce(string_agg(subject_id, E'\\n'), ''), "
            "convert_to(coalesce(string_agg(told, E'\\n'), ''), 'UTF8') "
            "FROM (SELECT seq, subject_id, told FROM (SELECT seq, subject_id, facts::text AS told "
            "FROM contractor.published_trail_entry WHERE county_code = %(county)s AND stream = %(stream)s "
            "AND seq >= %(low)s AND seq < %(high)s AND subject_kind = 'claim' ORDER BY seq) AS entry "
            "WHERE strpos(told, %(settlement)s) > 0 OR strpos(told, %(visit)s) > 0) AS decision",
            chunk | {"settlement": '"settlement":', "visit": '"account_entry":'},
        ).fetchone()
    assert row is not None, "an aggregate answers with a row"
    seqs, subjects, texts = row
    seq = np.frombuffer(seqs, dtype=">i8").astype(np.int64)
    if not len(seq):
        return []
    return _by_shape(seq, _claim_ids(subjects), texts)


def _claim_ids(subjects: str) -> Column:
    """A subject is an id without blanks (chassis.trail); one that is no claim's number becomes claim 0."""
    if subjects.replace("\n", "").isdecimal() and "\n\n" not in f"\n{subjects}\n":
        return np.fromstring(subjects, dtype=np.int64, sep="\n")
    return np.array([int(one) if one.isdecimal() else 0 for one in subjects.split("\n")], dtype=np.int64)


def _by_shape(seq: Column, claims: Column, texts: bytes) -> list[Facts]:
    """Facts of one shape at a time: the same names in the same order, whatever their numbers."""
    shapes = np.array(texts.translate(None, _DIGITS).split(b"\n"), dtype=object)
    numbers, known = pd.factorize(shapes)
    rows = texts.split(b"\n")
    firsts = np.full(len(known), len(rows))
    np.minimum.at(firsts, numbers, np.arange(len(rows)))
    names = [_names(rows[first]) for first in firsts.tolist()]
    counts = np.array([len(own or ()) for own in names])
    columns = _all_numbers(texts, rows, numbers, counts)
    found = []
    for number, own_names in enumerate(names):
        own = np.flatnonzero(numbers == number)
        if own_names is None or columns is None:
            told = _one_by_one([rows[row] for row in own.tolist()])
        else:
            first = columns.starts[own]
            told = {name: columns.values[first + place] for place, name in enumerate(own_names)}
        if told:
            found.append(Facts(seq[own], claims[own], told))
    return found


@dataclass(frozen=True)
class _Numbers:
    """All numbers of a chunk's facts, one after another, and where those of each row begin."""

    values: Column
    starts: Column


def _names(text: bytes) -> list[str] | None:
    """The names of facts that hold nothing but whole numbers; None of others."""
    told = json.loads(text)
    is_plain = all(type(value) is int for value in told.values())
    return list(told) if is_plain and not any(one.isdigit() or one == "-" for one in "".join(told)) else None


def _all_numbers(texts: bytes, rows: list[bytes], numbers: Column, counts: Column) -> _Numbers | None:
    """Every number of the rows that hold only numbers, taken off in one go; None where that does not come out even."""
    plain = texts
    of_row = counts[numbers]
    if not of_row.all():
        plain = b"\n".join([row for row, count in zip(rows, of_row.tolist(), strict=True) if count])
    values = np.fromstring(plain.translate(_ONLY_DIGITS), dtype=np.int64, sep=" ")
    if len(values) != of_row.sum():
        return None
    return _Numbers(values, np.cumsum(of_row) - of_row)


def _one_by_one(texts: list[bytes]) -> dict[str, Column]:
    """The whole numbers of facts that hold words too."""
    told = [json.loads(text) for text in texts]
    names = [name for name, value in told[0].items() if type(value) is int]
    return {name: np.array([one[name] for one in told], dtype=np.int64) for name in names}
