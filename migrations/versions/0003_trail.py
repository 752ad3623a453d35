"""Placeholder in the chain for the trail tables; filled before the first release."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
