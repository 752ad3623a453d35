"""Placeholder in the chain for the registry tables; filled before the first release."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
