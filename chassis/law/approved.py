"""From what a county's committee has approved to the law of the county: loaded by hash, or refused.

The text of a schedule is kept with its approval, so an old year stays computable when the folder has moved on. Nothing
is taken on trust: the text must have the hash that was approved, and the approval must be the one that was confirmed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from chassis.errors import Refusal
from rulebook.periods import Period
from rulebook.registry import Approval, Timeline, timeline
from rulebook.schedule import AlteredSchedule, Schedule, from_canonical


class AlteredApproval(Refusal):
    """An approval is not what the second person confirmed. Facts: `document`, `expected`, `found` (hashes)."""

    key = "altered_approval"


class ProposedSchedule(Protocol):
    """What one person entered and another compares with the document."""

    @property
    def county_code(self) -> str: ...
    @property
    def id(self) -> int: ...
    @property
    def scheme_key(self) -> str: ...
    @property
    def content_hash(self) -> str: ...
    @property
    def canonical(self) -> str: ...
    @property
    def in_force_from(self) -> dt.date: ...
    @property
    def in_force_until(self) -> dt.date | None: ...
    @property
    def replaces_id(self) -> int | None: ...
    @property
    def replaced_on(self) -> dt.date | None: ...
    @property
    def committee(self) -> str: ...
    @property
    def approved_on(self) -> dt.date: ...
    @property
    def document(self) -> str: ...
    @property
    def document_sha256(self) -> str | None: ...
    @property
    def proposed_by(self) -> int: ...
    @property
    def proposed_at(self) -> dt.datetime: ...
    @property
    def corrects_id(self) -> int | None: ...
    @property
    def correction_reason(self) -> str | None: ...


class ApprovedSchedule(ProposedSchedule, Protocol):
    """The same once confirmed: a row of the county's table, or of the view that the other desks read."""

    @property
    def confirmed_sha256(self) -> bytes | None: ...
    @property
    def corrected_at(self) -> dt.datetime | None: ...


def content_of(row: ProposedSchedule) -> bytes:
    """SHA-256 of exactly what the second person is shown and confirms."""
    shown = {
        "form": "schedule_approval 1",
        "county_code": row.county_code,
        "approval": row.id,
        "scheme": row.scheme_key,
        "content_hash": row.content_hash,
        "in_force_from": row.in_force_from.isoformat(),
        "in_force_until": row.in_force_until.isoformat() if row.in_force_until else None,
        "replaces": row.replaces_id,
        "committee": row.committee,
        "approved_on": row.approved_on.isoformat(),
        "document": row.document,
        "document_sha256": row.document_sha256,
        "proposed_by": row.proposed_by,
        "proposed_at": row.proposed_at.astimezone(dt.UTC).isoformat(),
    }
    if row.corrects_id is not None:
        # What was confirmed before corrections were known keeps its fingerprint.
        shown |= {"form": "schedule_approval 2", "corrects": row.corrects_id, "reason": row.correction_reason}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).digest()


def period_of(row: ProposedSchedule) -> Period:
    """The days a schedule is in force: until the day the committee set, or until another took its place."""
    ends = [day for day in (row.in_force_until, row.replaced_on) if day is not None]
    return Period(row.in_force_from, min(ends, default=None))


def schedule_of(row: ProposedSchedule) -> Schedule:
    """The schedule an approval names, read from the text that was kept with it.

    Raises:
        AlteredSchedule: the text does not have the hash that was approved, or is not in canonical form.
    """
    schedule = from_canonical(row.canonical, content_hash=row.content_hash)
    if schedule.content_hash != row.content_hash:
        raise AlteredSchedule(expected=row.content_hash, found=schedule.content_hash)
    return schedule


def confirmed_schedule_of(row: ApprovedSchedule) -> Schedule:
    """The schedule of an approval that is still the one the second person confirmed.

    Raises: AlteredSchedule, AlteredApproval.
    """
    schedule = schedule_of(row)
    found = content_of(row)
    if row.confirmed_sha256 is None or bytes(row.confirmed_sha256) != found:
        expected = bytes(row.confirmed_sha256).hex() if row.confirmed_sha256 else ""
        raise AlteredApproval(document=row.document, expected=expected, found=found.hex())
    return schedule


def approval_of(row: ProposedSchedule) -> Approval:
    """The approval in the rulebook's own words."""
    period = period_of(row)
    return Approval(
        county_code=row.county_code,
        content_hash=row.content_hash,
        document=row.document,
        approved_by=row.committee,
        approved_on=row.approved_on,
        takes_effect_on=period.start,
        ends_on=period.end,
    )


def law_from(
    rows: Sequence[ApprovedSchedule],
    *,
    county_code: str,
    standing_in: Schedule | None = None,
    is_production: bool = True,
) -> Timeline:
    """The law of one county from its confirmed approvals.

    Args:
        standing_in: counts as it stands where nothing is approved yet, for demonstration and simulation. In production
            a number that no document gives has no force before the committee's approval (MONEY.md, last rule).

    Raises:
        NotApproved: nothing is approved, and nothing may stand in.
        AlteredSchedule, AlteredApproval: what is kept is not what was approved.
        OverlappingVersions, GapBetweenVersions.
    """
    if not rows and standing_in is not None:
        return Timeline.unapproved(standing_in, is_production=is_production)
    known = {row.content_hash: confirmed_schedule_of(row) for row in rows}
    law = timeline(
        (approval_of(row) for row in rows if row.corrected_at is None),
        county_code=county_code,
        schedule_with=known.__getitem__,
    )
    # What was decided by a schedule that was found wrong, and taken back, is still held to it.
    wrong = dict.fromkeys(row.content_hash for row in rows if row.corrected_at is not None)
    return replace(law, older=tuple(known[content_hash] for content_hash in wrong))
