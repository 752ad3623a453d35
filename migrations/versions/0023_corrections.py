"""Room of corrections, filled in by its own work."""

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Nothing yet."""
