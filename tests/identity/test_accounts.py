"""Accounts: invited, taken over, lost and recovered, suspended, ended."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from chassis.errors import NotFound, StaleVersion
from chassis.identity import accounts, factors, sessions
from chassis.identity.passwords import hash_password
from chassis.identity.queries import open_invitation, second_factors_of
from chassis.identity.refusals import InvitationGone, NameTaken, NotInThisState, NotOneself
from chassis.identity.tables import Staff
from chassis.vault.identity_numbers import made_up_identity_number
from tests.identity.conftest import AT
from tests.identity.people import make_person
from tests.sites import COUNTY

OTHER_COUNTY = "330109"
DAY = dt.timedelta(days=1)


@pytest.fixture()
def invite(session, keyring):
    def invite(name="zhangsan", **more):
        given = {"county_code": COUNTY, "name": "张三", "by": 7, "at": AT} | more
        return accounts.invite(session, keyring, sign_in_name=name, **given)

    return invite


@pytest.fixture()
def number():
    return made_up_identity_number(random.Random(7), "330110", dt.date(1980, 2, 29), True)


def accept(session, token, *, at=AT, hashed="$argon2id$x"):
    return accounts.accept_invitation(session, token, password_hash=hashed, at=at)


def test_an_invitation_makes_the_account_active_once(invite, session):
    token = invite().token
    staff = accept(session, token)
    assert (staff.status, staff.activated_at, staff.invited_by) == ("active", AT, 7)
    assert staff.name_pinyin == "zhang san"
    with pytest.raises(InvitationGone):
        accept(session, token)


@pytest.mark.parametrize(("after", "opens"), [(7 * DAY - dt.timedelta(seconds=1), True), (7 * DAY, False)])
def test_an_invitation_holds_for_seven_days(invite, session, after, opens):
    token = invite().token
    assert (open_invitation(session, token, at=AT + after) is not None) is opens


def test_a_second_invitation_ends_the_first(invite, session):
    first = invite()
    second = accounts.invite_again(session, county_code=COUNTY, staff_id=first.staff_id, by=7, at=AT)
    with pytest.raises(InvitationGone):
        accept(session, first.token)
    assert accept(session, second.token).id == first.staff_id


def test_an_invitation_used_by_two_at_once_serves_one(desk_database, house, settings):
    with desk_database.transaction() as session:
        token = accounts.invite(
            session, house.keyring, county_code=COUNTY, sign_in_name="zhangsan", name="张三", by=None, at=AT
        ).token
    served, start = [], threading.Barrier(4)

    def take(n):
        start.wait()
        try:
            desk_database.retrying(lambda session: accept(session, token, hashed=f"$argon2id${n}"))
            served.append(n)
        except InvitationGone:
            pass

    threads = [threading.Thread(target=take, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(served) == 1


@pytest.mark.parametrize("again", ["zhangsan", "ZhangSan", " zhangsan "])
def test_a_sign_in_name_is_taken_once_at_a_desk(invite, again):
    invite("zhangsan")
    with pytest.raises(NameTaken):
        invite(again, county_code=OTHER_COUNTY)


def test_one_natural_person_has_one_account_in_a_county(invite, number):
    invite("zhangsan", identity_number=number)
    with pytest.raises(NameTaken):
        invite("zhangsan2", identity_number=number.lower())
    invite("zhangsan3", identity_number=number, county_code=OTHER_COUNTY)


def test_the_identity_number_is_sealed(invite, session, number):
    invite(identity_number=number)
    staff = session.scalars(select(Staff)).one()
    assert number.encode() not in bytes(staff.identity_number_sealed)
    assert number.encode() not in bytes(staff.identity_number_index)


def test_a_recovery_ends_sessions_at_once_and_factors_when_it_is_used(session, settings, keyring, person):
    owner = person(totp=True)
    staff = owner.staff
    sessions.open_session(session, staff, factor="totp", network_digest=b"n", device_words="x", at=AT)
    codes = factors.make_recovery_codes(session, owner.visitor(), at=AT)
    recovery = accounts.issue_recovery(session, county_code=COUNTY, staff_id=staff.id, by=7, at=AT)
    assert sessions.revoke_all(session, COUNTY, staff.id, why="x", by=7, at=AT) == 0
    assert second_factors_of(session, COUNTY, staff.id) == ["totp"]
    accept(session, recovery.token, hashed=hash_password(settings, "another fine phrase"))
    assert second_factors_of(session, COUNTY, staff.id) == []
    assert not factors.take_recovery_code(session, COUNTY, staff.id, codes[0], at=AT)


def test_a_recovery_is_used_once(session, person):
    staff = person().staff
    recovery = accounts.issue_recovery(session, county_code=COUNTY, staff_id=staff.id, by=7, at=AT)
    accept(session, recovery.token)
    with pytest.raises(InvitationGone):
        accept(session, recovery.token)


def test_a_recovery_holds_for_a_day(session, person):
    staff = person().staff
    recovery = accounts.issue_recovery(session, county_code=COUNTY, staff_id=staff.id, by=7, at=AT)
    with pytest.raises(InvitationGone):
        accept(session, recovery.token, at=AT + DAY)


def test_nobody_recovers_suspends_or_reinstates_themselves(session, person):
    staff = person().staff
    with pytest.raises(NotOneself):
        accounts.issue_recovery(session, county_code=COUNTY, staff_id=staff.id, by=staff.id, at=AT)
    for act in (accounts.suspend, accounts.end_employment, accounts.reinstate):
        with pytest.raises(NotOneself):
            act(session, county_code=COUNTY, staff_id=staff.id, version=staff.version, reason="x", by=staff.id, at=AT)


def test_a_suspended_account_can_be_given_back_and_an_ended_one_cannot(session, person):
    staff = person().staff
    place = {"county_code": COUNTY, "staff_id": staff.id, "reason": "x", "by": 7, "at": AT}
    accounts.suspend(session, version=staff.version, **place)
    accounts.reinstate(session, version=staff.version, **place)
    assert staff.status == "active"
    accounts.end_employment(session, version=staff.version, **place)
    for act in (accounts.suspend, accounts.reinstate, accounts.end_employment):
        with pytest.raises(NotInThisState):
            act(session, version=staff.version, **place)


def test_a_page_that_shows_an_older_version_changes_nothing(session, person):
    staff = person().staff
    with pytest.raises(StaleVersion):
        accounts.suspend(
            session, county_code=COUNTY, staff_id=staff.id, version=staff.version - 1, reason="x", by=7, at=AT
        )


def test_a_person_of_another_county_is_not_found(session, person):
    staff = person().staff
    with pytest.raises(NotFound):
        accounts.suspend(
            session, county_code=OTHER_COUNTY, staff_id=staff.id, version=staff.version, reason="x", by=7, at=AT
        )


def test_an_invitation_to_an_account_that_has_ended_opens_nothing(invite, session):
    invited = invite()
    accounts.end_employment(session, county_code=COUNTY, staff_id=invited.staff_id, version=1, reason="x", by=7, at=AT)
    with pytest.raises(InvitationGone):
        accept(session, invited.token)


@pytest.mark.parametrize("table", ["staff", "staff_session", "sign_in_attempt", "approval_proof"])
def test_no_desk_deletes_what_it_keeps_about_its_people(session, table):
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.connection().exec_driver_sql(f"DELETE FROM contractor.{table}")


def test_an_attempt_is_never_rewritten(session):
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.connection().exec_driver_sql("UPDATE contractor.sign_in_attempt SET outcome = 'passed'")


def test_the_account_of_a_desk_is_not_seen_from_another(session_of, settings, keyring):
    make_person(session_of("contractor"), settings, keyring, "zhangsan", at=AT)
    with pytest.raises(DBAPIError, match="permission denied"):
        session_of("county").connection().exec_driver_sql("SELECT 1 FROM contractor.staff")
