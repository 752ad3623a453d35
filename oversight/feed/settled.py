"""Settlements, household accounts and payments as the contractor publishes them, in packed columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, Travels, read_packed, together, word
from rulebook.lifecycles.payment import PAYMENT

Columns = dict[str, Column]

ROWS_A_CHUNK = 100_000
FUNDS = ("pooled", "serious", "supplementary", "household_account")
PAYEES = ("institution", "member")
PAYMENT_STATES = tuple(str(state) for state in PAYMENT.states)
SETTLEMENT: tuple[Travels, ...] = (
    together(Packed("settlement_id"), (Packed("admitted_on", "day"), 16)),
    together(Packed("member_id"), (Packed("discharged_on", "day"), 16)),
    together(Packed("claim_id"), (Packed("settlement_no", "int32"), 16)),
    together(Packed("reverses_settlement_id"), (Packed("tier", "int8"), 8), (Packed("status_on_admission", "int8"), 8)),
    together(Packed("class_c_fen"), (Packed("status_on_discharge", "int8"), 8), (Packed("is_supplemented", "int8"), 8)),
    together(Packed("member_pays_fen"), (Packed("year", "int32"), 16)),
    together(Packed("cost_fen"), (Packed("benefits_fen"), 32)),
    together(Packed("class_a_fen"), (Packed("class_b_fen"), 32)),
    together(Packed("eligible_fen"), (Packed("above_deductible_fen"), 32)),
    together(Packed("base_fen"), (Packed("top_up_fen"), 32)),
    together(Packed("serious_fen"), (Packed("supplementary_fen"), 32)),
    Packed("assistance_fen"),
)
ENTRY: tuple[Travels, ...] = (
    together(Packed("entry_id"), (Packed("account_no", "int32"), 16)),
    together(Packed("reverses_entry_id"), (Packed("kind", "int8"), 8)),
    together(Packed("household_id"), (Packed("year", "int32"), 16)),
    together(Packed("amount_fen"), (Packed("paid_fen"), 32)),
    Packed("balance_fen"),
    Packed("claim_id", "int64", "coalesce(claim_id, 0)"),
    Packed("entered_on", "day", "(at AT TIME ZONE 'Asia/Shanghai')::date"),
)
PAID: tuple[Travels, ...] = (
    Packed("payment_id"),
    together(Packed("settlement_id", "int64", "coalesce(settlement_id, 0)"),
             (Packed("entry_id", "int64", "coalesce(account_entry_id, 0)"), 32)),
    together(Packed("claim_id"), (Packed("member_id", "int64", "coalesce(member_id, 0)"), 32)),
    together(Packed("amount_fen"), (Packed("top_up_fen"), 32)),
    word("fund", FUNDS),
    word("payee_kind", PAYEES),
    word("state", PAYMENT_STATES),
)  # fmt: skip


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
