"""People for the matrix: one of every role, signed in through the verbs and not through the page under test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.api.tables import ApiToken
from chassis.api.tokens import PREFIX
from chassis.authorisation import matrix
from chassis.identity import sessions
from chassis.identity.tables import Staff
from chassis.identity.tokens import digest_of
from tests.sites import give_factor


def person(session: Session, county_code: str, name: str, *, at: dt.datetime, status: str = "active") -> int:
    """An account with a second factor. Returns `staff.id`."""
    ended = {"status_changed_by": 1, "status_reason": "试验"} if status in ("suspended", "left") else {}
    begun = (
        {} if status == "invited" else {"password_hash": "$argon2id$none", "password_set_at": at, "activated_at": at}
    )
    values = {
        "county_code": county_code,
        "sign_in_name": name,
        "name": "试验员",
        "name_pinyin": name,
        "status": status,
        "invited_at": at,
        "status_changed_at": at,
    }
    staff_id = session.execute(insert(Staff).values(values | begun | ended).returning(Staff.id)).scalar_one()
    give_factor(session, county_code, staff_id, at=at)
    return staff_id


def signed_in(session: Session, county_code: str, staff_id: int, *, at: dt.datetime, stepped_up: bool) -> str:
    """A live session of the person; returns the token for the cookie."""
    staff = session.get_one(Staff, (county_code, staff_id))
    token = sessions.open_session(
        session, staff, factor="security_key", network_digest=b"n" * 32, device_words="test", at=at
    )
    if not stepped_up:
        return token
    own = sessions.session_id_of(session, token)
    return sessions.renew(session, county_code, own, stepped_up_until=at + sessions.ABSOLUTE, at=at)


def program(
    session: Session,
    county_code: str,
    staff_id: int,
    role: str,
    *,
    at: dt.datetime,
    rooms: Sequence[str] | None = None,
    is_read_only: bool = False,
) -> str:
    """A token that acts for the person in this role, whether programs may act in it or not; every room by default."""
    token = PREFIX + sessions.new_token()
    session.execute(
        insert(ApiToken).values(
            county_code=county_code,
            staff_id=staff_id,
            token_sha256=digest_of(token),
            label="试验程序",
            role=role,
            rooms=list(rooms or matrix().rooms),
            is_read_only=is_read_only,
            created_at=at,
            ends_at=at + dt.timedelta(days=1),
        )
    )
    return token
