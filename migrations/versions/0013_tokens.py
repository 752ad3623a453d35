"""Tokens for programs and the keys that make a repeated request one (placeholder)."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Filled in by the room that owns it before anything is released."""
