"""The county's own facts, by day: what the contractor's copies are held against."""

from __future__ import annotations

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, code, read_packed

STATUSES = ("poor", "five_guarantee")
KINDS = ("scheme", "supplementary")
NO_LIMIT = -1

ITEM = (
    Packed("id"),
    Packed("catalogue_class", "int8"),
    Packed("limit_township_e4", "int64", f"coalesce(limit_township_e4, {NO_LIMIT})"),
    Packed("limit_county_e4", "int64", f"coalesce(limit_county_e4, {NO_LIMIT})"),
    Packed("limit_above_e4", "int64", f"coalesce(limit_above_e4, {NO_LIMIT})"),
)
STATUS = (
    Packed("member_id"),
    code("status", STATUSES),
    Packed("from_on", "day"),
    Packed("until_on", "day", "coalesce(until_on, 'infinity'::date)"),
)
ENROLMENT = (
    Packed("member_id"),
    Packed("year", "int32"),
    code("kind", KINDS),
    Packed("household_id"),
    Packed("enrolled_on", "day"),
)


def catalogue_of(connection: psycopg.Connection, county_code: str) -> dict[str, Column]:
    """Every entry of the catalogue, by its number."""
    return _of(connection, county_code, "published_catalogue_item", "id", ITEM)


def statuses_of(connection: psycopg.Connection, county_code: str) -> dict[str, Column]:
    """When members were poor or five-guarantee, by member and first day."""
    return _of(connection, county_code, "published_member_status", "member_id, from_on", STATUS)


def enrolments_of(connection: psycopg.Connection, county_code: str) -> dict[str, Column]:
    """Who was enrolled in which year, by member and year."""
    return _of(connection, county_code, "published_enrolment", "member_id, year", ENROLMENT)


def _of(
    connection: psycopg.Connection, county_code: str, view: str, order: str, columns: tuple[Packed, ...]
) -> dict[str, Column]:
    source = sql.SQL("(SELECT * FROM {} WHERE county_code = %(county)s ORDER BY {}) AS one").format(
        sql.Identifier("registry", view), sql.SQL(order)
    )
    return read_packed(connection, source, columns, {"county": county_code})
