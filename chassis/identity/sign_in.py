"""Signing in: a try is counted, the password examined outside any transaction, then the second factor, then a session.

An unknown name, a wrong password and an account that is not active take the same statements and get the same answer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.identity import people_trail, sessions, throttle
from chassis.identity.factors import take_recovery_code, take_totp
from chassis.identity.passwords import Check
from chassis.identity.queries import second_factors_of, staff_by_sign_in_name, staff_of
from chassis.identity.refusals import PendingGone
from chassis.identity.security_keys import RelyingParty, take_answer
from chassis.identity.tables import UNKNOWN_COUNTY, PendingSignIn, Staff
from chassis.identity.throttle import Throttled, Try
from chassis.identity.tokens import digest_of, name_digest, new_token
from chassis.vault.keyring import Keyring

PENDING = dt.timedelta(minutes=10)
TRIES_PER_PENDING = 5
NOBODY_ID = -1


@dataclass(frozen=True)
class Caller:
    """Where a try comes from, as far as we keep it."""

    network_digest: bytes
    device_token: str | None
    device_words: str


@dataclass(frozen=True)
class Admitted:
    """A counted try whose password may now be examined; of an unknown name there is nothing to examine it with."""

    try_: Try
    county_code: str
    staff_id: int
    password_hash: str | None
    code_taken: bool
    """The authenticator's code was given with the name and has been taken."""


@dataclass(frozen=True)
class Wrong:
    """Name or password or both; which one is not said."""


@dataclass(frozen=True)
class SecondFactorWanted:
    """The password was right; `token` names this sign-in to the page that asks for the rest."""

    token: str


@dataclass(frozen=True)
class SignedIn:
    token: str
    device_token: str
    staff_id: int


def admit(
    session: Session, keyring: Keyring, sign_in_name: str, caller: Caller, *, code: str | None, at: dt.datetime
) -> Admitted | Throttled:
    """Count a try before it is examined. A code of the person's authenticator opens the way through a throttle."""
    digest = name_digest(keyring, sign_in_name)
    throttle.hold_the_name(session, digest)
    staff = staff_by_sign_in_name(session, sign_in_name)
    county_code = staff.county_code if staff else UNKNOWN_COUNTY
    staff_id = staff.id if staff else NOBODY_ID
    device = sessions.device_known_for(session, caller.device_token, county_code, staff_id, at=at)
    try_ = Try("password", digest, caller.network_digest, device, county_code)
    wait_seconds = throttle.wait_before(session, try_, at=at)
    code_taken = False
    if wait_seconds and code:
        code_taken = take_totp(session, keyring, county_code, staff_id, code, at=at)
    if wait_seconds and not code_taken:
        return _throttled(session, try_, staff_id, wait_seconds, at=at)
    throttle.record(session, try_, "begun", at=at)
    is_active = staff is not None and staff.status == "active"
    return Admitted(try_, county_code, staff_id, staff.password_hash if is_active else None, code_taken)


def conclude_password(
    session: Session, admitted: Admitted, check: Check, caller: Caller, *, at: dt.datetime
) -> SignedIn | SecondFactorWanted | Wrong:
    """What follows from the examined password. The account is read again: it may have changed meanwhile."""
    staff = staff_of(session, admitted.county_code, admitted.staff_id, lock=True)
    is_right = (
        check.is_right
        and staff is not None
        and staff.status == "active"
        and staff.password_hash == admitted.password_hash
    )
    throttle.record(session, admitted.try_, "passed" if is_right else "failed", at=at)
    if not is_right or staff is None:
        _note_failure(session, admitted.try_, admitted.staff_id, at=at)
        return Wrong()
    if check.new_hash is not None:
        staff.password_hash = check.new_hash
        session.flush()
    if admitted.code_taken:
        return _signed_in(session, staff, "totp", caller, at=at)
    if second_factors_of(session, staff.county_code, staff.id):
        return SecondFactorWanted(_begin_pending(session, staff, at=at))
    return _signed_in(session, staff, "password", caller, at=at)


def pending_for(session: Session, token: str | None, *, at: dt.datetime, lock: bool = False) -> PendingSignIn:
    """The sign-in that waits for its second factor under this token, or `PendingGone`."""
    p = PendingSignIn
    query = select(p).where(
        p.token_sha256 == digest_of(token or ""), p.ended_at.is_(None), p.ends_at > at, p.tries < TRIES_PER_PENDING
    )
    query = query.execution_options(populate_existing=True)
    found = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if found is None:
        raise PendingGone()
    return found


