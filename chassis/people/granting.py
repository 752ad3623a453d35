"""Roles: one security officer proposes, another who has seen who, what and why decides; one of them may end it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.authorisation import Role, matrix
from chassis.desks import Desk
from chassis.errors import NotFound
from chassis.identity import people_trail, proving
from chassis.identity.proving import Confirmed
from chassis.identity.queries import staff_of
from chassis.identity.refusals import NotInThisState, NotOneself
from chassis.identity.tables import RoleGrant, Staff
from chassis.people import queries
from chassis.people.refusals import (
    GrantNotInThisState,
    RecoveredLately,
    RoleHeldAlready,
    RoleNotHere,
    RolesExclude,
    SecondPersonNeeded,
    ShownOtherwise,
)
from chassis.visitors import Visitor

# ASSUMPTION: somebody whose account was taken over comes to work and notices within three days.
RECOVERED_WAITS = dt.timedelta(hours=72)


def grantable_roles(desk: Desk, county_code: str) -> list[Role]:
    """The desk's roles that fit the place: a county's business is not granted to the city's people, nor the reverse."""
    is_city = county_code.endswith("00")
    return [
        role for role in matrix().roles_of(desk.key) if role.kind != "business" or (role.level == "city") == is_city
    ]


def propose(
    session: Session,
    desk: Desk,
    *,
    county_code: str,
    staff_id: int,
    role: str,
    scope: str | None,
    reason: str,
    by: int,
    at: dt.datetime,
) -> RoleGrant:
    """Put a role before a second person. It opens nothing until then.

    Raises:
        RoleNotHere, RoleHeldAlready, RolesExclude, NotOneself, NotInThisState.
    """
    if staff_id == by:
        raise NotOneself()
    known = {one.key: one for one in grantable_roles(desk, county_code)}.get(role)
    if known is None:
        raise RoleNotHere(role=role)
    assert (scope is not None) == (known.scope is not None), "the form asks for a scope where the role has one"
    staff = _subject(session, county_code, staff_id)
    if staff.status not in ("invited", "active"):
        raise NotInThisState(expected=["invited", "active"], found=staff.status)
    if any(grant.role == role for grant in queries.live_grants_of(session, county_code, staff_id, at=at)):
        raise RoleHeldAlready(role=role)
    _refuse_exclusion(session, staff, role, at=at)
    values = {
        "county_code": county_code,
        "staff_id": staff_id,
        "role": role,
        "scope": scope,
        "proposed_by": by,
        "proposed_at": at,
        "reason": reason,
    }
    grant_id = session.execute(insert(RoleGrant).values(values).returning(RoleGrant.id)).scalar_one()
    grant = session.get_one(RoleGrant, (county_code, grant_id))
    _note(session, "role_proposed", grant, by=by, at=at, reason_sha256=_digest(reason))
    return grant


def content_of(desk: Desk, grant: RoleGrant, staff: Staff) -> bytes:
    """SHA-256 of exactly what the second person is shown: who, what, why, from whom."""
    shown = {
        "form": "role_grant 1",
        "desk": desk.key,
        "county_code": grant.county_code,
        "grant": grant.id,
        "staff": grant.staff_id,
        "sign_in_name": staff.sign_in_name,
        "name": staff.name,
        "role": grant.role,
        "scope": grant.scope,
        "reason": grant.reason,
        "proposed_by": grant.proposed_by,
        "proposed_at": grant.proposed_at.astimezone(dt.UTC).isoformat(),
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).digest()


def approve(
    session: Session,
    desk: Desk,
    visitor: Visitor,
    confirmed: Confirmed,
    *,
    grant_id: int,
    shown_sha256: bytes,
    at: dt.datetime,
) -> RoleGrant:
    """The second person confirms what they saw; from the next request on the role is in force.

    Raises:
        NotOneself, SecondPersonNeeded, RecoveredLately, GrantNotInThisState, RolesExclude.
        ShownOtherwise: what was confirmed is not what stands there.
        ProofMissing: no fresh proof of identity for it.
    """
    grant, staff = _to_decide(session, visitor, grant_id, at=at)
    if content_of(desk, grant, staff) != shown_sha256:
        raise ShownOtherwise()
    if staff.status not in ("invited", "active"):
        raise NotInThisState(expected=["invited", "active"], found=staff.status)
    _refuse_exclusion(session, staff, grant.role, at=at)
    proving.prove(session, visitor, confirmed, shown_sha256=shown_sha256, at=at)
    proof = proving.use_proof(session, visitor, shown_sha256=shown_sha256, at=at)
    _decide(session, grant, "approved", None, by=visitor.person_id, at=at)
    _note(session, "role_granted", grant, by=visitor.person_id, at=at, shown=shown_sha256.hex(), proof=proof)
    return grant


