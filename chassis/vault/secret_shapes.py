"""Finding what looks like an identity number, a bank account or a telephone number inside any text.

Looks like, not is: a mistyped number is somebody's number too, so check digits are asked for only where a harmless
reading (two dates, a claim's number) is as likely. Digits of any script count, and grouping by spaces or hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

IDENTITY_NUMBER, ACCOUNT, PHONE = "[identity number]", "[account]", "[phone]"

_ANY_DIGIT = re.compile(r"\d")
_GAP = r"[\s\u00a0\u3000\-\u2010-\u2015\u2212\uff0d\u200b-\u200d\u2060\ufeff]{1,2}"
_RUN = re.compile(rf"[0-9]+(?:{_GAP}[0-9]+)*(?:(?:{_GAP})?X)?")
_PART = re.compile(r"[0-9]+X?|X")
_CHECK_LETTERS = str.maketrans(dict.fromkeys("xXｘＸ×✕χΧхХ", "X"))
_PHONE = re.compile(r"(?:0086|86|0)?1[3-9][0-9]{9}")
_CARD_LAYOUTS = re.compile(r"4,4,4,[1-7]|4,4,4,4,[1-3]|4,6,5")
_MOST_PARTS = 19
_SHORTEST = 11
_ONE_SCRIPT = {
    ord(c): str(unicodedata.digit(c)) for c in map(chr, range(0x80, 0x1FBFA)) if unicodedata.category(c) == "Nd"
}


def without_secrets(text: str) -> str:
    """The text with each such number replaced by what it was."""
    if not _ANY_DIGIT.search(text):
        return text
    plain = _plain_digits(text)
    clean, done = [], 0
    for run in _RUN.finditer(plain):
        for start, end, kind in _secrets_in(run[0]):
            clean += (text[done : run.start() + start], kind)
            done = run.start() + end
    return "".join((*clean, text[done:])) if clean else text


def _plain_digits(text: str) -> str:
    """The same text, character for character, with all digits as 0-9 and every likeness of X as X."""
    if text.isascii():
        return text.replace("x", "X")
    return text.translate(_ONE_SCRIPT).translate(_CHECK_LETTERS)


def _secrets_in(run: str) -> list[tuple[int, int, str]]:
    parts = [(m.start(), m.end(), m[0]) for m in _PART.finditer(run)]
    found, first = [], 0
    while first < len(parts):
        for last in range(min(len(parts), first + _MOST_PARTS), first, -1):
            if parts[last - 1][1] - parts[first][0] < _SHORTEST:
                break  # nor can any shorter stretch from here be a number
            kind = _kind_of([text for _, _, text in parts[first:last]])
            if kind:
                found.append((parts[first][0], parts[last - 1][1], kind))
                first = last - 1
                break
        first += 1
    return found


def _kind_of(parts: list[str]) -> str | None:
    whole = "".join(parts)
    digits = whole.rstrip("X")
    if len(digits) < _SHORTEST:
        return None
    if _PHONE.fullmatch(digits):
        return PHONE
    if len(digits) < 15:
        return None
    if _is_like_identity_number(whole):
        return IDENTITY_NUMBER
    if "X" in digits:
        return None
    if len(parts) == 1 or (len(parts) == 2 and parts[1] == "X"):
        return ACCOUNT
    if _holds_glued_identity_number(parts, digits):
        return IDENTITY_NUMBER
    if len(digits) > 19:
        return None
    sizes = ",".join(str(len(part)) for part in parts)
    if _CARD_LAYOUTS.fullmatch(sizes):
        return ACCOUNT
    is_odd_layout = len(parts) == len(digits) or (len(parts) == 2 and len(parts[0]) == 6)
    return ACCOUNT if is_odd_layout and _has_luhn(digits) else None


def _is_like_identity_number(whole: str) -> bool:
    digits = whole.rstrip("X")
    if len(whole) == 18 and len(digits) >= 17:
        return _is_day(digits[6:14])
    return len(whole) == 15 and digits == whole and _is_day("19" + digits[6:12])


def _holds_glued_identity_number(parts: list[str], digits: str) -> bool:
    """A grouped number whose first or last group has other digits stuck to it, as in `330106 19900101 12340007`.

    Dates in a row have groups of two and are left alone.
    """
    if any(len(part) < 3 for part in parts):
        return False
    earliest = max(0, len(digits) - len(parts[-1]) - 17)
    starts = range(earliest, min(len(parts[0]), len(digits) - 16))
    return any(_is_day(digits[start + 6 : start + 14]) for start in starts)


def _is_day(eight: str) -> bool:
    try:
        return 1890 <= date(int(eight[:4]), int(eight[4:6]), int(eight[6:])).year <= 2100
    except ValueError:
        return False


def _has_luhn(digits: str) -> bool:
    odd = sum(int(d) for d in digits[-1::-2])
    even = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (odd + even) % 10 == 0
