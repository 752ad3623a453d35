"""Webhooks: subscriptions, deliveries written with their events, every try (decision 0047)."""

from pathlib import Path

from alembic import op

from migrations.grants import append_only, record

revision = "0018"
down_revision = "0017"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute((SQL / "0018_webhook_tables.sql").read_text(encoding="utf-8"))
    record("contractor", "webhook_subscription")
    record("contractor", "webhook_delivery")
    append_only("contractor", "webhook_attempt")
    op.execute("GRANT USAGE ON SEQUENCE contractor.webhook_subscription_id_seq TO contractor_rw")
