"""A statement is read once: SQLAlchemy looks for its parameters with a regular expression, and a claim needs forty."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import TextClause, text


@lru_cache(maxsize=256)
def statement(sql: str) -> TextClause:
    """The statement of this text. Only texts of ours come here; values travel as parameters."""
    return text(sql)
