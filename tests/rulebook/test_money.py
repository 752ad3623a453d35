"""The one door from text to fen, and the one rounding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook import money

READ = [
    # text, fen, reason
    ("0", 0, "nothing is an amount too when it is written"),
    ("0.01", 1, "the smallest amount"),
    ("1.5", 150, "one decimal means ten fen"),
    ("1234.50", 123450, "the usual form"),
    ("-20.00", -2000, "a reversal"),
    ("10000000000", 10**12, "ten billion yuan, the last amount that is read"),
]

REFUSED = [
    # text, refusal, reason
    (1.5, money.NotText, "a float has already lost the fen"),
    (100, money.NotText, "an int could be yuan or fen"),
    (True, money.NotText, "a fact is no amount"),
    (None, money.NotText, "nothing is not zero"),
    ("", money.Blank, "nothing is written"),
    ("  ", money.Blank, "only spaces"),
    ("1.234", money.TooManyDecimals, "a part of a fen"),
    ("0.000", money.TooManyDecimals, "three decimals even if they are zero"),
    ("1E5", money.ExponentNotation, "a spreadsheet has rewritten it"),
    ("1.2e+05", money.ExponentNotation, "the same with a sign"),
    ("１００", money.FullWidthDigits, "full-width digits"),
    ("1２.00", money.FullWidthDigits, "one full-width digit among others"),
    ("一百", money.FullWidthDigits, "Chinese numerals"),
    ("-0", money.NegativeZero, "a sign without an amount"),
    ("-0.00", money.NegativeZero, "a sign without an amount"),
    ("1,234.50", money.NotAnAmount, "grouping commas"),
    ("￥5", money.NotAnAmount, "a sign of currency"),
    (" 5", money.NotAnAmount, "a space"),
    ("+5", money.NotAnAmount, "a plus sign"),
    ("007", money.NotAnAmount, "leading zeros"),
    (".5", money.NotAnAmount, "no yuan"),
    ("5.", money.NotAnAmount, "a point without decimals"),
    ("NaN", money.NotAnAmount, "not a number"),
    ("Infinity", money.NotAnAmount, "not a number"),
    ("1_000", money.NotAnAmount, "an underscore that Python itself would take"),
    ("5\n", money.NotAnAmount, "a line end"),
    ("10000000000.01", money.TooLarge, "a fen above the limit"),
]


@pytest.mark.parametrize(("text", "fen", "reason"), READ)
def test_an_amount_written_in_yuan_is_read_as_fen(text, fen, reason):
    assert money.parse_yuan(text) == fen, reason


@pytest.mark.parametrize(("text", "refusal", "reason"), REFUSED)
def test_what_is_not_plainly_an_amount_is_refused_by_its_own_name(text, refusal, reason):
    with pytest.raises(money.RefusedAmount) as refused:
        money.parse_yuan(text)
    assert type(refused.value) is refusal, reason
    assert refused.value.facts == {"given": text}


def test_a_refusal_has_a_key_for_the_edge_to_word():
    assert money.TooManyDecimals(given="1.234").key == "too_many_decimals"


@given(st.integers(-(10**12), 10**12))
def test_text_and_fen_are_two_ways_to_write_one_amount(fen):
    assert money.parse_yuan(money.yuan_text(fen)) == fen


@pytest.mark.parametrize(("text", "ppm"), [("60", 600_000), ("27.5", 275_000), ("0", 0), ("0.0001", 1), ("100", 10**6)])
def test_a_percentage_is_whole_parts_per_million(text, ppm):
    assert money.parse_percent(text) == ppm
    assert money.parse_percent(money.percent_text(ppm)) == ppm


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("100.01", money.TooLarge),
        ("-5", money.NotAnAmount),
        ("５", money.FullWidthDigits),
        ("27.50001", money.TooManyDecimals),
        (0.6, money.NotText),
    ],
)
def test_what_is_no_percentage_is_refused(text, refusal):
    with pytest.raises(refusal):
        money.parse_percent(text)


def test_a_limit_cannot_be_negative():
    with pytest.raises(money.NegativeAmount):
        money.parse_amount_due("-0.01")


ROUNDED = [
    # numerator, denominator, whole, reason
    (0, 3, 0, "nothing"),
    (1, 2, 1, "a half goes up"),
    (3, 2, 2, "a half goes up, not to the even"),
    (5, 2, 3, "a half goes up, not to the even"),
    (499_999, 1_000_000, 0, "just below the half"),
    (500_000, 1_000_000, 1, "the half"),
    (1, 3, 0, "a third"),
    (2, 3, 1, "two thirds"),
]


@pytest.mark.parametrize(("numerator", "denominator", "whole", "reason"), ROUNDED)
def test_a_half_is_rounded_upwards(numerator, denominator, whole, reason):
    assert money.round_half_up(numerator, denominator) == whole, reason


@given(st.integers(0, 10**18), st.integers(1, 10**7))
def test_rounding_misses_by_at_most_a_half_and_a_half_goes_up(numerator, denominator):
    whole = money.round_half_up(numerator, denominator)
    assert -denominator <= 2 * (numerator - whole * denominator) < denominator


def test_an_amount_below_zero_is_never_rounded():
    with pytest.raises(AssertionError):
        money.round_half_up(-1, 2)


def test_a_share_is_rounded_to_the_fen():
    assert money.share_ppm(1_001, 275_000) == 275  # 275.275
    assert money.share_ppm(2, 275_000) == 1  # 0.55
    assert money.share_ppm(1, 275_000) == 0  # 0.275


def test_a_line_of_a_bill_is_quantity_times_price_with_four_decimals():
    assert money.line_fen(money.parse_ten_thousandths("3"), money.parse_ten_thousandths("0.3350")) == 101  # 1.005
    assert money.line_fen(money.parse_ten_thousandths("0.5"), money.parse_ten_thousandths("12.3456")) == 617  # 6.1728
