"""Sessions: how long they live, and that ending one is seen by the very next request."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import event, select, update

from chassis.errors import NotFound
from chassis.identity import accounts, sessions
from chassis.identity.queries import Nobody, sessions_of, visitor_for
from chassis.identity.tables import KnownDevice, RoleGrant, Staff, StaffSession
from chassis.visitors import Visitor
from tests.identity.conftest import AT
from tests.sites import give_factor, grant

MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture()
def enter(session, keyring):
    """A session of this person, opened at `at`; returns its token."""

    def enter(owner, *, at=AT, factor="totp"):
        return sessions.open_session(
            session, owner.staff, factor=factor, network_digest=b"n" * 32, device_words="Chrome · Windows", at=at
        )

    return enter


@pytest.fixture()
def who(session, settings):
    def who(token, *, at=AT, settings=settings):
        return visitor_for(session, token, desk_key="contractor", settings=settings, at=at)

    return who


def test_a_token_names_its_person_with_their_roles_of_this_moment(enter, who, person, session):
    owner = person(totp=True)
    staff = owner.staff
    token = enter(owner)
    grant(session, staff.county_code, staff.id, "township", scope="330110101", at=AT)
    found = who(token)
    assert isinstance(found, Visitor)
    assert (found.person_id, found.county_code, found.name) == (staff.id, staff.county_code, "张三")
    assert (found.roles, found.scopes) == (frozenset({"township"}), {"township": "330110101"})
    assert (found.has_second_factor, found.unfinished, found.stepped_up_until) == (True, None, None)


@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "\ud800", "'; DROP TABLE staff; --"])
def test_a_made_up_token_is_nobodys(who, token):
    assert who(token) == Nobody("unknown")


@pytest.mark.parametrize(
    ("idle", "why"), [(15 * MINUTE - SECOND, None), (15 * MINUTE, "idle"), (dt.timedelta(days=1), "ended")]
)
def test_a_session_left_alone_for_a_quarter_of_an_hour_is_over(enter, who, person, idle, why):
    token = enter(person(totp=True))
    found = who(token, at=AT + idle)
    assert isinstance(found, Visitor) if why is None else found == Nobody(why)


def test_a_busy_session_ends_after_twelve_hours(enter, who, person):
    token = enter(person(totp=True))
    for n in range(1, 72):
        assert isinstance(who(token, at=AT + n * 10 * MINUTE), Visitor)
    assert who(token, at=AT + dt.timedelta(hours=12)) == Nobody("ended")


def test_use_is_written_down_once_a_minute_at_most(enter, who, person, session):
    token = enter(person(totp=True))
    written = []
    bind = session.get_bind()

    def note(_connection, _cursor, statement, *rest):
        if statement.startswith("UPDATE") and "staff_session" in statement:
            written.append(statement)

    event.listen(bind, "before_cursor_execute", note)
    for n in range(0, 180, 10):
        who(token, at=AT + n * SECOND)
    event.remove(bind, "before_cursor_execute", note)
    assert len(written) == 2


def test_a_revoked_session_is_nobodys_on_the_next_request(enter, who, person, session):
    owner = person(totp=True)
    token = enter(owner)
    mine = who(token)
    sessions.revoke(
        session, mine.county_code, mine.session_id, staff_id=mine.person_id, why="revoked", by=mine.person_id, at=AT
    )
    assert who(token) == Nobody("revoked")


def test_signing_out_everywhere_ends_all_and_forgets_the_devices(enter, who, person, session):
    owner = person(totp=True)
    staff = owner.staff
    tokens = [enter(owner) for _ in range(3)]
    sessions.know_device(session, staff, None, at=AT)
    ended = sessions.revoke_all(
        session, staff.county_code, staff.id, why="everywhere", by=staff.id, at=AT, forget_devices=True
    )
    assert ended == 3
    assert [who(token) for token in tokens] == [Nobody("revoked")] * 3
    assert session.scalars(select(KnownDevice.forgotten_at)).one() == AT


def test_nobody_revokes_the_session_of_another(enter, who, person, session):
    owner, other = person("zhangsan", totp=True), person("lisi", totp=True)
    token = enter(owner)
    with pytest.raises(NotFound):
        sessions.revoke(
            session,
            other.staff.county_code,
            who(token).session_id,
            staff_id=other.staff.id,
            why="revoked",
            by=other.staff.id,
            at=AT,
        )
    assert isinstance(who(token), Visitor)


@pytest.mark.parametrize("act", [accounts.suspend, accounts.end_employment])
def test_a_suspended_person_is_nobody_on_the_next_request(enter, who, person, session, act):
    owner = person(totp=True)
    token = enter(owner)
    staff = owner.staff
    act(session, county_code=staff.county_code, staff_id=staff.id, version=staff.version, reason="试", by=999, at=AT)
    assert who(token) == Nobody("revoked")


def test_an_account_that_is_not_active_opens_nothing_even_with_a_session_that_nobody_ended(enter, who, person, session):
    owner = person(totp=True)
    token = enter(owner)
    session.execute(
        update(Staff)
        .where(Staff.id == owner.staff.id)
        .values(status="suspended", status_reason="试", status_changed_by=999)
    )
    assert who(token) == Nobody("not_active")


def test_a_role_that_ended_is_gone_on_the_next_request(enter, who, person, session):
    owner = person(totp=True)
    staff = owner.staff
    token = enter(owner)
    grant(session, staff.county_code, staff.id, "reviewer", at=AT)
    assert who(token).roles == {"reviewer"}
    ended = {"ended_at": AT + MINUTE, "ended_by": 999, "end_reason": "试"}
    session.execute(update(RoleGrant).where(RoleGrant.staff_id == staff.id).values(ended))
    assert who(token).roles == {"reviewer"}
    assert who(token, at=AT + MINUTE).roles == frozenset()


def test_a_session_opened_before_the_factor_was_set_up_opens_nothing_after(enter, who, person, session):
    owner = person()
    token = enter(owner, factor="password")
    assert isinstance(who(token), Visitor)
    give_factor(session, owner.staff.county_code, owner.staff.id, at=AT)
    assert who(token) == Nobody("factor_missing")


def test_a_renewed_session_answers_to_its_new_token_alone(enter, who, person, session):
    token = enter(person(totp=True))
    mine = who(token)
    new = sessions.renew(session, mine.county_code, mine.session_id, at=AT)
    assert who(token) == Nobody("unknown")
    assert who(new).session_id == mine.session_id


def test_a_revoked_session_cannot_be_renewed(enter, who, person, session):
    owner = person(totp=True)
    token = enter(owner)
    mine = who(token)
    sessions.revoke_all(session, mine.county_code, mine.person_id, why="everywhere", by=mine.person_id, at=AT)
    with pytest.raises(NotFound):
        sessions.renew(session, mine.county_code, mine.session_id, at=AT)


def test_the_list_of_ones_own_sessions_holds_the_open_ones(enter, person, session):
    owner = person(totp=True)
    enter(owner, at=AT - 20 * MINUTE)
    enter(owner, at=AT)
    enter(person("lisi", totp=True), at=AT)
    staff = owner.staff
    assert [s.started_at for s in sessions_of(session, staff.county_code, staff.id, at=AT)] == [AT]


@pytest.mark.parametrize(
    ("environment", "has_totp", "roles", "unfinished"),
    [
        ("demo", False, ("checker",), None),
        ("test", False, ("reviewer",), "set_second_factor"),
        ("production", False, ("reviewer",), "set_second_factor"),
        ("production", True, ("reviewer",), None),
        ("production", True, ("checker",), "set_security_key"),
    ],
)
def test_what_must_be_finished_first(enter, who, person, session, settings, environment, has_totp, roles, unfinished):
    owner = person(totp=has_totp)
    token = enter(owner, factor="totp" if has_totp else "password")
    for role in roles:
        grant(session, owner.staff.county_code, owner.staff.id, role, at=AT)
    there = dataclasses.replace(settings, environment=environment)
    assert who(token, settings=there).unfinished == unfinished


def test_a_password_that_somebody_else_chose_or_that_is_too_old_must_be_changed_first(
    enter, who, person, session, settings
):
    owner = person(totp=True)
    token = enter(owner)
    strict = dataclasses.replace(settings, password_policy="mlps3")
    session.execute(update(Staff).values(password_set_at=AT - dt.timedelta(days=91)))
    assert who(token).unfinished is None
    assert who(token, settings=strict).unfinished == "change_password"
    session.execute(update(Staff).values(password_must_change=True))
    assert who(token).unfinished == "change_password"


def test_a_session_row_is_read_anew_though_the_orm_holds_an_older_one(enter, who, person, session):
    token = enter(person(totp=True))
    who(token)
    table = StaffSession.__table__
    session.execute(update(table).values(revoked_at=AT, revoked_by=1, revoked_why="revoked"))
    assert who(token) == Nobody("revoked")
