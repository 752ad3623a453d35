"""Asking for a file's claims to be assessed, in the transaction that took them in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.queue.outbox import post

ASSESS = "claims.assess"


def ask_to_assess(session: Session, *, county_code: str, file_id: int, at: dt.datetime) -> None:
    """Post the task; its doorbell rings once the claims are committed. A second ask for a file is the first one."""
    post(
        session,
        county_code=county_code,
        kind=ASSESS,
        payload={"file_id": file_id},
        natural_key=f"file-{file_id}",
        at=at,
    )
