"""What people decide on claims. Every decision is one transaction: version compared, event, money, payments, trail.

`seen` maps the number of each claim to the version the person saw; one claim is a map of one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from chassis.vault.keyring import Keyring
from contractor.claims.approving import (
    STREAM,
    actor,
    approve_rows,
    find_no_account,
    require_payable,
    without_account,
)
from contractor.claims.arrays import array_text, numbers_text
from contractor.claims.chunk import Chunk, locked_as_seen
from contractor.claims.hands import asking_for_two, require_handed_out, require_other_hands
from contractor.claims.moves import Move, move
from contractor.claims.refusals import (
    AskedBefore,
    NoticeNotOver,
    ReductionTooLarge,
    UnknownReason,
    WrongState,
)
from contractor.claims.settling import Settled
from contractor.claims.statements import statement
from rulebook.handling_terms import term_on
from rulebook.lifecycles.claim import E
from rulebook.reasons import PAPERS, REDUCE, REFUSE, WITHDRAW, Reason
from rulebook.registry import Timeline
from rulebook.workdays import mainland_calendar

Seen = Mapping[int, int]
NO_LAW = Timeline(())
"""For moves that compute nothing."""


class Reduction(NamedTuple):
    """What a reviewer takes off one line, in place of what was taken off before; 0 takes nothing off."""

    line_no: int
    reduced_fen: int
    reason_code: str


def take_up(
    session: Session, seen: Seen, *, county_code: str, by: int, at: dt.datetime, is_handed_out: bool = False
) -> None:
    """Take claims in hand to review them. What no check has looked at yet waits for its assessment first.

    Args:
        is_handed_out: the queue chose them; in second review only the lead may choose.

    Raises: StaleVersion, WrongState, TooNear, HadASay, HandedOut.
    """
    require_other_hands(session, county_code, list(seen), by=by)
    chunk = locked_as_seen(session, county_code, seen, law=NO_LAW)
    for claim in chunk.claims:
        if claim.assessed_at is None:
            raise WrongState(claim_id=claim.id, state=claim.state, event=E.TAKEN_UP.value)
    if not is_handed_out:
        require_handed_out(chunk, by=by)
    _moved(chunk, E.TAKEN_UP, by=by, at=at, held_by=by)


def release(session: Session, seen: Seen, *, county_code: str, by: int, at: dt.datetime) -> None:
    """Give claims back to the desk."""
    _simple(session, seen, E.RELEASED, county_code=county_code, by=by, at=at)


def approve(
    session: Session,
    seen: Seen,
    *,
    county_code: str,
    law: Timeline,
    keyring: Keyring,
    by: int,
    at: dt.datetime,
    on: dt.date,
    note: str | None = None,
) -> list[Settled]:
    """A reviewer's yes. On the manual route the public notice begins; money is settled when it has ended.

    Raises: StaleVersion, WrongState, NoLawOnDay, PayeeWithoutAccount, TooNear, HadASay.
    """
    chunk = locked_as_seen(session, county_code, seen, law=law)
    require_other_hands(session, county_code, list(seen), by=by)
    over_on = on + dt.timedelta(days=term_on("public_notice", on))
    manual = [row for row, claim in enumerate(chunk.claims) if claim.route == "manual"]
    require_payable(chunk, manual, keyring)
    notices = [Move(chunk.claims[row], E.NOTICE_BEGUN, note=note, notice_until_on=over_on) for row in manual]
    events = {row: E.APPROVED for row, claim in enumerate(chunk.claims) if claim.route != "manual"}
    settled = approve_rows(chunk, events, at=at, by=by, keyring=keyring, note=note)
    move(session, county_code, notices, at=at, by=by)
    _tell(session, county_code, notices, by=by, at=at, until=over_on.isoformat())
    return settled


def end_notices(
    session: Session,
    seen: Seen,
    *,
    county_code: str,
    law: Timeline,
    keyring: Keyring,
    at: dt.datetime,
    on: dt.date,
    by: int | None = None,
) -> list[Settled]:
    """Public notices whose term is over without an objection: the claims are approved and settled.

    Whose account has gone meanwhile stays on notice with a finding that says so; the next round pays it, once there is
    one. What one person alone put on notice and by now asks for a second goes back to review instead: more was decided
    for the same household or account since, or something was found.

    Raises: NoticeNotOver, and as `approve`.
    """
    chunk = locked_as_seen(session, county_code, seen, law=law)
    for claim in chunk.claims:
        if claim.notice_until_on is not None and on < claim.notice_until_on:
            raise NoticeNotOver(claim_id=claim.id, notice_until_on=claim.notice_until_on)
    rows = range(len(chunk.claims))
    unpayable = without_account(chunk, rows, keyring)
    find_no_account(chunk, unpayable, at=at)
    recalled = asking_for_two(chunk, [row for row in rows if row not in unpayable], at=at)
    back = [Move(chunk.claims[row], E.OBJECTED, reason_code="asks_for_two") for row in sorted(recalled)]
    move(session, county_code, back, at=at, by=by)
    if back:
        _tell(session, county_code, back, by=by, at=at, reason="asks_for_two")
    events = {row: E.NOTICE_ENDED for row in rows if row not in unpayable | recalled}
    return approve_rows(chunk, events, at=at, by=by, keyring=keyring)


def reduce(
    session: Session,
    seen: Seen,
    reductions: Sequence[Reduction],
    *,
    county_code: str,
    by: int,
    at: dt.datetime,
    note: str | None = None,
) -> None:
    """Take something off lines of one claim under review. On the direct route it falls on the institution.

    Raises: StaleVersion, WrongState, TooNear, HadASay, HandedOut, UnknownReason, ReductionTooLarge.
    """
    assert len(seen) == 1 and reductions, "lines are reduced one claim at a time"
    for reduction in reductions:
        _known(reduction.reason_code, REDUCE)
    chunk = locked_as_seen(session, county_code, seen, law=NO_LAW)
    require_other_hands(session, county_code, list(seen), by=by)
    require_handed_out(chunk, by=by)
    claim = chunk.claims[0]
    moves = [Move(claim, E.REDUCED, note=note, held_by=by, held_until=at + HOLD)]
    move(session, county_code, moves, at=at, by=by)
    done = session.execute(
        statement(
            "UPDATE contractor.claim_line AS l SET reduced_fen = own.reduced_fen, "
            "reduce_reason = CASE WHEN own.reduced_fen = 0 THEN NULL ELSE own.reason END "
            "FROM unnest(CAST(:numbers AS int[]), CAST(:fens AS bigint[]), CAST(:reasons AS text[])) "
            "AS own (line_no, reduced_fen, reason) WHERE l.county_code = :county_code AND l.claim_id = :claim_id "
            "AND l.line_no = own.line_no AND own.reduced_fen BETWEEN 0 AND l.charged_fen RETURNING l.line_no"
        ),
        {
            "county_code": county_code,
            "claim_id": claim.id,
            "numbers": numbers_text(reduction.line_no for reduction in reductions),
            "fens": numbers_text(reduction.reduced_fen for reduction in reductions),
            "reasons": array_text(reduction.reason_code for reduction in reductions),
        },
    )
    missing = {reduction.line_no for reduction in reductions} - set(done.scalars())
    if missing:
        raise ReductionTooLarge(claim_id=claim.id, lines=sorted(missing))
    total_fen = sum(reduction.reduced_fen for reduction in reductions)
    _tell(session, county_code, moves, by=by, at=at, lines=len(reductions), reduced_fen=total_fen)


def refuse(
    session: Session,
    seen: Seen,
    *,
    county_code: str,
    reason_code: str,
    by: int,
    at: dt.datetime,
    note: str | None = None,
) -> None:
    """A reviewer's no, with its reason. Raises: StaleVersion, WrongState, UnknownReason."""
    _known(reason_code, REFUSE)
    require_other_hands(session, county_code, list(seen), by=by)
    _simple(session, seen, E.REJECTED, county_code=county_code, by=by, at=at, reason_code=reason_code, note=note)


