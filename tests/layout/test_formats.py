"""How amounts, days and shares are written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from chassis.layout import formats

SHANGHAI_NOON = dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("fen", "written"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (-1, "−0.01"),
        (99, "0.99"),
        (100, "1.00"),
        (123450, "1,234.50"),
        (-27660, "−276.60"),
        (-100, "−1.00"),
        (10403314000, "104,033,140.00"),
    ],
)
def test_money_has_two_decimals_thousands_and_a_true_minus(fen, written):
    assert formats.yuan(fen) == written


@pytest.mark.parametrize("not_money", [1.0, Decimal("1"), True, "100"])
def test_money_is_whole_fen_and_nothing_else(not_money):
    with pytest.raises(TypeError):
        formats.yuan(not_money)


@pytest.mark.parametrize(
    ("numerator", "denominator", "places", "written"),
    [
        (41, 45, 2, "91.11%"),
        (1, 8, 1, "12.5%"),
        (1, 16, 1, "6.3%"),
        (-1, 16, 1, "−6.3%"),
        (1, 100000, 2, "0.00%"),
        (-1, 100000, 2, "0.00%"),
        (5, 2, 0, "250%"),
        (99999, 100000, 2, "100.00%"),
        (3, -4, 0, "−75%"),
    ],
)
def test_a_share_is_rounded_half_away_from_zero_in_whole_numbers(numerator, denominator, places, written):
    assert formats.percent(numerator, denominator, places) == written


def test_a_share_of_nothing_is_not_a_number():
    with pytest.raises(ZeroDivisionError):
        formats.percent(1, 0)


def test_a_day_is_written_for_tables_and_said_to_members():
    day = dt.date(2026, 11, 20)
    assert formats.day(day) == "2026-11-20"
    assert formats.day_for_members(day, "zh") == "11 月 20 日"
    assert formats.day_for_members(day, "zh", with_year=True) == "2026 年 11 月 20 日"
    assert formats.day_for_members(day, "en") == "20 November"
    assert formats.day_for_members(day, "en", with_year=True) == "20 November 2026"


def test_an_instant_is_shown_on_the_countys_clock_and_is_never_mistaken_for_a_day():
    late = dt.datetime(2026, 11, 19, 16, 30, tzinfo=dt.UTC)
    assert formats.instant(late) == "2026-11-20 00:30"
    assert formats.clock_time(SHANGHAI_NOON) == "12:00"
    with pytest.raises(TypeError):
        formats.day(late)
    with pytest.raises(TypeError):
        formats.instant(dt.datetime(2026, 11, 20))


def test_a_count_that_was_stopped_says_so():
    assert formats.capped(10000, True) == "10,000+"
    assert formats.capped(10000, False) == "10,000"
    assert formats.whole(-1284) == "−1,284"


def test_a_fingerprint_is_sixteen_digits_in_fours():
    assert formats.fingerprint("7f3a91c20b5ed4183c90") == "7F3A 91C2 0B5E D418"
    for wrong in ("7f3a91c2", "not a hash at all!"):
        with pytest.raises(ValueError, match="sixteen"):
            formats.fingerprint(wrong)
