"""Rows of the claims' room as parity reads them, beside payments that were planned without a claim.

The claims' own law is tried in its own room; here the tables hold what a test says, whatever else a claim needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from contractor.payments.planning import Decided
from tests.payments.trade import AT, Trade

TABLES = ("claim", "settlement", "account_entry")
FILLERS = {"text": "x", "bigint": 0, "integer": 0, "smallint": 0, "character": "990121", "boolean": False, "bytea": b""}
FILLERS |= {"date": AT.date(), "timestamp with time zone": AT, "ARRAY": [], "jsonb": "{}", "character varying": "x"}


def forget_the_law_of_claims(trade: Trade) -> None:
    """In this test's own database: a claim is a row with a number and a state."""
    rows = trade.owner.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'f', 'x') "
        "AND conrelid::regclass::text IN ('contractor.claim', 'contractor.settlement', 'contractor.account_entry')"
    ).fetchall()
    for table, name in rows:
        trade.owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE")
    trade.owner.execute("SET session_replication_role = replica")


def switch_the_law_off(trade: Trade) -> None:
    """What only a superuser can do; from here on anything can be planted."""
    tables = trade.owner.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'contractor' AND tablename IN ('payment', 'payment_batch', "
        "'payment_event', 'leg', 'posting', 'account_balance', 'bank_line', 'bank_message', 'settlement', 'claim', "
        "'account_entry')"
    ).fetchall()
    for (table,) in tables:
        trade.owner.execute(f"ALTER TABLE contractor.{table} DISABLE TRIGGER ALL")


def decide(trade: Trade, rows: Sequence[Decided]) -> None:
    """Claims, settlements and entries that owe exactly what these decisions say."""
    for row in rows:
        _insert(trade, "claim", id=row.claim_id, state="approved", claim_number=str(row.claim_id))
        if row.settlement_id is not None:
            _insert(
                trade,
                "settlement",
                id=row.settlement_id,
                claim_id=row.claim_id,
                member_id=row.member_id,
                settlement_no=row.settlement_id,
                base_fen=row.pooled_fen - row.top_up_fen,
                top_up_fen=row.top_up_fen,
                serious_fen=row.serious_fen,
                supplementary_fen=row.supplementary_fen,
            )
        if row.account_entry_id is not None:
            _insert(
                trade,
                "account_entry",
                entry_id=row.account_entry_id,
                claim_id=row.claim_id,
                kind=2,
                paid_fen=row.household_account_fen,
                account_no=row.account_entry_id,
            )


def _insert(trade: Trade, table: str, **given: object) -> None:
    columns = trade.owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'contractor' "
        "AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'",
        [table],
    ).fetchall()
    values = {name: FILLERS[kind] for name, kind in columns} | {"county_code": trade.county_code} | given
    names, places = ", ".join(values), ", ".join(["%s"] * len(values))
    trade.owner.execute(
        f"INSERT INTO contractor.{table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({places})", list(values.values())
    )
