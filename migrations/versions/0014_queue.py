"""Room for the queue of claims to review: filled in as it is built."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Nothing yet."""
