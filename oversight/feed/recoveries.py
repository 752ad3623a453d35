"""What payees hold of decisions that were taken back, and what of it met new ones, in packed columns."""

from __future__ import annotations

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, read_packed, word
from oversight.feed.settled import FUNDS

DECISION = (
    Packed("settlement_id"),
    Packed("entry_id", "int64", "account_entry_id"),
    Packed("claim_id"),
    word("fund", FUNDS),
    Packed("amount_fen"),
    Packed("top_up_fen"),
    Packed("owed_back_id"),
)

REPAID = (Packed("owed_back_id"), Packed("amount_fen"))


def owed_back_of(connection: psycopg.Connection, county_code: str) -> dict[str, Column]:
    """All of a county: corrections are few."""
    return _of(connection, county_code, "published_owed_back", "owed_back_id")


def set_offs_of(connection: psycopg.Connection, county_code: str) -> dict[str, Column]:
    return _of(connection, county_code, "published_set_offs", "set_off_id")


def repayments_of(connection: psycopg.Connection, county_code: str) -> dict[str, Column]:
    """What payees paid back, once two people said so."""
    return _of(connection, county_code, "published_repayments", "repayment_id", REPAID)


def _of(
    connection: psycopg.Connection, county_code: str, view: str, key: str, columns: tuple[Packed, ...] = DECISION
) -> dict[str, Column]:
    source = sql.SQL("(SELECT * FROM {} WHERE county_code = %(county)s ORDER BY {}) AS one").format(
        sql.Identifier("contractor", view), sql.Identifier(key)
    )
    return read_packed(connection, source, columns, {"county": county_code})
