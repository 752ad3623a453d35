"""Room for thresholds of checks and verdicts on findings: filled in as it is built."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Nothing yet."""
