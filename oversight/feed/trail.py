"""What the contractor's chain remembers of its decisions: facts as columns, without taking a million texts apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
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
    alike = _alike(texts.encode())
    if alike is not None:
        return [Facts(seq, claims, alike)]
    return _one_by_one(seq, claims, texts.split("\n"), names)


def _alike(texts: bytes) -> dict[str, Column] | None:
    """All facts at once where every text has the shape of the first and holds nothing but whole numbers."""
    shapes = texts.translate(None, _DIGITS)
    shape = shapes.split(b"\n", 1)[0]
    count = texts.count(b"\n") + 1
    if shapes != b"\n".join([shape] * count):
        return None
    first = json.loads(texts.split(b"\n", 1)[0])
    if not all(isinstance(value, int) for value in first.values()) or any(
        character.isdigit() or character == "-" for name in first for character in name
    ):
        return None
    numbers = np.fromstring(texts.translate(_ONLY_DIGITS), dtype=np.int64, sep=" ")
    if len(numbers) != count * len(first):
        return None
    return dict(zip(first, numbers.reshape(count, len(first)).T.copy(), strict=True))


def _one_by_one(seq: Column, claims: Column, texts: Sequence[str], names: str) -> list[Facts]:
    """Entries of several shapes: each shape is its own group."""
    groups: dict[tuple[str, ...], list[tuple[int, dict[str, int]]]] = {}
    for row, text in enumerate(texts):
        facts = {name: value for name, value in json.loads(text).items() if type(value) is int}
        if names in facts:
            groups.setdefault(tuple(facts), []).append((row, facts))
    return [
        Facts(
            seq[[row for row, _ in rows]],
            claims[[row for row, _ in rows]],
            {name: np.array([facts[name] for _, facts in rows], dtype=np.int64) for name in shape},
        )
        for shape, rows in groups.items()
    ]
