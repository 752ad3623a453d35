"""Periods of one thing: which day belongs to which, what overlaps, what an open end means."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, text

from oversight.registry.membership.tables import MemberStatus
from tests.registry.files import changed, counted, with_row

KNOWN = "9901210003"


def statuses(*periods: str) -> str:
    """Rows `status from until`, an empty until being a dash."""
    rows = [period.split() for period in periods]
    lines = [f"{KNOWN},{s},{a},{'' if b == '-' else b},证 {a}" for s, a, b in rows]
    return with_row("statuses", lines[0]) + "\n".join(lines[1:]) + "\n"


def held(session) -> list[str]:
    rows = session.execute(select(MemberStatus.status, MemberStatus.from_on, MemberStatus.until_on))
    return [f"{s} {a} {b or '-'}" for s, a, b in sorted(rows.all(), key=lambda row: row[1])]


TAKEN = [
    # first file, second file, what holds afterwards, why
    (
        ["贫困户 2025-01-01 -"],
        ["五保户 2025-07-01 -"],
        ["poor 2025-01-01 2025-07-01", "five_guarantee 2025-07-01 -"],
        "the next period ends an open one",
    ),
    (
        ["五保户 2025-07-01 -"],
        ["贫困户 2025-01-01 -"],
        ["poor 2025-01-01 2025-07-01", "five_guarantee 2025-07-01 -"],
        "whichever of the two was entered first",
    ),
    (
        ["贫困户 2025-01-01 2025-07-01"],
        ["五保户 2025-07-01 -"],
        ["poor 2025-01-01 2025-07-01", "five_guarantee 2025-07-01 -"],
        "the first day without the one is the first day with the other",
    ),
    (
        ["贫困户 2025-01-01 2025-06-01"],
        ["五保户 2025-07-01 -"],
        ["poor 2025-01-01 2025-06-01", "five_guarantee 2025-07-01 -"],
        "a month without a status is nobody's mistake",
    ),
    (
        ["贫困户 2025-01-01 -"],
        ["贫困户 2025-01-01 2025-03-01"],
        ["poor 2025-01-01 2025-03-01"],
        "an end is set on a day that is past",
    ),
    (
        ["贫困户 2025-01-01 2025-03-01"],
        ["贫困户 2025-01-01 -"],
        ["poor 2025-01-01 -"],
        "an end is taken back",
    ),
    (
        ["贫困户 2025-01-01 -", "贫困户 2026-01-01 -"],
        ["贫困户 2025-01-01 2025-07-01", "五保户 2025-07-01 -"],
        ["poor 2025-01-01 2025-07-01", "five_guarantee 2025-07-01 2026-01-01", "poor 2026-01-01 -"],
        "a period between two, when the file also ends the first of them",
    ),
    (
        ["贫困户 2025-01-01 -", "五保户 2025-07-01 -"],
        ["贫困户 2025-01-01 2025-06-01", "五保户 2025-07-01 2026-01-01"],
        ["poor 2025-01-01 2025-06-01", "five_guarantee 2025-07-01 2026-01-01"],
        "both ends at once",
    ),
]


@pytest.mark.parametrize(("first", "second", "expected", "why"), TAKEN, ids=[case[3] for case in TAKEN])
def test_an_open_period_holds_until_the_next_begins(people, first, second, expected, why):
    people.sends("statuses", statuses(*first))
    people.sends("statuses", statuses(*second))
    assert held(people.session) == expected
    # The same files in the same order say the same again, and the last one said so already.
    assert counted(people.sends("statuses", statuses(*second)).plan)[:2] == (0, 0)
    assert held(people.session) == expected


REFUSED = [
    # known, file, the fault. The third: the end of the first was set by its successor, and stands like a stated one.
    (["贫困户 2025-01-01 2025-07-02"], ["五保户 2025-07-01 -"], (2, "from_on", "≥ 2025-07-02", "2025-07-01")),
    (["五保户 2025-07-01 -"], ["贫困户 2025-01-01 2025-07-02"], (2, "until_on", "≤ 2025-07-01", "2025-07-02")),
    (
        ["贫困户 2025-01-01 -", "贫困户 2026-01-01 -"],
        ["五保户 2025-07-01 -"],
        (2, "from_on", "≥ 2026-01-01", "2025-07-01"),
    ),
    ([], ["贫困户 2025-01-01 2025-07-02", "五保户 2025-07-01 -"], (3, "from_on", "≥ 2025-07-02", "2025-07-01")),
    (
        ["贫困户 2025-01-01 2025-02-01", "五保户 2025-07-01 -"],
        ["贫困户 2025-01-01 2025-08-01"],
        (2, "until_on", "≤ 2025-07-01", "2025-08-01"),
    ),
]


@pytest.mark.parametrize(("known", "file", "fault"), REFUSED)
def test_two_periods_that_share_a_day_are_refused_and_one_day_less_is_not(people, known, file, fault):
    if known:
        people.sends("statuses", statuses(*known))
    before = held(people.session)
    faults = people.is_refused("statuses", statuses(*file))
    assert faults == [(*fault, "overlapping_period")]
    assert held(people.session) == before


@pytest.mark.parametrize(
    ("until_on", "reason"), [("2025-01-01", "empty_period"), ("2024-12-31", "empty_period"), ("2025-02-30", None)]
)
def test_a_period_ends_after_it_begins(people, until_on, reason):
    faults = people.is_refused("statuses", statuses(f"贫困户 2025-01-01 {until_on}"))
    assert [fault[4] for fault in faults] == [reason or "impossible_day"]


def test_an_open_end_that_a_successor_sets_is_told_old_and_new(people):
    people.sends("statuses", statuses("贫困户 2025-01-01 -"))
    taken = people.sends("statuses", statuses("五保户 2025-07-01 -"))
    assert changed(taken.plan) == [(2, f"{KNOWN} 2025-01-01", "until_on", None, "2025-07-01")]
    assert counted(taken.plan) == (1, 1, 0)


@pytest.mark.parametrize(("on", "is_designated"), [("2026-06-30", True), ("2026-07-01", False), ("2026-07-02", False)])
def test_an_agreement_that_ended_in_the_past_designates_until_the_day_before(entered, on, is_designated):
    """The county learns in November that the hospital's agreement ended in July, and enters it."""
    found = entered.session.execute(
        text(
            "SELECT count(*) FROM registry.published_agreement WHERE institution_code = '990121201' "
            "AND from_on <= :on AND (until_on IS NULL OR until_on > :on)"
        ),
        {"on": dt.date.fromisoformat(on)},
    ).scalar_one()
    assert bool(found) is is_designated


