"""Proving anew who one is: the step-up before money or rights, and the proof bound to one act.

A step-up is the password with the second factor, or a security key that knows its owner. In the demo, where no factor
is set up, the password alone. It gives the session a new token and holds for five minutes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.identity import people_trail, sessions, throttle
from chassis.identity.passwords import Check
from chassis.identity.queries import needs_security_key, second_factors_of, staff_of
from chassis.identity.refusals import ProofMissing
from chassis.identity.security_keys import RelyingParty, session_holder, take_answer
from chassis.identity.sign_in import Admitted, Caller, Wrong, factor_is_right
from chassis.identity.tables import ApprovalProof
from chassis.identity.throttle import Throttled, Try
from chassis.identity.tokens import name_digest
from chassis.settings import Settings
from chassis.vault.keyring import Keyring
from chassis.visitors import Visitor

PROOF_HOLDS = dt.timedelta(minutes=5)
STAGE = "step_up"


@dataclass(frozen=True)
class Confirmed:
    """This session's person has just given the right secret; what a proof is made of."""

    session_id: int
    at: dt.datetime


@dataclass(frozen=True)
class SteppedUp:
    """The session's new token; the old one opens nothing any more."""

    token: str


def ways_to_prove(session: Session, settings: Settings, visitor: Visitor) -> list[str]:
    """What the step-up may be given with: `password`, `totp`, `security_key`."""
    factors = second_factors_of(session, visitor.county_code, visitor.person_id)
    if not factors:
        return ["password"]
    if "security_key" in factors and needs_security_key(settings, visitor.roles):
        return ["security_key"]
    return factors


def admit(
    session: Session, keyring: Keyring, visitor: Visitor, caller: Caller, *, at: dt.datetime
) -> Admitted | Throttled:
    """Count a try of a signed-in person before their password is examined."""
    staff = staff_of(session, visitor.county_code, visitor.person_id)
    assert staff is not None, "a visitor is one of the staff"
    digest = name_digest(keyring, staff.sign_in_name)
    throttle.hold_the_name(session, digest)
    device = sessions.device_known_for(session, caller.device_token, staff.county_code, staff.id, at=at)
    try_ = Try(STAGE, digest, caller.network_digest, device, staff.county_code)
    wait_seconds = throttle.wait_before(session, try_, at=at)
    if wait_seconds:
        is_recorded = throttle.record_throttled(session, try_, at=at)
        if is_recorded:
            _note(session, "step_up_throttled", visitor, at=at)
        return Throttled(wait_seconds, is_recorded)
    throttle.record(session, try_, "begun", at=at)
    return Admitted(try_, staff.county_code, staff.id, staff.password_hash, code_taken=False)


def step_up(
    session: Session,
    keyring: Keyring,
    settings: Settings,
    visitor: Visitor,
    admitted: Admitted,
    check: Check,
    *,
    kind: str,
    answer: str,
    at: dt.datetime,
) -> SteppedUp | Wrong:
    """Password and second factor together; which of the two was wrong is not said."""
    holder = session_holder(session, visitor)
    ways = ways_to_prove(session, settings, visitor)
    # Both are examined whatever the first says, so that the time taken does not tell them apart.
    if ways == ["password"]:
        is_factor_right = True
    elif kind in ("totp", "recovery_code") and ways != ["security_key"]:
        is_factor_right = factor_is_right(session, keyring, holder, kind, answer, party=None, at=at)
    else:
        is_factor_right = False
    is_right = _same_password(session, admitted, check) and is_factor_right
    return _conclude(session, visitor, admitted.try_, is_right, at=at)


def step_up_with_key(
    session: Session,
    keyring: Keyring,
    visitor: Visitor,
    caller: Caller,
    party: RelyingParty,
    answer: Any,
    *,
    at: dt.datetime,
) -> SteppedUp | Wrong | Throttled:
    """A security key that asked for its PIN or fingerprint: possession and owner in one answer."""
    admitted = admit(session, keyring, visitor, caller, at=at)
    if isinstance(admitted, Throttled):
        return admitted
    holder = session_holder(session, visitor)
    is_right = take_answer(session, holder, party, answer, verified=True, at=at)
    return _conclude(session, visitor, admitted.try_, is_right, at=at)


def confirm(
    session: Session, visitor: Visitor, admitted: Admitted, check: Check, *, at: dt.datetime
) -> Confirmed | Wrong:
    """The password once more, on a page whose route asks for a step-up: what an approval panel posts."""
    is_right = _same_password(session, admitted, check)
    throttle.record(session, admitted.try_, "passed" if is_right else "failed", at=at)
    if not is_right:
        _note(session, "step_up_failed", visitor, at=at)
        return Wrong()
    return Confirmed(visitor.session_id, at)


def prove(session: Session, visitor: Visitor, confirmed: Confirmed, *, shown_sha256: bytes, at: dt.datetime) -> int:
    """Bind a confirmation to the SHA-256 of exactly what was shown; returns the proof's number."""
    assert len(shown_sha256) == 32, "what was shown is named by its SHA-256"
    if confirmed.session_id != visitor.session_id or confirmed.at + PROOF_HOLDS <= at:
        raise ProofMissing()
    p = ApprovalProof
    values = {
        "county_code": visitor.county_code,
        "staff_id": visitor.person_id,
        "session_id": visitor.session_id,
        "shown_sha256": shown_sha256,
        "proved_at": confirmed.at,
        "ends_at": confirmed.at + PROOF_HOLDS,
    }
    proof_id = session.execute(insert(p).values(values).returning(p.id)).scalar_one()
    _note(session, "proved", visitor, at=at, proof=proof_id, shown=shown_sha256.hex())
    return proof_id


def use_proof(session: Session, visitor: Visitor, *, shown_sha256: bytes, at: dt.datetime) -> int:
    """Use up this session's proof for exactly this content, in the transaction of the act; returns its number.

    Raises:
        ProofMissing: none was given, it was for other content, it is too old, or it was used.
    """
    p = ApprovalProof
    fitting = (
        select(p)
        .where(p.county_code == visitor.county_code, p.session_id == visitor.session_id)
        .where(p.staff_id == visitor.person_id, p.shown_sha256 == shown_sha256)
        .where(p.used_at.is_(None), p.ends_at > at)
        .order_by(p.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    proof = session.execute(fitting).scalar_one_or_none()
    if proof is None:
        raise ProofMissing()
    proof.used_at = at
    session.flush()
    return proof.id


def _conclude(session: Session, visitor: Visitor, try_: Try, is_right: bool, *, at: dt.datetime) -> SteppedUp | Wrong:
    throttle.record(session, try_, "passed" if is_right else "failed", at=at)
    if not is_right:
        _note(session, "step_up_failed", visitor, at=at)
        return Wrong()
    until = at + sessions.STEPPED_UP
    token = sessions.renew(session, visitor.county_code, visitor.session_id, stepped_up_until=until, at=at)
    _note(session, "stepped_up", visitor, at=at)
    return SteppedUp(token)


def _same_password(session: Session, admitted: Admitted, check: Check) -> bool:
    staff = staff_of(session, admitted.county_code, admitted.staff_id, lock=True)
    return check.is_right and staff is not None and staff.password_hash == admitted.password_hash


def _note(session: Session, act: str, visitor: Visitor, *, at: dt.datetime, **facts: object) -> None:
    people_trail.note(
        session,
        act,
        county_code=visitor.county_code,
        staff_id=visitor.person_id,
        by=visitor.person_id,
        at=at,
        session=visitor.session_id,
        **facts,
    )
