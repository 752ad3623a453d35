"""Questions about people and their sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from chassis.authorisation import matrix
from chassis.identity import passwords
from chassis.identity.roles import roles_held
from chassis.identity.sessions import IDLE, touch
from chassis.identity.tables import Invitation, RecoveryCode, SecurityKey, Staff, StaffSession, TotpFactor
from chassis.identity.tokens import digest_of
from chassis.settings import Settings
from chassis.visitors import Visitor


@dataclass(frozen=True)
class Nobody:
    """Not signed in, and why: `unknown`, `revoked`, `idle`, `ended`, `not_active` or `factor_missing`."""

    why: str


def visitor_for(
    session: Session, token: str | None, *, desk_key: str, settings: Settings, at: dt.datetime
) -> Visitor | Nobody:
    """Who holds this token, as the database says at this moment: nothing of it is remembered between requests."""
    if not token:
        return Nobody("unknown")
    row = session.execute(_by_token(), {"token_sha256": digest_of(token), "at": at}).one_or_none()
    if row is None:
        return Nobody("unknown")
    own, staff, has_totp, keys, held = row
    has_factor = has_totp or keys > 0
    why = _why_not(own, staff, has_factor=has_factor, at=at)
    if why is not None:
        return Nobody(why)
    touch(session, own, at=at)
    roles = held or {}
    return Visitor(
        desk_key=desk_key,
        county_code=staff.county_code,
        person_id=staff.id,
        session_id=own.id,
        name=staff.name,
        roles=frozenset(roles),
        scopes={role: scope for role, scope in roles.items() if scope is not None},
        stepped_up_until=own.stepped_up_until,
        has_second_factor=has_factor,
        unfinished=_unfinished(settings, staff, roles, has_factor=has_factor, keys=keys, at=at),
    )


@cache
def _by_token() -> Select:
    """The person behind a session with all that says what they may do: one question, put together once."""
    s = StaffSession
    return (
        select(s, Staff, _has_totp(Staff), _key_count(Staff), roles_held(bindparam("at", type_=s.seen_at.type)))
        .join(Staff, (Staff.county_code == s.county_code) & (Staff.id == s.staff_id))
        .where(s.token_sha256 == bindparam("token_sha256"))
        .execution_options(populate_existing=True)
    )


def staff_by_sign_in_name(session: Session, sign_in_name: str, *, lock: bool = False) -> Staff | None:
    query = select(Staff).where(Staff.sign_in_name == sign_in_name)
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def staff_of(session: Session, county_code: str, staff_id: int, *, lock: bool = False) -> Staff | None:
    """A person of this county, with the row locked where asked for; None when the county has no such person."""
    query = select(Staff).where(Staff.county_code == county_code, Staff.id == staff_id)
    query = query.execution_options(populate_existing=True)
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def second_factors_of(session: Session, county_code: str, staff_id: int) -> list[str]:
    """What this person may be asked for beside the password: `totp`, `security_key`; empty: nothing is set up."""
    row = session.execute(
        select(_has_totp(Staff), _key_count(Staff)).where(Staff.county_code == county_code, Staff.id == staff_id)
    ).one()
    return [kind for kind, there in (("totp", row[0]), ("security_key", row[1])) if there]


def keys_of(session: Session, county_code: str, staff_id: int) -> Sequence[SecurityKey]:
    k = SecurityKey
    mine = select(k).where(k.county_code == county_code, k.staff_id == staff_id, k.removed_at.is_(None))
    return session.execute(mine.order_by(k.id)).scalars().all()


def sessions_of(session: Session, county_code: str, staff_id: int, *, at: dt.datetime) -> Sequence[StaffSession]:
    """The person's sessions that are open now, latest first."""
    s = StaffSession
    mine = select(s).where(s.county_code == county_code, s.staff_id == staff_id, s.revoked_at.is_(None))
    return session.execute(mine.where(s.ends_at > at, s.seen_at > at - IDLE).order_by(s.seen_at.desc())).scalars().all()


def recovery_codes_left(session: Session, county_code: str, staff_id: int) -> int:
    c = RecoveryCode
    left = select(func.count()).where(
        c.county_code == county_code, c.staff_id == staff_id, c.used_at.is_(None), c.replaced_at.is_(None)
    )
    return session.execute(left).scalar_one()


def open_invitation(session: Session, token: str, *, at: dt.datetime, lock: bool = False) -> Invitation | None:
    i = Invitation
    query = select(i).where(
        i.token_sha256 == digest_of(token), i.used_at.is_(None), i.withdrawn_at.is_(None), i.ends_at > at
    )
    query = query.execution_options(populate_existing=True)
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def needs_security_key(settings: Settings, roles: Iterable[str]) -> bool:
    """Approvers carry a key that cannot be phished; asked for where the money is real."""
    known = matrix().roles
    return settings.is_production and any(known[role].security_key for role in roles if role in known)


def _why_not(own: StaffSession, staff: Staff, *, has_factor: bool, at: dt.datetime) -> str | None:
    if own.revoked_at is not None:
        return "revoked"
    if own.ends_at <= at:
        return "ended"
    if own.seen_at + IDLE <= at:
        return "idle"
    if staff.status != "active":
        return "not_active"
    # Opened before the factor was set up, by whoever knew the password.
    if has_factor and own.factor == "password":
        return "factor_missing"
    return None


def _unfinished(
    settings: Settings, staff: Staff, roles: Iterable[str], *, has_factor: bool, keys: int, at: dt.datetime
) -> str | None:
    assert staff.password_set_at is not None, "an active account has a password"
    if staff.password_must_change or passwords.is_too_old(settings, staff.password_set_at, at):
        return "change_password"
    if not has_factor and not settings.is_demo:
        return "set_second_factor"
    if keys == 0 and needs_security_key(settings, roles):
        return "set_security_key"
    return None


def _has_totp(staff):
    t = TotpFactor
    return (
        select(t.number)
        .where(t.county_code == staff.county_code, t.staff_id == staff.id)
        .where(t.confirmed_at.is_not(None), t.removed_at.is_(None))
        .exists()
    )


def _key_count(staff):
    k = SecurityKey
    return (
        select(func.count())
        .where(k.county_code == staff.county_code, k.staff_id == staff.id, k.removed_at.is_(None))
        .scalar_subquery()
    )
