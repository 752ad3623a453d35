"""An attacker is stopped, and the person attacked still signs in."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import func, select

from chassis.identity import sign_in, throttle
from chassis.identity.passwords import Check
from chassis.identity.sign_in import Admitted, SignedIn, Wrong
from chassis.identity.tables import SignInAttempt
from chassis.identity.throttle import Throttled
from tests.identity.conftest import AT
from tests.identity.people import caller, make_person

SECOND = dt.timedelta(seconds=1)
HOPELESS = 200
RIGHT, NOT_RIGHT = Check(True), Check(False)


def try_once(session, keyring, name, who, check, *, at, code=None):
    """A try from the counting to its end, as the door does it, with the password's check given."""
    admitted = sign_in.admit(session, keyring, name, who, code=code, at=at)
    if isinstance(admitted, Throttled):
        return admitted
    return sign_in.conclude_password(session, admitted, check, who, at=at)


def sign_in_well(session, keyring, name, who, *, at):
    found = try_once(session, keyring, name, who, RIGHT, at=at)
    assert isinstance(found, SignedIn)
    return found


def examined_of(session, keyring, guesses: int, name_of, who_of) -> int:
    """How many of so many guesses, one a second, have their password examined.

    While a wait lasts only one guess a minute is sent: a refusal changes nothing that the next one is judged by, as
    `test_a_refusal_does_not_shorten_or_lengthen_the_wait` shows.
    """
    examined = n = 0
    while n < guesses and examined < HOPELESS:  # an attack that is not slowed need not be seen to its end
        found = try_once(session, keyring, name_of(n), who_of(n), NOT_RIGHT, at=AT + n * SECOND)
        is_refused = isinstance(found, Throttled)
        examined += not is_refused
        n += min(found.wait_seconds, 60) if is_refused else 1
    return examined


def attack(session, keyring, *, guesses=60, name="zhangsan"):
    """So many guesses at a name, each from a network of its own."""
    examined_of(session, keyring, guesses, lambda n: name, lambda n: caller(keyring, f"203.0.113.{n % 250}"))


def test_ten_thousand_guesses_from_one_place_examine_a_handful_of_passwords(session, keyring, person):
    person()
    attacker = caller(keyring, "203.0.113.9")
    assert examined_of(session, keyring, 10_000, lambda n: "zhangsan", lambda n: attacker) <= 20


def test_ten_thousand_guesses_spread_over_a_thousand_networks_are_slowed_all_the_same(session, keyring, person):
    person()
    anywhere = [caller(keyring, f"203.0.{n // 250}.{n % 250}") for n in range(1000)]
    assert examined_of(session, keyring, 10_000, lambda n: "zhangsan", lambda n: anywhere[n % 1000]) <= 65


def test_one_password_tried_at_ten_thousand_names_is_slowed_by_its_network(session, keyring):
    attacker = caller(keyring, "203.0.113.9")
    assert examined_of(session, keyring, 10_000, lambda n: f"name{n}", lambda n: attacker) <= 120


def test_a_refusal_does_not_shorten_or_lengthen_the_wait(session, keyring, person):
    person()
    who = caller(keyring)
    for _ in range(5):
        try_once(session, keyring, "zhangsan", who, NOT_RIGHT, at=AT)
    waits = [try_once(session, keyring, "zhangsan", who, NOT_RIGHT, at=AT + n * SECOND).wait_seconds for n in range(30)]
    assert waits == list(range(30, 0, -1))


def test_an_account_of_the_attackers_own_does_not_wipe_out_the_count_of_the_network(session, keyring, person):
    person("mallory")
    attacker = caller(keyring, "203.0.113.9")
    answers = []
    for n in range(50):
        at = AT + n * SECOND
        answers.append(try_once(session, keyring, f"name{n}", attacker, NOT_RIGHT, at=at))
        try_once(session, keyring, "mallory", attacker, RIGHT, at=at)
    assert sum(not isinstance(answer, Throttled) for answer in answers) <= throttle.NETWORK.free + 2


def test_the_owner_still_signs_in_from_a_known_device_while_the_name_is_under_attack(session, keyring, person):
    person()
    owner = caller(keyring, "198.51.100.7")
    device = sign_in_well(session, keyring, "zhangsan", owner, at=AT).device_token
    attack(session, keyring)
    at = AT + 60 * SECOND
    stranger = caller(keyring, "198.51.100.7")
    assert isinstance(try_once(session, keyring, "zhangsan", stranger, RIGHT, at=at), Throttled)
    known = caller(keyring, "198.51.100.7", device)
    assert isinstance(try_once(session, keyring, "zhangsan", known, RIGHT, at=at), SignedIn)


