"""Signing in, verb by verb: who gets in, who does not, and what a stranger can learn from it."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import event, select

from chassis.identity import accounts, factors, sign_in
from chassis.identity.passwords import Check, check_password, hash_password
from chassis.identity.refusals import PendingGone, WrongSecret
from chassis.identity.sign_in import SecondFactorWanted, SignedIn, Wrong
from chassis.identity.tables import PendingSignIn, StaffSession, TotpFactor
from chassis.identity.throttle import Throttled
from chassis.trail.tables import TrailEntry
from tests.identity.conftest import AT
from tests.identity.people import PASSWORD, caller, make_person

SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture()
def give(session, settings, keyring):
    """Name and password as the door gives them, on one session."""

    def give(name, password=PASSWORD, *, at=AT, who=None):
        who = who or caller(keyring)
        admitted = sign_in.admit(session, keyring, name, who, code=None, at=at)
        check = check_password(settings, admitted.password_hash, password)
        return sign_in.conclude_password(session, admitted, check, who, at=at)

    return give


@pytest.fixture()
def second(session, keyring):
    def second(token, kind, answer, *, at=AT):
        return sign_in.conclude_second_factor(session, keyring, token, kind, answer, caller(keyring), at=at)

    return second


def acts(session) -> list[str]:
    return list(session.scalars(select(TrailEntry.act).order_by(TrailEntry.county_code, TrailEntry.seq)))


def test_a_right_password_alone_opens_a_session_where_no_factor_is_set_up(give, person, session):
    person()
    found = give("zhangsan")
    assert isinstance(found, SignedIn)
    assert session.scalars(select(StaffSession.factor)).one() == "password"
    assert acts(session)[-1] == "person.signed_in"


def test_with_an_authenticator_the_password_opens_nothing_yet(give, person, session):
    person(totp=True)
    assert isinstance(give("zhangsan"), SecondFactorWanted)
    assert session.scalars(select(StaffSession)).all() == []


def test_the_code_completes_the_sign_in(give, second, person, session):
    owner = person(totp=True)
    found = second(give("zhangsan").token, "totp", owner.code(AT))
    assert isinstance(found, SignedIn)
    assert session.scalars(select(StaffSession.factor)).one() == "totp"


@pytest.mark.parametrize(("steps_off", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_the_step_before_to_the_step_after(give, second, person, steps_off, is_taken):
    owner = person(totp=True)
    code = owner.code(AT + steps_off * 30 * SECOND)
    assert isinstance(second(give("zhangsan").token, "totp", code), SignedIn if is_taken else Wrong)


def test_a_code_is_taken_once(give, second, person):
    owner = person(totp=True)
    code = owner.code(AT)
    assert isinstance(second(give("zhangsan").token, "totp", code), SignedIn)
    assert isinstance(second(give("zhangsan", at=AT + SECOND).token, "totp", code, at=AT + SECOND), Wrong)


def test_a_code_older_than_the_last_one_taken_is_refused(give, second, person):
    owner = person(totp=True)
    earlier = owner.code(AT - 30 * SECOND)
    assert isinstance(second(give("zhangsan").token, "totp", owner.code(AT)), SignedIn)
    assert isinstance(second(give("zhangsan", at=AT + SECOND).token, "totp", earlier, at=AT + SECOND), Wrong)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34", None, 123456, {"a": 1}])
def test_what_is_not_a_code_is_wrong_and_breaks_nothing(give, second, person, code):
    person(totp=True)
    assert isinstance(second(give("zhangsan").token, "totp", code), Wrong)


def test_the_same_code_given_twice_at_once_lets_one_in(desk_database, house, settings):
    keyring = house.keyring
    with desk_database.transaction() as session:
        owner = make_person(session, settings, keyring, "zhangsan", at=AT, totp=True)
        county_code, staff_id, code = owner.staff.county_code, owner.staff.id, owner.code(AT)
    taken, start = [], threading.Barrier(8)

    def take():
        start.wait()
        taken.append(
            desk_database.retrying(
                lambda session: factors.take_totp(session, keyring, county_code, staff_id, code, at=AT)
            )
        )

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True]


def test_five_wrong_codes_end_the_waiting_sign_in(give, second, person, session):
    owner = person(totp=True)
    token = give("zhangsan").token
    for _ in range(5):
        assert isinstance(second(token, "totp", "000000"), Wrong)
    with pytest.raises(PendingGone):
        second(token, "totp", owner.code(AT))


def test_beginning_again_with_the_password_does_not_give_five_more_codes_for_free(give, second, person):
    person(totp=True)
    answers = []
    for n in range(4):
        token = give("zhangsan", at=AT + n * SECOND).token
        answers += [second(token, "totp", "000000", at=AT + n * SECOND) for _ in range(4)]
    assert sum(isinstance(answer, Wrong) for answer in answers) == 5
    assert isinstance(answers[-1], Throttled)


def test_the_second_factor_comes_within_ten_minutes(give, second, person):
    owner = person(totp=True)
    token = give("zhangsan").token
    late = AT + 10 * MINUTE
    with pytest.raises(PendingGone):
        second(token, "totp", owner.code(late), at=late)


def test_a_waiting_sign_in_is_used_once(give, second, person):
    owner = person(totp=True)
    token = give("zhangsan").token
    assert isinstance(second(token, "totp", owner.code(AT)), SignedIn)
    with pytest.raises(PendingGone):
        second(token, "totp", owner.code(AT + 30 * SECOND), at=AT + 30 * SECOND)


def test_a_password_changed_meanwhile_ends_the_waiting_sign_in(give, second, person, session, settings):
    owner = person(totp=True)
    token = give("zhangsan").token
    later = AT + SECOND
    accounts.change_password(session, owner.visitor(), hash_password(settings, "another fine phrase"), at=later)
    with pytest.raises(PendingGone):
        second(token, "totp", owner.code(AT), at=later)


def test_a_recovery_code_stands_in_once(give, second, person, session):
    owner = person(totp=True)
    codes = factors.make_recovery_codes(session, owner.visitor(), at=AT)
    assert len(set(codes)) == 10
    typed = codes[3].upper().replace("-", " ")
    assert isinstance(second(give("zhangsan").token, "recovery_code", typed), SignedIn)
    assert isinstance(second(give("zhangsan", at=AT + SECOND).token, "recovery_code", typed, at=AT + SECOND), Wrong)
    assert "person.recovery_code_used" in acts(session)


def test_new_recovery_codes_end_the_old_ones(give, second, person, session):
    owner = person(totp=True)
    old = factors.make_recovery_codes(session, owner.visitor(), at=AT)
    factors.make_recovery_codes(session, owner.visitor(), at=AT)
    assert isinstance(second(give("zhangsan").token, "recovery_code", old[0]), Wrong)


def test_anothers_recovery_code_opens_nothing(give, second, person, session):
    person("zhangsan", totp=True)
    other = person("lisi", totp=True)
    theirs = factors.make_recovery_codes(session, other.visitor(), at=AT)
    assert isinstance(second(give("zhangsan").token, "recovery_code", theirs[0]), Wrong)


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_a_suspended_or_ended_account_gets_the_answer_of_a_wrong_password(give, person, session, status):
    owner = person()
    act = {"suspended": accounts.suspend, "left": accounts.end_employment}[status]
    staff = owner.staff
    act(session, county_code=staff.county_code, staff_id=staff.id, version=staff.version, reason="试", by=999, at=AT)
    assert give("zhangsan") == give("zhangsan", "wrong") == give("nobody") == Wrong()


def test_an_account_suspended_while_its_password_was_examined_opens_nothing(session, settings, keyring, person):
    owner = person()
    who = caller(keyring)
    admitted = sign_in.admit(session, keyring, "zhangsan", who, code=None, at=AT)
    staff = owner.staff
    accounts.suspend(
        session, county_code=staff.county_code, staff_id=staff.id, version=staff.version, reason="试", by=999, at=AT
    )
    assert sign_in.conclude_password(session, admitted, Check(True), who, at=AT) == Wrong()


def test_an_unknown_name_takes_the_same_statements_and_the_same_hashing_as_a_wrong_password(
    session, settings, keyring, person
):
    person("zhangsan")
    person("withcode", totp=True)
    statements: dict[str, list[str]] = {}
    hashed = []

    def cost(name):
        seen = statements.setdefault(name, [])
        bind = session.get_bind()

        def note(_connection, _cursor, statement, *rest):
            seen.append(statement)

        event.listen(bind, "before_cursor_execute", note)
        who = caller(keyring)
        admitted = sign_in.admit(session, keyring, name, who, code=None, at=AT)
        check = check_password(settings, admitted.password_hash, "wrong")
        hashed.append(check)
        sign_in.conclude_password(session, admitted, check, who, at=AT)
        event.remove(bind, "before_cursor_execute", note)

    for warm_up in ("warm-1", "zhangsan"):
        cost(warm_up)
        statements.clear()
    for name in ("zhangsan", "withcode", "nobody"):
        cost(name)
    assert len(statements["zhangsan"]) > 5
    assert statements["zhangsan"] == statements["withcode"] == statements["nobody"]
    assert not any(check.is_right for check in hashed)


def test_every_way_of_failing_is_in_the_trail_without_name_or_secret(give, second, person, session):
    person(totp=True)
    give("zhangsan", "wrong password 1")
    give("nobody-here", "wrong password 2")
    second(give("zhangsan").token, "totp", "000000")
    rows = session.execute(
        select(TrailEntry.county_code, TrailEntry.act, TrailEntry.subject_id, TrailEntry.facts)
    ).all()
    text = repr(rows)
    assert [r.act for r in rows].count("person.sign_in_failed") == 3
    assert ("000000", "unknown") in {(r.county_code, r.subject_id) for r in rows}
    for secret in ("zhangsan", "nobody-here", "wrong password", PASSWORD):
        assert secret not in text


def test_tokens_and_codes_stand_nowhere_in_the_database_as_they_are(give, second, person, session):
    owner = person(totp=True)
    token = give("zhangsan").token
    found = second(token, "totp", owner.code(AT))
    stored = repr([s.token_sha256 for s in session.scalars(select(StaffSession))])
    stored += repr([p.token_sha256 for p in session.scalars(select(PendingSignIn))])
    stored += repr([bytes(t.secret_sealed) for t in session.scalars(select(TotpFactor))])
    for secret in (token, found.token, found.device_token, owner.secret):
        assert secret not in stored


def test_a_new_authenticator_is_in_use_only_after_its_first_right_code(session, keyring, person):
    owner = person()
    visitor = owner.visitor()
    secret = factors.begin_totp(session, keyring, visitor, at=AT)
    assert factors.begin_totp(session, keyring, visitor, at=AT + MINUTE) == secret
    owner.secret = secret
    assert not factors.take_totp(session, keyring, visitor.county_code, visitor.person_id, owner.code(AT), at=AT)
    with pytest.raises(WrongSecret):
        factors.confirm_totp(session, keyring, visitor, "000000", at=AT)
    factors.confirm_totp(session, keyring, visitor, owner.code(AT), at=AT)
    later = AT + MINUTE
    assert factors.take_totp(session, keyring, visitor.county_code, visitor.person_id, owner.code(later), at=later)


def test_a_replaced_authenticator_opens_nothing_and_its_secret_is_gone(session, keyring, person):
    owner = person(totp=True)
    visitor = owner.visitor(stepped_up_until=AT + MINUTE)
    old = owner.code(AT)
    owner.secret = factors.begin_totp(session, keyring, visitor, at=AT)
    factors.confirm_totp(session, keyring, visitor, owner.code(AT), at=AT)
    assert not factors.take_totp(session, keyring, visitor.county_code, visitor.person_id, old, at=AT)
    sealed = session.execute(select(TotpFactor.number, TotpFactor.secret_sealed.is_(None)).order_by(TotpFactor.number))
    assert [tuple(row) for row in sealed] == [(1, True), (2, False)]
