"""Every filter of the reviewers' queue is read in the order of the queue; what a yes would cost (decision 0048)."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    # The driver itself takes a file of several statements, and leaves its per cent signs alone.
    op.get_bind().connection.driver_connection.execute((SQL / "0021_queue.sql").read_text(encoding="utf-8"))
