"""Asking for a file's claims to be assessed, in the transaction that took them in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.queue.outbox import NewTask, post_many
from contractor.claims.tables import ClaimFile

ASSESS = "claims.assess"
PARTS = 2
LARGE = 2_000


def ask_to_assess(session: Session, county_code: str, file_id: int, *, at: dt.datetime) -> None:
    """Post the tasks; their doorbells ring once the claims are committed. A second ask for a file changes nothing.

    A large file is shared out by household, so that two workers assess it at once and yet every member's claims, and
    every visit paid from one account, are settled in their order.
    """
    claim_count = session.scalars(
        select(ClaimFile.claim_count).where(ClaimFile.county_code == county_code, ClaimFile.id == file_id)
    ).one()
    parts = PARTS if claim_count >= LARGE else 1
    tasks = [
        NewTask({"file_id": file_id, "part": part, "parts": parts}, natural_key=f"file-{file_id}-{part}")
        for part in range(parts)
    ]
    post_many(session, county_code=county_code, kind=ASSESS, tasks=tasks, at=at)
