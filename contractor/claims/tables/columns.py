"""Columns that the tables of claims have in common."""

from __future__ import annotations

from sqlalchemy import BigInteger, DateTime, text
from sqlalchemy.orm import mapped_column

INSTANT = DateTime(timezone=True)
STATES = (
    "'received', 'in_review', 'awaiting_documents', 'in_second_review', 'on_public_notice', 'approved', 'rejected', "
    "'withdrawn', 'reversed'"
)


def fen(comment: str, *, default: str | None = None):
    """A column of money in whole fen."""
    return mapped_column(BigInteger, server_default=text(default) if default else None, comment=comment)
