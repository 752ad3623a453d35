"""Passwords: argon2id, few at a time, and the two policies a county may choose between.

`nist` (SP 800-63B-4): 15 characters, or 8 where a second factor stands behind; no rules of composition; not a common
one. `mlps3` (GB/T 22239 level 3): three kinds of characters besides, and a new one after 90 days.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
import unicodedata
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from chassis.errors import TooManyTries
from chassis.identity.common_passwords import is_common
from chassis.settings import Settings

MLPS3 = "mlps3"
LONGEST = 200
SHORTEST_ALONE = 15
SHORTEST_WITH_FACTOR = 8
KINDS_OF_CHARACTERS = 3
GOOD_FOR = dt.timedelta(days=90)
MEMORY_KIB = 46 * 1024
TEST_MEMORY_KIB = 64
# One hash fills a core and 46 MiB; a flood of guesses must leave the rest of a 2-core machine to those at work.
AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
WAIT_SECONDS = 3.0
_slots = threading.BoundedSemaphore(AT_ONCE)


class PasswordFault(StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    TOO_PLAIN = "too_plain"
    SAME_AS_BEFORE = "same_as_before"


@dataclass(frozen=True)
class Check:
    """Whether the password was right, and its new hash where the parameters have changed since."""

    is_right: bool
    new_hash: str | None = None


def hash_password(settings: Settings, password: str) -> str:
    with _slot():
        return _hasher(settings.environment).hash(_normal(password))


def check_password(settings: Settings, stored: str | None, password: str) -> Check:
    """Compare in the same time whether or not there is anything to compare with."""
    hasher = _hasher(settings.environment)
    text = _normal(password)
    with _slot():
        try:
            hasher.verify(stored or _nobody(settings.environment), text)
        except (VerificationError, InvalidHashError):
            return Check(False)
        if stored is None:
            return Check(False)
        return Check(True, hasher.hash(text) if hasher.check_needs_rehash(stored) else None)


def faults_of(
    settings: Settings, password: str, *, has_second_factor: bool, own_words: Iterable[str]
) -> list[PasswordFault]:
    """Why a new password is not taken; `own_words` are the person's and the county's names, in letters too."""
    text = _normal(password)
    strict = settings.password_policy == MLPS3
    # Outside the demo nobody gets anywhere without a second factor.
    shortest = SHORTEST_WITH_FACTOR if has_second_factor or not settings.is_demo else SHORTEST_ALONE
    found = []
    if len(text) < shortest:
        found.append(PasswordFault.TOO_SHORT)
    if len(text) > LONGEST:
        found.append(PasswordFault.TOO_LONG)
    elif is_common(text, own_words):
        found.append(PasswordFault.COMMON)
    if strict and _kinds(text) < KINDS_OF_CHARACTERS:
        found.append(PasswordFault.TOO_PLAIN)
    return found


def is_too_old(settings: Settings, set_at: dt.datetime, at: dt.datetime) -> bool:
    return settings.password_policy == MLPS3 and at - set_at > GOOD_FOR


@contextmanager
def _slot():
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise TooManyTries(minutes=1)
    try:
        yield
    finally:
        _slots.release()


def _normal(password: str) -> str:
    """The same characters however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _kinds(text: str) -> int:
    return sum(
        any(test(c) for c in text)
        for test in (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum() or not c.isascii())
    )


@cache
def _hasher(environment: str) -> PasswordHasher:
    memory = TEST_MEMORY_KIB if environment == "test" else MEMORY_KIB
    return PasswordHasher(time_cost=1, parallelism=1, memory_cost=memory, type=Type.ID)


@cache
def _nobody(environment: str) -> str:
    """The hash that an unknown name's password is compared with."""
    return _hasher(environment).hash(os.urandom(24).hex())