def test_the_owner_still_signs_in_on_the_attackers_own_network_with_a_known_device(session, keyring, person):
    person()
    device = sign_in_well(session, keyring, "zhangsan", caller(keyring), at=AT).device_token
    examined_of(session, keyring, 60, lambda n: "zhangsan", lambda n: caller(keyring))
    known = caller(keyring, device_token=device)
    assert isinstance(try_once(session, keyring, "zhangsan", known, RIGHT, at=AT + 60 * SECOND), SignedIn)


def test_the_owners_authenticator_opens_the_way_from_a_new_computer(session, keyring, person):
    owner = person(totp=True)
    attack(session, keyring)
    at = AT + 60 * SECOND
    new = caller(keyring, "198.51.100.7")
    assert isinstance(try_once(session, keyring, "zhangsan", new, RIGHT, at=at, code="000000"), Throttled)
    assert isinstance(try_once(session, keyring, "zhangsan", new, RIGHT, at=at, code=owner.code(at)), SignedIn)


def test_one_code_opens_the_way_for_one_password_only(session, keyring, person):
    owner = person(totp=True)
    attack(session, keyring)
    at = AT + 60 * SECOND
    code, thief = owner.code(at), caller(keyring, "203.0.113.9")
    assert isinstance(try_once(session, keyring, "zhangsan", thief, NOT_RIGHT, at=at, code=code), Wrong)
    assert isinstance(try_once(session, keyring, "zhangsan", thief, RIGHT, at=at, code=code), Throttled)


def test_a_device_known_for_one_name_opens_nothing_for_another(session, keyring, person):
    person("mallory")
    person("zhangsan")
    device = sign_in_well(session, keyring, "mallory", caller(keyring), at=AT).device_token
    attacker = caller(keyring, device_token=device)
    assert examined_of(session, keyring, 500, lambda n: "zhangsan", lambda n: attacker) <= 11


def test_a_stolen_device_cookie_is_slowed_too(session, keyring, person):
    person()
    device = sign_in_well(session, keyring, "zhangsan", caller(keyring), at=AT).device_token
    thief = caller(keyring, "203.0.113.9", device)
    assert examined_of(session, keyring, 500, lambda n: "zhangsan", lambda n: thief) <= 16


def test_a_clerk_who_mistypes_five_times_waits_half_a_minute(session, keyring, person):
    person()
    who = caller(keyring)
    for n in range(5):
        assert isinstance(try_once(session, keyring, "zhangsan", who, NOT_RIGHT, at=AT + n * SECOND), Wrong)
    early = try_once(session, keyring, "zhangsan", who, RIGHT, at=AT + 33 * SECOND)
    assert early == Throttled(wait_seconds=1, is_recorded=True)
    assert isinstance(try_once(session, keyring, "zhangsan", who, RIGHT, at=AT + 34 * SECOND), SignedIn)


def test_signing_in_clears_ones_own_count(session, keyring, person):
    person()
    who = caller(keyring)
    for n in range(4):
        try_once(session, keyring, "zhangsan", who, NOT_RIGHT, at=AT + n * SECOND)
    sign_in_well(session, keyring, "zhangsan", who, at=AT + 5 * SECOND)
    for n in range(4):
        answer = try_once(session, keyring, "zhangsan", caller(keyring), NOT_RIGHT, at=AT + (10 + n) * SECOND)
        assert isinstance(answer, Wrong)


def test_a_try_that_crashes_after_it_was_counted_counts_as_a_failure(session, keyring, person):
    person()
    who = caller(keyring)
    for n in range(5):
        assert isinstance(sign_in.admit(session, keyring, "zhangsan", who, code=None, at=AT + n * SECOND), Admitted)
    assert isinstance(sign_in.admit(session, keyring, "zhangsan", who, code=None, at=AT + 6 * SECOND), Throttled)


def test_a_flood_of_refused_tries_leave_one_row_a_minute(session, keyring, person):
    person()
    for n in range(90):
        try_once(session, keyring, "zhangsan", caller(keyring), NOT_RIGHT, at=AT + n * SECOND)
    refused = select(func.count()).where(SignInAttempt.outcome == "throttled")
    assert session.execute(refused).scalar_one() == 2


@pytest.mark.parametrize("free", [throttle.NAME_FROM_NETWORK.free])
def test_a_hundred_guesses_at_once_are_not_one(desk_database, house, settings, free):
    with desk_database.transaction() as session:
        make_person(session, settings, house.keyring, "zhangsan", at=AT)
    found, start = [], threading.Barrier(20)

    def guess():
        start.wait()
        for _ in range(3):
            found.append(
                desk_database.retrying(
                    lambda session: sign_in.admit(
                        session, house.keyring, "zhangsan", caller(house.keyring), code=None, at=AT
                    )
                )
            )

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 60
    assert sum(isinstance(answer, Admitted) for answer in found) == free
