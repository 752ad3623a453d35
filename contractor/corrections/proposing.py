"""Corrections: one person proposes what was previewed, another confirms exactly that, and then it takes effect.

What a reversal re-opens is proposed by the system and confirmed by a person (MONEY.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.trail.appending import append
from chassis.trail.chain import Entry
from chassis.vault.keyring import Keyring
from contractor.claims.approving import STREAM, actor
from contractor.claims.refusals import UnknownReason, WrongState
from contractor.claims.reversing import Reversed, reverse
from contractor.corrections import standing
from contractor.corrections.applying import Resettled, resettle
from contractor.corrections.foreseeing import Foreseen, Line, chunk_of, foresee
from contractor.corrections.refusals import (
    CorrectionChanged,
    CorrectionEnded,
    CorrectionPending,
    NotByTheSamePerson,
    NothingToCorrect,
)
from contractor.corrections.tables import Correction, CorrectionLine
from rulebook.lifecycles.claim import E
from rulebook.reasons import REVERSE
from rulebook.registry import Timeline

REVERSAL, REPRICE, READJUDICATION = "reversal", "reprice", "readjudication"
EVENTS = {REPRICE: E.REPRICED, READJUDICATION: E.READJUDICATED}


def reversal_foreseen(session: Session, county_code: str, claim_id: int, *, law: Timeline) -> Foreseen:
    """One claim's decision that would give nothing any more. Raises: NotFound, WrongState."""
    claims = chunk_of(session, county_code, [claim_id], law=law).claims
    if not claims:
        raise NotFound(kind="claim")
    ask = standing.accounts_from if claims[0].route == "outpatient" else standing.years_from
    found = [one for one in ask(session, county_code, [claim_id]) if one.claim_id == claim_id]
    if claims[0].state != "approved" or not found:
        raise WrongState(claim_id=claim_id, state=claims[0].state, event=E.REVERSED.value)
    return Foreseen([Line(found[0], True, dict.fromkeys(found[0].gives, 0))])


def propose(
    session: Session,
    kind: str,
    foreseen: Foreseen,
    *,
    county_code: str,
    subject: str,
    reason_code: str,
    note: str,
    by: int | None,
    at: dt.datetime,
    follows_settlement_id: int = 0,
) -> int:
    """Write down what was previewed, for another person to confirm. Raises: NothingToCorrect, CorrectionPending."""
    if reason_code not in REVERSE:
        raise UnknownReason(reason_code=reason_code)
    if not foreseen.lines:
        raise NothingToCorrect()
    ids = [line.stands.claim_id for line in foreseen.lines]
    pending = session.scalar(
        select(Correction.id)
        .join(CorrectionLine, (CorrectionLine.county_code == Correction.county_code)
              & (CorrectionLine.correction_id == Correction.id))
        .where(Correction.county_code == county_code, CorrectionLine.claim_id.in_(ids))
        .where(Correction.confirmed_at.is_(None), Correction.withdrawn_at.is_(None))
        .limit(1)
    )  # fmt: skip
    if pending is not None:
        raise CorrectionPending(correction_id=pending)
    correction_id = session.execute(
        insert(Correction)
        .values(
            county_code=county_code, kind=kind, reason_code=reason_code, note=note, subject=subject,
            content_sha256=foreseen.sha256(subject), claim_count=len(ids), before_fen=foreseen.before_fen,
            after_fen=foreseen.after_fen, follows_settlement_id=follows_settlement_id, proposed_at=at, proposed_by=by,
        )
        .returning(Correction.id)
    ).scalar_one()  # fmt: skip
    session.execute(insert(CorrectionLine), _lines(county_code, correction_id, foreseen.lines))
    _note(session, county_code, "correction.proposed", correction_id, by=by, at=at, kind=kind, claims=len(ids))
    return int(correction_id)


def confirm(
    session: Session,
    correction_id: int,
    *,
    shown_sha256: bytes,
    county_code: str,
    law: Timeline,
    keyring: Keyring,
    by: int,
    at: dt.datetime,
) -> Resettled | Reversed:
    """Another person's yes to exactly what was shown: it takes effect now.

    Raises: NotFound, CorrectionEnded, NotByTheSamePerson, CorrectionChanged, and as `reverse` and `resettle`.
    """
    correction = locked(session, county_code, correction_id)
    if by == correction.proposed_by:
        raise NotByTheSamePerson(by=by)
    shown = shown_again(session, correction, law=law)
    if shown.sha256(correction.subject) != bytes(correction.content_sha256) or shown_sha256 != bytes(
        correction.content_sha256
    ):
        raise CorrectionChanged(correction_id=correction_id)
    who = {"county_code": county_code, "law": law, "by": by, "at": at}
    correction.confirmed_at, correction.confirmed_by = at, by
    session.flush()
    done: Resettled | Reversed
    if correction.kind == REVERSAL:
        (line,) = shown.lines
        done = reverse(
            session, {line.stands.claim_id: line.stands.claim_version}, reason_code=correction.reason_code,
            note=correction.note, **who,
        )  # fmt: skip
        if done.settlement_id is not None:
            propose_again(
                session, line.stands.settlement_id, done.settlement_id, county_code=county_code, law=law, at=at
            )
    else:
        done = resettle(
            session, shown, correction_id=correction_id, event=EVENTS[correction.kind],
            reason_code=correction.reason_code, keyring=keyring, **who,
        )  # fmt: skip
    _note(session, county_code, "correction.confirmed", correction_id, by=by, at=at, kind=correction.kind)
    return done


