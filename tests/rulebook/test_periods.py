from datetime import date

import pytest

from rulebook.periods import EmptyPeriod, Gap, Overlap, Period, faults_between, year_of

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("day", "belongs"),
    [(date(2025, 12, 31), False), (JAN, True), (date(2026, 1, 31), True), (FEB, False)],
)
def test_the_first_day_belongs_to_a_period_and_its_end_does_not(day, belongs):
    assert (day in Period(JAN, FEB)) is belongs


def test_a_period_without_an_end_goes_on():
    assert date(2999, 1, 1) in Period(JAN)
    assert date(2025, 12, 31) not in Period(JAN)


@pytest.mark.parametrize("end", [JAN, date(2025, 12, 31)])
def test_a_period_that_ends_before_it_starts_is_refused(end):
    with pytest.raises(EmptyPeriod):
        Period(JAN, end)


FAULTS = [
    ([Period(JAN, FEB), Period(FEB, MAR), Period(MAR)], [], "each begins where the last ended"),
    ([Period(FEB, MAR), Period(JAN, FEB)], [], "given in another order"),
    ([Period(JAN, FEB), Period(MAR)], [Gap(0, 1)], "February belongs to none"),
    ([Period(JAN, MAR), Period(FEB, APR)], [Overlap(0, 1)], "February belongs to both"),
    ([Period(JAN), Period(FEB)], [Overlap(0, 1)], "the first never ended"),
    ([Period(JAN, APR), Period(FEB, MAR), Period(APR)], [Overlap(0, 1)], "one lies inside another"),
    ([Period(JAN, FEB), Period(JAN, FEB)], [Overlap(0, 1)], "the same twice"),
    ([], [], "none"),
]


@pytest.mark.parametrize(("periods", "faults", "reason"), FAULTS)
def test_every_overlap_and_every_gap_is_found(periods, faults, reason):
    assert faults_between(periods) == faults, reason


def test_the_year_of_a_day_ends_before_new_year():
    assert date(2026, 12, 31) in year_of(JAN)
    assert date(2027, 1, 1) not in year_of(JAN)
