"""How amounts, days and shares are written. Pure: no request, no clock; the language is an argument."""

from __future__ import annotations

import datetime as dt
import operator

from chassis.clock import SHANGHAI

MINUS = "\u2212"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def yuan(fen: int) -> str:
    """Whole fen as yuan: `1,234.50`, `0.00`, `−276.60` (the minus is U+2212, as wide as a plus).

    Raises:
        TypeError: for a float, a bool, a Decimal or text. Money is whole fen.
    """
    if isinstance(fen, bool):
        raise TypeError("money is whole fen, not a truth value")
    whole, rest = divmod(abs(operator.index(fen)), 100)
    return f"{MINUS if fen < 0 else ''}{whole:,}.{rest:02d}"


def whole(number: int) -> str:
    """A count with its thousands: `1,284`."""
    number = operator.index(number)
    return f"{MINUS if number < 0 else ''}{abs(number):,}"


def capped(number: int, is_capped: bool) -> str:
    """A count that was stopped at a cap says so: `10,000+`."""
    return f"{whole(number)}+" if is_capped else whole(number)


def day(value: dt.date) -> str:
    """A local day in tables: `2026-11-20`.

    Raises:
        TypeError: for an instant. Which local day it falls on is asked of `chassis.clock.local_day`, not guessed here.
    """
    if isinstance(value, dt.datetime):
        raise TypeError("an instant is not a day; use `instant`, or `chassis.clock.local_day` first")
    return value.isoformat()


def day_for_members(value: dt.date, language: str, with_year: bool = False) -> str:
    """A day as it is said: `11 月 20 日`, `20 November`; letters write the year too."""
    if isinstance(value, dt.datetime):
        raise TypeError("an instant is not a day")
    if language == "en":
        return f"{value.day} {MONTHS[value.month - 1]}" + (f" {value.year}" if with_year else "")
    return (f"{value.year} 年 " if with_year else "") + f"{value.month} 月 {value.day} 日"


def month(value: dt.date, language: str) -> str:
    """A month on an axis: `3月`, `Mar`."""
    return MONTHS[value.month - 1][:3] if language == "en" else f"{value.month}月"


def instant(value: dt.datetime) -> str:
    """An instant as the county's clocks show it: `2026-11-20 14:36`."""
    if value.tzinfo is None:
        raise TypeError("an instant without a zone is not an instant")
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def clock_time(value: dt.datetime) -> str:
    """Only the time of an instant, beside a day that is already named: `14:36`."""
    return instant(value)[-5:]


def percent(numerator: int, denominator: int, places: int = 2) -> str:
    """A share in per cent, rounded half away from zero by whole numbers: `81.33%`.

    Raises:
        ZeroDivisionError: an empty denominator has no share; the page says 不适用.
    """
    numerator, denominator = operator.index(numerator), operator.index(denominator)
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    scaled = (abs(numerator) * 200 * 10**places + denominator) // (2 * denominator)
    before, after = divmod(scaled, 10**places)
    digits = f"{before:,}.{after:0{places}d}" if places else f"{before:,}"
    return f"{MINUS if numerator < 0 and scaled else ''}{digits}%"


def fingerprint(content_hash: str) -> str:
    """The first sixteen digits of a hash in fours, to be read aloud: `7F3A 91C2 0B5E D418`."""
    digits = content_hash[:16].upper()
    if len(digits) < 16 or not all(digit in "0123456789ABCDEF" for digit in digits):
        raise ValueError("a fingerprint is shown from at least sixteen hexadecimal digits")
    return " ".join(digits[place : place + 4] for place in range(0, 16, 4))
