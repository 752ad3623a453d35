"""Reads of payments, batches and what the county publishes of institutions."""

from __future__ import annotations

from sqlalchemy import LargeBinary, SmallInteger, Text, column, func, select, table
from sqlalchemy.orm import Session

published_institution = table(
    "published_institution",
    column("county_code", Text),
    column("institution_code", Text),
    column("name_zh", Text),
    column("name_en", Text),
    column("tier", SmallInteger),
    column("account_name", Text),
    column("bank_account_sealed", LargeBinary),
    column("bank_account_index", LargeBinary),
    schema="registry",
)


def server_timeline(session: Session) -> int:
    """It grows by one whenever a backup was restored and went on living."""
    return int(session.scalar(select(func.contractor.server_timeline())))
