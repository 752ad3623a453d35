"""Placeholder in the chain for the identity tables; filled before the first release."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass
