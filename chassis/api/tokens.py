"""Tokens of programs: made and revoked by the person they act for, asked about on every request.

A token acts in one role and opens the rooms it was made for, or reads them alone. It opens nothing once the person has
left, lost that role, or had the account recovered. No door for programs asks for a fresh proof, because a program has
none to give; in a role whose holders sign with a security key it ends within a month (decision 0052).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import DateTime, Row, Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from chassis.api.refusals import NoSuchRooms, TooLongALife, TooManyTokens
from chassis.api.tables import ApiToken
from chassis.authorisation import Matrix
from chassis.errors import NotAllowed, NotFound
from chassis.identity import people_trail
from chassis.identity.roles import grants_in_force
from chassis.identity.tables import Invitation, Staff
from chassis.identity.tokens import digest_of, new_token
from chassis.visitors import Opens, Visitor

PREFIX = "coopmed_"
"""So that a token found in a program's log or in a repository is known for what it is."""
LONGEST = 100
MOST_IN_USE = 10
SEEN_AGAIN_AFTER = dt.timedelta(minutes=1)
LIFETIMES_DAYS = (30, 90, 365)
SHORT_LIFE_DAYS = 30
"""The longest for a role whose holders sign with a security key."""


def roles_for_programs(matrix: Matrix, desk_key: str, roles: Iterable[str]) -> list[str]:
    """Which of these roles some program may act in at this desk, in the order of the matrix."""
    held = set(roles)
    return [key for key in matrix.roles if key in held and rooms_for(matrix, desk_key, [key])]


def rooms_for(matrix: Matrix, desk_key: str, roles: Iterable[str]) -> list[str]:
    """The rooms of the API that some of these roles may enter at this desk."""
    held = set(roles)
    doors = (rule for rule in matrix.rules.values() if rule.desk == desk_key and rule.by_token)
    open_to = {rule.room for rule in doors if rule.who & held}
    return [room for room in matrix.rooms if room in open_to]


def make(
    session: Session,
    visitor: Visitor,
    *,
    label: str,
    role: str,
    rooms: Iterable[str],
    is_read_only: bool,
    days: int,
    matrix: Matrix,
    at: dt.datetime,
) -> str:
    """A token for one of the visitor's own roles; returns it, for it exists nowhere else.

    Raises:
        NotAllowed: not a role of theirs, or none that programs act in.
        NoSuchRooms: that role may enter none of these rooms.
        TooLongALife: longer than a token of this role lives.
        TooManyTokens: as many are in use as one person may have.
    """
    assert days in LIFETIMES_DAYS, "the form offers these and no others"
    if role not in roles_for_programs(matrix, visitor.desk_key, visitor.roles):
        raise NotAllowed(needed=[role])
    opens = [room for room in rooms_for(matrix, visitor.desk_key, [role]) if room in set(rooms)]
    if not opens:
        raise NoSuchRooms(role=role)
    if matrix.roles[role].security_key and days > SHORT_LIFE_DAYS:
        raise TooLongALife(most_days=SHORT_LIFE_DAYS)
    # The person's own row is held, so that two tabs cannot together make one too many.
    session.execute(
        select(Staff.id)
        .where(Staff.county_code == visitor.county_code, Staff.id == visitor.person_id)
        .with_for_update()
    )
    if len([t for t in tokens_of(session, visitor, at=at) if t.revoked_at is None]) >= MOST_IN_USE:
        raise TooManyTokens(most=MOST_IN_USE)
    token = PREFIX + new_token()
    values = {
        "county_code": visitor.county_code,
        "staff_id": visitor.person_id,
        "token_sha256": digest_of(token),
        "label": label,
        "role": role,
        "rooms": opens,
        "is_read_only": is_read_only,
        "created_at": at,
        "ends_at": at + dt.timedelta(days=days),
    }
    token_id = session.execute(insert(ApiToken).values(values).returning(ApiToken.id)).scalar_one()
    _note(
        session,
        "token_made",
        visitor,
        at=at,
        token=token_id,
        role=role,
        rooms=opens,
        is_read_only=is_read_only,
        days=days,
    )
    return token


