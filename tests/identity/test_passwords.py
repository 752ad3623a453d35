"""Passwords: what is taken, how it is kept, and that a flood of guesses leaves the machine to others."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from chassis.errors import TooManyTries
from chassis.identity import passwords
from chassis.identity.common_passwords import is_common
from chassis.identity.passwords import PasswordFault, check_password, faults_of, hash_password
from tests.identity.conftest import AT

OWN = ("zhangsan", "张三", "余杭区", "yuhangqu")


@pytest.fixture()
def demo(settings):
    return dataclasses.replace(settings, environment="demo")


def test_outside_the_tests_a_password_costs_46_mib_of_argon2id(demo):
    found = extract_parameters(hash_password(demo, "seven green tractors"))
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 46 * 1024, 1, 1)


def test_a_password_hashed_with_older_parameters_is_hashed_anew_at_sign_in(settings, demo):
    old = hash_password(settings, "seven green tractors")
    check = check_password(demo, old, "seven green tractors")
    assert check.is_right
    assert extract_parameters(check.new_hash).memory_cost == 46 * 1024
    assert check_password(settings, old, "seven green tractors").new_hash is None


def test_nobodys_password_is_never_right_and_a_broken_hash_lets_nobody_in(settings):
    assert not check_password(settings, None, "").is_right
    assert not check_password(settings, "not a hash", "seven green tractors").is_right


def test_characters_composed_differently_are_the_same_password(settings):
    stored = hash_password(settings, "Ångström über Bücher")
    assert check_password(settings, stored, "Ångström über Bücher").is_right


@pytest.mark.parametrize(
    ("password", "is_taken", "why"),
    [
        ("tractor-lemon-9", True, "fifteen characters"),
        ("tractor-lemon9", False, "fourteen, alone"),
        ("x" * 201, False, "longer than anybody types"),
        ("correct horse battery", True, "a phrase"),
    ],
)
def test_alone_a_password_has_fifteen_characters(demo, password, is_taken, why):
    assert (faults_of(demo, password, has_second_factor=False, own_words=OWN) == []) is is_taken, why


@pytest.mark.parametrize(("password", "is_taken"), [("kT7vv2pQ", True), ("kT7vv2p", False)])
def test_with_a_second_factor_eight_characters_do(demo, password, is_taken):
    assert (faults_of(demo, password, has_second_factor=True, own_words=OWN) == []) is is_taken


@pytest.mark.parametrize(
    "password",
    [
        "password12345678",
        "P@ssw0rd!P@ssw0rd!",
        "woaini1314520520",
        "aaaaaaaaaaaaaaaaaaaa",
        "1234567890123456",
        "qwertyuiop[]123",
        "Zhangsan20261120",
        "zhangsanzhangsan",
        "yuhangqu2026yuhangqu",
        "张三张三张三张三张三张三张三张三",
        "9876543210987654",
        "abcdefghijklmnop",
        "1qaz2wsx3edc4rfv",
    ],
)
def test_a_common_password_or_ones_own_name_is_not_taken_however_long(password):
    assert is_common(password, OWN)


def test_the_policy_of_level_3_asks_for_three_kinds_of_characters_and_ends_after_90_days(settings):
    strict = dataclasses.replace(settings, password_policy="mlps3")
    plain = faults_of(strict, "tractor lemon chair", has_second_factor=True, own_words=OWN)
    assert faults_of(strict, "tractorlemonchair", has_second_factor=True, own_words=OWN) == [PasswordFault.TOO_PLAIN]
    assert plain == [PasswordFault.TOO_PLAIN]
    assert faults_of(strict, "Tractor lemon 9", has_second_factor=True, own_words=OWN) == []
    assert not passwords.is_too_old(strict, AT, AT + dt.timedelta(days=90))
    assert passwords.is_too_old(strict, AT, AT + dt.timedelta(days=90, seconds=1))
    assert not passwords.is_too_old(settings, AT, AT + dt.timedelta(days=4000))


def test_when_all_places_are_taken_a_guess_waits_briefly_and_is_then_refused(settings, monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    held = [passwords._slots.acquire(timeout=5) for _ in range(passwords.AT_ONCE)]
    try:
        with pytest.raises(TooManyTries):
            check_password(settings, None, "x")
    finally:
        for _ in held:
            passwords._slots.release()
    assert not check_password(settings, None, "x").is_right


def test_no_more_passwords_are_hashed_at_once_than_half_the_cores(settings, monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    real = passwords._hasher(settings.environment)

    class Counting:
        def verify(self, *args):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            try:
                for _ in range(20):
                    real.hash("x")
                return real.verify(*args)
            finally:
                with lock:
                    running -= 1

    monkeypatch.setattr(passwords, "_hasher", lambda environment: Counting())
    stored = real.hash("y")
    threads = [threading.Thread(target=check_password, args=(settings, stored, "wrong")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == passwords.AT_ONCE