def refuse(session: Session, visitor: Visitor, *, grant_id: int, reason: str, at: dt.datetime) -> RoleGrant:
    """The second person says no, and why."""
    grant, _staff = _to_decide(session, visitor, grant_id, at=at)
    _decide(session, grant, "refused", reason, by=visitor.person_id, at=at)
    _note(session, "role_refused", grant, by=visitor.person_id, at=at, reason_sha256=_digest(reason))
    return grant


def end(session: Session, *, county_code: str, grant_id: int, reason: str, by: int, at: dt.datetime) -> RoleGrant:
    """Take a role away, or a proposal back. One person may: taking away is always the safer side."""
    seen = queries.grant_of(session, county_code, grant_id)
    if seen is None:
        raise NotFound(grant=grant_id)
    if seen.staff_id == by:
        raise NotOneself()
    _subject(session, county_code, seen.staff_id)
    grant = queries.grant_of(session, county_code, grant_id, lock=True)
    assert grant is not None, "grants are not deleted"
    if state_of(grant) not in ("pending", "approved"):
        raise GrantNotInThisState(expected=["pending", "approved"], found=state_of(grant))
    _end(session, grant, reason=reason, by=by, at=at)
    return grant


def end_all(session: Session, staff: Staff, *, reason: str, by: int, at: dt.datetime) -> int:
    """Everything that waits or is in force for somebody who leaves; the caller has locked the person."""
    live = queries.live_grants_of(session, staff.county_code, staff.id, at=at)
    for grant in live:
        _end(session, grant, reason=reason, by=by, at=at)
    return len(live)


def state_of(grant: RoleGrant) -> str:
    """`pending`, `approved`, `refused`, `withdrawn` or `ended`."""
    if grant.ended_at is not None:
        return "withdrawn" if grant.decision is None else "ended"
    return grant.decision or "pending"


def _to_decide(session: Session, visitor: Visitor, grant_id: int, *, at: dt.datetime) -> tuple[RoleGrant, Staff]:
    """The grant and its person, locked in this order: person, then grant."""
    seen = queries.grant_of(session, visitor.county_code, grant_id)
    if seen is None:
        raise NotFound(grant=grant_id)
    staff = _subject(session, visitor.county_code, seen.staff_id)
    grant = queries.grant_of(session, visitor.county_code, grant_id, lock=True)
    assert grant is not None, "grants are not deleted"
    if state_of(grant) != "pending":
        raise GrantNotInThisState(expected=["pending"], found=state_of(grant))
    if grant.staff_id == visitor.person_id:
        raise NotOneself()
    if grant.proposed_by == visitor.person_id:
        raise SecondPersonNeeded()
    pair = [grant.proposed_by, visitor.person_id]
    if queries.recovered_since(session, visitor.county_code, pair, at - RECOVERED_WAITS):
        raise RecoveredLately(hours=int(RECOVERED_WAITS.total_seconds()) // 3600)
    return grant, staff


def _subject(session: Session, county_code: str, staff_id: int) -> Staff:
    staff = staff_of(session, county_code, staff_id, lock=True)
    if staff is None:
        raise NotFound(staff=staff_id)
    return staff


def _refuse_exclusion(session: Session, staff: Staff, role: str, *, at: dt.datetime) -> None:
    """In words what the database would refuse without any (migration 0007)."""
    for held in queries.roles_of_the_person(session, staff, at=at):
        if frozenset((held, role)) in matrix().conflicts:
            raise RolesExclude(role=role, held=held)


def _decide(session: Session, grant: RoleGrant, decision: str, reason: str | None, *, by: int, at: dt.datetime) -> None:
    grant.decision = decision
    grant.decision_reason = reason
    grant.decided_by = by
    grant.decided_at = at
    session.flush()


def _end(session: Session, grant: RoleGrant, *, reason: str, by: int, at: dt.datetime) -> None:
    act = "role_withdrawn" if grant.decision is None else "role_ended"
    grant.ended_by = by
    grant.ended_at = at
    grant.end_reason = reason
    session.flush()
    _note(session, act, grant, by=by, at=at, reason_sha256=_digest(reason))


def _digest(text: str) -> str:
    """What a person wrote stays out of the trail; its hash ties the record to it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _note(session: Session, act: str, grant: RoleGrant, *, by: int, at: dt.datetime, **facts: object) -> None:
    people_trail.note(
        session,
        act,
        county_code=grant.county_code,
        staff_id=grant.staff_id,
        by=by,
        at=at,
        grant=grant.id,
        role=grant.role,
        scope=grant.scope,
        **facts,
    )
