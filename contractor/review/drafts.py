"""Drafts: what a reviewer has begun to decide on a claim. Kept until they commit it or throw it away.

A draft belongs to one person and to the version of the claim they had before them. When the claim has moved since, the
draft is never put into the fields again; it is shown, so that nothing that was written is lost.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from chassis.errors import Refusal, StaleVersion
from contractor.review.kept.tables import ReviewDraft

MOST_LINES = 10_000
LONGEST_NOTE = 300


class DraftTooLong(Refusal):
    """More than a draft can hold. Facts: `lines`, `characters`."""

    status, key = 422, "review_draft_too_long"


class DraftedLine(NamedTuple):
    """A line that shall be reduced to something else than it is; 0 fen takes nothing off."""

    line_no: int
    reduced_fen: int
    reason_code: str | None


@dataclass(frozen=True)
class Draft:
    claim_version: int
    lines: tuple[DraftedLine, ...]
    note: str
    saved_at: dt.datetime

    def is_for(self, version: int) -> bool:
        """Whether the claim still is what the reviewer had before them."""
        return self.claim_version == version


def keep(
    session: Session,
    *,
    county_code: str,
    claim_id: int,
    claim_version: int,
    lines: Sequence[DraftedLine],
    note: str,
    by: int,
    at: dt.datetime,
) -> None:
    """Save the draft in place of what this reviewer saved before. An old window cannot write over a newer draft.

    Raises: StaleVersion, DraftTooLong.
    """
    if len(lines) > MOST_LINES or len(note) > LONGEST_NOTE:
        raise DraftTooLong(lines=len(lines), characters=len(note))
    kept = session.execute(
        text(
            "INSERT INTO contractor.review_draft AS d "
            "(county_code, claim_id, staff_id, claim_version, reductions, note, saved_at) "
            "VALUES (:county_code, :claim_id, :by, :claim_version, CAST(:lines AS jsonb), :note, :at) "
            "ON CONFLICT (county_code, claim_id, staff_id) DO UPDATE SET claim_version = excluded.claim_version, "
            "reductions = excluded.reductions, note = excluded.note, saved_at = excluded.saved_at, "
            "discarded_at = NULL WHERE d.claim_version <= excluded.claim_version RETURNING d.claim_version"
        ),
        {
            "county_code": county_code,
            "claim_id": claim_id,
            "claim_version": claim_version,
            "lines": json.dumps([list(line) for line in lines]),
            "note": note,
            "by": by,
            "at": at,
        },
    ).first()
    if kept is None:
        newer = _row(session, county_code, claim_id, by)
        raise StaleVersion(claim_id=claim_id, expected=claim_version, found=newer.claim_version if newer else None)


def draft_of(session: Session, *, county_code: str, claim_id: int, by: int) -> Draft | None:
    """This reviewer's own draft; None where there is none. Another's is nobody's to read."""
    row = _row(session, county_code, claim_id, by)
    if row is None or row.discarded_at is not None or not (row.reductions or row.note):
        return None
    lines = tuple(DraftedLine(*line) for line in row.reductions)
    return Draft(row.claim_version, lines, row.note, row.saved_at)


def discard(session: Session, *, county_code: str, claim_id: int, by: int, at: dt.datetime) -> bool:
    """Empty the draft: it was thrown away, or it became a decision. Answers whether there was one."""
    emptied = session.execute(
        text(
            "UPDATE contractor.review_draft SET reductions = '[]', note = '', discarded_at = :at "
            "WHERE county_code = :county_code AND claim_id = :claim_id AND staff_id = :by AND discarded_at IS NULL"
        ),
        {"county_code": county_code, "claim_id": claim_id, "by": by, "at": at},
    )
    return bool(emptied.rowcount)


def _row(session: Session, county_code: str, claim_id: int, by: int) -> Row | None:
    d = ReviewDraft
    mine = (d.county_code == county_code, d.claim_id == claim_id, d.staff_id == by)
    return session.execute(select(*d.__table__.c).where(*mine)).one_or_none()
