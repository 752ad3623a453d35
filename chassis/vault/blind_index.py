"""The blind index: equal numbers have equal digests, so a sealed column can be searched without opening it.

Each purpose has index keys of its own, apart from those that seal. Write with `index`, search with `candidates`
(`WHERE identity_index IN (…)`): during a rotation both digests of a number are in use.
"""

from __future__ import annotations

from collections.abc import Iterable

from chassis.vault.keyring import Keyring
from chassis.vault.refusals import BankAccountRefused

NO_SPACES = {ord(space): None for space in " \t\r\n\u00a0\u3000"}
NO_GROUPING = {**NO_SPACES, ord("-"): None}


def index(keyring: Keyring, purpose: str, normalised: str) -> bytes:
    """The 32 bytes to store beside a sealed value."""
    return keyring.index_keys(purpose)[-1].digest(_bytes(normalised))


def index_many(keyring: Keyring, purpose: str, normalised: Iterable[str]) -> list[bytes]:
    """The same for a chunk of rows."""
    digest = keyring.index_keys(purpose)[-1].digest
    return [digest(_bytes(text)) for text in normalised]


def candidates(keyring: Keyring, purpose: str, normalised: str) -> list[bytes]:
    """Every digest this number may be stored under, newest first."""
    return [key.digest(_bytes(normalised)) for key in reversed(keyring.index_keys(purpose))]


def normalise_identity_number(text: str) -> str:
    """Without spaces, the check letter upper-case. A 15-digit number is not taken for its 18-digit heir."""
    return text.translate(NO_SPACES).replace("x", "X")


def normalise_bank_account(text: str) -> str:
    """Digits only. What is neither digit nor grouping is refused: dropping it would make two accounts one."""
    digits = text.translate(NO_GROUPING)
    if not (digits.isascii() and digits.isdigit()):
        raise BankAccountRefused(fault="characters", expected="digits", found="other characters")
    return digits


def normalise_phone(text: str) -> str:
    """Digits only, without the country code."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    for country_code in ("0086", "86"):
        if digits.startswith(country_code) and len(digits) == len(country_code) + 11:
            return digits.removeprefix(country_code)
    return digits


def _bytes(normalised: str) -> bytes:
    assert normalised, "an empty number would be found equal to every other empty number"
    return normalised.encode("utf-8", "surrogatepass")
