"""Questions about the people of a desk and the roles granted to them. Always of one county; another's are not there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from chassis.identity.queries import staff_of
from chassis.identity.tables import Invitation, RoleGrant, Staff
from chassis.visitors import Visitor

COUNTED_UP_TO = 10_000
PAGE_SIZE = 50
STATUSES = ("invited", "active", "suspended", "left")


@dataclass(frozen=True)
class Filter:
    """What the filter bar says; empty: do not narrow."""

    text: str = ""
    """Beginning of a name, of its pinyin with or without spaces, or of a sign-in name."""
    status: str = ""
    role: str = ""


@dataclass(frozen=True)
class Page:
    rows: Sequence = field(repr=False)
    total: int
    is_capped: bool
    next_after: int | None
    """`staff.id` (or `role_grant.id`) of the last row shown; None on the last page."""


def people_page(session: Session, county_code: str, wanted: Filter, *, after: int | None, at: dt.datetime) -> Page:
    """One page of `Staff` in order of pinyin, after the person that `after` names."""
    narrowed = _narrowed(select(Staff), county_code, wanted, at)
    page = narrowed.order_by(Staff.name_pinyin, Staff.id).limit(PAGE_SIZE + 1)
    last = staff_of(session, county_code, after) if after is not None else None
    if last is not None:
        page = page.where(tuple_(Staff.name_pinyin, Staff.id) > tuple_(last.name_pinyin, last.id))
    return _page(session, session.scalars(page).all(), narrowed, lambda staff: staff.id)


def roles_of_people(
    session: Session, county_code: str, staff_ids: Collection[int], at: dt.datetime
) -> dict[int, list[str]]:
    """Person → keys of the roles in force."""
    g = RoleGrant
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(g.staff_id, g.role).where(g.county_code == county_code, g.staff_id.in_(staff_ids), _in_force(at))
    )
    for staff_id, role in rows:
        found.setdefault(staff_id, []).append(role)
    return found


def grants_of(session: Session, county_code: str, staff_id: int) -> Sequence[RoleGrant]:
    """Everything that was ever proposed for a person, the latest first."""
    g = RoleGrant
    mine = select(g).where(g.county_code == county_code, g.staff_id == staff_id)
    return session.scalars(mine.order_by(g.id.desc())).all()


def live_grants_of(session: Session, county_code: str, staff_id: int, *, at: dt.datetime) -> Sequence[RoleGrant]:
    """What waits or is in force for a person, rows locked in the order of their numbers."""
    g = RoleGrant
    mine = select(g).where(g.county_code == county_code, g.staff_id == staff_id, _live(g, at))
    return session.scalars(mine.order_by(g.id).with_for_update().execution_options(populate_existing=True)).all()


def grant_of(session: Session, county_code: str, grant_id: int, *, lock: bool = False) -> RoleGrant | None:
    g = RoleGrant
    query = select(g).where(g.county_code == county_code, g.id == grant_id)
    query = query.execution_options(populate_existing=True)
    return session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def pending_grants(session: Session, county_code: str) -> Sequence[Row]:
    """(RoleGrant, Staff) of what waits for a second person, the oldest first."""
    return session.execute(
        select(RoleGrant, Staff).join(Staff, _is_subject()).where(_waits(county_code)).order_by(RoleGrant.id)
    ).all()


def count_waiting_for(session: Session, county_code: str, staff_id: int) -> int:
    """How many proposals this officer may decide: not those about or from themselves."""
    g = RoleGrant
    others = (g.staff_id != staff_id) & (g.proposed_by != staff_id)
    return session.execute(select(func.count()).where(_waits(county_code), others)).scalar_one()


def count_for_visitor(session: Session, visitor: Visitor) -> int:
    """The figure in the navigation."""
    return count_waiting_for(session, visitor.county_code, visitor.person_id)


def holders_page(session: Session, county_code: str, *, role: str, after: int | None, at: dt.datetime) -> Page:
    """(RoleGrant, Staff) of the roles in force, by pinyin of the holder."""
    g = RoleGrant
    narrowed = select(g, Staff).join(Staff, _is_subject()).where(g.county_code == county_code, _in_force(at))
    if role:
        narrowed = narrowed.where(g.role == role)
    page = narrowed.order_by(Staff.name_pinyin, g.id).limit(PAGE_SIZE + 1)
    last = grant_of(session, county_code, after) if after is not None else None
    if last is not None:
        holder = staff_of(session, county_code, last.staff_id)
        page = page.where(tuple_(Staff.name_pinyin, g.id) > tuple_(holder.name_pinyin, last.id))
    return _page(session, session.execute(page).all(), narrowed, lambda row: row[0].id)


def people_to_choose(session: Session, county_code: str, *, besides: int) -> Sequence[Row]:
    """(id, name, sign_in_name) of those a role may be proposed for, by pinyin."""
    return session.execute(
        select(Staff.id, Staff.name, Staff.sign_in_name)
        .where(Staff.county_code == county_code, Staff.status.in_(("invited", "active")), Staff.id != besides)
        .order_by(Staff.name_pinyin, Staff.id)
    ).all()


def everybody(session: Session, county_code: str) -> Sequence[Row]:
    """(id, name) of all who ever had an account, by pinyin."""
    return session.execute(
        select(Staff.id, Staff.name).where(Staff.county_code == county_code).order_by(Staff.name_pinyin, Staff.id)
    ).all()


def names_of(session: Session, county_code: str, staff_ids: Collection[int]) -> dict[int, str]:
    rows = session.execute(
        select(Staff.id, Staff.name).where(Staff.county_code == county_code, Staff.id.in_(staff_ids))
    )
    return {staff_id: name for staff_id, name in rows}  # noqa: C416 – says what is what


def people_with_roles(session: Session, county_code: str, roles: Collection[str], *, at: dt.datetime) -> dict[int, str]:
    """Names of the people in whose hands one of these roles is, in order of pinyin."""
    g = RoleGrant
    holders = select(g.staff_id).where(g.county_code == county_code, g.role.in_(roles), _in_force(at))
    rows = session.execute(
        select(Staff.id, Staff.name)
        .where(Staff.county_code == county_code, Staff.status == "active", Staff.id.in_(holders))
        .order_by(Staff.name_pinyin, Staff.id)
    )
    return {staff_id: name for staff_id, name in rows}  # noqa: C416 – says what is what


def standing_invitation(session: Session, county_code: str, staff_id: int, *, at: dt.datetime) -> Invitation | None:
    """The invitation or recovery of a person that still opens."""
    i = Invitation
    mine = select(i).where(i.county_code == county_code, i.staff_id == staff_id)
    return session.scalars(
        mine.where(i.used_at.is_(None), i.withdrawn_at.is_(None), i.ends_at > at).order_by(i.id.desc()).limit(1)
    ).first()


def recovered_since(session: Session, county_code: str, staff_ids: Collection[int], since: dt.datetime) -> bool:
    """Whether one of these people took their account back after everything was lost."""
    i = Invitation
    found = select(i.id).where(i.county_code == county_code, i.staff_id.in_(staff_ids), i.purpose == "recovery")
    return session.execute(found.where(i.used_at > since).limit(1)).first() is not None


def roles_of_the_person(session: Session, staff: Staff, *, at: dt.datetime) -> list[str]:
    """Roles that wait or are in force for this natural person, under any account of theirs at this desk."""
    g, other = RoleGrant, aliased(Staff)
    is_own = (other.county_code == staff.county_code) & (other.id == staff.id)
    if staff.identity_number_index is not None:
        is_own = is_own | (other.identity_number_index == staff.identity_number_index)
    held = select(g.role).join(other, (other.county_code == g.county_code) & (other.id == g.staff_id))
    return list(session.scalars(held.where(is_own, _live(g, at))))


def _narrowed(statement: Select, county_code: str, wanted: Filter, at: dt.datetime) -> Select:
    statement = statement.where(Staff.county_code == county_code)
    if wanted.text:
        text = wanted.text.lower()
        statement = statement.where(
            or_(
                Staff.name.startswith(wanted.text, autoescape=True),
                Staff.name_pinyin.startswith(text, autoescape=True),
                func.replace(Staff.name_pinyin, " ", "").startswith(text.replace(" ", ""), autoescape=True),
                Staff.sign_in_name.startswith(text, autoescape=True),
            )
        )
    if wanted.status:
        statement = statement.where(Staff.status == wanted.status)
    if wanted.role:
        g = RoleGrant
        holds = select(g.id).where(
            g.county_code == Staff.county_code, g.staff_id == Staff.id, g.role == wanted.role, _in_force(at)
        )
        statement = statement.where(holds.exists())
    return statement


def _page(session: Session, rows: Sequence, narrowed: Select, id_of) -> Page:
    counted = session.execute(
        select(func.count()).select_from(
            narrowed.with_only_columns(Staff.id, maintain_column_froms=True).limit(COUNTED_UP_TO + 1).subquery()
        )
    ).scalar_one()
    shown = rows[:PAGE_SIZE]
    return Page(
        rows=shown,
        total=min(counted, COUNTED_UP_TO),
        is_capped=counted > COUNTED_UP_TO,
        next_after=id_of(shown[-1]) if len(rows) > PAGE_SIZE else None,
    )


def _in_force(at: dt.datetime) -> ColumnElement[bool]:
    g = RoleGrant
    return and_(g.decision == "approved", g.decided_at <= at, or_(g.ended_at.is_(None), g.ended_at > at))


def _live(g: type[RoleGrant], at: dt.datetime) -> ColumnElement[bool]:
    return and_(g.decision.is_distinct_from("refused"), or_(g.ended_at.is_(None), g.ended_at > at))


def _waits(county_code: str) -> ColumnElement[bool]:
    g = RoleGrant
    return and_(g.county_code == county_code, g.decision.is_(None), g.ended_at.is_(None))


def _is_subject() -> ColumnElement[bool]:
    return and_(Staff.county_code == RoleGrant.county_code, Staff.id == RoleGrant.staff_id)
