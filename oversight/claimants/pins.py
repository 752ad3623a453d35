"""The member's six digits: which ones are refused because a neighbour or a thief would try them first."""

from __future__ import annotations

import datetime as dt
import unicodedata
from enum import StrEnum
from itertools import pairwise

DIGITS = 6
# Sequences on a keypad and numbers with a meaning (I love you, a lucky life …), of which a thief has a list too.
WELL_KNOWN = frozenset(("520521", "521520", "520131", "131452", "147258", "258369", "147852", "159753", "789456"))


class PinFault(StrEnum):
    NOT_SIX_DIGITS = "not_six_digits"
    NOT_THE_SAME = "not_the_same"
    TOO_EASY = "too_easy"
    BIRTHDAY = "birthday"
    CARD = "card"


def normal_digits(text: str) -> str:
    """Digits as typed on any keyboard: full-width ones become plain, blanks and hyphens go."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c not in "-—–")


def faults_of_pin(pin: str, again: str, *, born_on: dt.date, card_number: str) -> list[PinFault]:
    """Why a new PIN is not taken; the first that helps the member most comes first."""
    if not (len(pin) == DIGITS and pin.isascii() and pin.isdigit()):
        return [PinFault.NOT_SIX_DIGITS]
    found = []
    if is_easy(pin):
        found.append(PinFault.TOO_EASY)
    if pin in birthday_forms(born_on):
        found.append(PinFault.BIRTHDAY)
    if pin in card_number:
        found.append(PinFault.CARD)
    if pin != again:
        found.append(PinFault.NOT_THE_SAME)
    return found


def is_easy(pin: str) -> bool:
    """Few different digits, a pattern said twice, or a straight run."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return (
        len(set(pin)) <= 2
        or pin[:3] == pin[3:]
        or pin[:2] == pin[2:4] == pin[4:]
        or pin == pin[::-1]
        or (pin[0::2] == pin[1::2])
        or steps in ({1}, {9})
        or pin in WELL_KNOWN
    )


def birthday_forms(born_on: dt.date) -> set[str]:
    return {f"{born_on:{form}}" for form in ("%y%m%d", "%Y%m", "%m%d%y", "%d%m%y", "%m%Y", "%y%d%m")}