def test_an_agreement_may_be_ended_backwards_and_made_anew(entered):
    code = "990121101"
    ended = with_row("agreements", f"{code},2024-01-01,2026-03-01,试合〔2023〕1号")
    assert changed(entered.sends("agreements", ended).plan) == [
        (2, f"{code} 2024-01-01", "until_on", None, "2026-03-01")
    ]
    assert counted(entered.sends("agreements", with_row("agreements", f"{code},2026-09-01,,试合〔2026〕4号")).plan) == (
        1,
        0,
        0,
    )


def test_a_new_price_list_replaces_the_open_prices_it_names_and_no_others(entered):
    taken = entered.sends(
        "catalogue", with_row("catalogue", "A001,阿莫西林胶囊,甲,药品,2026-01-01,,0.4000,0.4500,0.5000,")
    )
    assert counted(taken.plan) == (1, 1, 0)
    prices = entered.session.execute(
        text(
            "SELECT item_code, from_on::text, until_on::text, limit_township_e4 "
            "FROM registry.published_catalogue_item ORDER BY 1, 2"
        )
    )
    assert [tuple(row) for row in prices] == [
        ("A001", "2024-01-01", "2026-01-01", 5000),
        ("A001", "2026-01-01", None, 4000),
        ("B001", "2024-01-01", None, 123456),
        ("C001", "2024-01-01", None, None),
    ]
    assert counted(entered.sends("catalogue").plan) == (0, 0, 3), "last year's list says what is known already"
