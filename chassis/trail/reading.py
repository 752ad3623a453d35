"""What people ask of their own county's chains: entries backwards from the newest, the last checks, the anchors.

Entries are read by their place in the chain, which is the key: a page costs the same at the end of a million as at the
beginning. A question that few entries answer looks through a bounded stretch at a time and says how far it came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from psycopg import sql
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from chassis.trail.checking import CHECKED, CHECKS
from chassis.trail.sources import anchor_tables
from chassis.trail.tables import TrailEntry, TrailHead

PAGE_SIZE = 50
LOOKED_THROUGH = 50_000
"""How many entries one page of a narrowed list reads at most."""


@dataclass(frozen=True)
class Filter:
    """Empty: do not narrow."""

    act: str = ""
    person: str = ""
    """Id of one of the staff, who acted or to whom something was done."""
    on: dt.date | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.act or self.person or self.on)


@dataclass(frozen=True)
class Page:
    rows: Sequence[TrailEntry] = field(repr=False)
    next_before: int | None
    """Where the next page begins; None where the chain begins."""
    looked_down_to: int
    """The last place that was looked at."""


@dataclass(frozen=True)
class Checked:
    """The last check of a chain, as it stands in the chain of checks."""

    at: dt.datetime
    by_staff: str | None
    facts: dict

    @property
    def is_sound(self) -> bool:
        return self.facts["verdict"] == "sound"


@dataclass(frozen=True)
class Anchored:
    """The last head of a chain that another desk, or this one, keeps."""

    keeper: str
    desk: str
    stream: str
    seen_at: dt.datetime
    seq: int
    verdict: str
    bad_seq: int | None


def streams_of(session: Session, county_code: str) -> Sequence[TrailHead]:
    """The heads of the county's chains at this desk, by name."""
    h = TrailHead
    return session.scalars(select(h).where(h.county_code == county_code).order_by(h.stream)).all()


def entries_page(session: Session, county_code: str, stream: str, wanted: Filter, *, before: int | None) -> Page:
    """One page of a chain, the newest first, from the place below `before`."""
    top = _top(session, county_code, stream) if before is None else before - 1
    low = max(top - LOOKED_THROUGH, 0) if wanted.is_narrowed else 0
    e = TrailEntry
    query = _narrowed(select(e), county_code, stream, wanted).where(e.seq <= top, e.seq > low)
    rows = session.scalars(query.order_by(e.seq.desc()).limit(PAGE_SIZE + 1)).all()
    if len(rows) > PAGE_SIZE:
        last = rows[PAGE_SIZE - 1].seq
        return Page(rows[:PAGE_SIZE], last, last)
    return Page(rows, low + 1 if low > 0 else None, low + 1)


def entries_for_export(
    session: Session, county_code: str, stream: str, wanted: Filter, *, most: int
) -> Iterable[TrailEntry]:
    e = TrailEntry
    query = _narrowed(select(e), county_code, stream, wanted).order_by(e.seq.desc()).limit(most)
    return session.scalars(query).all()


def acts_lately(session: Session, county_code: str, stream: str) -> list[str]:
    """Which acts stand in the latest stretch of a chain: the choices of the filter."""
    e = TrailEntry
    low = _top(session, county_code, stream) - LOOKED_THROUGH
    found = select(e.act).where(e.county_code == county_code, e.stream == stream, e.seq > low).distinct()
    return sorted(session.scalars(found))


def last_checks(session: Session, county_code: str, streams: Iterable[str]) -> dict[str, Checked]:
    """Stream → its last check. The chain of checks is short: one entry a chain and day, and what people asked for."""
    e = TrailEntry
    found = {}
    for stream in streams:
        of_stream = (
            select(e)
            .where(e.county_code == county_code, e.stream == CHECKS, e.act == CHECKED, e.subject_id == stream)
            .order_by(e.seq.desc())
            .limit(1)
        )
        entry = session.scalars(of_stream).first()
        if entry is not None:
            by = entry.actor_id if entry.actor_kind == "staff" else None
            found[stream] = Checked(entry.recorded_at, by, entry.facts)
    return found


def anchors_about(session: Session, county_code: str) -> list[Anchored]:
    """The last anchor of each chain and keeper: of the other desks kept here, and of ours kept by them."""
    connection = session.connection().connection.driver_connection
    found = []
    for keeper, table in anchor_tables(connection):
        query = sql.SQL(
            "SELECT DISTINCT ON (desk, stream) desk, stream, seen_at, seq, verdict, bad_seq FROM {} "
            "WHERE county_code = %s ORDER BY desk, stream, seen_at DESC"
        ).format(table)
        found += [Anchored(keeper, *row) for row in connection.execute(query, [county_code])]
    return found


def _top(session: Session, county_code: str, stream: str) -> int:
    """The newest place: the head's, or beyond it where somebody put entries past the head."""
    e = TrailEntry
    newest = select(func.max(e.seq)).where(e.county_code == county_code, e.stream == stream)
    return session.scalar(newest) or 0


def _narrowed(query: Select, county_code: str, stream: str, wanted: Filter) -> Select:
    e = TrailEntry
    query = query.where(e.county_code == county_code, e.stream == stream)
    if wanted.act:
        query = query.where(e.act == wanted.act)
    if wanted.person:
        query = query.where(_about(wanted.person))
    if wanted.on:
        query = query.where(e.acted_on == wanted.on)
    return query


def _about(person: str) -> ColumnElement[bool]:
    e = TrailEntry
    return or_(
        and_(e.actor_kind == "staff", e.actor_id == person), and_(e.subject_kind == "staff", e.subject_id == person)
    )
