"""Appeals: filed on paper by the member, the institution or the county, decided in a term by another person.

An appeal that is upheld brings the claim back to review: a refused or reversed one is re-opened, an approved one is
taken back first, and what was paid for it meets the new decision (decision 0046).
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.errors import NotFound, StaleVersion
from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims import decisions
from contractor.claims.approving import STREAM, actor
from contractor.claims.hands import holds_lead, require_other_hands
from contractor.claims.reversing import reverse
from contractor.claims.tables import Claim, ClaimEvent, Settlement
from contractor.corrections import proposing
from contractor.corrections.refusals import AppealDecided, AppealLate, AppealOpen, NotByTheSamePerson, NothingToAppeal
from contractor.corrections.tables import Appeal
from rulebook.handling_terms import term_on
from rulebook.lifecycles.claim import E, S
from rulebook.registry import Timeline
from rulebook.workdays import mainland_calendar

UPHELD, DISMISSED = "upheld", "dismissed"
APPEALABLE = (S.APPROVED, S.REJECTED, S.REVERSED)
DECIDING = (
    E.APPROVED, E.APPROVED_BY_RULE, E.NOTICE_BEGUN, E.NOTICE_ENDED, E.REJECTED, E.REJECTED_BY_RULE,
    E.DOCUMENTS_OVERDUE, E.REVERSED, E.REPRICED, E.READJUDICATED,
)  # fmt: skip


def file_appeal(
    session: Session,
    claim_id: int,
    *,
    county_code: str,
    filed_by: str,
    filer_name: str,
    paper: str,
    statement: str,
    filed_on: dt.date,
    by: int,
    at: dt.datetime,
    late_reason: str | None = None,
) -> int:
    """Enter an appeal against the last decision on a claim.

    Args:
        late_reason: why it is taken though its term is over; the lead alone may. Ignored where it came in time.

    Raises: NotFound, NothingToAppeal, AppealOpen, AppealLate.
    """
    claim = session.execute(
        select(Claim.state).where(Claim.county_code == county_code, Claim.id == claim_id).with_for_update()
    ).one_or_none()
    if claim is None:
        raise NotFound(kind="claim")
    decided = session.execute(
        select(ClaimEvent.event_no, ClaimEvent.acted_by, ClaimEvent.at)
        .where(ClaimEvent.county_code == county_code, ClaimEvent.claim_id == claim_id)
        .where(ClaimEvent.event.in_([event.value for event in DECIDING]))
        .order_by(ClaimEvent.event_no.desc())
        .limit(1)
    ).one_or_none()
    if decided is None or claim.state not in [state.value for state in APPEALABLE]:
        raise NothingToAppeal(claim_id=claim_id, state=claim.state)
    own = (Appeal.county_code == county_code, Appeal.claim_id == claim_id)
    waiting = session.scalar(select(Appeal.id).where(*own, Appeal.outcome.is_(None)))
    if waiting is not None:
        raise AppealOpen(appeal_id=waiting)
    file_by_on = _due(local_day(decided.at), "file_appeal")
    is_late = filed_on > file_by_on
    if is_late and not (late_reason and holds_lead(session, county_code, by)):
        raise AppealLate(file_by_on=file_by_on, filed_on=filed_on)
    appeal_id = session.execute(
        insert(Appeal)
        .values(
            county_code=county_code, claim_id=claim_id, appealed_event_no=decided.event_no, first_by=decided.acted_by,
            filed_by=filed_by, filer_name=filer_name, paper=paper, statement=statement, filed_on=filed_on,
            due_on=_due(filed_on, "decide_appeal"), file_by_on=file_by_on, recorded_at=at, recorded_by=by,
            late_reason=late_reason if is_late else None,
        )
        .returning(Appeal.id)
    ).scalar_one()  # fmt: skip
    _note(
        session, county_code, "appeal.filed", appeal_id, by=by, at=at, claim=claim_id, filed_by=filed_by, late=is_late
    )
    return int(appeal_id)


def decide_appeal(
    session: Session,
    appeal_id: int,
    outcome: str,
    *,
    county_code: str,
    claim_version: int,
    answer: str,
    law: Timeline,
    by: int,
    at: dt.datetime,
) -> None:
    """Uphold or dismiss it. Raises: NotFound, AppealDecided, NotByTheSamePerson, StaleVersion, and as `reverse`.

    Args:
        claim_version: the version of the claim that was looked at.
    """
    assert outcome in (UPHELD, DISMISSED)
    asked = select(Appeal).where(Appeal.county_code == county_code, Appeal.id == appeal_id)
    appeal = session.scalar(asked.with_for_update().execution_options(populate_existing=True))
    if appeal is None:
        raise NotFound(kind="appeal")
    if appeal.decided_at is not None:
        raise AppealDecided(appeal_id=appeal_id)
    if by in (appeal.first_by, appeal.recorded_by):
        raise NotByTheSamePerson(by=by)
    claim = session.execute(
        select(Claim.state, Claim.version)
        .where(Claim.county_code == county_code, Claim.id == appeal.claim_id)
        .with_for_update()
    ).one()
    if claim.version != claim_version:
        raise StaleVersion(claim_id=appeal.claim_id, expected=claim_version, found=claim.version)
    require_other_hands(session, county_code, [appeal.claim_id], by=by)
    appeal.outcome, appeal.answer, appeal.decided_at, appeal.decided_by = outcome, answer, at, by
    session.flush()
    if outcome == UPHELD:
        version = claim.version
        if claim.state == S.APPROVED:
            done = reverse(
                session, {appeal.claim_id: version}, county_code=county_code, law=law, reason_code="appeal", by=by,
                at=at, note=answer,
            )  # fmt: skip
            version += 1
            _propose_again(session, county_code, done.settlement_id, law=law, at=at)
        decisions.reopen(session, {appeal.claim_id: version}, county_code=county_code, note=answer, by=by, at=at)
    _note(session, county_code, f"appeal.{outcome}", appeal_id, by=by, at=at, claim=appeal.claim_id)


def _propose_again(
    session: Session, county_code: str, reversal_id: int | None, *, law: Timeline, at: dt.datetime
) -> None:
    """What the cap had cut of the year's later claims is proposed for re-adjudication at once; a visit has none."""
    if reversal_id is None:
        return
    s = Settlement
    asked = select(s.reverses_settlement_id).where(s.county_code == county_code, s.id == reversal_id)
    taken_back = session.execute(asked).scalar_one()
    proposing.propose_again(session, taken_back, reversal_id, county_code=county_code, law=law, at=at)


def _due(from_on: dt.date, term: str) -> dt.date:
    workdays = term_on(term, from_on)
    # A year whose calendar is not loaded must not take the term away: three plain days for two working days.
    return mainland_calendar().due_after(from_on, workdays=workdays).on or from_on + dt.timedelta(
        days=workdays * 3 // 2
    )


def _note(
    session: Session, county_code: str, act: str, number: int, *, by: int, at: dt.datetime, **facts: object
) -> None:
    entry = Entry(act, "appeal", str(number), actor(by), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
