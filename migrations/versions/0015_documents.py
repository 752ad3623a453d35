"""Documents of claims, and their withdrawals; neither is ever changed (decision 0041)."""

from pathlib import Path

from alembic import op

from migrations.grants import append_only

revision = "0015"
down_revision = "0014"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute((SQL / "0015_document_tables.sql").read_text(encoding="utf-8"))
    append_only("contractor", "claim_document")
    append_only("contractor", "claim_document_withdrawal")
