"""Placeholder in the chain for the grants tables; filled before the first release."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
