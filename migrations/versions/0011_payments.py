"""Payments, batches, the bank's messages and the ledger, with the law that the database itself holds (0034, 0035)."""

from pathlib import Path

from alembic import op

from migrations.grants import append_only, kept, record

revision = "0011"
down_revision = "0010"

SQL = Path(__file__).parents[1] / "sql"
RECORDS = ("payment", "payment_batch", "payment_exception")
APPEND_ONLY = (
    "book",
    "account",
    "posting",
    "leg",
    "ledger_check",
    "bank_message",
    "bank_line",
    "assistance_entitlement",
    "sending_permit",
    "parity_check",
)
WRITTEN_BY_THE_LAW = ("posting_seal", "payment_event", "batch_event")


def upgrade() -> None:
    for part in ("ledger_tables", "payment_tables", "ledger_law", "payment_law"):
        # The driver itself takes a file of several statements, and leaves its per cent signs alone.
        op.get_bind().connection.driver_connection.execute((SQL / f"0011_{part}.sql").read_text(encoding="utf-8"))
    for table in RECORDS:
        record("contractor", table)
    for table in APPEND_ONLY:
        append_only("contractor", table)
    for table in WRITTEN_BY_THE_LAW:
        op.execute(f"GRANT SELECT ON contractor.{table} TO contractor_rw")
        kept("contractor", table, is_append_only=True)
    op.execute("GRANT SELECT ON contractor.account_balance TO contractor_rw")
    kept("contractor", "account_balance")
    # A payment's account is sealed for its number, and a message for its own, so both are drawn before the row is written.
    for table in ("payment", "bank_message"):
        op.execute(f"GRANT USAGE ON SEQUENCE contractor.{table}_id_seq TO contractor_rw")
    op.execute("GRANT EXECUTE ON FUNCTION contractor.batch_content(text, bigint) TO contractor_rw")
    op.execute("GRANT EXECUTE ON FUNCTION contractor.batch_content_sha256(text, bigint) TO contractor_rw")
    op.execute("GRANT EXECUTE ON FUNCTION contractor.server_timeline() TO contractor_rw")
