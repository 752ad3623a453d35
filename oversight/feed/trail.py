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


def decisions_of(connection: psycopg.Connection, chunk: dict[str, Any], names: str) -> list[Facts]:
    """The chunk's entries about claims whose facts name a `settlement` or an `account_entry`."""
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(
            "SELECT coalesce(string_agg(int8send(seq), ''::bytea), ''), "
            "coalesce(string_agg(subject_id, E'\\n'), ''), coalesce(string_agg(facts::text, E'\\n'), '') "
            "FROM (SELECT seq, subject_id, facts FROM contractor.published_trail_entry "
            "WHERE county_code = %(county)s AND stream = %(stream)s AND seq >= %(low)s AND seq < %(high)s "
            "AND subject_kind = 'claim' AND strpos(facts::text, %(names)s) > 0 ORDER BY seq) AS entry",
            chunk | {"names": f'"{names}":'},
        ).fetchone()
    assert row is not None, "an aggregate answers with a row"
    seqs, subjects, texts = row
    seq = np.frombuffer(seqs, dtype=">i8").astype(np.int64)
    if not len(seq):
        return []
    # A subject is an id without blanks (chassis.trail); one that is no claim's number becomes claim 0.
    claims = np.array([int(one) if one.isdigit() else 0 for one in subjects.split("\n")], dtype=np.int64)
    return _by_shape(seq, claims, texts.encode())


def _by_shape(seq: Column, claims: Column, texts: bytes) -> list[Facts]:
    """Facts of one shape at a time: the same names in the same order, whatever their numbers."""
    rows = np.array(texts.split(b"\n"), dtype=object)
    shapes = np.array(texts.translate(None, _DIGITS).split(b"\n"), dtype=object)
    numbers, known = pd.factorize(shapes)
    found = []
    for number in range(len(known)):
        own = np.flatnonzero(numbers == number)
        columns = _columns(rows[own].tolist())
        if columns:
            found.append(Facts(seq[own], claims[own], columns))
    return found


def _columns(texts: list[bytes]) -> dict[str, Column]:
    """The whole numbers of facts of one shape; all at once where they hold nothing else."""
    first = json.loads(texts[0])
    names = [name for name, value in first.items() if type(value) is int]
    is_plain = len(names) == len(first) and not any(character.isdigit() or character == "-" for character in str(names))
    if is_plain:
        values = np.fromstring(b"\n".join(texts).translate(_ONLY_DIGITS), dtype=np.int64, sep=" ")
        if len(values) == len(texts) * len(names):
            return dict(zip(names, values.reshape(len(texts), len(names)).T.copy(), strict=True))
    told = [json.loads(text) for text in texts]
    return {name: np.array([one[name] for one in told], dtype=np.int64) for name in names}
