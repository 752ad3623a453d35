"""Room for second review and corrections: filled in as it is built."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Nothing yet."""
