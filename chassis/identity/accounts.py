"""Accounts: invited, taken over, suspended, given back, ended. Nobody does it to themselves; nobody is deleted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pypinyin import lazy_pinyin
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.errors import NotFound, StaleVersion
from chassis.identity import factors, people_trail, security_keys, sessions
from chassis.identity.queries import open_invitation, staff_by_sign_in_name, staff_of
from chassis.identity.refusals import InvitationGone, NameTaken, NotInThisState, NotOneself
from chassis.identity.tables import Invitation, Staff
from chassis.identity.tokens import desk_schema, digest_of, new_token
from chassis.vault import blind_index
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, seal
from chassis.visitors import Visitor

INVITATION_HOLDS = dt.timedelta(days=7)
RECOVERY_HOLDS = dt.timedelta(hours=24)
IDENTITY_NUMBER = "identity_number"


@dataclass(frozen=True)
class Invited:
    """The token goes into the address handed to the person; it is stored nowhere."""

    staff_id: int
    token: str
    ends_at: dt.datetime


def invite(
    session: Session,
    keyring: Keyring | None,
    *,
    county_code: str,
    sign_in_name: str,
    name: str,
    name_pinyin: str | None = None,
    identity_number: str | None = None,
    by: int | None,
    at: dt.datetime,
) -> Invited:
    """A new account and its invitation. `identity_number` is one that passed the vault's parser; `name_pinyin` is
    given where the person reads their name otherwise than most.

    Raises:
        NameTaken: the desk has this sign-in name, or the county has an account of this natural person.
    """
    sign_in_name = sign_in_name.strip().lower()
    if staff_by_sign_in_name(session, sign_in_name) is not None:
        raise NameTaken(field="sign_in_name")
    values = {
        "county_code": county_code,
        "sign_in_name": sign_in_name,
        "name": name.strip(),
        "name_pinyin": name_pinyin or pinyin_of(name),
        "invited_at": at,
        "invited_by": by,
        "status_changed_at": at,
        "status_changed_by": by,
    }
    staff_id = session.execute(insert(Staff).values(values).returning(Staff.id)).scalar_one()
    if identity_number:
        assert keyring is not None, "an identity number is sealed"
        keep_identity_number(session, keyring, county_code, staff_id, identity_number)
    invited = _issue(session, county_code, staff_id, "invitation", by=by, at=at)
    people_trail.note(session, "invited", county_code=county_code, staff_id=staff_id, by=by, at=at)
    return invited


def invite_again(session: Session, *, county_code: str, staff_id: int, by: int | None, at: dt.datetime) -> Invited:
    """A new address for somebody who has not taken the account over yet; the old one ends."""
    staff = _locked(session, county_code, staff_id)
    _expect(staff, "invited")
    invited = _issue(session, county_code, staff_id, "invitation", by=by, at=at)
    people_trail.note(session, "invited_again", county_code=county_code, staff_id=staff_id, by=by, at=at)
    return invited


def issue_recovery(session: Session, *, county_code: str, staff_id: int, by: int | None, at: dt.datetime) -> Invited:
    """An address for somebody who lost everything: a new password, and factors set up anew. All sessions end now."""
    _not_oneself(staff_id, by)
    staff = _locked(session, county_code, staff_id)
    _expect(staff, "active")
    invited = _issue(session, county_code, staff_id, "recovery", by=by, at=at)
    sessions.revoke_all(session, county_code, staff_id, why="recovered", by=by or staff_id, at=at, forget_devices=True)
    people_trail.note(session, "recovery_issued", county_code=county_code, staff_id=staff_id, by=by, at=at)
    return invited


def accept_invitation(session: Session, token: str, *, password_hash: str, at: dt.datetime) -> Staff:
    """Take the account over with a password of one's own. After a recovery no factor of before opens anything."""
    seen = open_invitation(session, token, at=at)
    if seen is None:
        raise InvitationGone()
    # The person first, then the invitation: the order in which a newer one is issued.
    staff = _locked(session, seen.county_code, seen.staff_id)
    invitation = open_invitation(session, token, at=at, lock=True)
    if invitation is None or staff.status != ("invited" if invitation.purpose == "invitation" else "active"):
        raise InvitationGone()
    invitation.used_at = at
    set_password(session, staff, password_hash, at=at)
    if invitation.purpose == "recovery":
        factors.remove_all_factors(session, staff.county_code, staff.id, by=staff.id, at=at)
        security_keys.remove_all(session, staff.county_code, staff.id, by=staff.id, at=at)
        sessions.revoke_all(
            session, staff.county_code, staff.id, why="recovered", by=staff.id, at=at, forget_devices=True
        )
    else:
        staff.activated_at = at
        _set_status(staff, "active", None, by=None, at=at)
    session.flush()
    act = f"{invitation.purpose}_accepted"
    people_trail.note(session, act, county_code=staff.county_code, staff_id=staff.id, by=staff.id, at=at)
    return staff


