"""The rows the contractor publishes of one claim, as they stand, for a page."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

from oversight.feed.registry import LIMITS, NO_LIMIT


def rows_of(connection: psycopg.Connection, county_code: str, claim_id: int, view: str, order: str) -> list[Any]:
    """Every row of a view about the claim."""
    query = sql.SQL("SELECT * FROM {} WHERE county_code = %s AND claim_id = %s ORDER BY {}").format(
        sql.Identifier("contractor", view), sql.Identifier(order)
    )
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, [county_code, claim_id]).fetchall()


def lines_with_catalogue(connection: psycopg.Connection, county_code: str, claim_id: int, tier: int) -> list[Any]:
    """The lines, each with `own_class` and `own_limit_e4` of the county's own entry for it on its day."""
    limit = sql.Literal(NO_LIMIT) if tier == 0 else sql.Identifier("item", LIMITS[tier - 1])
    query = sql.SQL(
        "SELECT line.*, coalesce(item.catalogue_class, 0) AS own_class, coalesce({}, -1) AS own_limit_e4 "
        "FROM contractor.published_claim_lines AS line LEFT JOIN registry.published_catalogue_item AS item "
        "ON item.county_code = line.county_code AND item.item_code = line.item_code "
        "AND item.from_on <= line.performed_on AND (item.until_on IS NULL OR line.performed_on < item.until_on) "
        "WHERE line.county_code = %s AND line.claim_id = %s ORDER BY line_no"
    ).format(limit)
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, [county_code, claim_id]).fetchall()


def settlements_of_year(
    connection: psycopg.Connection, county_code: str, member_id: int, year: int
) -> list[tuple[int, int, str]]:
    """Number, claim and schedule of every settlement of a member's year."""
    return connection.execute(
        "SELECT settlement_id, claim_id, schedule_hash FROM contractor.published_settlements WHERE county_code = %s "
        "AND member_id = %s AND year = %s ORDER BY settlement_id",
        [county_code, member_id, year],
    ).fetchall()
