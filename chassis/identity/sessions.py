"""Sessions of signed-in people: opened, renewed, ended. The cookie holds a token, the database its digest."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.identity import people_trail
from chassis.identity.tables import KnownDevice, Staff, StaffSession
from chassis.identity.tokens import digest_of, new_token

IDLE = dt.timedelta(minutes=15)
ABSOLUTE = dt.timedelta(hours=12)
STEPPED_UP = dt.timedelta(minutes=5)
SEEN_AGAIN_AFTER = dt.timedelta(minutes=1)
DEVICE_KNOWN = dt.timedelta(days=180)


def open_session(
    session: Session, staff: Staff, *, factor: str, network_digest: bytes, device_words: str, at: dt.datetime
) -> str:
    """A new session of this person; returns its token, which exists nowhere else."""
    token = new_token()
    values = {
        "county_code": staff.county_code,
        "staff_id": staff.id,
        "token_sha256": digest_of(token),
        "started_at": at,
        "seen_at": at,
        "ends_at": at + ABSOLUTE,
        "factor": factor,
        "network_digest": network_digest,
        "device_words": device_words,
    }
    session_id = session.execute(insert(StaffSession).values(values).returning(StaffSession.id)).scalar_one()
    people_trail.note(
        session,
        "signed_in",
        county_code=staff.county_code,
        staff_id=staff.id,
        by=staff.id,
        at=at,
        session=session_id,
        factor=factor,
        network=network_digest.hex()[:16],
    )
    return token


def session_id_of(session: Session, token: str) -> int:
    """The number of the session that this token opens."""
    return session.execute(select(StaffSession.id).where(StaffSession.token_sha256 == digest_of(token))).scalar_one()


def know_device(session: Session, staff: Staff, token: str | None, *, at: dt.datetime) -> str:
    """Remember the device this person has just signed in from; returns the token for its cookie."""
    d = KnownDevice
    if token is not None:
        again = (
            update(d)
            .where(d.token_sha256 == digest_of(token), d.county_code == staff.county_code, d.staff_id == staff.id)
            .where(d.forgotten_at.is_(None), d.ends_at > at)
            .values(seen_at=func.greatest(d.seen_at, at), ends_at=at + DEVICE_KNOWN)
        )
        if session.execute(again).rowcount:
            return token
    token = new_token()
    session.execute(
        insert(d).values(
            county_code=staff.county_code,
            staff_id=staff.id,
            token_sha256=digest_of(token),
            first_seen_at=at,
            seen_at=at,
            ends_at=at + DEVICE_KNOWN,
        )
    )
    return token


def device_known_for(
    session: Session, token: str | None, county_code: str, staff_id: int, *, at: dt.datetime
) -> bytes | None:
    """The device's digest when this person signed in from it before; None of any other."""
    d = KnownDevice
    known = select(d.token_sha256).where(
        d.token_sha256 == digest_of(token or ""),
        d.county_code == county_code,
        d.staff_id == staff_id,
        d.forgotten_at.is_(None),
        d.ends_at > at,
    )
    return session.execute(known).scalar_one_or_none()


def touch(session: Session, own: StaffSession, *, at: dt.datetime) -> None:
    """Note that the session is in use, once a minute at most."""
    if at - own.seen_at >= SEEN_AGAIN_AFTER:
        s = StaffSession
        session.execute(
            update(s)
            .where(s.county_code == own.county_code, s.id == own.id, s.seen_at < at, s.revoked_at.is_(None))
            .values(seen_at=at)
        )


def renew(session: Session, county_code: str, session_id: int, *, at: dt.datetime, **changes: object) -> str:
    """Give a session a new token with what was proved anew; the old token opens nothing from now on."""
    token = new_token()
    s = StaffSession
    renewed = session.execute(
        update(s)
        .where(s.county_code == county_code, s.id == session_id, s.revoked_at.is_(None))
        .values(token_sha256=digest_of(token), seen_at=at, challenge=None, challenge_at=None, **changes)
    )
    if renewed.rowcount != 1:
        raise NotFound(session=session_id)
    return token


def revoke(
    session: Session, county_code: str, session_id: int, *, staff_id: int, why: str, by: int, at: dt.datetime
) -> None:
    """End one session of this person; somebody else's is not found."""
    if _end(session, county_code, staff_id, why=why, by=by, at=at, only=session_id) == []:
        raise NotFound(session=session_id)


def revoke_all(
    session: Session,
    county_code: str,
    staff_id: int,
    *,
    why: str,
    by: int,
    at: dt.datetime,
    keep: int | None = None,
    forget_devices: bool = False,
) -> int:
    """End all sessions of this person, but for the one they act in where `keep` names it; returns how many."""
    if forget_devices:
        d = KnownDevice
        session.execute(
            update(d)
            .where(d.county_code == county_code, d.staff_id == staff_id, d.forgotten_at.is_(None))
            .values(forgotten_at=at)
        )
    # Last, as it ends with the trail: whoever holds the trail's head waits for no other row.
    return len(_end(session, county_code, staff_id, why=why, by=by, at=at, keep=keep))


def _end(
    session: Session,
    county_code: str,
    staff_id: int,
    *,
    why: str,
    by: int,
    at: dt.datetime,
    only: int | None = None,
    keep: int | None = None,
) -> list[int]:
    s = StaffSession
    ending = update(s).where(
        s.county_code == county_code, s.staff_id == staff_id, s.revoked_at.is_(None), s.ends_at > at
    )
    if only is not None:
        ending = ending.where(s.id == only)
    if keep is not None:
        ending = ending.where(s.id != keep)
    ended = session.execute(
        ending.values(revoked_at=at, revoked_by=by, revoked_why=why)
        .returning(s.id)
        .execution_options(synchronize_session=False)
    )
    ids = sorted(ended.scalars())
    if ids:
        people_trail.note(
            session, "sessions_ended", county_code=county_code, staff_id=staff_id, by=by, at=at, why=why, sessions=ids
        )
    return ids
