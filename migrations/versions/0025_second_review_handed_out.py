"""In second review nobody chooses their claim: it is handed to them, by the queue or by the lead (decision 0054)."""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    text = (SQL / "0025_second_review_handed_out.sql").read_text(encoding="utf-8")
    op.get_bind().connection.driver_connection.execute(text)
