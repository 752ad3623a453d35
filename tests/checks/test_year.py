"""What a year shows: places, people, lists; one below, at and above each threshold."""

from __future__ import annotations

import math

import pytest

from rulebook.checks.year import peer_groups
from rulebook.checks.year_lists import alike_percent
from tests.checks.making import named_in, rows_in_list, stay, year


def test_over_beds_names_who_came_last():
    """Ten beds and a tenth: eleven may lie there."""
    eleven = [stay(n, "03-02", institution="C1") for n in range(1, 12)]
    assert named_in("F07", year(*eleven[:-1], stay(11, "03-03", institution="C1"))) == []
    twelve = [*(stay(n, "03-0" + str(2 + n % 2), institution="C1") for n in range(1, 13))]
    assert named_in("F07", year(*twelve)) == [11]
    assert named_in(
        "F07", year(*eleven[:-1], stay(11, "03-03", institution="C1"), stay(12, "03-04", institution="C1"))
    ) == [12]
    assert named_in("F07", year(*(stay(n, institution="NONE") for n in range(1, 13)))) == []


def test_who_leaves_in_the_morning_makes_room_on_that_day():
    leaving = [stay(n, "03-01", 4, institution="C1") for n in range(1, 7)]
    coming = [stay(n, "03-05", 4, institution="C1") for n in range(7, 17)]
    staying = stay(20, "03-04", institution="C1")
    assert named_in("F07", year(*leaving, staying, *coming)) == []
    assert named_in("F07", year(*leaving[:-1], stay(6, "03-01", 5, institution="C1"), staying, *coming)) == [16]


def test_more_admitted_in_a_day_than_there_are_beds():
    """Nobody stays the night, so the beds are never overfull by count of nights; eleven admissions are too many."""
    assert named_in("F07", year(*(stay(n, "03-02", 0, institution="C1") for n in range(1, 11)))) == []
    assert named_in("F07", year(*(stay(n, "03-02", 0, institution="C1") for n in range(1, 12)))) == [11]


def low(number: int, **changes):
    return stay(number, **{"days": 2, "institution": "C1", "diagnosis": "J06.9", "charged_fen": 10_000} | changes)


def test_short_stays_for_minor_illness_mostly_drugs_at_one_place_more_than_at_its_like():
    others = [stay(n, institution=f"C{2 + n % 2}") for n in range(50, 60)]
    three = [low(n) for n in (1, 2, 3)]
    drugs = {1: 6_001, 2: 6_001, 3: 6_001}
    assert named_in("F08", year(*three, *others, drug_fen=drugs)) == [1, 2, 3]
    assert named_in("F08", year(*three, *others, drug_fen=drugs | {3: 6_000})) == [], "sixty of a hundred"
    assert named_in("F08", year(*three[:2], *others, drug_fen=drugs)) == [], "two are no habit"
    for change in ({"days": 3}, {"diagnosis": "I63.9"}, {"procedures": ("47.0900",)}):
        assert named_in("F08", year(*three[:2], low(3, **change), *others, drug_fen=drugs)) == [], change


def test_more_than_three_of_a_hundred_stay_one_day():
    long = [stay(n, institution="H1") for n in range(100, 197)]
    assert named_in("F09", year(*long, *(stay(n, days=1) for n in (1, 2, 3)))) == []
    assert named_in("F09", year(*long[:-1], *(stay(n, days=1) for n in (1, 2, 3, 4)))) == [1, 2, 3, 4]
    assert named_in("F09", year(*long[:-1], *(stay(n, days=2) for n in (1, 2, 3, 4)))) == []
    assert named_in("F09", year(*long[:-1], *(stay(n, days=1, diagnosis="Z49.1") for n in (1, 2, 3, 4)))) == []
    assert named_in("F09", year(*long[:-1], *(stay(n, days=1, procedures=("13.41",)) for n in (1, 2, 3, 4)))) == []
    assert named_in("F09", year(*long[:25], *(stay(n, days=1) for n in (1, 2, 3, 4)))) == [], "twenty-nine stays"
    assert named_in("F09", year(*long[:26], *(stay(n, days=1) for n in (1, 2, 3, 4)))) == [1, 2, 3, 4]


def test_three_of_one_household_on_one_day():
    home = [stay(n, household_id=9) for n in (1, 2, 3)]
    assert named_in("F14", year(*home)) == [1, 2, 3]
    assert named_in("F14", year(*home[:2])) == []
    assert named_in("F14", year(*home[:2], stay(3, "03-03", household_id=9))) == []
    assert named_in("F14", year(*home[:2], stay(3, household_id=9, member_id=2))) == [], "one of them twice"


