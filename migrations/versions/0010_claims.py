"""Claims, their lines, findings, events and settlements (placeholder)."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Filled in by the room that owns it before anything is released."""