def withdraw(session: Session, correction_id: int, *, county_code: str, by: int, at: dt.datetime) -> None:
    """It is given up; nothing was changed. Raises: NotFound, CorrectionEnded."""
    correction = locked(session, county_code, correction_id)
    correction.withdrawn_at, correction.withdrawn_by = at, by
    session.flush()
    _note(session, county_code, "correction.withdrawn", correction_id, by=by, at=at, kind=correction.kind)


def propose_again(
    session: Session, settlement_id: int, reversal_id: int, *, county_code: str, law: Timeline, at: dt.datetime
) -> int | None:
    """What the year's later claims come to once a decision is taken back; None where nothing changes.

    From the first that changes on all are settled anew, so that each stands on the ones before it. A year of which a
    correction waits already keeps that one: whoever confirms it finds that it changed, and it is proposed anew.
    """
    later = standing.later_in_year(session, county_code, settlement_id)
    if not later:
        return None
    foreseen = foresee(session, county_code, later, law=law)
    changed = [place for place, line in enumerate(foreseen.lines) if dict(line.after) != line.stands.gives]
    if not changed:
        return None
    rest = Foreseen([Line(one.stands, False, one.after) for one in foreseen.lines[changed[0] :]])
    try:
        return propose(
            session, READJUDICATION, rest, county_code=county_code, subject=f"settlement/{settlement_id}",
            reason_code="readjudicate", note="", by=None, at=at, follows_settlement_id=reversal_id,
        )  # fmt: skip
    except CorrectionPending:
        return None


def renew(session: Session, correction_id: int, *, county_code: str, law: Timeline, by: int, at: dt.datetime) -> int:
    """What was proposed is looked at anew, because its claims or their year have moved. Raises: as `propose`."""
    old = locked(session, county_code, correction_id)
    claims = [line.claim_id for line in lines_of(session, county_code, correction_id)]
    withdraw(session, correction_id, county_code=county_code, by=by, at=at)
    foreseen = (
        reversal_foreseen(session, county_code, claims[0], law=law)
        if old.kind == REVERSAL
        else foresee(session, county_code, claims, law=law)
    )
    return propose(
        session, old.kind, foreseen, county_code=county_code, subject=old.subject, reason_code=old.reason_code,
        note=old.note, by=None if old.kind == READJUDICATION else by, at=at,
        follows_settlement_id=old.follows_settlement_id,
    )  # fmt: skip


def shown_again(session: Session, correction: Correction, *, law: Timeline) -> Foreseen:
    """What a correction comes to at this moment, in the order of its lines."""
    county = correction.county_code
    lines = lines_of(session, county, correction.id)
    if correction.kind == REVERSAL:
        return reversal_foreseen(session, county, lines[0].claim_id, law=law)
    causes = {line.claim_id: line.is_cause for line in lines}
    found = foresee(session, county, list(causes), law=law, keeps_unchanged=True)
    return Foreseen([Line(one.stands, causes.get(one.stands.claim_id, False), one.after) for one in found.lines])


def lines_of(session: Session, county_code: str, correction_id: int) -> Sequence[CorrectionLine]:
    own = (CorrectionLine.county_code == county_code, CorrectionLine.correction_id == correction_id)
    return session.scalars(select(CorrectionLine).where(*own).order_by(CorrectionLine.place)).all()


def locked(session: Session, county_code: str, correction_id: int) -> Correction:
    """An open correction, ours until the transaction ends. Raises: NotFound, CorrectionEnded."""
    asked = select(Correction).where(Correction.county_code == county_code, Correction.id == correction_id)
    correction = session.scalar(asked.with_for_update().execution_options(populate_existing=True))
    if correction is None:
        raise NotFound(kind="correction")
    if correction.confirmed_at is not None or correction.withdrawn_at is not None:
        raise CorrectionEnded(correction_id=correction_id)
    return correction


def _lines(county_code: str, correction_id: int, lines: Sequence[Line]) -> list[dict[str, object]]:
    return [
        {
            "county_code": county_code,
            "correction_id": correction_id,
            "place": place,
            "claim_id": line.stands.claim_id,
            "claim_version": line.stands.claim_version,
            "is_cause": line.is_cause,
            "settlement_id": line.stands.settlement_id,
            "account_entry_id": line.stands.account_entry_id,
            "before_fen": line.before_fen,
            "after_fen": line.after_fen,
        }
        for place, line in enumerate(lines, 1)
    ]


def _note(
    session: Session,
    county_code: str,
    act: str,
    correction_id: int,
    *,
    by: int | None,
    at: dt.datetime,
    **facts: object,
) -> None:
    entry = Entry(act, "correction", str(correction_id), actor(by), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
