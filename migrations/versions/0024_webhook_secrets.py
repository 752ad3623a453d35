"""Room of webhook_secrets, filled in by its own work."""

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Nothing yet."""
