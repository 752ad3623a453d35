"""Placeholder in the chain for the queue tables; filled before the first release."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    pass
