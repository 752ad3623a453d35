"""Room for documents of claims: filled in as it is built."""

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Nothing yet."""
