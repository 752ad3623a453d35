"""The queue, a page at a time, as it is ordered in `order`; what stands above it; and the people who work at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Row, Select, bindparam, func, select, text
from sqlalchemy.orm import Session

from contractor.claims.listing import MOST_COUNTED, heads
from contractor.claims.sight import Sight
from contractor.claims.tables import ClaimEvent
from contractor.review.asked import Asked, Moment, given, groups_of, page_statement, place_given, wanted_claims
from contractor.review.order import BY_TERM, Place, overtakes_until

PAGE = 50
MOST_FILTERED = 1_000
"""As far as filtered claims are counted; two filters may have to look at many claims for each that fits both."""
MOST_IN_A_VIEW = 99
A_COUNT_MAY_TAKE = "200ms"
_HURRY = text(f"SET LOCAL statement_timeout = '{A_COUNT_MAY_TAKE}'")
DECIDED = ("approved", "notice_begun", "rejected", "sent_back", "referred_up")
"""Events by which a reviewer is done with a claim for now."""


@dataclass(frozen=True)
class QueuePage:
    rows: Sequence[Row] = field(repr=False)
    overtaking: int
    """How many rows at the head of the page stand there because of their term."""
    next: Place | None
    total: int
    """Of what was asked for, counted up to a cap; 0 where all of the queue was."""
    is_capped: bool


@dataclass(frozen=True)
class Standing:
    """What stands above the queue. Counts end at `MOST_COUNTED` + 1."""

    waiting: int
    late: int
    due_today: int
    decided_today: int
    in_hand: int
    in_second_review: int


def queue_page(
    session: Session, sight: Sight, asked: Asked, moment: Moment, *, after: Place | None = None, size: int = PAGE
) -> QueuePage:
    """One page; a row: what `listing.heads` tells of the claim."""
    until, filters = overtakes_until(moment.on), asked.filters
    own = given(session, sight, asked, moment, until=until)
    found: list[tuple[str, Row]] = []
    for group in groups_of(asked, after):
        goes_on = after is not None and after.group == group
        wanted = page_statement(sight, filters, group, goes_on=goes_on)
        place = place_given(after) if goes_on else {}
        found += [(group, row) for row in session.execute(wanted, own | place | {"most": size + 1 - len(found)})]
        if len(found) > size:
            break
    shown = found[:size]
    told = heads(session, sight, [row.id for _group, row in shown])
    last = shown[-1] if len(found) > size else None
    # All that waits is counted with the figures above the queue.
    total = session.execute(_filtered_count(sight, filters), own).scalar_one() if filters else 0
    return QueuePage(
        [told[row.id] for _group, row in shown],
        sum(group == BY_TERM for group, _row in shown),
        Place(last[0], last[1].due_on, last[1].expected_loss_fen, last[1].id) if last else None,
        min(total, MOST_FILTERED),
        total > MOST_FILTERED,
    )


def standing(session: Session, sight: Sight, moment: Moment, *, day_began_at: dt.datetime) -> Standing:
    """The figures above the queue: one statement, nothing counted beyond the cap."""
    own = {"on": moment.on, "at": moment.at, "reviewer": moment.reviewer, "day_began_at": day_began_at}
    own["state"] = "in_second_review"
    return Standing(**session.execute(_standing(sight), own).one()._mapping)


def counts_of_views(session: Session, sight: Sight, views: Sequence[Asked], moment: Moment) -> list[int | None]:
    """How many claims stand in each of some views, up to `MOST_IN_A_VIEW` and one more: one statement.

    A search is not counted (None), nor is all of the queue. Whoever views it all day waits for no count: one that takes
    longer than `A_COUNT_MAY_TAKE` is given up, and with it the transaction; the edge opens one for this alone.
    """
    until = overtakes_until(moment.on)
    counted = {n: asked for n, asked in enumerate(views) if asked.filters and not asked.text}
    if not counted:
        return [None] * len(views)
    own = {
        f"v{n}_{name}": value
        for n, asked in counted.items()
        for name, value in given(session, sight, asked, moment, until=until).items()
    }
    session.execute(_HURRY)
    row = session.execute(_views(sight, tuple((n, asked.filters) for n, asked in counted.items())), own).one()
    found = dict(zip(counted, row, strict=True))
    return [found.get(n) for n in range(len(views))]


def waiting_count(session: Session, sight: Sight) -> int:
    """What waits for a reviewer, counted up to the cap and one more."""
    return session.execute(_waiting(sight)).scalar_one()


@lru_cache(maxsize=64)
def _standing(sight: Sight) -> Select:
    e = ClaimEvent
    decided = (
        select(func.count())
        .select_from(e)
        .where(e.county_code == sight.county_code, e.at >= bindparam("day_began_at"))
        .where(e.acted_by == bindparam("reviewer"), e.event.in_(DECIDED))
    )
    return select(
        _counted(sight).scalar_subquery().label("waiting"),
        _counted(sight, "late").scalar_subquery().label("late"),
        _counted(sight, "today").scalar_subquery().label("due_today"),
        decided.scalar_subquery().label("decided_today"),
        _counted(sight, "mine").scalar_subquery().label("in_hand"),
        _counted(sight, "state").scalar_subquery().label("in_second_review"),
    )


@lru_cache(maxsize=256)
def _views(sight: Sight, views: tuple[tuple[int, frozenset[str]], ...]) -> Select:
    return select(
        *(
            _counted(sight, *of, most=MOST_IN_A_VIEW, prefix=f"v{n}_").scalar_subquery().label(f"v{n}")
            for n, of in views
        )
    )


@lru_cache(maxsize=64)
def _waiting(sight: Sight) -> Select:
    return _counted(sight)


@lru_cache(maxsize=1024)
def _filtered_count(sight: Sight, filters: frozenset[str]) -> Select:
    return _counted(sight, *filters, most=MOST_FILTERED)


def _counted(sight: Sight, *filters: str, most: int = MOST_COUNTED, prefix: str = "") -> Select:
    some = wanted_claims(sight, frozenset(filters), prefix).limit(most + 1).subquery()
    return select(func.count()).select_from(some)
