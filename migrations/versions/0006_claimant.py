"""Placeholder in the chain for the claimant tables; filled before the first release."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
