"""Views of the queue that people save under a name. Whoever is given the address of one sees the same filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from contractor.review.refusals import TooManyViews
from contractor.review.tables import ReviewView

MOST_VIEWS = 12
"""As many as stand above a list and are still found."""
LONGEST_NAME = 20


def views_of(session: Session, *, county_code: str, by: int) -> Sequence[Row]:
    """(id, name, query) of a person's own views, as they were saved."""
    return session.execute(_own(), {"county_code": county_code, "by": by}).all()


@cache
def _own() -> Select:
    v = ReviewView
    own = (v.county_code == bindparam("county_code"), v.staff_id == bindparam("by"), v.removed_at.is_(None))
    return select(v.id, v.name, v.query).where(*own).order_by(v.id)


def save(session: Session, *, county_code: str, name: str, query: str, by: int, at: dt.datetime) -> None:
    """A view under this name, in place of the one that had it. Raises: TooManyViews."""
    v = ReviewView
    own = (v.county_code == county_code, v.staff_id == by, v.removed_at.is_(None))
    renewed = session.execute(update(v).where(*own, v.name == name).values(query=query, made_at=at))
    if renewed.rowcount:
        return
    count = session.execute(select(func.count()).select_from(v).where(*own)).scalar_one()
    if count >= MOST_VIEWS:
        raise TooManyViews(view_count=count)
    session.execute(insert(v).values(county_code=county_code, staff_id=by, name=name, query=query, made_at=at).inline())


def remove(session: Session, view_id: int, *, county_code: str, by: int, at: dt.datetime) -> None:
    """Raises: NotFound, also for a view that is another's."""
    v = ReviewView
    own = (v.county_code == county_code, v.id == view_id, v.staff_id == by, v.removed_at.is_(None))
    if not session.execute(update(v).where(*own).values(removed_at=at)).rowcount:
        raise NotFound(kind="review_view")
