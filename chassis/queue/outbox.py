"""Post a task in the transaction of the effect that asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import DateTime, Text, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlalchemy.orm import Session

from chassis.db import after_commit
from chassis.errors import Refusal
from chassis.queue import metrics
from chassis.queue.doorbell import ring_after_commit
from chassis.queue.payloads import just_a_key, just_ids
from chassis.queue.tables import Task

INSTANT = DateTime(timezone=True)


class AlreadyPosted(Refusal):
    """The same natural key was posted with another payload: one of the two callers is wrong."""

    key = "task_already_posted"


@dataclass(frozen=True)
class NewTask:
    payload: Mapping[str, Any]
    natural_key: str | None = None
    run_at: dt.datetime | None = None


def post(
    session: Session,
    *,
    county_code: str,
    kind: str,
    payload: Mapping[str, Any],
    at: dt.datetime,
    natural_key: str | None = None,
    run_at: dt.datetime | None = None,
) -> Task:
    """Write one task; its doorbell rings after the caller's commit.

    With a natural key the same work is posted once for its county and kind: a second post returns the first task.

    Raises: NotJustIds for a payload that is more than ids; AlreadyPosted.
    """
    values = {
        "county_code": county_code,
        "kind": kind,
        "payload": just_ids(payload),
        "natural_key": just_a_key(natural_key),
        "created_at": at,
        # What is due at once is due by the database's clock: a web server's clock may run ahead of it.
        "next_at": run_at or func.clock_timestamp(),
    }
    task = session.scalars(
        insert_or_keep(Task)
        .values(values)
        .on_conflict_do_nothing(index_elements=["county_code", "kind", "natural_key"])
        .returning(Task)
    ).one_or_none()
    if task is None:
        return _posted_before(session, county_code, kind, natural_key, values["payload"])
    _announce(session, kind, [(county_code, task.id)] if run_at is None or run_at <= at else [], count=1)
    return task


def post_many(
    session: Session, *, county_code: str, kind: str, tasks: Sequence[NewTask], at: dt.datetime
) -> Sequence[int]:
    """Write many tasks of one kind in one statement. Returns the ids of the new ones.

    A natural key that stands already is left as it is; its payload is not compared.
    """
    if not tasks:
        return []
    rows = [
        {
            "payload": just_ids(task.payload),
            "natural_key": just_a_key(task.natural_key),
            "run_at": task.run_at.isoformat() if task.run_at else None,
        }
        for task in tasks
    ]
    given = (
        func.jsonb_to_recordset(literal(rows, JSONB))
        .table_valued(column("payload", JSONB), column("natural_key", Text), column("run_at", INSTANT))
        .render_derived("given", with_types=True)
    )
    source = select(
        literal(county_code, Text),
        literal(kind, Text),
        given.c.payload,
        given.c.natural_key,
        literal(at, INSTANT),
        func.coalesce(given.c.run_at, func.clock_timestamp()),
    )
    columns = ["county_code", "kind", "payload", "natural_key", "created_at", "next_at"]
    posted = session.execute(
        insert_or_keep(Task)
        .from_select(columns, source, include_defaults=False)
        .on_conflict_do_nothing(index_elements=["county_code", "kind", "natural_key"])
        .returning(Task.id, (Task.next_at <= func.clock_timestamp()).label("is_due"))
    ).all()
    _announce(session, kind, [(county_code, row.id) for row in posted if row.is_due], count=len(posted))
    return [row.id for row in posted]


def _posted_before(
    session: Session, county_code: str, kind: str, natural_key: str | None, payload: Mapping[str, Any]
) -> Task:
    standing = session.scalars(
        select(Task).where(Task.county_code == county_code, Task.kind == kind, Task.natural_key == natural_key)
    ).one()
    if standing.payload != payload:
        raise AlreadyPosted(kind=kind, natural_key=natural_key, task_id=standing.id)
    return standing


def _announce(session: Session, kind: str, due: Sequence[tuple[str, int]], *, count: int) -> None:
    desk = session.info.get("desk")
    posted = metrics.POSTED.labels(desk.key if desk else "unknown", kind)
    after_commit(session, lambda: posted.inc(count))
    if due:
        ring_after_commit(session, due)
