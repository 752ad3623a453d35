"""Settlements, household accounts and payments as the contractor publishes them, in packed columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, read_packed, word
from rulebook.lifecycles.payment import PAYMENT
from rulebook.published import SETTLEMENT_INPUT, SETTLEMENT_RESULT

Columns = dict[str, Column]

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
)
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
    word("fund", FUNDS),
    word("payee_kind", PAYEES),
    Packed("member_id", "int64", "coalesce(member_id, 0)"),
    Packed("amount_fen"),
    Packed("top_up_fen"),
    word("state", PAYMENT_STATES),
)


def settlements_of(connection: psycopg.Connection, chunk: dict[str, Any], schedules: Mapping[str, int]) -> Columns:
    """Settlements, each with the number of the schedule it names."""
    columns = (*SETTLEMENT, Packed("schedule", "word", "schedule_hash", schedules))
    return read_packed(connection, _within("published_settlements", "settlement_id"), columns, chunk)


def entries_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> Columns:
    return read_packed(connection, _within("published_account_entries", "entry_id"), ENTRY, chunk)


def payments_of(connection: psycopg.Connection, chunk: dict[str, Any], institutions: Mapping[str, int]) -> Columns:
    """Payments, each with the number of the institution it goes to."""
    columns = (*PAID, Packed("institution", "word", "coalesce(institution_code, '')", institutions))
    return read_packed(connection, _within("published_payments", "payment_id"), columns, chunk)


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


def _within(view: str, key: str) -> sql.Composed:
    return sql.SQL(
        "(SELECT * FROM {view} WHERE county_code = %(county)s AND {key} >= %(low)s AND {key} < %(high)s "
        "ORDER BY {key}) AS one"
    ).format(view=sql.Identifier("contractor", view), key=sql.Identifier(key))