def test_five_of_one_village_within_three_days():
    five = [stay(n, f"03-0{2 + n % 3}", village=9) for n in range(1, 6)]
    assert named_in("F15", year(*five)) == [1, 2, 3, 4, 5]
    assert named_in("F15", year(*five[:4])) == []
    assert named_in("F15", year(*five[:4], stay(5, "03-05", village=9))) == [], "the fourth day"
    assert named_in("F15", year(*five[:4], stay(5, "03-02", village=8))) == []
    assert named_in("F15", year(*five[:4], stay(5, "03-02", village=9, institution="H2"))) == []
    assert named_in("F15", year(*five[:4], stay(5, "03-02", village=9, diagnosis="K35"))) == []
    assert named_in("F15", year(*five[:4], stay(5, "03-02", village=9, member_id=1))) == [], "one of them twice"


def test_thirty_cataracts_a_day_and_no_more():
    cataract = {"procedures": ("13.4100",), "days": 2}
    thirty = [stay(n, **cataract) for n in range(1, 31)]
    assert named_in("F32", year(*thirty)) == []
    assert named_in("F32", year(*thirty, stay(31, **cataract))) == list(range(1, 32))
    assert named_in("F32", year(*thirty, stay(31, doctor="D2", **cataract))) == []
    assert named_in("F32", year(*thirty, stay(31, "03-03", **cataract))) == []
    assert named_in("F32", year(*thirty, stay(31, procedures=("47.0900",)))) == []


def far(number: int, fen: int = 1_000_001, **changes):
    return stay(number, f"0{number}-02", **{"member_id": 1, "institution": "FAR", "charged_fen": fen} | changes)


def test_five_stays_far_away_for_more_than_fifty_thousand():
    assert named_in("F35", year(*(far(n) for n in range(1, 6)))) == [5]
    assert named_in("F35", year(*(far(n, 1_000_000) for n in range(1, 6)))) == []
    assert named_in("F35", year(*(far(n, 2_000_000) for n in range(1, 5)))) == []
    assert named_in("F35", year(*(far(n) for n in range(1, 5)), far(5, institution="H1"))) == []
    assert named_in("F35", year(*(far(n) for n in range(1, 5)), far(5, has_slip=True))) == []
    assert (
        named_in("F35", year(*(far(n) for n in range(1, 5)), far(5, admitted_on=far(5).admitted_on.replace(year=2025))))
        == []
    )


def months(place: str, december: int, others: int, first: int):
    spread = [stay(first + n, f"{1 + n % 11:02d}-05", institution=place) for n in range(others)]
    return [*spread, *(stay(first + 500 + n, "12-05", institution=place) for n in range(december))]


def test_december_above_half_as_many_again():
    """Eleven months with 110 admissions: ten a month."""
    usual = months("H2", 10, 110, 2000)
    assert named_in("F40", year(*months("H1", 15, 110, 1), *usual)) == []
    assert named_in("F40", year(*months("H1", 16, 110, 1), *usual)) == [501 + n for n in range(16)]
    assert len(named_in("F40", year(*months("H1", 16, 117, 1), *usual))) == 16, "150.4 % of the other months"
    assert named_in("F40", year(*months("H1", 9, 11, 1), *usual)) == [], "nine admissions are no rush"
    assert named_in("F40", year(*months("H1", 10, 11, 1), *usual)) == [501 + n for n in range(10)]
    assert named_in("F40", year(*months("H1", 10, 10, 1), *usual)) == [501 + n for n in range(10)]
    assert named_in("F40", year(*months("H1", 10, 9, 1), *usual)) == [], "nine admissions are no usual year"
    new = months("H2", 9, 2, 2000)
    assert named_in("F40", year(*months("H1", 16, 110, 1), *new)) == [501 + n for n in range(16)]
    busier = months("H2", 40, 110, 2000)
    assert 501 not in named_in("F40", year(*months("H1", 16, 110, 1), *busier)), "its like rushed more"


def test_first_digits_of_a_thousand_totals():
    grown = [stay(n, charged_fen=round(10 ** (4 + n / 1000))) for n in range(1000)]
    assert named_in("F42", year(*grown)) == []
    fixed = [stay(n, charged_fen=50_000 + n) if n % 4 == 0 else one for n, one in enumerate(grown)]
    named = named_in("F42", year(*fixed))
    assert len(named) == 20 and all(str(fixed[n].charged_fen)[0] == "5" for n in named)
    assert named_in("F42", year(*fixed[:-1])) == [], "999 are too few"


