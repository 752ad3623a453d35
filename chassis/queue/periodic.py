"""What is done every so often. The slot is the natural key, so two sweepers post it once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chassis.desks import DESKS, Desk
from chassis.queue.outbox import NewTask, post_many
from chassis.queue.queries import in_state
from chassis.queue.tables import HOUSE_ITSELF, RUNNING, WAITING, Task

Counties = Callable[[Session], Sequence[str]]


@dataclass(frozen=True)
class Periodic:
    seconds: int
    kind: str
    desks: frozenset[str]
    counties: Counties

    def slot(self, at: dt.datetime) -> str:
        """The beginning of the stretch `at` falls in; the same for everybody who asks within it."""
        begins = int(at.timestamp()) // self.seconds * self.seconds
        return dt.datetime.fromtimestamp(begins, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_periodics: dict[str, Periodic] = {}


def the_house_itself(session: Session) -> Sequence[str]:
    return [HOUSE_ITSELF]


def every(
    seconds: int, kind: str, *, desks: Sequence[str] = tuple(DESKS), counties: Counties = the_house_itself
) -> None:
    """Have a task of this kind posted every so many seconds at these desks, once for each county `counties` names."""
    assert seconds >= 1 and kind not in _periodics, f"{kind} is periodic already"
    _periodics[kind] = Periodic(seconds, kind, frozenset(desks), counties)


def post_periodic(session: Session, desk: Desk, *, at: dt.datetime) -> int:
    """Post what this slot asks for and nobody posted yet. A task still open is not joined by a second of its kind."""
    count = 0
    for periodic in _periodics.values():
        if desk.key not in periodic.desks:
            continue
        for county_code in periodic.counties(session):
            is_open = select(
                exists().where(Task.county_code == county_code, Task.kind == periodic.kind, in_state(WAITING, RUNNING))
            )
            if session.scalar(is_open):
                continue
            slot = NewTask(payload={}, natural_key=periodic.slot(at))
            count += len(post_many(session, county_code=county_code, kind=periodic.kind, tasks=[slot], at=at))
    return count
