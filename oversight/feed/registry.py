"""The county's own facts, by day: what the contractor's copies are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, Travels, read_packed, together, word

STATUSES = ("poor", "five_guarantee")
KINDS = ("scheme", "supplementary")
NO_LIMIT = -1

LIMITS = ("limit_township_e4", "limit_county_e4", "limit_above_e4")
ITEM = (
    Packed("catalogue_class", "int8"),
    Packed("from_on", "day"),
    Packed("until_on", "day", "coalesce(until_on, 'infinity'::date)"),
    *(Packed(name, "int64", f"coalesce({name}, {NO_LIMIT})") for name in LIMITS),
)
STATUS = (
    Packed("member_id"),
    word("status", STATUSES),
    Packed("from_on", "day"),
    Packed("until_on", "day", "coalesce(until_on, 'infinity'::date)"),
)
ENROLMENT: tuple[Travels, ...] = (
    together(Packed("member_id"), (Packed("year", "int32"), 16)),
    together(Packed("household_id"), (Packed("enrolled_on", "day"), 16)),
    word("kind", KINDS),
)

DEATH: tuple[Travels, ...] = (Packed("member_id"), Packed("died_on", "day"))


def items_of(connection: psycopg.Connection, county_code: str) -> dict[str, int]:
    """Every item of the catalogue by its code, numbered from 0 in the order of the codes."""
    rows = connection.execute(
        "SELECT DISTINCT item_code FROM registry.published_catalogue_item WHERE county_code = %s ORDER BY item_code",
        [county_code],
    )
    return {item_code: number for number, (item_code,) in enumerate(rows)}


def catalogue_of(connection: psycopg.Connection, county_code: str, items: Mapping[str, int]) -> dict[str, Column]:
    """Every entry of the catalogue, in the order of item and first day."""
    columns = (*ITEM, Packed("item", "word", "item_code", items))
    return _of(connection, county_code, "published_catalogue_item", "item_code, from_on", columns)


def tiers_of(connection: psycopg.Connection, county_code: str) -> dict[str, int]:
    """The tier of every institution, by its code."""
    rows = connection.execute(
        "SELECT institution_code, tier FROM registry.published_institution WHERE county_code = %s "
        "ORDER BY institution_code",
        [county_code],
    )
    return dict(rows.fetchall())


def statuses_of(
    connection: psycopg.Connection, county_code: str, members: Sequence[int] | None = None
) -> dict[str, Column]:
    """When members were poor or five-guarantee, by member and first day; of some members, or of all."""
    return _of(connection, county_code, "published_member_status", "member_id, from_on", STATUS, members)


def enrolments_of(
    connection: psycopg.Connection, county_code: str, members: Sequence[int] | None = None
) -> dict[str, Column]:
    """Who was enrolled in which year, by member and year; of some members, or of all."""
    return _of(connection, county_code, "published_enrolment", "member_id, year", ENROLMENT, members)


def deaths_of(
    connection: psycopg.Connection, county_code: str, members: Sequence[int] | None = None
) -> dict[str, Column]:
    """Deaths that stand, by member; of some members, or of all."""
    return _of(connection, county_code, "published_death", "member_id", DEATH, members)


def _of(
    connection: psycopg.Connection,
    county_code: str,
    view: str,
    order: str,
    columns: tuple[Travels, ...],
    members: Sequence[int] | None = None,
) -> dict[str, Column]:
    source = sql.SQL("(SELECT * FROM {} WHERE county_code = %(county)s {} ORDER BY {}) AS one").format(
        sql.Identifier("registry", view),
        sql.SQL("" if members is None else "AND member_id = ANY(%(members)s::bigint[])"),
        sql.SQL(order),
    )
    given = {"county": county_code} | ({} if members is None else {"members": list(members)})
    return read_packed(connection, source, columns, given)
