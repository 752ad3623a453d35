"""Drafts: what a reviewer has begun to decide on a claim. Kept until they commit it or throw it away.

A draft belongs to one person and to the version of the claim they had before them. When the claim has moved since, the
draft is never put into the fields again; it is shown, so that nothing that was written is lost.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
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


class NewerDraft(Refusal):
    """Another window of this person holds what was saved later and not seen here. Facts: `claim_id`, `saved_at`."""

    key = "review_newer_draft"


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
    verdicts: Mapping[int, str]
    """What is said of findings, by their number."""
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
    verdicts: Mapping[int, str] | None = None,
    window: str = "",
    seen_at: dt.datetime | None = None,
) -> None:
    """Save the draft in place of what this reviewer saved before. An old window cannot write over a newer draft.

    Args:
        window: where it was typed. A window writes over what it saved itself, and over what it has seen.
        seen_at: when the draft was saved that stood in this window at first; None where there was none.

    Raises: StaleVersion, NewerDraft, DraftTooLong.
    """
    verdicts = verdicts or {}
    if len(lines) + len(verdicts) > MOST_LINES or len(note) > LONGEST_NOTE:
        raise DraftTooLong(lines=len(lines), characters=len(note))
    kept = session.execute(
        text(
            "INSERT INTO contractor.review_draft AS d "
            "(county_code, claim_id, staff_id, claim_version, reductions, verdicts, note, saved_at, saved_from) VALUES "
            "(:county_code, :claim_id, :by, :claim_version, CAST(:lines AS jsonb), CAST(:verdicts AS jsonb), :note, "
            ":at, :window) "
            "ON CONFLICT (county_code, claim_id, staff_id) DO UPDATE SET claim_version = excluded.claim_version, "
            "reductions = excluded.reductions, verdicts = excluded.verdicts, note = excluded.note, "
            "saved_at = excluded.saved_at, saved_from = excluded.saved_from, discarded_at = NULL "
            "WHERE d.claim_version <= excluded.claim_version AND (d.discarded_at IS NOT NULL "
            "OR d.saved_from = excluded.saved_from OR d.saved_at <= CAST(:seen_at AS timestamptz) "
            "OR (d.reductions = '[]' AND d.verdicts = '{}' AND d.note = '')) "
            "RETURNING d.claim_version"
        ),
        {
            "county_code": county_code,
            "claim_id": claim_id,
            "claim_version": claim_version,
            "lines": json.dumps([list(line) for line in lines]),
            "verdicts": json.dumps({str(number): verdict for number, verdict in verdicts.items()}),
            "note": note,
            "by": by,
            "at": at,
            "window": window,
            "seen_at": seen_at,
        },
    ).first()
    if kept is None:
        newer = _row(session, county_code, claim_id, by)
        assert newer is not None, "only another draft stands in the way"
        if newer.claim_version > claim_version:
            raise StaleVersion(claim_id=claim_id, expected=claim_version, found=newer.claim_version)
        raise NewerDraft(claim_id=claim_id, saved_at=newer.saved_at)


def draft_of(session: Session, *, county_code: str, claim_id: int, by: int) -> Draft | None:
    """This reviewer's own draft; None where there is none. Another's is nobody's to read."""
    row = _row(session, county_code, claim_id, by)
    if row is None or row.discarded_at is not None or not (row.reductions or row.note or row.verdicts):
        return None
    lines = tuple(DraftedLine(*line) for line in row.reductions)
    verdicts = {int(number): verdict for number, verdict in row.verdicts.items()}
    return Draft(row.claim_version, lines, row.note, verdicts, row.saved_at)


def discard(session: Session, *, county_code: str, claim_id: int, by: int, at: dt.datetime) -> bool:
    """Empty the draft: it was thrown away, or it became a decision. Answers whether there was one."""
    emptied = session.execute(
        text(
            "UPDATE contractor.review_draft SET reductions = '[]', verdicts = '{}', note = '', discarded_at = :at "
            "WHERE county_code = :county_code AND claim_id = :claim_id AND staff_id = :by AND discarded_at IS NULL"
        ),
        {"county_code": county_code, "claim_id": claim_id, "by": by, "at": at},
    )
    return bool(emptied.rowcount)


def _row(session: Session, county_code: str, claim_id: int, by: int) -> Row | None:
    d = ReviewDraft
    mine = (d.county_code == county_code, d.claim_id == claim_id, d.staff_id == by)
    return session.execute(select(*d.__table__.c).where(*mine)).one_or_none()
