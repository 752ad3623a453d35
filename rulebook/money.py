"""Whole fen: one door from text, one rounding, shares in parts per million.

An amount is an `int` of fen everywhere behind this door. A rate is an `int` of parts per million (60 % is 600,000).
"""

import re

from rulebook.refusals import Refused

PPM = 1_000_000
# Ten billion yuan. Above it a product with parts per million would leave 64 bits, and no claim is that large.
LARGEST_FEN = 10**12

# Python itself refuses to read a whole number of more than 4,300 digits.
_MOST_CHARACTERS = 1_000
_PLAIN_YUAN = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]{1,2}))?")
_PLAIN_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_NUMBER_WITH_DECIMALS = re.compile(r"-?[0-9]+\.[0-9]{3,}")
_EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")


class RefusedAmount(Refused):
    """A text that is not an amount of money. Facts: `given`."""


class NotText(RefusedAmount):
    """A float or another object came instead of text; a float has already lost the fen."""


class Blank(RefusedAmount):
    """No amount is written at all; nothing is not zero."""


class FullWidthDigits(RefusedAmount):
    """Digits of another script, such as １００; they look alike and must be typed again."""


class ExponentNotation(RefusedAmount):
    """`1E5`: a spreadsheet has rewritten the amount."""


class TooManyDecimals(RefusedAmount):
    """A part of a fen."""


class NegativeZero(RefusedAmount):
    """`-0.00`: a sign without an amount."""


class NotAnAmount(RefusedAmount):
    """Anything else: grouping commas, signs of currency, spaces, leading zeros, letters."""


class TooLarge(RefusedAmount):
    """More than ten billion yuan."""


class NegativeAmount(RefusedAmount):
    """A negative amount where none can be."""


def parse_yuan(text: str) -> int:
    """Fen for an amount written in yuan, such as "1234.5" or "-20.00".

    Raises: one of the types above, each naming its own fault.
    """
    matched = _PLAIN_YUAN.fullmatch(text) if isinstance(text, str) else None
    if matched is None or len(text) > _MOST_CHARACTERS:
        _require_plain_text(text)
        if _NUMBER_WITH_DECIMALS.fullmatch(text):
            raise TooManyDecimals(given=text)
        raise NotAnAmount(given=text)
    sign, yuan, decimals = matched.groups()
    fen = int(yuan) * 100 + int((decimals or "").ljust(2, "0"))
    if fen > LARGEST_FEN:
        raise TooLarge(given=text)
    if sign and fen == 0:
        raise NegativeZero(given=text)
    return -fen if sign else fen


def parse_amount_due(text: str) -> int:
    """Fen for an amount that cannot be negative, such as a cost or a limit."""
    fen = parse_yuan(text)
    if fen < 0:
        raise NegativeAmount(given=text)
    return fen


def parse_ten_thousandths(text: str) -> int:
    """A unit price or a quantity with at most four decimals, in ten-thousandths."""
    return _parse_scaled(text, decimals_allowed=4)


def parse_percent(text: str) -> int:
    """Parts per million for a percentage written with at most four decimals, such as "27.5"."""
    ppm = _parse_scaled(text, decimals_allowed=4)
    if ppm > PPM:
        raise TooLarge(given=text)
    return ppm


def _parse_scaled(text: str, *, decimals_allowed: int) -> int:
    matched = _PLAIN_DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if matched is None or len(text) > _MOST_CHARACTERS:
        _require_plain_text(text)
        raise NotAnAmount(given=text)
    whole: str = matched[1]
    decimals: str | None = matched[2]
    if len(decimals or "") > decimals_allowed:
        raise TooManyDecimals(given=text)
    scaled: int = int(whole) * 10**decimals_allowed + int((decimals or "").ljust(decimals_allowed, "0"))
    if scaled > LARGEST_FEN:
        raise TooLarge(given=text)
    return scaled


def _require_plain_text(text: object) -> None:
    if not isinstance(text, str):
        raise NotText(given=text)
    if not text.strip():
        raise Blank(given=text)
    if len(text) > _MOST_CHARACTERS:
        raise TooLarge(given=text)
    if not text.isascii() and any(character.isnumeric() and not character.isascii() for character in text):
        raise FullWidthDigits(given=text)
    if _EXPONENT.fullmatch(text):
        raise ExponentNotation(given=text)


def round_half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest whole, a half upwards. For amounts that are not negative.

    This is the only rounding of money in the house; every rule that rounds says that it does.
    """
    assert numerator >= 0, "an amount below zero has no half-up; reversals copy, they do not round"
    return (numerator + denominator // 2) // denominator


def share_ppm(amount_fen: int, ppm: int) -> int:
    """That many parts per million of an amount, half-up to the fen."""
    return round_half_up(amount_fen * ppm, 1_000_000)


def line_fen(quantity_e4: int, unit_price_e4: int) -> int:
    """One line of a bill: quantity times unit price, both in ten-thousandths, half-up to the fen."""
    return round_half_up(quantity_e4 * unit_price_e4, 1_000_000)


def yuan_text(fen: int) -> str:
    """The amount as text that `parse_yuan` reads back, such as "1234.50"."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def percent_text(ppm: int) -> str:
    """Parts per million as a percentage without idle zeros, such as "27.5"."""
    text = f"{ppm // 10_000}.{ppm % 10_000:04d}"
    return text.rstrip("0").rstrip(".")
