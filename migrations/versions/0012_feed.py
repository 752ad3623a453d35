"""What the contractor publishes, and the county's recomputations of it (placeholder)."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Filled in by the room that owns it before anything is released."""