def send_back(
    session: Session,
    seen: Seen,
    documents: Collection[str],
    *,
    county_code: str,
    by: int,
    at: dt.datetime,
    on: dt.date,
    note: str | None = None,
) -> None:
    """Ask for missing papers: once, all together, with a term. Raises: AskedBefore, UnknownReason, and as above."""
    assert documents, "something is missing"
    for document in documents:
        _known(document, PAPERS)
    chunk = locked_as_seen(session, county_code, seen, law=NO_LAW)
    require_other_hands(session, county_code, list(seen), by=by)
    for claim in chunk.claims:
        if claim.documents_due_on is not None:
            raise AskedBefore(claim_id=claim.id)
    due = mainland_calendar().due_after(on, workdays=term_on("bring_documents", on))
    # A year whose calendar is not loaded must not take the term away: it then runs in plain days, three for two.
    due_on = due.on or on + dt.timedelta(days=term_on("bring_documents", on) * 3 // 2)
    papers = sorted(set(documents))
    moves = [Move(claim, E.SENT_BACK, note=note, documents=papers, documents_due_on=due_on) for claim in chunk.claims]
    move(session, county_code, moves, at=at, by=by)
    _tell(session, county_code, moves, by=by, at=at, papers=papers, due_on=due_on.isoformat())


def documents_received(
    session: Session, seen: Seen, *, county_code: str, by: int | None, at: dt.datetime, note: str | None = None
) -> None:
    """The papers have come; the claim is under review again."""
    _simple(session, seen, E.DOCUMENTS_RECEIVED, county_code=county_code, by=by, at=at, note=note)


def documents_overdue(session: Session, seen: Seen, *, county_code: str, at: dt.datetime) -> None:
    """The term for the papers is over: the claim is refused, and an appeal may re-open it."""
    _simple(
        session, seen, E.DOCUMENTS_OVERDUE, county_code=county_code, by=None, at=at, reason_code="documents_overdue"
    )


def object_to(session: Session, seen: Seen, *, county_code: str, note: str, by: int | None, at: dt.datetime) -> None:
    """Somebody objected during the public notice: back to review. Nothing was settled yet."""
    _simple(session, seen, E.OBJECTED, county_code=county_code, by=by, at=at, note=note)


def withdraw(
    session: Session,
    seen: Seen,
    *,
    county_code: str,
    reason_code: str,
    by: int | None,
    at: dt.datetime,
    note: str | None = None,
) -> None:
    """Whoever sent the claim takes it back before it is decided."""
    _known(reason_code, WITHDRAW)
    _simple(session, seen, E.WITHDRAWN, county_code=county_code, by=by, at=at, reason_code=reason_code, note=note)


def reopen(session: Session, seen: Seen, *, county_code: str, note: str, by: int, at: dt.datetime) -> None:
    """An appeal was upheld: a refused or reversed claim is under review again. Raises: also TooNear."""
    require_other_hands(session, county_code, list(seen), by=by)
    _simple(session, seen, E.REOPENED, county_code=county_code, by=by, at=at, note=note)


def _simple(
    session: Session,
    seen: Seen,
    event: E,
    *,
    county_code: str,
    by: int | None,
    at: dt.datetime,
    reason_code: str | None = None,
    note: str | None = None,
) -> None:
    """A move that changes no money."""
    chunk = locked_as_seen(session, county_code, seen, law=NO_LAW)
    _moved(chunk, event, by=by, at=at, reason_code=reason_code, note=note)


def _moved(
    chunk: Chunk,
    event: E,
    *,
    by: int | None,
    at: dt.datetime,
    reason_code: str | None = None,
    note: str | None = None,
    held_by: int | None = None,
) -> None:
    """The same of claims that are locked already."""
    held_until = at + HOLD if held_by is not None else None
    moves = [
        Move(claim, event, reason_code=reason_code, note=note, held_by=held_by, held_until=held_until)
        for claim in chunk.claims
    ]
    move(chunk.session, chunk.county_code, moves, at=at, by=by)
    facts = {"reason": reason_code} if reason_code else {}
    _tell(chunk.session, chunk.county_code, moves, by=by, at=at, **facts)


def _tell(
    session: Session, county_code: str, moves: Sequence[Move], *, by: int | None, at: dt.datetime, **facts: object
) -> None:
    who = actor(by)
    entries = [
        Entry(
            f"claim.{one.event.value}",
            "claim",
            str(one.claim.id),
            who,
            {"version": one.claim.version + 1} | facts,
        )
        for one in moves
    ]
    append(session, county_code=county_code, stream=STREAM, entries=entries, at=at)


def _known(code: str, reasons: Mapping[str, Reason]) -> None:
    if code not in reasons:
        raise UnknownReason(reason_code=code)


HOLD = dt.timedelta(minutes=30)
"""An open screen renews it. What nobody has open any more goes back to the desk."""