def revoke(session: Session, visitor: Visitor, token_id: int, *, at: dt.datetime) -> None:
    """End one of the visitor's own tokens; somebody else's, or one that ended, is not found."""
    t = ApiToken
    ended = session.execute(
        update(t)
        .where(t.county_code == visitor.county_code, t.id == token_id, t.staff_id == visitor.person_id)
        .where(t.revoked_at.is_(None), t.ends_at > at)
        .values(revoked_at=at, revoked_by=visitor.person_id)
    )
    if ended.rowcount != 1:
        raise NotFound(kind="api_token")
    _note(session, "token_revoked", visitor, at=at, token=token_id)


def tokens_of(session: Session, visitor: Visitor, *, at: dt.datetime) -> Sequence[ApiToken]:
    """The visitor's tokens that have not ended by themselves, newest first."""
    t = ApiToken
    mine = select(t).where(t.county_code == visitor.county_code, t.staff_id == visitor.person_id, t.ends_at > at)
    return session.execute(mine.order_by(t.created_at.desc(), t.id.desc())).scalars().all()


def visitor_by_token(session: Session, token: str, *, desk_key: str, at: dt.datetime) -> Visitor | None:
    """Who a program acts for, as the database says at this moment; None for a token that opens nothing."""
    row = _row_of(session, token, at=at)
    if row is None:
        return None
    held = {row.role: row.scope} if row.is_held else {}
    if row.last_used_at is None or at - row.last_used_at >= SEEN_AGAIN_AFTER:
        t = ApiToken
        session.execute(
            update(t)
            .where(t.county_code == row.county_code, t.id == row.id)
            .values(last_used_at=func.greatest(t.last_used_at, at))
        )
    return Visitor(
        desk_key=desk_key,
        county_code=row.county_code,
        person_id=row.staff_id,
        session_id=0,
        name=row.name,
        roles=frozenset(held),
        scopes={role: scope for role, scope in held.items() if scope is not None},
        token_id=row.id,
        opens=Opens(frozenset(row.rooms), row.is_read_only),
    )


def _row_of(session: Session, token: str, *, at: dt.datetime) -> Row | None:
    return session.execute(_BY_TOKEN, {"sha256": digest_of(token), "at": at}).first()


def _by_token() -> Select:
    """A token that opens something, its person, and whether the role it acts in is still held."""
    t, i, at = ApiToken, Invitation, bindparam("at", type_=DateTime(timezone=True))
    recovered_since = (
        select(i.id)
        .where(i.county_code == t.county_code, i.staff_id == t.staff_id)
        .where(i.purpose == "recovery", i.created_at >= t.created_at)
        .exists()
    )
    g = grants_in_force(at).subquery("held")
    return (
        select(
            t.county_code, t.id, t.staff_id, t.role, t.rooms, t.is_read_only, t.last_used_at, Staff.name, g.c.scope,
            g.c.role.is_not(None).label("is_held"),
        )
        .join(Staff, (Staff.county_code == t.county_code) & (Staff.id == t.staff_id))
        .join(
            g,
            (g.c.county_code == t.county_code) & (g.c.staff_id == t.staff_id) & (g.c.role == t.role),
            isouter=True,
        )
        .where(t.token_sha256 == bindparam("sha256"), t.revoked_at.is_(None), t.ends_at > at)
        .where(Staff.status == "active", Staff.password_must_change.is_(False), ~recovered_since)
    )  # fmt: skip


_BY_TOKEN = _by_token()


def _note(session: Session, act: str, visitor: Visitor, *, at: dt.datetime, **facts: object) -> None:
    people_trail.note(
        session,
        act,
        county_code=visitor.county_code,
        staff_id=visitor.person_id,
        by=visitor.person_id,
        at=at,
        **facts,
    )
