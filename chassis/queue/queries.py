"""What people and sweepers ask of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Text, func, literal_column, select
from sqlalchemy.orm import Session

from chassis.queue.tables import DEAD, RUNNING, WAITING, Task


@dataclass(frozen=True)
class QueueState:
    waiting: int
    running: int
    dead: int
    oldest_due_seconds: float
    """How long the longest due task has waited; 0 when none is due."""


def dead_tasks(session: Session, county_code: str, *, most: int = 200) -> Sequence[Task]:
    """Given-up tasks of a county, the oldest first: one row per task, with its kind, tries and last error."""
    return session.scalars(
        select(Task).where(Task.county_code == county_code, in_state(DEAD)).order_by(Task.dead_at, Task.id).limit(most)
    ).all()


def open_tasks(session: Session, county_code: str, kind: str, *, most: int = 200) -> Sequence[Task]:
    """Waiting and running tasks of a kind, for a page that shows progress."""
    return session.scalars(
        select(Task)
        .where(Task.county_code == county_code, Task.kind == kind, in_state(WAITING, RUNNING))
        .order_by(Task.id)
        .limit(most)
    ).all()


def task_of_key(session: Session, county_code: str, kind: str, natural_key: str) -> Task | None:
    return session.scalars(
        select(Task).where(Task.county_code == county_code, Task.kind == kind, Task.natural_key == natural_key)
    ).one_or_none()


def due_tasks(session: Session, *, most: int) -> Sequence[tuple[str, int]]:
    """`(county_code, id)` of tasks that wait and may be taken now, the longest due first."""
    rows = session.execute(
        select(Task.county_code, Task.id)
        .where(in_state(WAITING), Task.next_at <= func.clock_timestamp())
        .order_by(Task.next_at, Task.id)
        .limit(most)
    )
    return [(row.county_code, row.id) for row in rows]


def queue_state(session: Session) -> QueueState:
    """Counts of a desk's open and dead tasks. Done ones are not counted: they are all of history."""
    counts = [select(func.count()).where(in_state(state)).scalar_subquery() for state in (WAITING, RUNNING, DEAD)]
    oldest = select(func.min(Task.next_at)).where(in_state(WAITING)).scalar_subquery()
    age = func.extract("epoch", func.clock_timestamp() - oldest)
    waiting, running, dead, seconds = session.execute(select(*counts, age)).one()
    return QueueState(waiting, running, dead, max(float(seconds or 0), 0.0))


def state_of_counties(session: Session, county_codes: Sequence[str]) -> QueueState:
    """The same, of the tasks of these counties alone."""
    mine = Task.county_code.in_(county_codes)
    counts = [select(func.count()).where(mine, in_state(state)).scalar_subquery() for state in (WAITING, RUNNING, DEAD)]
    oldest = select(func.min(Task.next_at)).where(mine, in_state(WAITING)).scalar_subquery()
    age = func.extract("epoch", func.clock_timestamp() - oldest)
    waiting, running, dead, seconds = session.execute(select(*counts, age)).one()
    return QueueState(waiting, running, dead, max(float(seconds or 0), 0.0))


def open_by_kind(session: Session, county_codes: Sequence[str]) -> Sequence[Row]:
    """(kind, waiting, running, done, whole) of open tasks; `done` of `whole` sums the progress of those that run."""
    runs = in_state(RUNNING)
    return session.execute(
        select(
            Task.kind,
            func.count().filter(in_state(WAITING)).label("waiting"),
            func.count().filter(runs).label("running"),
            func.sum(Task.progress_done).filter(runs, Task.progress_all.is_not(None)).label("done"),
            func.sum(Task.progress_all).filter(runs).label("whole"),
        )
        .where(Task.county_code.in_(county_codes), in_state(WAITING, RUNNING))
        .group_by(Task.kind)
        .order_by(Task.kind)
    ).all()


def latest_task(session: Session, county_code: str, kind: str) -> Task | None:
    """The task of a kind that was posted last, whatever became of it."""
    of_kind = select(Task).where(Task.county_code == county_code, Task.kind == kind)
    return session.scalars(of_kind.order_by(Task.id.desc()).limit(1)).first()


def in_state(*states: str) -> ColumnElement[bool]:
    """The state written out in the statement: the partial indexes of open and dead tasks match no parameter."""
    written_out = [literal_column(f"'{state}'", Text) for state in states]
    return Task.state == written_out[0] if len(states) == 1 else Task.state.in_(written_out)
