"""Moves of claims: the table of the trade is asked, state and version change together, and the event is written.

There is no other way to a state. The version a person saw is compared and set, so a second decision on what has
changed since is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.errors import StaleVersion
from contractor.claims.chunk import ClaimRow
from contractor.claims.copying import copy_rows
from contractor.claims.refusals import WrongState
from rulebook.lifecycles.claim import CLAIM, E, S
from rulebook.lifecycles.lifecycle import IllegalMove

EVENT_COLUMNS = (
    "county_code", "claim_id", "event_no", "event", "state_after", "at", "acted_by", "reason_code", "note", "documents",
)  # fmt: skip


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


def move(session: Session, county_code: str, moves: Sequence[Move], *, at: dt.datetime, by: int | None) -> None:
    """Make the moves: one update, one COPY of events. Raises: WrongState, StaleVersion."""
    if not moves:
        return
    after = [one.state_after for one in moves]
    changed = session.execute(
        text(
            "UPDATE contractor.claim AS c SET state = own.state, version = c.version + 1, "
            "notice_until_on = coalesce(own.notice_until_on, c.notice_until_on), "
            "documents_due_on = coalesce(own.documents_due_on, c.documents_due_on), "
            "held_by = own.held_by, held_until = own.held_until "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:versions AS int[]), CAST(:states AS text[]), "
            "CAST(:notices AS date[]), CAST(:papers AS date[]), CAST(:holders AS bigint[]), "
            "CAST(:holds AS timestamptz[])) "
            "AS own (id, version, state, notice_until_on, documents_due_on, held_by, held_until) "
            "WHERE c.county_code = :county_code AND c.id = own.id AND c.version = own.version"
        ),
        {
            "county_code": county_code,
            "ids": [one.claim.id for one in moves],
            "versions": [one.claim.version for one in moves],
            "states": [str(state) for state in after],
            "notices": [one.notice_until_on for one in moves],
            "papers": [one.documents_due_on for one in moves],
            "holders": [one.held_by for one in moves],
            "holds": [one.held_until for one in moves],
        },
    )
    if changed.rowcount != len(moves):
        raise StaleVersion(expected=len(moves), found=changed.rowcount)
    copy_rows(
        session,
        "claim_event",
        EVENT_COLUMNS,
        (
            (
                county_code, one.claim.id, one.claim.version + 1, str(one.event), str(state), at, by,
                one.reason_code, one.note, one.documents,
            )
            for one, state in zip(moves, after, strict=True)
        ),
    )  # fmt: skip