def test_a_group_is_measured_by_mean_and_median_and_a_bill_of_nothing_has_no_like():
    amounts = (100, 1_000, 10_000, 0)
    (group,) = peer_groups(year(*(stay(n, days=n, charged_fen=fen) for n, fen in enumerate(amounts))))
    assert (group.category, group.tier, group.stay_count) == ("J18", 2, 3)
    assert group.log_mean == group.log_median == pytest.approx(math.log(1_000))
    assert group.log_deviation == pytest.approx(math.log(10) * math.sqrt(2 / 3))
    assert group.log_spread == pytest.approx(1.4826 * math.log(10))
    assert group.days_p95 == pytest.approx(1.9)


def test_percentiles_are_amounts_of_the_group_as_the_database_would_name_them():
    """`percentile_disc`: the first amount that so many of a hundred do not exceed."""
    (hundred,) = peer_groups(year(*(stay(n, charged_fen=1_000 + n) for n in range(1, 101))))
    assert hundred.percentiles_fen == tuple(range(1_001, 1_100))
    (three,) = peer_groups(year(*(stay(n, charged_fen=fen) for n, fen in enumerate((900, 100, 500)))))
    assert [three.percentiles_fen[number - 1] for number in (1, 33, 34, 66, 67, 99)] == [100, 100, 500, 500, 900, 900]
    (one,) = peer_groups(year(stay(1, charged_fen=7)))
    assert one.percentiles_fen == (7,) * 99


def test_between_two_and_three_deviations_is_told_apart_from_more():
    usual = [stay(n, charged_fen=100_000 + 1_000 * (n % 2)) for n in range(1, 21)]
    # With the one above them the median is the dearer half's, and half of all lie one hundredth away from it.
    middle, spread = math.log(101_000), 1.4826 * math.log(1.01)
    for deviations, rule in ((1.9, None), (2.1, "F28_mild"), (2.9, "F28_mild"), (3.1, "F28")):
        one = stay(99, charged_fen=round(math.exp(middle + deviations * spread)))
        for each in ("F28", "F28_mild"):
            assert (99 in named_in(each, year(*usual, one))) == (each == rule), (deviations, each)


def test_longer_than_nineteen_of_twenty_and_than_a_week():
    usual = [stay(n, days=6) for n in range(1, 40)]
    assert named_in("F30", year(*usual, stay(40, days=8))) == [40]
    assert named_in("F30", year(*usual, stay(40, days=7))) == []
    assert named_in("F30", year(*usual[:29], stay(40, days=8))) == [40]
    assert named_in("F30", year(*usual[:28], stay(40, days=8))) == [], "twenty-nine like it"
    longer = [stay(n, days=20) for n in range(1, 40)]
    assert named_in("F30", year(*longer, stay(40, days=20))) == []


@pytest.mark.parametrize(
    ("rule", "row", "is_named"),
    [
        ("F22", ("YP1", 3, 600_001), True),
        ("F22", ("YP1", 3, 600_000), False),
        ("F22", ("YP1", 2, 900_000), False),
        ("F36", (9_500_000, 10_000_000), True),
        ("F36", (9_499_999, 10_000_000), False),
        ("F36", (10_000_000, 10_000_000), True),
        ("advance_differs", (100_000, 99_999, 0), True),
        ("advance_differs", (100_000, 100_001, 0), True),
        ("advance_differs", (100_000, 90_000, 10_000), False),
        ("advance_differs", (90_000, 100_000, 10_000), True),
        ("F31", (22 * 60, "H25.9", []), True),
        ("F31", (22 * 60 - 1, "H25.9", []), False),
        ("F31", (8 * 60 - 1, "J18.9", ["13.41"]), True),
        ("F31", (8 * 60, "H25.9", []), False),
        ("F31", (23 * 60, "K35.8", ["47.09"]), False),
        ("F38", (7, 7, -1), True),
        ("F38", (7, 8, -1), False),
        ("F38", (0, 0, -1), False),
        ("F38", (7, 8, 9), True),
        ("F38", (7, 8, 10), False),
        ("F38", (7, 8, 0), True),
        ("F11", ("990122",), True),
        ("F24", ("硝苯地平控释片（拜新同）", "硝苯地平控释片"), False),
        ("F24", ("足底按摩", "推拿治疗"), True),
        ("F24", ("ab", "abcdef"), False),
        ("F24", ("ab", "abcdefg"), True),
    ],
)
def test_a_row_of_a_list_at_its_threshold(rule, row, is_named):
    assert rows_in_list(rule, row) == [0] * is_named
    assert rows_in_list(rule, row, on="2002-12-31") == [], "before its first day a rule finds nothing"


def test_names_are_alike_by_the_characters_they_share():
    assert alike_percent("头孢曲松注射用", "注射用头孢曲松") == 100
    assert alike_percent("ab", "abcdef") == 50
    assert alike_percent("甲", "乙") == 0
