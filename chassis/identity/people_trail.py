"""What happens to accounts and sessions goes to the trail's stream `people`, in words of ours and ids alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry

STREAM = "people"


def note(
    session: Session,
    act: str,
    /,
    *,
    county_code: str,
    staff_id: int | str,
    by: int | None,
    at: dt.datetime,
    **facts: Any,
) -> None:
    """Add one entry about a person. `by` None: nobody signed in (the door itself, or the server's command line)."""
    actor = Actor(ActorKind.STAFF, str(by)) if by is not None else Actor(ActorKind.SYSTEM, "sign-in")
    entry = Entry(act=f"person.{act}", subject_kind="staff", subject_id=str(staff_id), by=actor, facts=facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
