"""Proposing, deciding and ending roles through the verbs."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from chassis.desks import CONTRACTOR
from chassis.errors import NotFound
from chassis.identity import accounts, sessions
from chassis.identity.proving import Confirmed
from chassis.identity.refusals import NotInThisState, NotOneself, ProofMissing
from chassis.identity.roles import roles_of
from chassis.identity.tables import Invitation, Staff, StaffSession
from chassis.people import granting, keeping, queries
from chassis.people.installing import THE_FIRST, FirstPerson, install_first_people
from chassis.people.refusals import (
    DeskHasPeople,
    GrantNotInThisState,
    NotTheFirstPeople,
    NotYoursToRecover,
    RecoveredLately,
    RoleHeldAlready,
    RoleNotHere,
    RolesExclude,
    SecondPersonNeeded,
    ShownOtherwise,
)
from chassis.trail.tables import TrailEntry
from tests.people.conftest import AT
from tests.people.making import a_person, visitor
from tests.sites import COUNTY, grant

LATER = AT + dt.timedelta(minutes=1)


@pytest.fixture()
def officers(session):
    """Two security officers, each with a live session: (visitor, visitor)."""
    found = []
    for name in ("卫国", "方圆"):
        staff_id = a_person(session, name)
        grant(session, COUNTY, staff_id, "security_officer", at=AT)
        staff = session.get_one(Staff, (COUNTY, staff_id))
        sessions.open_session(session, staff, factor="totp", network_digest=b"n" * 32, device_words="test", at=AT)
        own = session.scalars(select(StaffSession.id).where(StaffSession.staff_id == staff_id)).one()
        found.append(visitor(staff_id, "security_officer", session_id=own))
    return found


def propose(session, officer, staff_id: int, role: str = "reviewer", **more):
    values = {"county_code": COUNTY, "scope": None, "reason": "接替韩梅", "at": AT} | more
    return granting.propose(session, CONTRACTOR, staff_id=staff_id, role=role, by=officer.person_id, **values)


def approve(session, officer, made, *, shown: bytes | None = None, at=LATER):
    staff = session.get_one(Staff, (COUNTY, made.staff_id))
    shown = shown or granting.content_of(CONTRACTOR, made, staff)
    confirmed = Confirmed(officer.session_id, at)
    return granting.approve(session, CONTRACTOR, officer, confirmed, grant_id=made.id, shown_sha256=shown, at=at)


def acts(session) -> list[str]:
    return list(session.scalars(select(TrailEntry.act).order_by(TrailEntry.seq)))


def test_a_role_holds_once_the_second_officer_confirmed_what_they_saw(session, officers):
    first, second = officers
    subject = a_person(session, "何静")
    made = propose(session, first, subject)
    assert roles_of(session, COUNTY, subject, LATER) == {}
    approve(session, second, made)
    assert roles_of(session, COUNTY, subject, LATER) == {"reviewer": None}
    granted = session.scalars(select(TrailEntry).where(TrailEntry.act == "person.role_granted")).one()
    assert granted.actor_id == str(second.person_id)
    assert len(granted.facts["shown"]) == 64
    assert granted.facts["role"] == "reviewer"


def test_nobody_grants_to_themselves_nor_confirms_their_own_proposal(session, officers):
    first, _second = officers
    with pytest.raises(NotOneself):
        propose(session, first, first.person_id)
    made = propose(session, first, a_person(session))
    with pytest.raises(SecondPersonNeeded):
        approve(session, first, made)


def test_an_officer_does_not_decide_on_a_role_for_themselves(session, officers):
    first, _second = officers
    subject = visitor(a_person(session), "security_officer")
    made = propose(session, first, subject.person_id)
    with pytest.raises(NotOneself):
        approve(session, subject, made)
    with pytest.raises(NotOneself):
        granting.refuse(session, subject, grant_id=made.id, reason="不要", at=LATER)
    with pytest.raises(NotOneself):
        granting.end(session, county_code=COUNTY, grant_id=made.id, reason="不要", by=subject.person_id, at=LATER)


def test_what_was_changed_after_it_was_shown_is_not_approved(session, officers):
    first, second = officers
    subject = a_person(session, "何静")
    made = propose(session, first, subject)
    shown = granting.content_of(CONTRACTOR, made, session.get_one(Staff, (COUNTY, subject)))
    keeping.rename(
        session, county_code=COUNTY, staff_id=subject, version=1, name="何敬", name_pinyin="he jing", by=1, at=AT
    )
    with pytest.raises(ShownOtherwise):
        approve(session, second, made, shown=shown)
    assert roles_of(session, COUNTY, subject, LATER) == {}


def test_a_confirmation_of_another_session_proves_nothing(session, officers):
    first, second = officers
    made = propose(session, first, a_person(session))
    shown = granting.content_of(CONTRACTOR, made, session.get_one(Staff, (COUNTY, made.staff_id)))
    with pytest.raises(ProofMissing):
        granting.approve(
            session,
            CONTRACTOR,
            second,
            Confirmed(first.session_id, LATER),
            grant_id=made.id,
            shown_sha256=shown,
            at=LATER,
        )


def test_a_role_that_excludes_another_is_refused_in_words_and_again_at_the_decision(session, officers):
    first, second = officers
    subject = a_person(session)
    made = propose(session, first, subject, "cashier")
    with pytest.raises(RolesExclude) as refusal:
        propose(session, first, subject, "checker")
    assert refusal.value.facts == {"role": "checker", "held": "cashier"}
    approve(session, second, made)
    with pytest.raises(RolesExclude):
        propose(session, first, subject, "administrator")
    with pytest.raises(RoleHeldAlready):
        propose(session, first, subject, "cashier")


def test_a_role_of_another_desk_or_of_a_city_is_not_proposed_here(session, officers):
    first, _second = officers
    subject = a_person(session)
    for role in ("director", "finance_head", "city", "member", "nothing"):
        with pytest.raises(RoleNotHere):
            propose(session, first, subject, role)
    assert {role.key for role in granting.grantable_roles(CONTRACTOR, "330100")} == {
        "administrator",
        "security_officer",
        "log_auditor",
    }


def test_a_decided_grant_is_not_decided_again_and_another_countys_is_not_there(session, officers):
    first, second = officers
    made = propose(session, first, a_person(session))
    granting.refuse(session, second, grant_id=made.id, reason="没有调令", at=LATER)
    assert (made.decision, made.decision_reason) == ("refused", "没有调令")
    with pytest.raises(GrantNotInThisState):
        approve(session, second, made)
    stranger = visitor(a_person(session, county_code="330122"), "security_officer", county_code="330122")
    with pytest.raises(NotFound):
        granting.refuse(session, stranger, grant_id=made.id, reason="没有调令", at=LATER)
    with pytest.raises(NotFound):
        granting.end(session, county_code="330122", grant_id=made.id, reason="没有", by=stranger.person_id, at=LATER)


def test_an_ended_role_is_gone_on_the_next_request(session, officers):
    first, second = officers
    subject = a_person(session)
    made = approve(session, second, propose(session, first, subject))
    granting.end(session, county_code=COUNTY, grant_id=made.id, reason="调走了", by=first.person_id, at=LATER)
    assert roles_of(session, COUNTY, subject, LATER) == {}
    assert acts(session)[-1] == "person.role_ended"


def test_whoever_leaves_takes_no_role_or_proposal_along(session, officers):
    first, second = officers
    subject = a_person(session)
    approve(session, second, propose(session, first, subject))
    propose(session, first, subject, "lead")
    keeping.leave(session, county_code=COUNTY, staff_id=subject, version=1, reason="退休", by=first.person_id, at=LATER)
    assert roles_of(session, COUNTY, subject, LATER) == {}
    assert [granting.state_of(g) for g in queries.grants_of(session, COUNTY, subject)] == ["withdrawn", "ended"]
    with pytest.raises(NotInThisState):
        propose(session, first, subject)


def test_one_officer_does_not_take_over_the_other_and_be_both(session, officers):
    first, second = officers
    administrator = visitor(a_person(session), "administrator")
    clerk = a_person(session)
    with pytest.raises(NotYoursToRecover):
        keeping.recover(session, first, staff_id=second.person_id, at=AT)
    with pytest.raises(NotYoursToRecover):
        keeping.recover(session, administrator, staff_id=clerk, at=AT)
    keeping.recover(session, first, staff_id=clerk, at=AT)
    issued = keeping.recover(session, administrator, staff_id=second.person_id, at=AT)
    session.execute(update(Invitation).where(Invitation.staff_id == issued.staff_id).values(used_at=AT))
    made = propose(session, first, clerk)
    with pytest.raises(RecoveredLately):
        approve(session, second, made)
    soon = AT + granting.RECOVERED_WAITS + dt.timedelta(minutes=1)
    sessionless = visitor(second.person_id, "security_officer", session_id=second.session_id)
    assert approve(session, sessionless, made, at=soon).decision == "approved"


def test_the_first_people_of_a_desk_are_the_three_with_two_officers_and_only_once(session):
    people = [
        FirstPerson(f"first{n}", name, role) for n, (name, role) in enumerate(zip("甲乙丙丁", THE_FIRST, strict=True))
    ]
    with pytest.raises(NotTheFirstPeople):
        install_first_people(session, county_code="330199", people=people[:3], at=AT)
    installed = install_first_people(session, county_code="330199", people=people, at=AT)
    assert [person.role for person, _ in installed] == list(THE_FIRST)
    for person, invited in installed:
        assert roles_of(session, "330199", invited.staff_id, LATER) == {person.role: None}
        staff = accounts.accept_invitation(session, invited.token, password_hash="$argon2id$x", at=LATER)
        assert staff.status == "active"
    with pytest.raises(DeskHasPeople):
        install_first_people(session, county_code="330199", people=people, at=AT)
    entries = session.scalars(select(TrailEntry).where(TrailEntry.act == "person.role_installed")).all()
    assert {entry.actor_id for entry in entries} == {"command_line"}
    assert len(entries) == 4
