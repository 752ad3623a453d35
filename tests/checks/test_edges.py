"""Each number of a card at its edge: what lies on it is spared, and what lies one beyond is named."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from rulebook.checks import YEAR_CHECKS, all_cards
from rulebook.checks.peers import outliers
from tests.checks.making import VISIT, claim, frames, line, lines_named, named_in, rows_named, stay, worded, year


@pytest.mark.parametrize(("charged_fen", "is_named"), [(5_000_000, False), (5_000_001, True)])
def test_fifty_thousand_yuan_and_a_fen(charged_fen, is_named):
    assert rows_named("F29", frames(claim(charged_fen=charged_fen))) == [0] * is_named


@pytest.mark.parametrize(("beds", "is_named"), [(6, False), (6.0001, True), (7, True)])
def test_a_bed_for_every_day_and_one_for_the_day_of_discharge(beds, is_named):
    written = {0: [line("三人间床位费", "03-02", count=beds, kind="bed")]}
    assert rows_named("F41", frames(claim("03-02", "03-07"), lines=written)) == [0] * is_named


def test_a_visit_has_no_bed_days():
    written = {0: [line("三人间床位费", "03-02", count=9, kind="bed")]}
    assert rows_named("F41", frames(claim("03-02", **VISIT), lines=written)) == []


@pytest.mark.parametrize(("days", "is_named"), [(180, False), (181, True)])
def test_half_a_year_to_send_a_claim(days, is_named):
    one = claim()
    one["submitted_on"] = one["discharged_on"] + dt.timedelta(days=days)
    assert rows_named("late_submission", frames(one)) == [0] * is_named


@pytest.mark.parametrize(("boxes", "is_named"), [(4.4285, False), (4.4286, True)])
def test_thirty_days_of_drugs_are_a_month_for_the_chronic(boxes, is_named):
    """A box of what is taken for months lasts seven days; a day that is not whole is none."""
    drug = line("氨氯地平片", "03-02", count=boxes, kind="drug")
    assert rows_named("F21", frames(claim("03-02", diagnosis="I10", **VISIT), lines={0: [drug]})) == [0] * is_named


def mildly(stay_count: int, *, mean: float = 0.0, median: float = 0.0) -> bool:
    """Whether a bill whose logarithm is nought is mildly above its like, whose deviation and spread are one."""
    of = frames(claim(charged_fen=1), peers=[(stay_count, mean, 1.0, median, 1.0, 9.0)])
    card = all_cards()["F28_mild"]
    return bool(worded(outliers(of.claims, of.peers, card, stays=np.ones(1, dtype=bool))))


@pytest.mark.parametrize(("above", "is_named"), [(1.995, False), (2.005, True), (2.995, True), (3.005, False)])
def test_two_to_three_deviations_are_mild(above, is_named):
    assert mildly(30, mean=-above) is is_named
    assert mildly(29, median=-above) is is_named


def test_a_group_of_thirty_is_measured_by_its_mean_and_a_smaller_one_by_its_median():
    assert mildly(30, mean=-2.5) and not mildly(30, median=-2.5)
    assert mildly(29, median=-2.5) and not mildly(29, mean=-2.5)


def test_eight_are_a_group_and_seven_are_none():
    assert mildly(8, median=-2.5) and not mildly(7, median=-2.5)


@pytest.mark.parametrize(("stays", "named"), [(110, []), (111, [111])])
def test_a_hundred_beds_and_a_tenth(stays, named):
    """Half of them came the day before, so that no day admits more than there are beds."""
    assert named_in("F07", year(*(stay(n, f"03-0{2 + (n > 55)}") for n in range(1, stays + 1)))) == named


@pytest.mark.parametrize(("last_fen", "named"), [(1_000_000, []), (1_000_001, [5])])
def test_fifty_thousand_yuan_far_away_and_a_fen(last_fen, named):
    dear = [
        stay(n, f"0{n}-02", member_id=1, institution="FAR", charged_fen=last_fen if n == 5 else 1_000_000)
        for n in range(1, 6)
    ]
    assert named_in("F35", year(*dear)) == named


def test_of_too_many_short_stays_twenty_are_named_the_dearest():
    long = [stay(n) for n in range(100, 179)]
    short = [stay(n, days=1, charged_fen=100_000 + n) for n in range(1, 22)]
    assert named_in("F09", year(*long, *short)) == list(range(2, 22))


def test_nine_of_ten_institutions_are_the_measure_of_low_threshold_stays():
    """Three like it: nought, nought and all; nine tenths of the way lies at eighty of a hundred."""
    low = [stay(n, days=2, institution="C1", diagnosis="J06.9", charged_fen=10_000) for n in (1, 2, 3)]
    others = [stay(n, institution=f"C{2 + n % 2}") for n in range(50, 60)]
    told = YEAR_CHECKS["F08"](year(*low, *others, drug_fen=dict.fromkeys((1, 2, 3), 9_000)), all_cards()["F08"])
    assert {one.expected for one in worded(told)} == {"80.0 % low-threshold stays at most"}


def test_two_items_on_one_day_and_one_item_on_two_days_are_no_duplicates():
    written = [line(name, f"03-0{n}") for name in ("血常规", "尿常规", "心电图") for n in (2, 3, 4)]
    assert lines_named("F16", frames(claim(), claim(), lines={0: written, 1: written})) == []
    assert lines_named("F16", frames(claim(), lines={0: [*written, line("尿常规", "03-04")]})) == [10]
