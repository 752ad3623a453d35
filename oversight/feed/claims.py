"""Claims, their bills and their lives as the contractor publishes them, in packed columns, chunk by chunk of claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, read_packed, word
from rulebook.lifecycles import claim as claim_life

Columns = dict[str, Column]

CLAIMS_A_CHUNK = 40_000
ROUTES = ("direct", "manual", "outpatient")
STATES = tuple(str(state) for state in claim_life.CLAIM.states)
EVENTS = tuple(str(event) for event in claim_life.CLAIM.events)

CLAIM = (
    Packed("claim_id"),
    word("route", ROUTES),
    word("state", STATES),
    Packed("version", "int32"),
    Packed("member_id"),
    Packed("household_id"),
    Packed("admitted_on", "day"),
    Packed("discharged_on", "day"),
    Packed("charged_fen"),
    Packed("institution_reduced_fen"),
    Packed("paid_elsewhere_fen"),
)
# Every column of six million lines counts: class and limit travel as one number, and a line's own number is asked for
# only where something is said of it (`numbers_of_lines`).
CLASSES = 4
LINE = (
    Packed("claim_id"),
    Packed("performed_on", "day"),
    Packed("quantity_e4"),
    Packed("unit_price_e4"),
    Packed("charged_fen"),
    Packed("limit_and_class", "int64", f"price_limit_e4 * {CLASSES} + catalogue_class"),
    Packed("reduced_fen"),
)
EVENT = (
    Packed("claim_id"),
    Packed("event_no", "int32"),
    word("event", EVENTS),
    word("state_after", STATES),
)


def chunks_of_claims(connection: psycopg.Connection, county_code: str) -> list[dict[str, Any]]:
    """Ranges of claim numbers that hold every claim of the county."""
    low, high = connection.execute(
        "SELECT min(claim_id), max(claim_id) FROM contractor.published_claims WHERE county_code = %s", [county_code]
    ).fetchone()
    if low is None:
        return []
    return [
        {"county": county_code, "low": first, "high": first + CLAIMS_A_CHUNK}
        for first in range(low, high + 1, CLAIMS_A_CHUNK)
    ]


def claims_of(connection: psycopg.Connection, chunk: dict[str, Any], institutions: Mapping[str, int]) -> Columns:
    """The claims of a chunk in the order of their numbers, each with the number of its institution."""
    columns = (*CLAIM, Packed("institution", "word", "institution_code", institutions))
    return read_packed(connection, _of_chunk("published_claims", "claim_id"), columns, chunk)


def lines_of(connection: psycopg.Connection, chunk: dict[str, Any], items: Mapping[str, int]) -> Columns:
    """The lines of a chunk in the order of claim and line, each with the number of its item."""
    columns = (*LINE, Packed("item", "word", "item_code", items))
    lines = read_packed(connection, _of_chunk("published_claim_lines", "claim_id, line_no"), columns, chunk)
    both = lines.pop("limit_and_class")
    lines["price_limit_e4"], lines["catalogue_class"] = np.divmod(both, CLASSES)
    return lines


def numbers_of_lines(
    connection: psycopg.Connection, county_code: str, claim_ids: list[int], places: list[int]
) -> list[int]:
    """The numbers of lines that are known by their place on the bill, counted from 1."""
    rows = connection.execute(
        "SELECT told.n, line.line_no FROM unnest(%(claims)s::bigint[], %(places)s::bigint[]) WITH ORDINALITY "
        "AS told (claim_id, place, n) CROSS JOIN LATERAL (SELECT line_no FROM contractor.published_claim_lines "
        "WHERE county_code = %(county)s AND claim_id = told.claim_id ORDER BY line_no OFFSET told.place - 1 LIMIT 1) "
        "AS line ORDER BY told.n",
        {"county": county_code, "claims": claim_ids, "places": places},
    ).fetchall()
    assert len(rows) == len(claim_ids), "within one snapshot a line does not go away"
    return [line_no for _n, line_no in rows]


def events_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> Columns:
    return read_packed(connection, _of_chunk("published_claim_events", "claim_id, event_no"), EVENT, chunk)


def _of_chunk(view: str, order: str) -> sql.Composed:
    return sql.SQL(
        "(SELECT * FROM {} WHERE county_code = %(county)s AND claim_id >= %(low)s AND claim_id < %(high)s ORDER BY {}) "
        "AS one"
    ).format(sql.Identifier("contractor", view), sql.SQL(order))
