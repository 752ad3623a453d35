"""Enrolment, status, deaths, designated institutions, catalogue and referrals (placeholder)."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Filled in by the room that owns it before anything is released."""
