"""Settlements, household accounts and payments as the contractor publishes them, in packed columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, code, read_packed
from rulebook.lifecycles.payment import PAYMENT
from rulebook.published import SETTLEMENT_INPUT, SETTLEMENT_RESULT

ROWS_A_CHUNK = 100_000
FUNDS = ("pooled", "serious", "supplementary", "household_account")
PAYEES = ("institution", "member")
PAYMENT_STATES = tuple(str(state) for state in PAYMENT.states)
_TRAVELS_AS = {"int64": "int64", "int32": "int32", "int8": "int8", "datetime64[D]": "day"}

SETTLEMENT = (
    *(Packed(column.name, _TRAVELS_AS[column.dtype]) for column in SETTLEMENT_INPUT),
    *(Packed(column.name) for column in SETTLEMENT_RESULT),
    Packed("claim_id"),
    Packed("year", "int32"),
    Packed("benefits_fen"),
    Packed("member_pays_fen"),
    # A hash that is not one stands as zeros, which no schedule has.
    Packed("schedule_hash", "sha256", "CASE WHEN schedule_hash ~ '^[0-9a-f]{64}$' THEN schedule_hash "
           "ELSE repeat('00', 32) END"),
)  # fmt: skip
ENTRY = (
    Packed("entry_id"),
    Packed("reverses_entry_id"),
    Packed("household_id"),
    Packed("account_no", "int32"),
    Packed("kind", "int8"),
    Packed("amount_fen"),
    Packed("paid_fen"),
    Packed("balance_fen"),
    Packed("claim_id", "int64", "coalesce(claim_id, 0)"),
    Packed("year", "int32"),
    Packed("entered_on", "day", "(at AT TIME ZONE 'Asia/Shanghai')::date"),
)
PAID = (
    Packed("payment_id"),
    Packed("settlement_id", "int64", "coalesce(settlement_id, 0)"),
    Packed("entry_id", "int64", "coalesce(account_entry_id, 0)"),
    Packed("claim_id"),
    code("fund", FUNDS),
    code("payee_kind", PAYEES),
    Packed("member_id", "int64", "coalesce(member_id, 0)"),
    Packed("institution", "int64", "coalesce(array_position(%(institutions)s::text[], institution_code), 0)"),
    Packed("amount_fen"),
    Packed("top_up_fen"),
    code("state", PAYMENT_STATES),
)


def settlements_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> dict[str, Column]:
    return read_packed(connection, _within("published_settlements", "settlement_id"), SETTLEMENT, chunk)


def entries_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> dict[str, Column]:
    return read_packed(connection, _within("published_account_entries", "entry_id"), ENTRY, chunk)


def payments_of(connection: psycopg.Connection, chunk: dict[str, Any], places: dict[str, int]) -> dict[str, Column]:
    given = chunk | {"institutions": list(places)}
    return read_packed(connection, _within("published_payments", "payment_id"), PAID, given)


def chunks_of(connection: psycopg.Connection, county_code: str, view: str, key: str) -> list[dict[str, Any]]:
    """Ranges of the key that hold every row of the county in the view."""
    query = sql.SQL("SELECT min({key}), max({key}) FROM {view} WHERE county_code = %s")
    names = {"key": sql.Identifier(key), "view": sql.Identifier("contractor", view)}
    low, high = connection.execute(query.format(**names), [county_code]).fetchone()
    if low is None:
        return []
    return [
        {"county": county_code, "low": first, "high": first + ROWS_A_CHUNK}
        for first in range(low, high + 1, ROWS_A_CHUNK)
    ]


def hash_words(hashes: Sequence[bytes] | Column) -> list[str]:
    """Packed hashes as people and schedules write them."""
    return [bytes(one).hex() for one in hashes]


def _within(view: str, key: str) -> sql.Composed:
    return sql.SQL(
        "(SELECT * FROM {view} WHERE county_code = %(county)s AND {key} >= %(low)s AND {key} < %(high)s "
        "ORDER BY {key}) AS one"
    ).format(view=sql.Identifier("contractor", view), key=sql.Identifier(key))
