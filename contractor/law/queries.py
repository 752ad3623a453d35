"""Reads of the schedules that the county publishes. A sample row: 990121, 1, zhengzhou, bace3453…, 2011-01-01, null."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Date, DateTime, LargeBinary, Row, Text, column, select, table
from sqlalchemy.orm import Session

_INSTANT = DateTime(timezone=True)
published = table(
    "published_schedule_approval",
    column("county_code", Text),
    column("id", BigInteger),
    column("scheme_key", Text),
    column("content_hash", Text),
    column("canonical", Text),
    column("in_force_from", Date),
    column("in_force_until", Date),
    column("replaces_id", BigInteger),
    column("replaced_on", Date),
    column("committee", Text),
    column("approved_on", Date),
    column("document", Text),
    column("document_sha256", Text),
    column("proposed_by", BigInteger),
    column("proposed_at", _INSTANT),
    column("confirmed_by", BigInteger),
    column("confirmed_at", _INSTANT),
    column("confirmed_sha256", LargeBinary),
    column("corrects_id", BigInteger),
    column("correction_reason", Text),
    column("corrected_by_id", BigInteger),
    column("corrected_at", _INSTANT),
    schema="registry",
)


def approvals_of(session: Session, county_code: str) -> Sequence[Row]:
    """The approved schedules of a county in the order of their days: those to come, and those found wrong, included."""
    p = published.c
    return session.execute(select(published).where(p.county_code == county_code).order_by(p.in_force_from, p.id)).all()