def conclude_second_factor(
    session: Session,
    keyring: Keyring,
    token: str | None,
    kind: str,
    answer: Any,
    caller: Caller,
    *,
    party: RelyingParty | None = None,
    at: dt.datetime,
) -> SignedIn | Wrong | Throttled:
    """Examine a second factor: `kind` is totp, recovery_code or security_key, `answer` the code or the key's answer."""
    pending = pending_for(session, token, at=at, lock=True)
    staff = staff_of(session, pending.county_code, pending.staff_id, lock=True)
    if staff is None or staff.status != "active" or _password_changed_since(staff, pending):
        raise PendingGone()
    device = sessions.device_known_for(session, caller.device_token, staff.county_code, staff.id, at=at)
    digest = name_digest(keyring, staff.sign_in_name)
    try_ = Try("second_factor", digest, caller.network_digest, device, staff.county_code)
    throttle.hold_the_name(session, digest)
    wait_seconds = throttle.wait_before(session, try_, at=at)
    if wait_seconds:
        return _throttled(session, try_, staff.id, wait_seconds, at=at)
    throttle.record(session, try_, "begun", at=at)
    is_right = factor_is_right(session, keyring, pending, kind, answer, party=party, at=at)
    throttle.record(session, try_, "passed" if is_right else "failed", at=at)
    if not is_right:
        pending.tries += 1
        session.flush()
        _note_failure(session, try_, staff.id, at=at)
        return Wrong()
    pending.ended_at = at
    session.flush()
    return _signed_in(session, staff, kind, caller, at=at)


def factor_is_right(
    session: Session,
    keyring: Keyring,
    holder: Any,
    kind: str,
    answer: Any,
    *,
    party: RelyingParty | None,
    at: dt.datetime,
) -> bool:
    """Whether the answer proves the person that `holder` (a pending sign-in or a session) belongs to."""
    if kind == "security_key":
        assert party is not None, "a key answers to a site"
        return take_answer(session, holder, party, answer, at=at)
    if not isinstance(answer, str):
        return False
    if kind == "totp":
        return take_totp(session, keyring, holder.county_code, holder.staff_id, answer, at=at)
    return take_recovery_code(session, holder.county_code, holder.staff_id, answer, at=at)


def sign_out(session: Session, county_code: str, staff_id: int, session_id: int, *, at: dt.datetime) -> None:
    sessions.revoke(session, county_code, session_id, staff_id=staff_id, why="signed_out", by=staff_id, at=at)


def _signed_in(session: Session, staff: Staff, factor: str, caller: Caller, *, at: dt.datetime) -> SignedIn:
    device_token = sessions.know_device(session, staff, caller.device_token, at=at)
    token = sessions.open_session(
        session, staff, factor=factor, network_digest=caller.network_digest, device_words=caller.device_words, at=at
    )
    return SignedIn(token, device_token, staff.id)


def _begin_pending(session: Session, staff: Staff, *, at: dt.datetime) -> str:
    """Others of the same person go on waiting: whoever has stolen the password cannot take the owner's place."""
    token = new_token()
    values = {
        "county_code": staff.county_code,
        "staff_id": staff.id,
        "token_sha256": digest_of(token),
        "started_at": at,
        "ends_at": at + PENDING,
    }
    session.execute(insert(PendingSignIn).values(values))
    return token


def _password_changed_since(staff: Staff, pending: PendingSignIn) -> bool:
    return staff.password_set_at is None or staff.password_set_at > pending.started_at


def _throttled(session: Session, try_: Try, staff_id: int, wait_seconds: int, *, at: dt.datetime) -> Throttled:
    is_recorded = throttle.record_throttled(session, try_, at=at)
    if is_recorded:
        _note(session, "sign_in_throttled", try_, staff_id, at=at, wait_seconds=wait_seconds)
    return Throttled(wait_seconds, is_recorded)


def _note_failure(session: Session, try_: Try, staff_id: int, *, at: dt.datetime) -> None:
    _note(session, "sign_in_failed", try_, staff_id, at=at)


def _note(session: Session, act: str, try_: Try, staff_id: int, *, at: dt.datetime, **facts: object) -> None:
    people_trail.note(
        session,
        act,
        county_code=try_.county_code,
        staff_id=staff_id if staff_id != NOBODY_ID else "unknown",
        by=None,
        at=at,
        stage=try_.stage,
        name=try_.name_digest.hex()[:16],
        network=try_.network_digest.hex()[:16],
        **facts,
    )
