"""The reviewers' queue, and what their desk keeps (decisions 0040 and 0042)."""

from pathlib import Path

from alembic import op

from migrations.grants import record

revision = "0014"
down_revision = "0013"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    _queue()
    _review_draft()


def _queue() -> None:
    """The order of the queue as columns and indexes; views that people saved."""
    op.get_bind().connection.driver_connection.execute((SQL / "0014_queue.sql").read_text(encoding="utf-8"))
    record("contractor", "review_view")


def _review_draft() -> None:
    """Drafts of reviewers, and what stays of one illness cost."""
    # The driver itself takes a file of several statements, and leaves its per cent signs alone.
    op.get_bind().connection.driver_connection.execute((SQL / "0014_kept.sql").read_text(encoding="utf-8"))
    record("contractor", "review_draft")
    record("contractor", "peer_cost")
