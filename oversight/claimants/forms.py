"""What members type, read leniently: blanks, full-width digits and hyphens are no faults of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oversight.claimants.pins import DIGITS, normal_digits
from oversight.registry.slips import DIGITS as CODE_DIGITS

CARD_DIGITS = range(10, 21)
LONGEST_TYPED = 60


@dataclass(frozen=True)
class CardAndPin:
    card_number: str
    pin: str = field(repr=False)
    faults: tuple[str, ...] = ()
    """Names of the fields that cannot be right, whatever the record says."""


@dataclass(frozen=True)
class CardAndCode:
    card_number: str
    code: str = field(repr=False)
    faults: tuple[str, ...] = ()


def read_card_and_pin(form: Mapping[str, str]) -> CardAndPin:
    card_number, pin = _digits(form, "card"), _digits(form, "pin")
    faults = [
        name for name, is_whole in (("card", is_card(card_number)), ("pin", _is_digits(pin, DIGITS))) if not is_whole
    ]
    return CardAndPin(card_number, pin, tuple(faults))


def read_card_and_code(form: Mapping[str, str]) -> CardAndCode:
    card_number, code = _digits(form, "card"), _digits(form, "code")
    faults = [
        name
        for name, is_whole in (("card", is_card(card_number)), ("code", _is_digits(code, CODE_DIGITS)))
        if not is_whole
    ]
    return CardAndCode(card_number, code, tuple(faults))


def read_new_pin(form: Mapping[str, str]) -> tuple[str, str]:
    return _digits(form, "new_pin"), _digits(form, "again")


def is_card(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) in CARD_DIGITS


def _is_digits(text: str, length: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) == length


def _digits(form: Mapping[str, str], name: str) -> str:
    return normal_digits(form.get(name, "")[:LONGEST_TYPED])
