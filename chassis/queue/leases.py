"""Take a task, hold it, give it back. Every act names the fence it was given; an old fence changes nothing.

Instants here are the database's own: workers on several machines need one clock to agree whose lease is over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import DateTime, Interval, Select, Update, bindparam, func, literal, select, update
from sqlalchemy.orm import Session

from chassis.desks import Desk
from chassis.queue.failures import LeaseLost
from chassis.queue.handlers import Step, TaskAtHand
from chassis.queue.payloads import just_ids
from chassis.queue.queries import in_state
from chassis.queue.tables import DEAD, DONE, RUNNING, WAITING, Task

NO_LEASE = {"leased_by": None, "leased_until": None}


def take(
    session: Session, desk: Desk, county_code: str, task_id: int, *, by: str, lease: dt.timedelta
) -> TaskAtHand | None:
    """Lease this task if it is due and nobody else reaches for it; None otherwise."""
    return _take(session, desk, _take_this(), this_county=county_code, this_id=task_id, by=by, lease=lease)


def take_next(session: Session, desk: Desk, *, by: str, lease: dt.timedelta) -> TaskAtHand | None:
    """Lease the task that has been due longest; None when nothing is due."""
    return _take(session, desk, _take_longest_due(), by=by, lease=lease)


def extend(session: Session, held: TaskAtHand, lease: dt.timedelta) -> bool:
    """Beat the heart of a task. Whoever is just finishing or taking it back is not waited for."""
    mine = select(Task.id).where(*_is_held(held)).with_for_update(skip_locked=True).cte("mine")
    changed = session.execute(
        update(Task)
        .where(Task.county_code == held.county_code, Task.id == mine.c.id)
        .values(leased_until=_now() + _span(lease))
    )
    return changed.rowcount == 1


def finish(session: Session, held: TaskAtHand) -> None:
    """Mark done, in the effect's own transaction. Raises LeaseLost: the caller must roll the effect back."""
    done = {"progress_done": func.coalesce(Task.progress_all, Task.progress_done)} if held.cursor else {}
    _change(session, held, state=DONE, done_at=_now(), last_error=None, **NO_LEASE, **done)


def advance(session: Session, held: TaskAtHand, step: Step, lease: dt.timedelta) -> None:
    """Write a long task's progress with its chunk and hold on to it. What moves on is no longer counted as failing."""
    assert step.progress_done > held.progress_done, f"a step of {held.kind} did not move on"
    _change(
        session,
        held,
        cursor=just_ids(step.cursor),
        progress_done=step.progress_done,
        progress_all=step.progress_all,
        attempts=1,
        leased_until=_now() + _span(lease),
    )


def attempts_of(session: Session, held: TaskAtHand) -> int:
    """The tries that count now; a long task's progress has reset them. Raises LeaseLost."""
    attempts = session.scalar(select(Task.attempts).where(*_is_held(held)).with_for_update())
    if attempts is None:
        raise LeaseLost(f"{held.kind} {held.county_code}/{held.id}: fence {held.fence} is not the newest")
    return attempts


def put_off(session: Session, held: TaskAtHand, error: str, wait: dt.timedelta) -> None:
    """Back among the waiting after a failure, not to be taken before `wait` is over."""
    _change(session, held, state=WAITING, next_at=_now() + _span(wait), last_error=error, **NO_LEASE)


def bury(session: Session, held: TaskAtHand, reason: str) -> None:
    """Give the task up; people see it among the dead and may retry it."""
    _change(session, held, state=DEAD, dead_at=_now(), last_error=reason, **NO_LEASE)


def release(session: Session, held: TaskAtHand) -> None:
    """Give an unfinished task back because this worker is asked to stop; it does not count as a try."""
    _change(session, held, state=WAITING, next_at=_now(), attempts=Task.attempts - 1, **NO_LEASE)


def release_expired(session: Session, *, most: int = 1000) -> Sequence[tuple[str, int]]:
    """Back among the waiting what a silent worker held. The fence stays: its old holder can no longer finish."""
    silent = (
        select(Task.county_code, Task.id)
        .where(in_state(RUNNING), Task.leased_until < _now())
        .order_by(Task.leased_until)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("silent")
    )
    rows = session.execute(
        update(Task)
        .where(Task.county_code == silent.c.county_code, Task.id == silent.c.id)
        .values(state=WAITING, next_at=_now(), last_error="LeaseExpired", **NO_LEASE)
        .returning(Task.county_code, Task.id)
    )
    return [(row.county_code, row.id) for row in rows]


def _take(session: Session, desk: Desk, statement: Update, **given: Any) -> TaskAtHand | None:
    row = session.execute(statement, given).one_or_none()
    if row is None:
        return None
    facts = row._asdict()
    waited = facts.pop("taken_at") - facts.pop("next_at")
    return TaskAtHand(**facts, desk=desk, waited_seconds=max(waited.total_seconds(), 0.0))


@cache
def _take_this() -> Update:
    return _taking(_due().where(Task.county_code == bindparam("this_county"), Task.id == bindparam("this_id")))


@cache
def _take_longest_due() -> Update:
    return _taking(_due().order_by(Task.next_at, Task.id))


def _due() -> Select:
    return select(Task.county_code, Task.id).where(in_state(WAITING), Task.next_at <= _now())


def _taking(due: Select) -> Update:
    # A common table expression with FOR UPDATE is evaluated once; as a sub-select it might lock a second row.
    free = due.limit(1).with_for_update(skip_locked=True).cte("free")
    return (
        update(Task)
        .where(Task.county_code == free.c.county_code, Task.id == free.c.id)
        .values(
            state=RUNNING,
            fence=Task.fence + 1,
            attempts=Task.attempts + 1,
            leased_by=bindparam("by"),
            leased_until=_now() + bindparam("lease", type_=Interval),
        )
        .returning(
            Task.county_code,
            Task.id,
            Task.kind,
            Task.payload,
            Task.attempts,
            Task.fence,
            Task.cursor,
            Task.progress_done,
            Task.progress_all,
            Task.next_at,
            _now().label("taken_at"),
        )
        .execution_options(synchronize_session=False)
    )


def _change(session: Session, held: TaskAtHand, **values: Any) -> None:
    session.flush()
    changed = session.execute(
        update(Task).where(*_is_held(held)).values(**values).execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise LeaseLost(f"{held.kind} {held.county_code}/{held.id}: fence {held.fence} is not the newest")


def _is_held(held: TaskAtHand) -> tuple:
    return (
        Task.county_code == held.county_code,
        Task.id == held.id,
        in_state(RUNNING),
        Task.fence == held.fence,
    )


def _now():
    return func.clock_timestamp(type_=DateTime(timezone=True))


def _span(span: dt.timedelta):
    return literal(span, Interval)
