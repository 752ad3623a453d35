"""A listener can tell our messages from another's, and a fresh one from one that was caught and sent again."""

from __future__ import annotations

import pytest

from contractor.webhooks.signing import WINDOW_SECONDS, is_genuine, new_secret, signed

NOW = 1_793_318_400
BODY = b'{"id":"990121-claim-1-2"}'


def test_a_message_as_it_was_signed_is_genuine():
    secret = new_secret()
    assert is_genuine(secret, BODY, signed(secret, body=BODY, timestamp=NOW), now=NOW)


def test_the_signature_is_the_one_that_other_programs_compute():
    """As `printf '1793318400.{"id":…}' | openssl dgst -sha256 -hmac secret` prints it."""
    printed = "d7666baef44ec0991ccc736df3a408575d9371aa8773b7810b2894cce0d4d071"
    assert signed("secret", body=BODY, timestamp=NOW) == f"t={NOW},v1={printed}"


@pytest.mark.parametrize(
    ("secret", "body", "shift"),
    [("another", BODY, 0), ("secret", BODY + b" ", 0), ("secret", BODY, WINDOW_SECONDS + 1), ("secret", BODY, -301)],
)
def test_another_secret_body_or_hour_is_not_genuine(secret, body, shift):
    header = signed("secret", body=BODY, timestamp=NOW)
    assert not is_genuine(secret, body, header, now=NOW + shift)


@pytest.mark.parametrize("header", ["", "t=1", "v1=00", "t=1793318400,v1=" + "0" * 64, "t=x,v1=" + "a" * 64])
def test_what_is_no_signature_is_not_genuine(header):
    assert not is_genuine("secret", BODY, header, now=NOW)


def test_an_old_message_with_a_new_instant_is_not_genuine():
    header = signed("secret", body=BODY, timestamp=NOW)
    fresh = header.replace(str(NOW), str(NOW + WINDOW_SECONDS * 2))
    assert not is_genuine("secret", BODY, fresh, now=NOW + WINDOW_SECONDS * 2)


def test_while_a_secret_changes_whoever_holds_either_of_the_two_finds_a_signature_of_theirs():
    header = signed("new", "old", body=BODY, timestamp=NOW)
    assert header.count("v1=") == 2
    assert is_genuine("new", BODY, header, now=NOW) and is_genuine("old", BODY, header, now=NOW)
    assert not is_genuine("older", BODY, header, now=NOW)


def test_a_header_with_a_heap_of_signatures_is_not_looked_through():
    header = signed(*(f"guess {number}" for number in range(5)), body=BODY, timestamp=NOW)
    assert not is_genuine("guess 0", BODY, header, now=NOW)
