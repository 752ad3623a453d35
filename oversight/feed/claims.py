"""Claims, their bills and their lives as the contractor publishes them, in packed columns, chunk by chunk of claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, Sparse, Travels, read_packed, together, word
from rulebook.lifecycles import claim as claim_life

Columns = dict[str, Column]

CLAIMS_A_CHUNK = 32_000  # a claim's place in its chunk travels in 16 bits
ROUTES = ("direct", "manual", "outpatient")
STATES = tuple(str(state) for state in claim_life.CLAIM.states)
EVENTS = tuple(str(event) for event in claim_life.CLAIM.events)

_PLACE = Packed("claim_id", "int64", "claim_id - %(low)s")  # in its chunk, until `_numbered`
CLAIM: tuple[Travels, ...] = (
    together(Packed("member_id"), (_PLACE, 16)),
    together(Packed("household_id"), (Packed("version", "int32"), 16)),
    together(Packed("charged_fen"), (Packed("admitted_on", "day"), 16)),
    together(Packed("institution_reduced_fen"), (Packed("discharged_on", "day"), 16)),
    Packed("paid_elsewhere_fen"),
    word("route", ROUTES),
    word("state", STATES),
)
# What six million lines cost goes by the number of columns (`Together`); the reviewer reduces few of them. A line's own
# number is asked for only where something is said of it (`numbers_of_lines`).
LINE: tuple[Travels, ...] = (
    together(Packed("price_limit_e4"), (Packed("is_reduced", "int8", "(reduced_fen <> 0)::integer"), 8), (_PLACE, 16)),
    together(Packed("quantity_e4"), (Packed("unit_price_e4"), 32)),
    together(Packed("charged_fen"), (Packed("catalogue_class", "int64"), 8), (Packed("performed_on", "day"), 16)),
    Sparse(Packed("reduced_fen"), flag="is_reduced"),
)
EVENT: tuple[Travels, ...] = (
    together(_PLACE, (Packed("event_no", "int32"), 16)),
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
    return _numbered(read_packed(connection, _of_chunk("published_claims", "claim_id"), columns, chunk), chunk)


def lines_of(connection: psycopg.Connection, chunk: dict[str, Any], items: Mapping[str, int]) -> Columns:
    """The lines of a chunk in the order of claim and line, each with the number of its item."""
    columns = (*LINE, Packed("item", "word", "item_code", items))
    lines = read_packed(connection, _of_chunk("published_claim_lines", "claim_id, line_no"), columns, chunk)
    del lines["is_reduced"]
    return _numbered(lines, chunk)


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
    events = read_packed(connection, _of_chunk("published_claim_events", "claim_id, event_no"), EVENT, chunk)
    return _numbered(events, chunk)


def _numbered(columns: Columns, chunk: dict[str, Any]) -> Columns:
    return columns | {"claim_id": columns["claim_id"] + chunk["low"]}


def _of_chunk(view: str, order: str) -> sql.Composed:
    return sql.SQL(
        "(SELECT * FROM {} WHERE county_code = %(county)s AND claim_id >= %(low)s AND claim_id < %(high)s ORDER BY {}) "
        "AS one"
    ).format(sql.Identifier("contractor", view), sql.SQL(order))