def change_password(session: Session, visitor: Visitor, password_hash: str, *, at: dt.datetime) -> None:
    """A new password of one's own; every other session of the person ends."""
    staff = _locked(session, visitor.county_code, visitor.person_id)
    set_password(session, staff, password_hash, at=at)
    sessions.revoke_all(
        session,
        staff.county_code,
        staff.id,
        why="password_changed",
        by=staff.id,
        at=at,
        keep=visitor.session_id,
    )
    people_trail.note(session, "password_changed", county_code=staff.county_code, staff_id=staff.id, by=staff.id, at=at)


def suspend(
    session: Session, *, county_code: str, staff_id: int, version: int, reason: str, by: int, at: dt.datetime
) -> Staff:
    """Shut the account; its sessions end with this transaction."""
    return _end(session, county_code, staff_id, "suspended", ("active",), version, reason, by=by, at=at)


def end_employment(
    session: Session, *, county_code: str, staff_id: int, version: int, reason: str, by: int, at: dt.datetime
) -> Staff:
    """The person has left: the account stays, for what they did, and never opens again."""
    before = ("invited", "active", "suspended")
    return _end(session, county_code, staff_id, "left", before, version, reason, by=by, at=at)


def reinstate(
    session: Session, *, county_code: str, staff_id: int, version: int, reason: str, by: int, at: dt.datetime
) -> Staff:
    """Give a suspended account back."""
    _not_oneself(staff_id, by)
    staff = _locked(session, county_code, staff_id, version=version)
    _expect(staff, "suspended")
    _set_status(staff, "active", reason, by=by, at=at)
    session.flush()
    people_trail.note(session, "reinstated", county_code=county_code, staff_id=staff_id, by=by, at=at)
    return staff


def set_password(session: Session, staff: Staff, password_hash: str, *, at: dt.datetime) -> None:
    staff.password_hash = password_hash
    staff.password_set_at = at
    staff.password_must_change = False
    staff.version += 1
    session.flush()


def keep_identity_number(session: Session, keyring: Keyring, county_code: str, staff_id: int, number: str) -> None:
    """Seal the number and index it; a second account of the same natural person in the county is refused."""
    sealed = seal(
        keyring,
        IDENTITY_NUMBER,
        number,
        table=f"{desk_schema(session)}.staff",
        column="identity_number_sealed",
        row_id=row_id_text(county_code, staff_id),
    )
    index = blind_index.index(keyring, IDENTITY_NUMBER, blind_index.normalise_identity_number(number))
    try:
        with session.begin_nested():
            session.execute(
                update(Staff)
                .where(Staff.county_code == county_code, Staff.id == staff_id)
                .values(identity_number_sealed=sealed, identity_number_index=index)
            )
    except IntegrityError:
        raise NameTaken(field="identity_number") from None


def pinyin_of(name: str) -> str:
    """The key by which names are sorted: `zhang san`."""
    return " ".join(lazy_pinyin(name.strip().lower()))


def _end(
    session: Session,
    county_code: str,
    staff_id: int,
    status: str,
    before: tuple[str, ...],
    version: int,
    reason: str,
    *,
    by: int,
    at: dt.datetime,
) -> Staff:
    _not_oneself(staff_id, by)
    staff = _locked(session, county_code, staff_id, version=version)
    _expect(staff, *before)
    _set_status(staff, status, reason, by=by, at=at)
    session.flush()
    _withdraw_invitations(session, county_code, staff_id, at=at)
    sessions.revoke_all(session, county_code, staff_id, why=status, by=by, at=at, forget_devices=True)
    people_trail.note(session, status, county_code=county_code, staff_id=staff_id, by=by, at=at)
    return staff


def _issue(
    session: Session, county_code: str, staff_id: int, purpose: str, *, by: int | None, at: dt.datetime
) -> Invited:
    _withdraw_invitations(session, county_code, staff_id, at=at)
    token = new_token()
    ends_at = at + (INVITATION_HOLDS if purpose == "invitation" else RECOVERY_HOLDS)
    session.execute(
        insert(Invitation).values(
            county_code=county_code,
            staff_id=staff_id,
            token_sha256=digest_of(token),
            purpose=purpose,
            created_at=at,
            created_by=by,
            ends_at=ends_at,
        )
    )
    return Invited(staff_id, token, ends_at)


def _withdraw_invitations(session: Session, county_code: str, staff_id: int, *, at: dt.datetime) -> None:
    i = Invitation
    session.execute(
        update(i)
        .where(i.county_code == county_code, i.staff_id == staff_id, i.used_at.is_(None), i.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )


def _locked(session: Session, county_code: str, staff_id: int, *, version: int | None = None) -> Staff:
    staff = staff_of(session, county_code, staff_id, lock=True)
    if staff is None:
        raise NotFound(staff=staff_id)
    if version is not None and staff.version != version:
        raise StaleVersion(expected=version, found=staff.version)
    return staff


def _set_status(staff: Staff, status: str, reason: str | None, *, by: int | None, at: dt.datetime) -> None:
    staff.status = status
    staff.status_reason = reason
    staff.status_changed_at = at
    staff.status_changed_by = by
    staff.version += 1


def _expect(staff: Staff, *statuses: str) -> None:
    if staff.status not in statuses:
        raise NotInThisState(expected=list(statuses), found=staff.status)


def _not_oneself(staff_id: int, by: int | None) -> None:
    if staff_id == by:
        raise NotOneself()
