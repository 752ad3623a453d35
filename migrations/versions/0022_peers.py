"""Room of peers, filled in by its own work."""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Nothing yet."""
