"""Holds: a claim is in one reviewer's hand for a while. The system hands out the next one, and no two get the same.

A hold ends by itself unless the open screen renews it. Whoever takes up a claim whose hold is over raises its version,
so that the one who let it lie is told when they come back, and decides nothing over the other's head.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Date, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import STREAM, actor
from contractor.claims.chunk import locked_as_seen
from contractor.claims.decisions import HOLD, NO_LAW, take_up
from contractor.claims.moves import Move, move
from contractor.claims.tables import Claim
from contractor.review.eyes import not_for
from contractor.review.order import GROUPS, in_group, keys_of, overtakes_until
from contractor.review.refusals import HoldOver, NothingWaiting, TooManyInHand
from rulebook.lifecycles.claim import E, S

MOST_IN_HAND = 10
"""Nobody gathers claims; what they do not get to goes to somebody else."""
MOST_HANDED_OVER = 200


class Handed(NamedTuple):
    claim_id: int
    version: int


def is_free(at: dt.datetime | ColumnElement[dt.datetime]) -> ColumnElement[bool]:
    """Claims in nobody's hand, or in one that let them lie."""
    return or_(Claim.held_by.is_(None), Claim.held_until <= at)


def next_claim(session: Session, reviewer: int, *, county_code: str, at: dt.datetime, on: dt.date) -> Handed:
    """The first claim of the queue that is free and that this person may decide, taken up for them.

    Raises: NothingWaiting, TooManyInHand.
    """
    return _handed(session, reviewer, [_first_free(group) for group in GROUPS], county_code=county_code, at=at, on=on)


def next_second_review(session: Session, reviewer: int, *, county_code: str, at: dt.datetime, on: dt.date) -> Handed:
    """As `next_claim`, of the claims that wait for a second person: whose term ends first, then who waits longest.

    Raises: NothingWaiting, TooManyInHand.
    """
    return _handed(session, reviewer, [_first_second_review()], county_code=county_code, at=at, on=on)


def _handed(
    session: Session, reviewer: int, firsts: Sequence[Select], *, county_code: str, at: dt.datetime, on: dt.date
) -> Handed:
    in_hand = held_count(session, reviewer, county_code=county_code, at=at)
    if in_hand >= MOST_IN_HAND:
        raise TooManyInHand(held_count=in_hand)
    asked = {"county_code": county_code, "until": overtakes_until(on), "at": at, "reviewer": reviewer}
    for first in firsts:
        row = session.execute(first, asked).first()
        if row is not None:
            take_up(session, {row.id: row.version}, county_code=county_code, by=reviewer, at=at, is_handed_out=True)
            return Handed(row.id, row.version + 1)
    raise NothingWaiting()


@cache
def _first_free(group: str) -> Select:
    return _free().where(in_group(group, bindparam("until", type_=Date))).order_by(*keys_of(group))


@cache
def _first_second_review() -> Select:
    c = Claim
    return _free().where(c.state == S.IN_SECOND_REVIEW.value).order_by(c.due_on, c.id)


def _free() -> Select:
    """One claim that waits, is in nobody's hand, and may be handed to this reviewer."""
    c = Claim
    return (
        select(c.id, c.version)
        .where(c.county_code == bindparam("county_code"), c.is_waiting)
        .where(is_free(bindparam("at", type_=c.held_until.type)))
        .where(~not_for(bindparam("reviewer", type_=BigInteger)))
        .limit(1)
        # Whoever asks at the same moment goes past what another is being handed, and waits for nobody. A claim that
        # another was handed a moment ago may be locked and passed over: until this ends, and no harder than an update
        # of it would, so that whoever writes beside it (a draft, a paper) does not wait.
        .with_for_update(skip_locked=True, key_share=True)
    )


def held_count(session: Session, reviewer: int, *, county_code: str, at: dt.datetime) -> int:
    c = Claim
    held = (c.county_code == county_code, c.held_by == reviewer, c.held_until > at, c.is_waiting)
    return session.execute(select(func.count()).select_from(c).where(*held)).scalar_one()


def renew(session: Session, claim_id: int, *, county_code: str, by: int, at: dt.datetime) -> dt.datetime:
    """The screen is still open. A hold that ran out meanwhile is renewed as long as nobody else took the claim up.

    Raises: NotFound, HoldOver.
    """
    c = Claim
    renewed = session.execute(
        update(c)
        .where(c.county_code == county_code, c.id == claim_id, c.held_by == by, c.is_waiting)
        .values(held_until=at + HOLD)
        .returning(c.held_until)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if renewed is None:
        if session.get(c, (county_code, claim_id)) is None:
            raise NotFound(kind="claim")
        raise HoldOver(claim_id=claim_id)
    return renewed


def hand_over(
    session: Session,
    *,
    county_code: str,
    from_hand: int,
    to_hand: int | None,
    most: int,
    note: str,
    by: int,
    at: dt.datetime,
) -> int:
    """Take claims out of one hand and put them into another's, or back on the desk; what ends soonest goes first.

    Those that the other may not decide stay where they are. Answers how many went. The note stands in their history.
    """
    assert 0 < most <= MOST_HANDED_OVER and note, "so many at a time, and it is said why"
    c = Claim
    held = [c.county_code == county_code, c.held_by == from_hand, c.held_until > at, c.is_waiting]
    if to_hand is not None:
        held.append(~not_for(to_hand))
    chosen = select(c.id, c.version).where(*held).order_by(c.due_on, c.id).limit(most)
    seen = {row.id: row.version for row in session.execute(chosen.with_for_update(skip_locked=True))}
    if not seen:
        return 0
    event = E.RELEASED if to_hand is None else E.TAKEN_UP
    until = None if to_hand is None else at + HOLD
    moves = [
        Move(claim, event, note=note, held_by=to_hand, held_until=until)
        for claim in locked_as_seen(session, county_code, seen, law=NO_LAW).claims
    ]
    move(session, county_code, moves, at=at, by=by, is_handed_over=True)
    append(session, county_code=county_code, stream=STREAM, entries=_told(moves, from_hand, to_hand, by=by), at=at)
    return len(moves)


def _told(moves: Sequence[Move], from_hand: int, to_hand: int | None, *, by: int) -> list[Entry]:
    facts = {"from": from_hand} | ({"to": to_hand} if to_hand is not None else {})
    who = actor(by)
    return [
        Entry(f"claim.{one.event.value}", "claim", str(one.claim.id), who, {"version": one.claim.version + 1} | facts)
        for one in moves
    ]
