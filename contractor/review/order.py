"""The order of the queue (decision 0040): what is about to be late first, then where most money is at stake.

A claim whose term ends on the next working day, today or in the past overtakes all others: the earliest term first,
and of one day the greatest expected loss. The rest stand by expected loss alone. Both are read from an index.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from contractor.claims.tables import Claim
from contractor.review.tables import WaitingFinding
from rulebook.workdays import mainland_calendar

OVERTAKES_WORKDAYS = 1
"""With so many working days left a claim overtakes."""
BY_TERM, BY_LOSS, UNKNOWN = "t", "l", "u"
GROUPS = (BY_TERM, BY_LOSS)
"""All that waits. Claims whose term is unknown stand among those by loss; asked for alone they are `UNKNOWN`."""
_CURSOR = re.compile(r"(t|l|u)\.(\d{4}-\d{2}-\d{2})?\.(\d{1,18})\.(\d{1,18})")


class Ordered(NamedTuple):
    """The columns that the queue is ordered by, as a table has them."""

    due_on: InstrumentedAttribute[dt.date | None]
    expected_loss_fen: InstrumentedAttribute[int]
    claim_id: InstrumentedAttribute[int]


ALL = Ordered(Claim.due_on, Claim.expected_loss_fen, Claim.id)
BY_RULE = Ordered(WaitingFinding.due_on, WaitingFinding.expected_loss_fen, WaitingFinding.claim_id)


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this claim."""

    group: str
    due_on: dt.date | None
    loss_fen: int
    claim_id: int


def overtakes_until(on: dt.date) -> dt.date:
    """The last day whose terms overtake. While the year's calendar is not loaded every day counts as worked."""
    return mainland_calendar().due_after(on, workdays=OVERTAKES_WORKDAYS).on or on + dt.timedelta(
        days=OVERTAKES_WORKDAYS
    )


def workdays_left(due_on: dt.date, on: dt.date) -> int | None:
    """Working days after today up to the last of the term; below zero: since it ended. None: no calendar is loaded."""
    day, calendar = dt.timedelta(days=1), mainland_calendar()
    if due_on >= on:
        return calendar.workdays_between(on + day, due_on + day).count
    late = calendar.workdays_between(due_on + day, on + day).count
    # Between a term's end and today there may be days off alone; it is late all the same.
    return None if late is None else -max(late, 1)


def in_group(group: str, until: ColumnElement[dt.date] | dt.date, of: Ordered = ALL) -> ColumnElement[bool]:
    if group == BY_TERM:
        return of.due_on <= until
    return or_(of.due_on > until, of.due_on.is_(None)) if group == BY_LOSS else of.due_on.is_(None)


def keys_of(group: str, of: Ordered = ALL) -> tuple[ColumnElement, ...]:
    """What the group is ordered by, as its index has it."""
    by_loss = (-of.expected_loss_fen, of.claim_id)
    return by_loss if group == BY_LOSS else (of.due_on, *by_loss)


def beyond(group: str, place: Place, of: Ordered = ALL) -> ColumnElement[bool]:
    """What stands after this place; `place` may hold the parameters of a statement."""
    keys, values = (-of.expected_loss_fen, of.claim_id), (-place.loss_fen, place.claim_id)
    if group == BY_TERM:
        keys, values = (of.due_on, *keys), (place.due_on, *values)
    return tuple_(*keys) > tuple_(*values)


def cursor_of(place: Place) -> str:
    due = place.due_on.isoformat() if place.due_on else ""
    return f"{place.group}.{due}.{place.loss_fen}.{place.claim_id}"


def place_of(cursor: str) -> Place | None:
    """What cannot be read begins at the beginning: a reader corrects an address by hand."""
    found = _CURSOR.fullmatch(cursor)
    if found is None or (found[1] == BY_TERM and not found[2]):
        return None
    try:
        return Place(found[1], dt.date.fromisoformat(found[2]) if found[2] else None, int(found[3]), int(found[4]))
    except ValueError:
        return None
