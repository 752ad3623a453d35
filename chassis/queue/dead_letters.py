"""Dead tasks and the people who have them tried again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.queue.doorbell import ring_after_commit
from chassis.queue.queries import in_state
from chassis.queue.tables import DEAD, WAITING, Task


def retry_dead(session: Session, *, county_code: str, task_ids: Collection[int], by: int, at: dt.datetime) -> list[int]:
    """Put dead tasks of a county back among the waiting, with all their tries before them, all or none.

    Raises: NotFound where one is not dead, or another county's.
    """
    retried = session.scalars(
        update(Task)
        .where(Task.county_code == county_code, Task.id.in_(task_ids), in_state(DEAD))
        .values(state=WAITING, attempts=0, next_at=func.clock_timestamp(), dead_at=None, retried_by=by, retried_at=at)
        .returning(Task.id)
    ).all()
    missing = set(task_ids) - set(retried)
    if missing:
        raise NotFound(task_ids=sorted(missing))
    ring_after_commit(session, [(county_code, task_id) for task_id in retried])
    return sorted(retried)
