"""The resident identity number (GB 11643-1999): 6 digits of place, 8 of birth, 3 of order, 1 check character.

Structure, day of birth and check character must fit. The place is only looked up: a county's code may be younger than
the person (the police re-issue numbers under new codes), so an odd place is a finding and never a refusal.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from enum import StrEnum

from stdnum import numdb
from stdnum.cn import ric

from chassis.vault.blind_index import normalise_identity_number
from chassis.vault.masking import mask_identity_number
from chassis.vault.refusals import IdentityNumberRefused

LENGTH = 18
OLDEST_AGE_YEARS = 130


class IdentityFault(StrEnum):
    EMPTY = "empty"
    FULL_WIDTH = "full_width"
    FIFTEEN_DIGITS = "fifteen_digits"
    LENGTH = "length"
    CHARACTERS = "characters"
    NO_SUCH_DAY = "no_such_day"
    FUTURE = "future"
    TOO_LONG_AGO = "too_long_ago"
    CHECK_CHARACTER = "check_character"


class PlaceDoubt(StrEnum):
    UNKNOWN = "place_unknown"
    OF_OTHER_YEARS = "place_of_other_years"


@dataclass(frozen=True)
class PlaceFinding:
    """The place code is not one that was in use when the person was born. Worth a look, no ground to refuse."""

    kind: PlaceDoubt
    expected: str
    found: str


@dataclass(frozen=True, repr=False)
class IdentityNumber:
    """A number that passed. It prints masked; `text` is the number itself, to be sealed and not kept."""

    text: str
    place_code: str
    born_on: dt.date
    is_male: bool
    findings: tuple[PlaceFinding, ...]

    def __str__(self) -> str:
        return mask_identity_number(self.text)

    def __repr__(self) -> str:
        return f"IdentityNumber({mask_identity_number(self.text)})"


def parse_identity_number(text: str, *, on: dt.date) -> IdentityNumber:
    """The number in `text`, as known on the day `on`.

    Raises:
        IdentityNumberRefused: with `fault`, `expected` and `found`, none of which holds the number.
    """
    number = _structured(normalise_identity_number(text))
    born_on = _day_of_birth(number, on=on)
    expected = ric.calc_check_digit(number)
    if number[-1] != expected:
        raise IdentityNumberRefused(fault=IdentityFault.CHECK_CHARACTER, expected=expected, found=number[-1])
    return IdentityNumber(
        text=number,
        place_code=number[:6],
        born_on=born_on,
        is_male=int(number[16]) % 2 == 1,
        findings=_place_findings(number, born_on),
    )


def made_up_identity_number(rng: random.Random, place_code: str, born_on: dt.date, is_male: bool) -> str:
    """A number for demo data with a right check character. Two calls may agree: 500 exist per place, day and sex.

    NOT MODELLED: no range is set aside for made-up people, so one may by chance be a living person's number.
    """
    assert len(place_code) == 6 and place_code.isascii() and place_code.isdigit(), "a place code has six digits"
    order = 2 * rng.randrange(1, 500) - (1 if is_male else 0)
    head = f"{place_code}{born_on:%Y%m%d}{order:03d}"
    return head + ric.calc_check_digit(head + "0")


def _structured(number: str) -> str:
    def refuse(fault: IdentityFault, expected: str, found: str) -> IdentityNumberRefused:
        return IdentityNumberRefused(fault=fault, expected=expected, found=found)

    if not number:
        raise refuse(IdentityFault.EMPTY, "18 characters", "0")
    if any("\uff01" <= c <= "\uff5e" for c in number):
        raise refuse(IdentityFault.FULL_WIDTH, "half-width digits", "full-width characters")
    if len(number) == 15 and _is_digits(number):
        raise refuse(IdentityFault.FIFTEEN_DIGITS, "18 characters", "15")
    if len(number) != LENGTH:
        raise refuse(IdentityFault.LENGTH, "18 characters", str(len(number)))
    for place, character in enumerate(number, start=1):
        if not (_is_digits(character) or (character == "X" and place == LENGTH)):
            raise refuse(IdentityFault.CHARACTERS, "a digit", f"another character at place {place}")
    return number


def _is_digits(text: str) -> bool:
    """`str.isdigit` alone would let superscripts and Arabic-Indic digits through."""
    return text.isascii() and text.isdigit()


def _day_of_birth(number: str, *, on: dt.date) -> dt.date:
    try:
        born_on = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberRefused(
            fault=IdentityFault.NO_SUCH_DAY, expected="a day of the calendar", found="no such day"
        ) from None
    if born_on > on:
        raise IdentityNumberRefused(fault=IdentityFault.FUTURE, expected=f"not after {on}", found="a later day")
    if born_on.year < on.year - OLDEST_AGE_YEARS:
        raise IdentityNumberRefused(
            fault=IdentityFault.TOO_LONG_AGO,
            expected=f"at most {OLDEST_AGE_YEARS} years before {on}",
            found="an earlier day",
        )
    return born_on


def _place_findings(number: str, born_on: dt.date) -> tuple[PlaceFinding, ...]:
    try:
        ric.get_birth_place(number)
    except KeyError:
        # The library knows the province but not the county, and stumbles over it.
        kind = PlaceDoubt.UNKNOWN
    except ric.InvalidComponent:
        known = any("county" in info for _, info in numdb.get("cn/loc").info(number[:6]))
        kind = PlaceDoubt.OF_OTHER_YEARS if known else PlaceDoubt.UNKNOWN
    else:
        return ()
    return (PlaceFinding(kind=kind, expected=f"a county code in use in {born_on.year}", found=number[:6]),)
