"""The lead's board: who has what in hand, who decided how much, and how long claims still have. Reads alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from contractor.claims.tables import Claim, ClaimEvent
from contractor.review.order import workdays_left
from contractor.review.queue import DECIDED

DAYS = 7
AGES = ("late", "today", "one", "to_three", "to_seven", "beyond", "unknown")
"""Working days left: below none, none, 1, 2–3, 4–7, more, and where no calendar is loaded."""


@dataclass(frozen=True)
class Hand:
    """One person: what is in their hand, and what they decided."""

    staff_id: int
    held_count: int
    loss_fen: int
    earliest_due_on: dt.date | None
    decided_today: int
    decided_in_days: int


@dataclass(frozen=True)
class Board:
    hands: Sequence[Hand]
    by_day: Sequence[tuple[dt.date, int]]
    """Decisions of all people, for each of the last days."""
    ages: Sequence[tuple[str, int]]


def board(session: Session, county_code: str, *, at: dt.datetime, on: dt.date, since: dt.datetime) -> Board:
    """Three statements, however many people and claims. `since`: when the first of the shown days began."""
    c = Claim
    held = {
        row.held_by: row
        for row in session.execute(
            select(
                c.held_by,
                func.count().label("held_count"),
                cast(func.sum(c.expected_loss_fen), BigInteger).label("loss_fen"),
                func.min(c.due_on).label("earliest_due_on"),
            )
            .where(c.county_code == county_code, c.held_by.is_not(None), c.held_until > at, c.is_waiting)
            .group_by(c.held_by)
        )
    }
    decided = _decided(session, county_code, since=since)
    hands = [
        Hand(
            person,
            held[person].held_count if person in held else 0,
            held[person].loss_fen if person in held else 0,
            held[person].earliest_due_on if person in held else None,
            decided.get((person, on), 0),
            sum(count for (who, _day), count in decided.items() if who == person),
        )
        for person in held.keys() | {who for who, _day in decided}
    ]
    days = [on - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    by_day = [(day, sum(count for (_who, on_day), count in decided.items() if on_day == day)) for day in days]
    return Board(hands, by_day, _ages(session, county_code, on))


def _decided(session: Session, county_code: str, *, since: dt.datetime) -> dict[tuple[int, dt.date], int]:
    """How many claims each person was done with on each day. An hour never lies in two days of ours."""
    e, hour = ClaimEvent, func.date_trunc("hour", ClaimEvent.at)
    rows = session.execute(
        select(e.acted_by, hour.label("hour"), func.count().label("decided_count"))
        .where(e.county_code == county_code, e.at >= since, e.acted_by.is_not(None), e.event.in_(DECIDED))
        .group_by(e.acted_by, hour)
    )
    counts: dict[tuple[int, dt.date], int] = {}
    for row in rows:
        key = (row.acted_by, local_day(row.hour))
        counts[key] = counts.get(key, 0) + row.decided_count
    return counts


def _ages(session: Session, county_code: str, on: dt.date) -> list[tuple[str, int]]:
    c = Claim
    counted = (
        select(c.due_on, func.count().label("claim_count"))
        .where(c.county_code == county_code, c.is_waiting)
        .group_by(c.due_on)
    )
    ages = dict.fromkeys(AGES, 0)
    for row in session.execute(counted):
        ages[_age(row.due_on, on)] += row.claim_count
    return list(ages.items())


def _age(due_on: dt.date | None, on: dt.date) -> str:
    left = workdays_left(due_on, on) if due_on is not None else None
    if left is None:
        return "unknown"
    if left < 0:
        return "late"
    bounds = ((0, "today"), (1, "one"), (3, "to_three"), (7, "to_seven"))
    return next((age for bound, age in bounds if left <= bound), "beyond")
