"""Security keys (WebAuthn): a challenge kept here and used once, an answer that only this site's key can give."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json, parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chassis.errors import NotFound
from chassis.identity import people_trail
from chassis.identity.factors import proved_if_needed
from chassis.identity.queries import keys_of, staff_of
from chassis.identity.refusals import KeyNotAccepted
from chassis.identity.tables import PendingSignIn, SecurityKey, StaffSession
from chassis.visitors import Visitor

CHALLENGE_BYTES = 32
ANSWER_WITHIN = dt.timedelta(minutes=5)
LONGEST_LABEL = 40
LARGEST_ANSWER = 16_384
Holder = StaffSession | PendingSignIn


@dataclass(frozen=True)
class RelyingParty:
    """This site as keys know it: the host's name, and the origin the browser must say it was at."""

    id: str
    name: str
    origin: str


def registration_options(session: Session, visitor: Visitor, party: RelyingParty, *, at: dt.datetime) -> dict[str, Any]:
    """What the browser hands to a new key."""
    proved_if_needed(session, visitor, at=at)
    staff = staff_of(session, visitor.county_code, visitor.person_id)
    assert staff is not None, "a visitor is one of the staff"
    known = keys_of(session, visitor.county_code, visitor.person_id)
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_name=staff.sign_in_name,
        user_display_name=staff.name,
        user_id=f"{visitor.desk_key}/{staff.county_code}/{staff.id}".encode(),
        challenge=_ask(session, session_holder(session, visitor), at=at),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return json.loads(options_to_json(options))


def register(
    session: Session, visitor: Visitor, party: RelyingParty, answer: Any, *, label: str, at: dt.datetime
) -> int:
    """Keep a new key of this person; returns its number."""
    proved_if_needed(session, visitor, at=at)
    challenge = _take_challenge(session, session_holder(session, visitor), at=at)
    try:
        verified = verify_registration_response(
            credential=parse_registration_credential_json(_checked(answer)),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise KeyNotAccepted(reason=type(error).__name__) from None
    k = SecurityKey
    row = {
        "county_code": visitor.county_code,
        "staff_id": visitor.person_id,
        "credential_id": verified.credential_id,
        "public_key": verified.credential_public_key,
        "sign_count": verified.sign_count,
        "label": label.strip()[:LONGEST_LABEL] or "1",
        "added_at": at,
    }
    try:
        with session.begin_nested():
            key_id = session.execute(insert(k).values(row).returning(k.id)).scalar_one()
    except IntegrityError:
        raise KeyNotAccepted(reason="known") from None
    _note(session, "security_key_added", visitor, key_id, at=at)
    return key_id


def authentication_options(
    session: Session, holder: Holder, party: RelyingParty, *, verified: bool = False, at: dt.datetime
) -> dict[str, Any]:
    """What the browser hands to one of the person's keys; `verified` asks for the key's PIN or fingerprint too."""
    known = keys_of(session, holder.county_code, holder.staff_id)
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=_ask(session, holder, at=at),
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
        user_verification=UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.PREFERRED,
    )
    return json.loads(options_to_json(options))


def take_answer(
    session: Session, holder: Holder, party: RelyingParty, answer: Any, *, verified: bool = False, at: dt.datetime
) -> bool:
    """Whether one of the person's keys signed the challenge; a challenge is used up by any answer.

    `verified`: the key itself must have known its owner (PIN, fingerprint), so that it stands for the password too.
    """
    try:
        challenge = _take_challenge(session, holder, at=at)
        credential = parse_authentication_credential_json(_checked(answer))
        key = _key(session, holder, base64url_to_bytes(credential.id))
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=verified,
        )
    except (KeyNotAccepted, WebAuthnException, ValueError, TypeError, KeyError):
        return False
    key.sign_count = verified.new_sign_count
    key.last_used_at = at
    session.flush()
    return True


def remove(session: Session, visitor: Visitor, key_id: int, *, at: dt.datetime) -> None:
    """Take one of one's own keys out of use."""
    proved_if_needed(session, visitor, at=at)
    k = SecurityKey
    removed = session.execute(
        update(k)
        .where(k.county_code == visitor.county_code, k.staff_id == visitor.person_id, k.id == key_id)
        .where(k.removed_at.is_(None))
        .values(removed_at=at, removed_by=visitor.person_id)
    )
    if removed.rowcount != 1:
        raise NotFound(key=key_id)
    _note(session, "security_key_removed", visitor, key_id, at=at)


def remove_all(session: Session, county_code: str, staff_id: int, *, by: int, at: dt.datetime) -> None:
    k = SecurityKey
    session.execute(
        update(k)
        .where(k.county_code == county_code, k.staff_id == staff_id, k.removed_at.is_(None))
        .values(removed_at=at, removed_by=by)
    )


def session_holder(session: Session, visitor: Visitor) -> StaffSession:
    """The visitor's own session, locked: it carries the challenge."""
    s = StaffSession
    own = select(s).where(s.county_code == visitor.county_code, s.id == visitor.session_id, s.revoked_at.is_(None))
    own = own.with_for_update().execution_options(populate_existing=True)
    found = session.execute(own).scalar_one_or_none()
    if found is None:
        raise NotFound(session=visitor.session_id)
    return found


def _ask(session: Session, holder: Holder, *, at: dt.datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    holder.challenge, holder.challenge_at = challenge, at
    session.flush()
    return challenge


def _take_challenge(session: Session, holder: Holder, *, at: dt.datetime) -> bytes:
    challenge, asked_at = holder.challenge, holder.challenge_at
    holder.challenge = holder.challenge_at = None
    session.flush()
    if challenge is None or asked_at is None or at - asked_at > ANSWER_WITHIN:
        raise KeyNotAccepted(reason="no_challenge")
    return challenge


def _checked(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict) or len(json.dumps(answer)) > LARGEST_ANSWER:
        raise KeyNotAccepted(reason="not_an_answer")
    return answer


def _key(session: Session, holder: Holder, credential_id: bytes) -> SecurityKey:
    k = SecurityKey
    mine = select(k).where(
        k.county_code == holder.county_code,
        k.staff_id == holder.staff_id,
        k.credential_id == credential_id,
        k.removed_at.is_(None),
    )
    key = session.execute(mine.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()
    if key is None:
        raise KeyNotAccepted(reason="unknown_key")
    return key


def _note(session: Session, act: str, visitor: Visitor, key_id: int, *, at: dt.datetime) -> None:
    people_trail.note(
        session,
        act,
        county_code=visitor.county_code,
        staff_id=visitor.person_id,
        by=visitor.person_id,
        at=at,
        key=key_id,
        session=visitor.session_id,
    )
