"""Working days: holidays, the weekend days that make up for them, and the year nobody has loaded yet."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from rulebook import workdays

CALENDAR = workdays.mainland_calendar()
PUBLIC_COPY = Path(__file__).parents[3] / "shared" / "data" / "china-holidays"

DAYS = [
    # day, worked, reason
    (date(2026, 2, 13), True, "the Friday before Spring Festival"),
    (date(2026, 2, 14), True, "a Saturday worked to make up"),
    (date(2026, 2, 15), False, "the first day of Spring Festival"),
    (date(2026, 2, 23), False, "the last day of Spring Festival, a Monday"),
    (date(2026, 2, 24), True, "the day after"),
    (date(2026, 2, 28), True, "a Saturday worked to make up"),
    (date(2026, 10, 8), True, "the day after National Day week"),
    (date(2026, 10, 10), True, "a Saturday worked to make up"),
    (date(2026, 11, 21), False, "an ordinary Saturday"),
    (date(2007, 1, 1), False, "the first day of the first calendar"),
    (date(2026, 12, 31), True, "the last day of the last calendar"),
]

DUE = [
    # taken in on, working days, due on, reason
    (date(2026, 11, 16), 1, date(2026, 11, 17), "the day of intake does not count"),
    (date(2026, 11, 20), 1, date(2026, 11, 23), "over a weekend"),
    (date(2026, 2, 13), 1, date(2026, 2, 14), "a Saturday that is worked"),
    (date(2026, 2, 14), 1, date(2026, 2, 24), "over Spring Festival"),
    (date(2026, 9, 30), 3, date(2026, 10, 10), "over National Day, ending on a make-up Saturday"),
    (date(2026, 11, 3), 20, date(2026, 12, 1), "a complaint's term of 20 working days, [0] 监督管理 2"),
    (date(2026, 12, 30), 1, date(2026, 12, 31), "the last day that is known"),
]


@pytest.mark.parametrize(("day", "worked", "reason"), DAYS)
def test_a_day_is_worked_or_not(day, worked, reason):
    assert CALENDAR.is_workday(day) is worked, reason


@pytest.mark.parametrize(("start", "term", "due", "reason"), DUE)
def test_a_term_ends_on_its_last_working_day(start, term, due, reason):
    assert CALENDAR.due_after(start, workdays=term) == workdays.DueDay(on=due), reason


def test_a_term_that_runs_into_a_year_not_loaded_is_unknown_and_raises_an_alarm():
    due = CALENDAR.due_after(date(2026, 12, 31), workdays=1)
    assert not due.is_known
    assert due.on is None
    assert due.alarm == workdays.MissingCalendar(year=2027)


def test_a_wait_that_runs_into_a_year_not_loaded_is_unknown_and_raises_an_alarm():
    assert CALENDAR.workdays_between(date(2026, 12, 30), date(2027, 1, 1)) == workdays.Workdays(count=2)
    assert CALENDAR.workdays_between(date(2026, 12, 30), date(2027, 1, 2)) == workdays.Workdays(
        count=None, alarm=workdays.MissingCalendar(year=2027)
    )


def test_a_question_about_a_year_not_loaded_is_refused():
    with pytest.raises(workdays.CalendarNotLoaded) as refused:
        CALENDAR.is_workday(date(2027, 1, 4))
    assert refused.value.facts == {"year": 2027}


def test_the_year_becomes_known_when_its_calendar_is_loaded():
    more = workdays.Calendar(
        [
            workdays.load_year(workdays.FOLDER / "2026.yaml"),
            workdays.YearOfDays(2027, days_off={date(2027, 1, 1): "元旦"}, make_up_days={}),
        ]
    )
    assert more.due_after(date(2026, 12, 31), workdays=1) == workdays.DueDay(on=date(2027, 1, 4))


FAULTY = [
    ("days_off: {2025-01-01: 元旦}\nmake_up_days: {}", "a day of another year"),
    ("days_off: {2026-02-14: 春节}\nmake_up_days: {2026-02-14: 春节}", "both off and worked"),
    ("days_off: {}\nmake_up_days: {2026-02-16: 春节}", "a make-up day that is no weekend day"),
]


@pytest.mark.parametrize(("text", "fault"), FAULTY)
def test_a_calendar_that_contradicts_itself_is_refused(tmp_path, text, fault):
    (tmp_path / "2026.yaml").write_text(f"year: 2026\n{text}\n", encoding="utf-8")
    with pytest.raises(workdays.FaultyCalendar) as refused:
        workdays.load_year(tmp_path / "2026.yaml")
    assert refused.value.facts["fault"] == fault


def test_every_loaded_day_agrees_with_the_package_that_follows_the_state_council():
    import chinese_calendar

    day, end = date(2007, 1, 1), date(2027, 1, 1)
    while day < end:
        assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.skipif(not PUBLIC_COPY.exists(), reason="the public copy of the notices does not lie beside this house")
def test_every_loaded_day_agrees_with_the_public_copy_of_the_notices():
    disagreements = []
    for path in sorted(PUBLIC_COPY.glob("20*.json")):
        for told in json.loads(path.read_text(encoding="utf-8"))["days"]:
            day = date.fromisoformat(told["date"])
            if day.year not in CALENDAR.years:
                continue
            if CALENDAR.is_workday(day) == told["isOffDay"]:
                disagreements.append((day, told["name"]))
    assert disagreements == []
