"""Legs of the contractor's ledger that say of a payment that its money left for good, or came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from oversight.feed.packing import Column, Packed, Travels, joined, read_packed, together

POSTINGS_A_CHUNK = 64


@dataclass(frozen=True)
class Account:
    """An account of the contractor's chart on which payments are booked, and whose funds they may be."""

    book: str
    account_code: str
    funds: tuple[str, ...]


# ACCOUNTS.md 2: what was paid and not yet reported, and what came back. Money in transit has not left for good.
ACCOUNTS = (
    Account("entrusted", "M301.1", ("pooled",)),
    Account("entrusted", "M301.2", ("pooled",)),
    Account("entrusted", "M301.3", ("household_account",)),
    Account("entrusted", "M202", ("pooled", "household_account")),
    Account("serious", "S301", ("serious",)),
    Account("serious", "S202", ("serious",)),
    Account("supplementary", "U301", ("supplementary",)),
    Account("supplementary", "U202", ("supplementary",)),
)
LEG: tuple[Travels, ...] = (together(Packed("payment_id"), (Packed("amount_fen"), 32)),)


def chunks_of_legs(connection: psycopg.Connection, county_code: str) -> list[dict[str, Any]]:
    """Account by account ranges of postings; a posting is a batch or an answer and has thousands of legs."""
    low, high = connection.execute(
        "SELECT min(posting_id), max(posting_id) FROM contractor.published_postings WHERE county_code = %s",
        [county_code],
    ).fetchone()
    if low is None:
        return []
    return [
        {"county": county_code, "account": number, "low": first, "high": first + POSTINGS_A_CHUNK}
        for number in range(len(ACCOUNTS))
        for first in range(low, high + 1, POSTINGS_A_CHUNK)
    ]


def legs_of(connection: psycopg.Connection, chunk: dict[str, Any]) -> dict[str, Column]:
    """Payment and amount of the legs of an account, each with the account's place among `ACCOUNTS`."""
    account = ACCOUNTS[chunk["account"]]
    source = sql.SQL(
        "contractor.published_legs WHERE county_code = %(county)s AND book = %(book)s "
        "AND account_code = %(code)s AND posting_id >= %(low)s AND posting_id < %(high)s AND payment_id IS NOT NULL"
    )
    given = chunk | {"book": account.book, "code": account.account_code}
    legs = read_packed(connection, source, LEG, given)
    return legs | {"account": np.full(len(legs["payment_id"]), chunk["account"], dtype=np.int8)}


def all_legs(chunks: list[dict[str, Column]]) -> dict[str, Column]:
    return joined(chunks, (*LEG, Packed("account", "int8")))
