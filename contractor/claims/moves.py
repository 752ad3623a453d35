"""Moves of claims: the table of the trade is asked, state and version change together, and the event is written.

There is no other way to a state. The version a person saw is compared and set, so a second decision on what has
changed since is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.errors import StaleVersion
from contractor.claims.arrays import array_text
from contractor.claims.chunk import ClaimRow
from contractor.claims.copying import copy_rows
from contractor.claims.refusals import HeldByAnother, WrongState
from rulebook.lifecycles.claim import CLAIM, E, S
from rulebook.lifecycles.lifecycle import IllegalMove

EVENT_COLUMNS = (
    "county_code", "claim_id", "event_no", "event", "state_after", "at", "acted_by", "reason_code", "note", "documents",
)  # fmt: skip


# What only the person does in whose hand the claim is, as long as it is. Withdrawing it is its sender's right.
OF_THE_HOLDER = frozenset(
    {
        E.TAKEN_UP, E.RELEASED, E.SENT_BACK, E.REDUCED, E.REFERRED_UP, E.RETURNED_TO_REVIEWER, E.DISPUTED, E.APPROVED,
        E.NOTICE_BEGUN, E.REJECTED,
    }
)  # fmt: skip
_TYPES = {
    "id": "bigint", "version": "int", "moved": "int", "state": "text", "notice_until_on": "date",
    "documents_due_on": "date", "held_by": "bigint", "held_until": "timestamptz", "score": "int",
    "is_clean": "boolean", "foreseen_fen": "bigint",
}  # fmt: skip
_UPDATE = text(  # the names are those of this page
    "UPDATE contractor.claim AS c SET state = own.state, version = c.version + own.moved, "  # noqa: S608
    "notice_until_on = coalesce(own.notice_until_on, c.notice_until_on), "
    "documents_due_on = coalesce(own.documents_due_on, c.documents_due_on), "
    "held_by = own.held_by, held_until = own.held_until, alert_ppm = coalesce(own.score, c.alert_ppm), "
    "is_clean = coalesce(own.is_clean, c.is_clean), foreseen_fen = coalesce(own.foreseen_fen, c.foreseen_fen), "
    "assessed_at = CASE WHEN own.score IS NULL THEN c.assessed_at ELSE :at END FROM unnest("
    + ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _TYPES.items())
    + f") AS own ({', '.join(_TYPES)}) "
    "WHERE c.county_code = :county_code AND c.id = own.id AND c.version = own.version"
)


@dataclass(frozen=True, slots=True)
class Move:
    """One event of one claim, with what it sets beside the state."""

    claim: ClaimRow
    event: E
    reason_code: str | None = None
    note: str | None = None
    documents: list[str] | None = None
    notice_until_on: dt.date | None = None
    documents_due_on: dt.date | None = None
    held_by: int | None = None
    held_until: dt.datetime | None = None

    @property
    def state_after(self) -> S:
        """Raises: WrongState."""
        try:
            return CLAIM.after(S(self.claim.state), self.event)
        except IllegalMove:
            raise WrongState(claim_id=self.claim.id, state=self.claim.state, event=str(self.event)) from None


def move(
    session: Session,
    county_code: str,
    moves: Sequence[Move],
    *,
    at: dt.datetime,
    by: int | None,
    assessed: Mapping[int, tuple[int, bool, int | None]] | None = None,
    stay: Sequence[ClaimRow] = (),
    is_handed_over: bool = False,
) -> None:
    """Make the moves: one update, one COPY of events.

    Args:
        assessed: for claims by number their alert score, whether they are clean, and what a yes would cost where that
            was foreseen; noted with the move.
        stay: claims that do not move and are noted as assessed all the same.
        is_handed_over: the lead takes the claims out of whatever hand they are in.

    Raises: WrongState, HeldByAnother, StaleVersion.
    """
    if not moves and not stay:
        return
    assessed = assessed or {}
    after = [one.state_after for one in moves]
    for one in moves:
        if not is_handed_over and one.event in OF_THE_HOLDER and is_in_another_hand(one.claim, by=by, at=at):
            raise HeldByAnother(claim_id=one.claim.id, held_by=one.claim.held_by, held_until=one.claim.held_until)
    rows = [
        (
            one.claim.id, one.claim.version, 1, state.value, one.notice_until_on, one.documents_due_on, one.held_by,
            one.held_until, *assessed.get(one.claim.id, (None, None, None)),
        )
        for one, state in zip(moves, after, strict=True)
    ]  # fmt: skip
    rows += [(claim.id, claim.version, 0, claim.state, *(None,) * 4, *assessed[claim.id]) for claim in stay]
    changed = session.execute(
        _UPDATE,
        {"county_code": county_code, "at": at}
        | {name: array_text(column) for name, column in zip(_TYPES, zip(*rows, strict=True), strict=True)},
    )
    if changed.rowcount != len(rows):
        raise StaleVersion(expected=len(rows), found=changed.rowcount)
    if not moves:
        return
    copy_rows(
        session,
        "claim_event",
        EVENT_COLUMNS,
        (
            (
                county_code, one.claim.id, one.claim.version + 1, one.event.value, state.value, at, by,
                one.reason_code, one.note, one.documents,
            )
            for one, state in zip(moves, after, strict=True)
        ),
    )  # fmt: skip


def is_in_another_hand(claim: ClaimRow, *, by: int | None, at: dt.datetime) -> bool:
    """Whether somebody else has it in hand now. A rule acts whoever has it."""
    if by is None or claim.held_by is None or claim.held_until is None:
        return False
    return claim.held_by != by and claim.held_until > at
