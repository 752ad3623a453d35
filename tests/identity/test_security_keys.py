"""Security keys, with a key in software: registered, asked, copied, replayed, asked by another site."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from chassis.errors import StepUpNeeded
from chassis.identity import security_keys, sessions, sign_in
from chassis.identity.passwords import Check
from chassis.identity.queries import keys_of, second_factors_of
from chassis.identity.refusals import KeyNotAccepted
from chassis.identity.security_keys import RelyingParty
from chassis.identity.sign_in import SecondFactorWanted, SignedIn, Wrong
from chassis.identity.tables import SecurityKey
from tests.identity.conftest import AT
from tests.identity.people import caller
from tests.identity.software_key import SoftwareKey

HERE = RelyingParty(id="portal.example", name="Coopmed", origin="https://portal.example")
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture()
def owner(person):
    return person()


@pytest.fixture()
def visitor(session, owner):
    token = sessions.open_session(session, owner.staff, factor="password", network_digest=b"n", device_words="x", at=AT)
    return owner.visitor(sessions.session_id_of(session, token))


@pytest.fixture()
def register(session, visitor):
    def register(key, *, at=AT, answered_at=None, who=visitor, **told):
        options = security_keys.registration_options(session, who, HERE, at=at)
        answer = key.register(options, **({"origin": HERE.origin} | told))
        return security_keys.register(session, who, HERE, answer, label="蓝色", at=answered_at or at)

    return register


@pytest.fixture()
def waiting(session, keyring, owner, register):
    """A key on record and a sign-in that waits for it: `answer(how)` gives the outcome."""
    key = SoftwareKey()
    register(key)

    def begin(at=AT):
        admitted = sign_in.admit(session, keyring, "zhangsan", caller(keyring), code=None, at=at)
        found = sign_in.conclude_password(session, admitted, Check(True), caller(keyring), at=at)
        assert isinstance(found, SecondFactorWanted)
        return found.token

    def ask(token, at=AT):
        pending = sign_in.pending_for(session, token, at=at, lock=True)
        return security_keys.authentication_options(session, pending, HERE, at=at)

    def give(token, answer, at=AT):
        return sign_in.conclude_second_factor(
            session, keyring, token, "security_key", answer, caller(keyring), party=HERE, at=at
        )

    return key, begin, ask, give


def test_a_registered_key_signs_in(waiting):
    key, begin, ask, give = waiting
    token = begin()
    assert isinstance(give(token, key.answer(ask(token), origin=HERE.origin)), SignedIn)


def test_a_key_makes_the_account_ask_for_it(session, owner, register):
    register(SoftwareKey())
    assert second_factors_of(session, owner.staff.county_code, owner.staff.id) == ["security_key"]


@pytest.mark.parametrize(
    "told",
    [
        {"origin": "https://portal.example.evil"},
        {"origin": "http://portal.example"},
        {"origin": "https://portal.example", "rp_id": "evil.example"},
        {"origin": "https://portal.example", "challenge": "AAAA"},
    ],
)
def test_an_answer_given_to_another_site_or_question_is_wrong(waiting, told):
    key, begin, ask, give = waiting
    token = begin()
    assert give(token, key.answer(ask(token), **told)) == Wrong()


def test_a_key_that_is_not_the_persons_is_wrong(waiting):
    _, begin, ask, give = waiting
    token = begin()
    assert give(token, SoftwareKey().answer(ask(token), origin=HERE.origin)) == Wrong()


def test_anothers_registered_key_is_wrong(session, waiting, register, person):
    _, begin, ask, give = waiting
    other = person("lisi")
    opened = sessions.open_session(
        session, other.staff, factor="password", network_digest=b"n", device_words="x", at=AT
    )
    theirs = SoftwareKey()
    register(theirs, who=other.visitor(sessions.session_id_of(session, opened)))
    token = begin()
    assert give(token, theirs.answer(ask(token), origin=HERE.origin)) == Wrong()


def test_a_key_with_the_right_name_and_another_secret_is_wrong(waiting):
    key, begin, ask, give = waiting
    forged = SoftwareKey(credential_id=key.credential_id, sign_count=50)
    token = begin()
    assert give(token, forged.answer(ask(token), origin=HERE.origin)) == Wrong()


def test_a_challenge_is_answered_once(waiting):
    key, begin, ask, give = waiting
    first = begin()
    options = ask(first)
    assert isinstance(give(first, key.answer(options, origin=HERE.origin)), SignedIn)
    second = begin(AT + MINUTE)
    assert give(second, key.answer(options, origin=HERE.origin), AT + MINUTE) == Wrong()


def test_a_wrong_answer_uses_the_challenge_up(waiting):
    key, begin, ask, give = waiting
    token = begin()
    options = ask(token)
    assert give(token, key.answer(options, origin="https://evil.example")) == Wrong()
    assert give(token, key.answer(options, origin=HERE.origin)) == Wrong()


def test_an_answer_comes_within_five_minutes(waiting):
    key, begin, ask, give = waiting
    token = begin()
    late = AT + 5 * MINUTE + dt.timedelta(seconds=1)
    assert give(token, key.answer(ask(token), origin=HERE.origin), late) == Wrong()


def test_a_counter_that_goes_back_betrays_a_copy(waiting):
    key, begin, ask, give = waiting
    copy = SoftwareKey(private=key.private, credential_id=key.credential_id)
    key.sign_count = 10
    token = begin()
    assert isinstance(give(token, key.answer(ask(token), origin=HERE.origin)), SignedIn)
    token = begin(AT + MINUTE)
    assert give(token, copy.answer(ask(token, AT + MINUTE), origin=HERE.origin), AT + MINUTE) == Wrong()


@pytest.mark.parametrize(
    "answer", [None, "", [], {}, {"id": "x"}, {"id": 1, "rawId": None, "response": 7}, {"a": "b" * 20_000}]
)
def test_what_is_not_an_answer_is_wrong_and_breaks_nothing(waiting, answer):
    _, begin, ask, give = waiting
    token = begin()
    ask(token)
    assert give(token, answer) == Wrong()


def test_a_removed_key_signs_in_no_more(session, waiting, visitor):
    key, begin, ask, give = waiting
    token = begin()
    options = ask(token)
    stepped_up = visitor.__class__(**{**visitor.__dict__, "stepped_up_until": AT + MINUTE})
    key_id = keys_of(session, visitor.county_code, visitor.person_id)[0].id
    security_keys.remove(session, stepped_up, key_id, at=AT)
    assert give(token, key.answer(options, origin=HERE.origin)) == Wrong()


@pytest.mark.parametrize("told", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}])
def test_a_key_made_for_another_site_is_not_registered(session, register, told):
    with pytest.raises(KeyNotAccepted):
        register(SoftwareKey(), **told)
    assert session.scalars(select(SecurityKey)).all() == []


def test_a_key_is_registered_within_five_minutes(register):
    with pytest.raises(KeyNotAccepted):
        register(SoftwareKey(), answered_at=AT + 6 * MINUTE)


def test_one_key_belongs_to_one_person(session, register, visitor, person):
    key = SoftwareKey()
    register(key)
    other = person("lisi")
    token = sessions.open_session(session, other.staff, factor="password", network_digest=b"n", device_words="x", at=AT)
    with pytest.raises(KeyNotAccepted):
        register(key, who=other.visitor(sessions.session_id_of(session, token)))


def test_a_second_key_asks_for_a_step_up(register):
    register(SoftwareKey())
    with pytest.raises(StepUpNeeded):
        register(SoftwareKey())
