"""The queue, a page at a time, as it is ordered in `order`; what stands above it; and the people who work at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Row, Select, func, literal, select
from sqlalchemy.orm import Session

from contractor.claims.listing import MOST_COUNTED, heads
from contractor.claims.searching import found_by
from contractor.claims.sight import Sight
from contractor.claims.tables import Claim, ClaimEvent, ClaimFinding
from contractor.review.leasing import is_free
from contractor.review.order import BY_LOSS, BY_TERM, GROUPS, Place, beyond, in_group, keys_of, overtakes_until

PAGE = 50
MOST_FILTERED = 1_000
"""As far as filtered claims are counted; a filter may have to look at many claims for each that fits."""
FEW = 5_000
"""A rule that found something in fewer claims is looked up from its findings, any other from the queue."""
DECIDED = ("approved", "notice_begun", "rejected", "sent_back", "referred_up")
"""Events by which a reviewer is done with a claim for now."""


@dataclass(frozen=True)
class Asked:
    """What of the queue is wanted; empty: all of it."""

    text: str = ""
    """The card's number or its end, the beginning of a name, or a part of the claim's number."""
    state: str = ""
    route: str = ""
    institution_code: str = ""
    rule: str = ""
    least_fen: int | None = None
    """Expected loss of at least so much."""
    term: str = ""
    """`late`, `soon`: what overtakes, or `unknown`: the calendar is not loaded."""
    hand: str = ""
    """`free`, `mine` or `held`: in anybody's hand."""


@dataclass(frozen=True)
class Moment:
    """Who looks at the queue, and when."""

    reviewer: int
    at: dt.datetime
    on: dt.date


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


def queue_page(
    session: Session, sight: Sight, asked: Asked, moment: Moment, *, after: Place | None = None, size: int = PAGE
) -> QueuePage:
    """One page; a row: what `listing.heads` tells of the claim."""
    fits = _conditions(session, sight, asked, moment)
    until = overtakes_until(moment.on)
    found: list[tuple[str, Row]] = []
    for group in _groups(asked, after):
        wanted = _first(group, until, fits).limit(size + 1 - len(found))
        if after is not None and after.group == group:
            wanted = wanted.where(beyond(after))
        found += [(group, row) for row in session.execute(wanted)]
        if len(found) > size:
            break
    shown = found[:size]
    told = heads(session, sight, [row.id for _group, row in shown])
    last = shown[-1] if len(found) > size else None
    # All that waits is counted with the figures above the queue.
    total = session.execute(_counted(fits, MOST_FILTERED)).scalar_one() if asked != Asked() else 0
    return QueuePage(
        [told[row.id] for _group, row in shown],
        sum(group == BY_TERM for group, _row in shown),
        Place(last[0], last[1].due_on, last[1].expected_loss_fen, last[1].id) if last else None,
        min(total, MOST_FILTERED),
        total > MOST_FILTERED,
    )


def standing(session: Session, sight: Sight, moment: Moment, *, day_began_at: dt.datetime) -> Standing:
    """The figures above the queue: one statement, nothing counted beyond the cap."""
    c, e = Claim, ClaimEvent
    own = [sight.covers, c.is_waiting]
    decided = (
        select(func.count())
        .select_from(e)
        .where(e.county_code == sight.county_code, e.at >= day_began_at, e.acted_by == moment.reviewer)
        .where(e.event.in_(DECIDED))
    )
    row = session.execute(
        select(
            _counted(own).scalar_subquery().label("waiting"),
            _counted([*own, c.due_on < moment.on]).scalar_subquery().label("late"),
            _counted([*own, c.due_on == moment.on]).scalar_subquery().label("due_today"),
            decided.scalar_subquery().label("decided_today"),
            _counted([*own, c.held_by == moment.reviewer, c.held_until > moment.at]).scalar_subquery().label("in_hand"),
        )
    ).one()
    return Standing(**row._mapping)


def waiting_count(session: Session, sight: Sight) -> int:
    """What waits for a reviewer, counted up to the cap and one more."""
    return session.execute(_counted([sight.covers, Claim.is_waiting])).scalar_one()


def _groups(asked: Asked, after: Place | None) -> Sequence[str]:
    """The parts of the queue in which such claims can stand: nothing is looked for where it cannot be."""
    if asked.term in ("late", "soon"):
        return (BY_TERM,)
    if asked.term == "unknown":
        return (BY_LOSS,)
    return GROUPS[GROUPS.index(after.group) if after else 0 :]


def _in_hand(session: Session, sight: Sight, asked: Asked, moment: Moment) -> Sequence[int]:
    """Claims in somebody's hand are few: found first, instead of walking all that waits."""
    c = Claim
    held = select(c.id).where(c.county_code == sight.county_code, c.held_by.is_not(None), c.held_until > moment.at)
    if asked.hand == "mine":
        held = held.where(c.held_by == moment.reviewer)
    return session.scalars(held.limit(MOST_FILTERED)).all()


def _first(group: str, until: dt.date, fits: Sequence[ColumnElement[bool]]) -> Select:
    c = Claim
    return select(c.id, c.due_on, c.expected_loss_fen).where(*fits, in_group(group, until)).order_by(*keys_of(group))


def _counted(fits: Sequence[ColumnElement[bool]], most: int = MOST_COUNTED) -> Select:
    some = select(literal(1)).select_from(Claim).where(*fits).limit(most + 1).subquery()
    return select(func.count()).select_from(some)


def _conditions(session: Session, sight: Sight, asked: Asked, moment: Moment) -> list[ColumnElement[bool]]:
    c, f = Claim, ClaimFinding
    fits = [sight.covers, c.is_waiting]
    for column, value in ((c.state, asked.state), (c.route, asked.route), (c.institution_code, asked.institution_code)):
        if value:
            fits.append(column == value)
    if asked.rule:
        of_rule = select(f.claim_id).where(f.county_code == sight.county_code, f.rule == asked.rule)
        found = session.scalar(select(func.count()).select_from(of_rule.limit(FEW).subquery()))
        one = select(literal(True)).where(f.county_code == c.county_code, f.claim_id == c.id, f.rule == asked.rule)
        # A subquery with a limit is asked row by row; an EXISTS is joined, and all are sorted for fifty.
        fits.append(c.id.in_(of_rule) if found < FEW else one.limit(1).scalar_subquery())
    if asked.least_fen is not None:
        # As the index has it: what is worth less is not even looked at.
        fits.append(-c.expected_loss_fen <= -asked.least_fen)
    if asked.term:
        fits.append(
            {
                "late": c.due_on < moment.on,
                "soon": c.due_on <= overtakes_until(moment.on),
                "unknown": c.due_on.is_(None),
            }[asked.term]
        )
    if asked.hand:
        fits.append(is_free(moment.at) if asked.hand == "free" else c.id.in_(_in_hand(session, sight, asked, moment)))
    if asked.text:
        fits.append(c.id.in_(found_by(session, sight.county_code, asked.text)))
    return fits
