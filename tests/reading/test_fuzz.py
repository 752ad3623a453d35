"""B7, the small form: spoiled files end as a refusal with a reason or as sound claims, never otherwise.

The long form is `python -m tests.soak reading-fuzz`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.reading.cells import (
    BLANKS,
    Unreadable,
    as_amount,
    as_day,
    as_ten_thousandths,
    code_up_to,
    text_up_to,
    whole_between,
)
from tests.reading.mutating import FORMATS, fuzz

SOME_TEXT = st.text(max_size=30) | st.text(alphabet="0123456789.-+eE,０１ /:年月日\u3000", max_size=14)


@pytest.mark.parametrize("form", FORMATS)
def test_a_spoiled_file_is_refused_with_a_reason_or_holds_sound_claims(tmp_path, form):
    ends = fuzz(form, 120 if form == "xlsx" else 1_000, seed=20_261_121, path=tmp_path / "sent")
    assert len(ends) > 5, f"the spoiling is too uniform: {ends}"
    assert ends["taken in"] > 0, "nothing spoiled was taken in: the spoiling is too coarse"


@given(SOME_TEXT)
def test_an_amount_is_what_decimal_says_or_refused(text):
    for parse, places in ((as_amount, 2), (as_ten_thousandths, 4)):
        try:
            found = parse(text)
        except Unreadable:
            continue
        assert Decimal(found).scaleb(-places) == Decimal(text.strip(BLANKS))


@given(st.integers(0, 10**12))
def test_every_amount_that_can_be_is_read(fen):
    assert as_amount(f"{fen // 100}.{fen % 100:02d}") == fen
    assert as_amount(f" {fen // 100}.{fen % 100:02d}\u3000") == fen


@given(SOME_TEXT)
def test_a_day_is_one_of_the_calendar_and_its_digits_stand_in_the_cell(text):
    try:
        found = as_day(text)
    except Unreadable:
        return
    digits = "".join(sign for sign in text if sign.isdigit())
    assert digits.startswith(f"{found.year:04d}") and str(found.day) in digits and str(found.month) in digits


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_is_read_however_it_is_written(day):
    for written in (
        f"{day}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ):
        assert as_day(written) == day


@given(SOME_TEXT)
def test_texts_and_codes_are_the_cell_without_its_blanks_or_refused(text):
    for parse in (text_up_to(20), code_up_to(20)):
        try:
            found = parse(text)
        except Unreadable:
            continue
        assert found == text.strip(BLANKS) and len(found) <= 20
        assert not any(ord(sign) < 32 or sign in "\u202e\u200b\ufeff" for sign in found)


@given(SOME_TEXT)
def test_a_whole_number_is_what_decimal_says_or_refused(text):
    try:
        found = whole_between(1, 5_000)(text)
    except Unreadable:
        return
    try:
        assert Decimal(text.strip(BLANKS)) == found and 1 <= found <= 5_000
    except InvalidOperation as error:
        raise AssertionError(text) from error
