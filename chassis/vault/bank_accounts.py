"""Bank accounts that are paid to: a member's card (Luhn, 15 to 19 digits) or an institution's settlement account."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from stdnum import luhn

from chassis.vault.blind_index import normalise_bank_account
from chassis.vault.masking import mask_account
from chassis.vault.refusals import BankAccountRefused

CARD_DIGITS = range(15, 20)
# ASSUMPTION: banks number settlement accounts as they like; 8 to 32 digits hold all forms we have seen.
SETTLEMENT_DIGITS = range(8, 33)
UNIONPAY = "62"


class AccountFault(StrEnum):
    EMPTY = "empty"
    CHARACTERS = "characters"
    LENGTH = "length"
    CHECK_DIGIT = "check_digit"


@dataclass(frozen=True, repr=False)
class BankAccount:
    """An account that passed. It prints masked; `text` is the number itself, to be sealed and not kept."""

    text: str
    is_card: bool

    def __str__(self) -> str:
        return mask_account(self.text)

    def __repr__(self) -> str:
        return f"BankAccount({mask_account(self.text)})"


def parse_card_number(text: str) -> BankAccount:
    """A card's number: 15 to 19 digits, of which the last checks the others.

    Raises:
        BankAccountRefused: with `fault`, `expected` and `found`, none of which holds the number.
    """
    digits = _digits(text, CARD_DIGITS)
    expected = luhn.calc_check_digit(digits[:-1])
    if digits[-1] != expected:
        raise BankAccountRefused(fault=AccountFault.CHECK_DIGIT, expected=expected, found=digits[-1])
    return BankAccount(text=digits, is_card=True)


def parse_settlement_account(text: str) -> BankAccount:
    """An institution's account: digits of a sensible length; there is no check digit to ask for."""
    return BankAccount(text=_digits(text, SETTLEMENT_DIGITS), is_card=False)


def made_up_card_number(rng: random.Random, *, bin_digits: str = UNIONPAY, length: int = 19) -> str:
    """A card number for demo data with a right check digit."""
    assert length in CARD_DIGITS and len(bin_digits) < length, "a card has 15 to 19 digits"
    free = length - len(bin_digits) - 1
    head = bin_digits + str(rng.randrange(10**free)).zfill(free)
    return head + luhn.calc_check_digit(head)


def _digits(text: str, lengths: range) -> str:
    expected = f"{lengths.start} to {lengths.stop - 1} digits"
    if not text.strip():
        raise BankAccountRefused(fault=AccountFault.EMPTY, expected=expected, found="0")
    digits = normalise_bank_account(text)
    if len(digits) not in lengths:
        raise BankAccountRefused(fault=AccountFault.LENGTH, expected=expected, found=str(len(digits)))
    return digits
