"""A reviewer hands a claim up to a second one, who may hand it back: no money moves, and the reason is said."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import STREAM, actor
from contractor.claims.chunk import locked_as_seen
from contractor.claims.decisions import NO_LAW, Seen
from contractor.claims.hands import require_other_hands
from contractor.claims.moves import Move, move
from rulebook.lifecycles.claim import E


def refer_up(session: Session, seen: Seen, *, county_code: str, note: str, by: int, at: dt.datetime) -> None:
    """Another reviewer shall decide. Raises: StaleVersion, WrongState, TooNear, HadASay."""
    _hand(session, seen, E.REFERRED_UP, county_code=county_code, note=note, by=by, at=at)


def return_to_reviewer(session: Session, seen: Seen, *, county_code: str, note: str, by: int, at: dt.datetime) -> None:
    """The first reviewer shall work on. Raises: StaleVersion, WrongState, TooNear, HadASay."""
    _hand(session, seen, E.RETURNED_TO_REVIEWER, county_code=county_code, note=note, by=by, at=at)


def _hand(session: Session, seen: Seen, event: E, *, county_code: str, note: str, by: int, at: dt.datetime) -> None:
    chunk = locked_as_seen(session, county_code, seen, law=NO_LAW)
    require_other_hands(session, county_code, list(seen), by=by)
    moves = [Move(claim, event, note=note) for claim in chunk.claims]
    move(session, county_code, moves, at=at, by=by)
    entries = [
        Entry(f"claim.{event.value}", "claim", str(one.claim.id), actor(by), {"version": one.claim.version + 1})
        for one in moves
    ]
    append(session, county_code=county_code, stream=STREAM, entries=entries, at=at)
