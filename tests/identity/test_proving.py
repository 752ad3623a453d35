"""The step-up, and the proof that one person gave for exactly one content."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import threading
import time

import psycopg
import pytest
from sqlalchemy import select

from chassis.identity import proving, security_keys, sessions
from chassis.identity.passwords import Check
from chassis.identity.proving import Confirmed, SteppedUp
from chassis.identity.queries import Nobody, visitor_for
from chassis.identity.refusals import ProofMissing
from chassis.identity.security_keys import RelyingParty
from chassis.identity.sign_in import Wrong
from chassis.identity.tables import ApprovalProof
from chassis.identity.throttle import Throttled
from tests.identity.conftest import AT
from tests.identity.people import caller, make_person
from tests.identity.software_key import SoftwareKey
from tests.sites import grant

HERE = RelyingParty(id="portal.example", name="Coopmed", origin="https://portal.example")
MINUTE = dt.timedelta(minutes=1)
SHOWN = bytes(range(32))
OTHER = bytes(32)


@pytest.fixture()
def enter(session, settings):
    """Sign a person in; returns (token, visitor)."""

    def enter(owner, *, factor="totp", settings=settings):
        token = sessions.open_session(session, owner.staff, factor=factor, network_digest=b"n", device_words="x", at=AT)
        return token, visitor_for(session, token, desk_key="contractor", settings=settings, at=AT)

    return enter


@pytest.fixture()
def step_up(session, settings, keyring):
    def step_up(visitor, *, password=True, kind="totp", answer="", at=AT, settings=settings):
        admitted = proving.admit(session, keyring, visitor, caller(keyring), at=at)
        if isinstance(admitted, Throttled):
            return admitted
        return proving.step_up(
            session, keyring, settings, visitor, admitted, Check(password), kind=kind, answer=answer, at=at
        )

    return step_up


def test_password_and_code_together_step_up_for_five_minutes_under_a_new_token(
    session, settings, person, enter, step_up
):
    owner = person(totp=True)
    token, visitor = enter(owner)
    found = step_up(visitor, answer=owner.code(AT))
    assert isinstance(found, SteppedUp)
    assert visitor_for(session, token, desk_key="contractor", settings=settings, at=AT) == Nobody("unknown")
    after = visitor_for(session, found.token, desk_key="contractor", settings=settings, at=AT)
    assert (after.session_id, after.stepped_up_until) == (visitor.session_id, AT + 5 * MINUTE)


def test_neither_half_alone_steps_up(person, enter, step_up):
    owner = person(totp=True)
    _, visitor = enter(owner)
    assert step_up(visitor, answer="000000") == Wrong()
    assert step_up(visitor, answer="") == Wrong()
    assert step_up(visitor, password=False, answer=owner.code(AT)) == Wrong()
    assert step_up(visitor, answer=owner.code(AT)) == Wrong(), "the code was used up beside the wrong password"


def test_the_password_alone_does_where_no_factor_is_set_up(person, enter, step_up, settings):
    demo = dataclasses.replace(settings, environment="demo")
    _, visitor = enter(person(), factor="password", settings=demo)
    assert isinstance(step_up(visitor, settings=demo), SteppedUp)
    assert step_up(visitor, settings=demo, password=False) == Wrong()


def test_guessing_at_a_step_up_is_slowed(person, enter, step_up):
    owner = person(totp=True)
    _, visitor = enter(owner)
    for _ in range(5):
        assert step_up(visitor, password=False) == Wrong()
    assert isinstance(step_up(visitor, answer=owner.code(AT)), Throttled)


def test_in_production_an_approver_with_a_key_steps_up_with_the_key_alone(
    session, settings, keyring, person, enter, step_up
):
    production = dataclasses.replace(settings, environment="production")
    owner = person(totp=True)
    grant(session, owner.staff.county_code, owner.staff.id, "checker", at=AT)
    _, visitor = enter(owner, settings=production)
    key, visitor = _with_key(session, visitor)
    assert proving.ways_to_prove(session, production, visitor) == ["security_key"]
    assert step_up(visitor, answer=owner.code(AT), settings=production) == Wrong()
    holder = security_keys.session_holder(session, visitor)
    options = security_keys.authentication_options(session, holder, HERE, verified=True, at=AT)
    answer = key.answer(options, origin=HERE.origin)
    found = proving.step_up_with_key(session, keyring, visitor, caller(keyring), HERE, answer, at=AT)
    assert isinstance(found, SteppedUp)


def test_a_key_that_does_not_know_its_owner_does_not_step_up(session, keyring, person, enter):
    _, visitor = enter(person(totp=True))
    key, visitor = _with_key(session, visitor)
    key.knows_owner = False
    holder = security_keys.session_holder(session, visitor)
    options = security_keys.authentication_options(session, holder, HERE, verified=True, at=AT)
    answer = key.answer(options, origin=HERE.origin)
    assert proving.step_up_with_key(session, keyring, visitor, caller(keyring), HERE, answer, at=AT) == Wrong()


def test_a_proof_is_used_once_for_exactly_what_was_shown(session, person, enter):
    _, visitor = enter(person(totp=True))
    proof = proving.prove(session, visitor, Confirmed(visitor.session_id, AT), shown_sha256=SHOWN, at=AT)
    with pytest.raises(ProofMissing):
        proving.use_proof(session, visitor, shown_sha256=OTHER, at=AT)
    assert proving.use_proof(session, visitor, shown_sha256=SHOWN, at=AT) == proof
    with pytest.raises(ProofMissing):
        proving.use_proof(session, visitor, shown_sha256=SHOWN, at=AT)
    assert session.scalars(select(ApprovalProof.used_at)).one() == AT


def test_a_proof_is_good_in_its_own_session_only(session, person, enter):
    owner = person(totp=True)
    _, visitor = enter(owner)
    _, elsewhere = enter(owner)
    proving.prove(session, visitor, Confirmed(visitor.session_id, AT), shown_sha256=SHOWN, at=AT)
    with pytest.raises(ProofMissing):
        proving.use_proof(session, elsewhere, shown_sha256=SHOWN, at=AT)
    with pytest.raises(ProofMissing):
        proving.prove(session, elsewhere, Confirmed(visitor.session_id, AT), shown_sha256=SHOWN, at=AT)


def test_a_proof_holds_for_five_minutes(session, person, enter):
    _, visitor = enter(person(totp=True))
    proving.prove(session, visitor, Confirmed(visitor.session_id, AT), shown_sha256=SHOWN, at=AT)
    with pytest.raises(ProofMissing):
        proving.use_proof(session, visitor, shown_sha256=SHOWN, at=AT + 5 * MINUTE)
    with pytest.raises(ProofMissing):
        proving.prove(session, visitor, Confirmed(visitor.session_id, AT), shown_sha256=SHOWN, at=AT + 5 * MINUTE)


def test_one_proof_used_by_two_at_once_serves_one(fresh_database, desk_database, house, settings):
    with desk_database.transaction() as session:
        owner = make_person(session, settings, house.keyring, "zhangsan", at=AT, totp=True)
        token = sessions.open_session(session, owner.staff, factor="totp", network_digest=b"n", device_words="x", at=AT)
        visitor = visitor_for(session, token, desk_key="contractor", settings=settings, at=AT)
        proving.prove(session, visitor, Confirmed(visitor.session_id, AT), shown_sha256=SHOWN, at=AT)
    served = []

    def use():
        with contextlib.suppress(ProofMissing), desk_database.transaction() as session:
            served.append(proving.use_proof(session, visitor, shown_sha256=SHOWN, at=AT))

    second = threading.Thread(target=use)
    with desk_database.transaction() as session:
        served.append(proving.use_proof(session, visitor, shown_sha256=SHOWN, at=AT))
        second.start()
        _until_somebody_waits(fresh_database)
    second.join()
    assert len(served) == 1


def _until_somebody_waits(database) -> None:
    """Until a transaction of this database waits for another's lock; a minute is more than any machine takes."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        deadline = time.monotonic() + 60
        while connection.execute(waiting).fetchone() is None:
            assert time.monotonic() < deadline, "nobody ever waited"
            time.sleep(0.01)


def _with_key(session, visitor):
    stepped_up = dataclasses.replace(visitor, stepped_up_until=AT + MINUTE)
    key = SoftwareKey()
    options = security_keys.registration_options(session, stepped_up, HERE, at=AT)
    answer = key.register(options, origin=HERE.origin)
    security_keys.register(session, stepped_up, HERE, answer, label="蓝色", at=AT)
    return key, visitor
