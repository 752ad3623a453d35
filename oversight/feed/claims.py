"""Claims, their bills and their lives as the contractor publishes them, in packed columns, chunk by chunk of claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, code, read_packed
from rulebook.lifecycles import claim as claim_life

CLAIMS_A_CHUNK = 40_000
ROUTES = ("direct", "manual", "outpatient")
STATES = tuple(str(state) for state in claim_life.CLAIM.states)
EVENTS = tuple(str(event) for event in claim_life.CLAIM.events)

CLAIM = (
    Packed("claim_id"),
    code("route", ROUTES),
    code("state", STATES),
    Packed("version", "int32"),
    Packed("member_id"),
    Packed("household_id"),
    Packed("admitted_on", "day"),
    Packed("discharged_on", "day"),
    Packed("charged_fen"),
    Packed("institution_reduced_fen"),
    Packed("paid_elsewhere_fen"),
    # Where the registry knows no such institution there is no tier either.
    Packed("tier", "int8", "coalesce(registered_tier, 0)"),
    Packed("institution", "int64", "institution_place"),
)
LINE = (
    Packed("claim_id"),
    Packed("line_no", "int32"),
    Packed("quantity_e4"),
    Packed("unit_price_e4"),
    Packed("charged_fen"),
    Packed("catalogue_class", "int8"),
    Packed("price_limit_e4"),
    Packed("reduced_fen"),
    # The county's own entry for the item on its day: 0 where the catalogue has none.
    Packed("catalogue_id", "int64", "coalesce(catalogue_id, 0)"),
)
EVENT = (
    Packed("claim_id"),
    Packed("event_no", "int32"),
    code("event", EVENTS),
    code("state_after", STATES),
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


def claims_of(connection: psycopg.Connection, chunk: dict[str, Any], places: dict[str, int]) -> dict[str, Column]:
    """The claims of a chunk by number, with the tier the registry gives their institution and its place in `places`."""
    source = sql.SQL(
        "(SELECT claim.*, institution.tier AS registered_tier, "
        "coalesce(array_position(%(institutions)s::text[], claim.institution_code), 0) AS institution_place "
        "FROM contractor.published_claims AS claim "
        "LEFT JOIN registry.published_institution AS institution "
        "ON institution.county_code = claim.county_code AND institution.institution_code = claim.institution_code "
        "WHERE claim.county_code = %(county)s AND claim.claim_id >= %(low)s AND claim.claim_id < %(high)s "
        "ORDER BY claim.claim_id) AS claim"
    )
    return read_packed(connection, source, CLAIM, chunk | {"institutions": list(places)})


def lines_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> dict[str, Column]:
    """The lines of a chunk by claim and line, each with the number of the county's own catalogue entry for it."""
    source = sql.SQL(
        "(SELECT line.*, item.id AS catalogue_id FROM contractor.published_claim_lines AS line "
        "LEFT JOIN registry.published_catalogue_item AS item ON item.county_code = line.county_code "
        "AND item.item_code = line.item_code AND item.from_on <= line.performed_on "
        "AND (item.until_on IS NULL OR line.performed_on < item.until_on) "
        "WHERE line.county_code = %(county)s AND line.claim_id >= %(low)s AND line.claim_id < %(high)s "
        "ORDER BY line.claim_id, line.line_no) AS line"
    )
    return read_packed(connection, source, LINE, chunk)


def events_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> dict[str, Column]:
    source = sql.SQL(
        "(SELECT * FROM contractor.published_claim_events WHERE county_code = %(county)s "
        "AND claim_id >= %(low)s AND claim_id < %(high)s ORDER BY claim_id, event_no) AS event"
    )
    return read_packed(connection, source, EVENT, chunk)


def codes_of_institutions(connection: psycopg.Connection, county_code: str) -> dict[str, int]:
    """Every institution that sent a claim, with its place from 1 on."""
    rows: Sequence[tuple[str]] = connection.execute(
        "SELECT institution_code FROM registry.published_institution WHERE county_code = %s ORDER BY institution_code",
        [county_code],
    ).fetchall()
    return {institution_code: place for place, (institution_code,) in enumerate(rows, 1)}
