"""One cell of text to one typed value, or the name of what is wrong with it.

Every door that takes tables or JSON parses its cells here, so that `1E5`, full-width digits, a third decimal, a
negative amount or the thirtieth of February are refused everywhere in the same words. Blanks around a cell do not
count; blanks, signs and grouping inside a number do.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from rulebook import money
from rulebook.refusals import Refused

BLANKS = " \t\u00a0\u3000\ufeff"
MOST_NUMBER_CHARACTERS = 40
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2099, 12, 31)

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})(日?)")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_WITH_TIME = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[ T][0-9:.+Zz-]+")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/+#:*()-]*")
_WHOLE = re.compile(r"0|[1-9][0-9]*")
_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?")
_SPREADSHEET_EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_SEPARATED = re.compile(r"[;；|、]")


class Unreadable(Exception):
    """A cell that is not what its column takes; `reason` names the fault, `expected` what should stand there."""

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(reason, expected)
        self.reason = reason
        self.expected = expected


Parser = Callable[[str], Any]


def as_amount(cell: str) -> int:
    """Fen for yuan with at most two decimals, never negative."""
    return _number(cell, money.parse_amount_due, "1234.50")


def as_ten_thousandths(cell: str) -> int:
    """Ten-thousandths for a unit price or a quantity with at most four decimals, never negative."""
    return _number(cell, money.parse_ten_thousandths, "12.3456")


def as_percent(cell: str) -> int:
    """Parts per million for a percentage with at most four decimals."""
    return _number(cell, money.parse_percent, "27.5")


def _number(cell: str, parse: Callable[[str], int], expected: str) -> int:
    try:
        return parse(cell)
    except Refused:
        text = cell.strip(BLANKS)
    if len(text) > MOST_NUMBER_CHARACTERS:
        raise Unreadable("over_long_cell", f"≤ {MOST_NUMBER_CHARACTERS}")
    if _NEGATIVE.fullmatch(text) and text.strip("-0."):
        raise Unreadable("negative_amount", "≥ 0")
    try:
        return parse(text)
    except Refused as refusal:
        raise Unreadable(refusal.key, expected) from refusal


def whole_between(least: int, most: int) -> Parser:
    """A parser of whole numbers in bounds, both included."""

    def as_whole(cell: str) -> int:
        text = cell.strip(BLANKS)
        _refuse_foreign_digits(text, str(least))
        if _SPREADSHEET_EXPONENT.fullmatch(text):
            raise Unreadable("exponent_notation", str(least))
        if not _WHOLE.fullmatch(text) or len(text) > MOST_NUMBER_CHARACTERS:
            raise Unreadable("negative_amount" if _NEGATIVE.fullmatch(text) else "not_a_whole_number", str(least))
        if not least <= int(text) <= most:
            raise Unreadable("out_of_bounds", f"{least}–{most}")
        return int(text)

    return as_whole


def as_day(cell: str) -> dt.date:
    """A day written 2024-01-05, 2024-1-5, 2024/1/5, 2024.1.5, 20240105 or 2024年1月5日; the year always first."""
    text = cell.strip(BLANKS)
    _refuse_foreign_digits(text, "2024-01-05")
    written = _DAY.fullmatch(text)
    if written is not None and bool(written[5]) == bool(written[7]):
        month = written[2] or written[3] or written[4] or written[5]
        year, month, day = int(written[1]), int(month), int(written[6])
    elif compact := _COMPACT_DAY.fullmatch(text):
        year, month, day = (int(part) for part in compact.groups())
    else:
        raise Unreadable("time_of_day" if _DAY_WITH_TIME.fullmatch(text) else "not_a_day", "2024-01-05")
    try:
        found = dt.date(year, month, day)
    except ValueError as error:
        raise Unreadable("impossible_day", "2024-01-05") from error
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unreadable("out_of_bounds", f"{FIRST_DAY}–{LAST_DAY}")
    return found


def text_up_to(most_characters: int) -> Parser:
    """A parser of any one-line text. A formula is a text like any other here; the house's exports neutralise it."""

    def as_text(cell: str) -> str:
        text = cell.strip(BLANKS)
        if len(text) > most_characters:
            raise Unreadable("over_long_cell", f"≤ {most_characters}")
        if not text.isprintable():
            _refuse_control_characters(text)
        return text

    return as_text


def code_up_to(most_characters: int) -> Parser:
    """A parser of numbers and codes that are text: card, invoice, item, diagnosis. Leading zeros stay."""

    def as_code(cell: str) -> str:
        text = cell.strip(BLANKS)
        if len(text) > most_characters:
            raise Unreadable("over_long_cell", f"≤ {most_characters}")
        if not _CODE.fullmatch(text):
            if any(sign.isdigit() and not sign.isascii() for sign in text):
                raise Unreadable("full_width_digits", "A-Z 0-9")
            if not text.isprintable():
                _refuse_control_characters(text)
            raise Unreadable("not_a_code", "A-Z 0-9 . _ - / + # : * ( )")
        if _SPREADSHEET_EXPONENT.fullmatch(text) and "+" in text:
            # 6.22848E+18: a spreadsheet has taken a card number for a number, and its digits are gone.
            raise Unreadable("exponent_notation", "A-Z 0-9")
        return text

    return as_code


def codes_up_to(most_codes: int, most_characters: int) -> Parser:
    """A parser of several codes in one cell, separated by ; or | (also ； 、)."""
    as_code = code_up_to(most_characters)

    def as_codes(cell: str) -> tuple[str, ...]:
        parts = [part for part in _SEPARATED.split(cell) if part.strip(BLANKS)]
        if len(parts) > most_codes:
            raise Unreadable("too_many_codes", f"≤ {most_codes}")
        return tuple(as_code(part) for part in parts)

    return as_codes


def one_of(choices: dict[str, Any]) -> Parser:
    """A parser of a few words, in whatever case: `{"direct": "direct", "直补": "direct"}`."""
    folded = {written.casefold(): value for written, value in choices.items()}

    def as_choice(cell: str) -> Any:
        text = cell.strip(BLANKS).casefold()
        if text not in folded:
            raise Unreadable("not_a_choice", " / ".join(choices))
        return folded[text]

    return as_choice


def _refuse_foreign_digits(text: str, expected: str) -> None:
    if not text.isascii() and any(sign.isnumeric() and not sign.isascii() for sign in text):
        raise Unreadable("full_width_digits", expected)


def _refuse_control_characters(text: str) -> None:
    """Blanks of other scripts are harmless; control, direction and half characters are not text a person typed."""
    for sign in text:
        if not sign.isprintable() and unicodedata.category(sign) != "Zs":
            raise Unreadable("control_character", f"U+{ord(sign):04X}")
