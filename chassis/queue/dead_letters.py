"""Dead tasks and the people who have them tried again, or decide that nobody needs them any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.queue.doorbell import ring_after_commit
from chassis.queue.queries import in_state
from chassis.queue.tables import DEAD, GIVEN_UP, WAITING, Task


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


def give_up(session: Session, *, county_code: str, task_id: int, by: int, at: dt.datetime) -> None:
    """A dead task is not done any more, for good; it stays in the table with who decided so.

    Raises: NotFound where it is not dead, or another county's.
    """
    given_up = session.execute(
        update(Task)
        .where(Task.county_code == county_code, Task.id == task_id, in_state(DEAD))
        .values(state=GIVEN_UP, dead_at=None, given_up_by=by, given_up_at=at)
    )
    if given_up.rowcount != 1:
        raise NotFound(task_ids=[task_id])
