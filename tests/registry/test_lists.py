"""The lists of institutions, catalogue and referrals: filters by day, pages by key, names masked where they must be."""

from __future__ import annotations

import re

import pytest

from demo.county import demo_county
from oversight.registry.imports.importing import enter_rows
from oversight.registry.imports.kinds import KINDS
from oversight.registry.institutions.entering import AgreementRow
from oversight.registry.words import price_text
from tests.registry.files import AT, TODAY

CARD = demo_county().families[0].people[0].card_number
COUNTY = demo_county().county_code


@pytest.fixture(scope="module")
def filled(home):
    """120 institutions, of which every third lost its agreement in July; 120 items; 60 slips."""
    hospitals = [
        KINDS["institutions"].row_type(f"{COUNTY}{n:03d}", f"第{n}医院", 1 + n % 3, n) for n in range(100, 220)
    ]
    gone = TODAY.replace(month=7, day=1)
    agreements = [
        AgreementRow(f"{COUNTY}{n:03d}", TODAY.replace(month=1, day=1), f"协议{n}", gone if n % 3 == 0 else None)
        for n in range(100, 220)
    ]
    items = [
        KINDS["catalogue"].row_type(
            f"L{n:03d}", f"项目{n}", 1 + n % 3, "drug", TODAY.replace(month=1), None, n * 10_000
        )
        for n in range(120)
    ]
    slips = [
        KINDS["referrals"].row_type(
            f"L{n:03d}", CARD, f"{COUNTY}100", f"{COUNTY}101", "原因", TODAY.replace(month=5, day=1 + n % 28), TODAY
        )
        for n in range(60)
    ]
    with home.databases["county"].transaction() as session:
        for kind, rows in (
            ("institutions", hospitals),
            ("agreements", agreements),
            ("catalogue", items),
            ("referrals", slips),
        ):
            enter_rows(session, home.keyring, kind, rows, county_code=COUNTY, by=None, at=AT)


def walked(browser, address: str, pattern: str) -> list[str]:
    """What a pattern finds on all pages of a list, one after another."""
    found, pages = [], 0
    while address:
        text = browser.get(address).text
        found += re.findall(pattern, text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        address = following[1].replace("&amp;", "&") if following else ""
        pages += 1
        assert pages < 10
    return found


LISTS = [
    (
        "/registry/institutions",
        rf"<td class=\"cm-number\">({COUNTY}\d+)</td>",
        [f"{COUNTY}{n}" for n in range(100, 220)],
    ),
    ("/registry/catalogue", r'<td class="cm-number">(L\d+)</td>', [f"L{n:03d}" for n in range(120)]),
]


@pytest.mark.parametrize(("address", "pattern", "expected"), LISTS)
def test_the_pages_of_a_list_hold_every_row_once_and_in_order(at_desk, filled, address, pattern, expected):
    assert walked(at_desk("registrar"), address, pattern) == expected


def test_the_slips_are_walked_from_the_newest_to_the_oldest(at_desk, filled):
    found = walked(at_desk("registrar"), "/registry/referrals", r'class="cm-number">(L\d+)</th>')
    assert sorted(found) == [f"L{n:03d}" for n in range(60)]
    days = [int(slip[1:]) % 28 for slip in found]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 120),
        ("?designated=yes", 80),
        ("?designated=no", 40),
        ("?designated=no&on=2026-06-30", 0),
        ("?designated=no&on=2026-07-01", 40),
        ("?designated=yes&on=2025-12-31", 0),
        ("?tier=2", 40),
        ("?tier=9", 120),
        ("?text=第11", 10),
        (f"?text={COUNTY}10", 10),
        ("?on=31.02.2026", 120),
        ("?after=nonsense", 120),
        ("?after=990121~x~y&shown=-4", 120),
    ],
)
def test_institutions_are_filtered_by_day_tier_and_name(at_desk, filled, query, count):
    assert len(walked(at_desk("officer"), f"/registry/institutions{query}", LISTS[0][1])) == count


@pytest.mark.parametrize(
    ("query", "count"),
    [("?class=1", 40), ("?item_kind=bed", 0), ("?on=2025-12-31", 0), ("?text=L11", 10), ("?text=项目7", 11)],
)
def test_the_catalogue_is_filtered_by_class_kind_and_day(at_desk, filled, query, count):
    assert len(walked(at_desk("regulator"), f"/registry/catalogue{query}", LISTS[1][1])) == count


def test_a_slips_member_is_named_to_those_who_keep_the_register_and_masked_for_others(at_desk, filled):
    assert CARD in at_desk("registrar").get("/registry/referrals").text
    for who in ("auditor", "director", "audit-bureau", "regulator", "city"):
        page = at_desk(who).get("/registry/referrals").text
        assert CARD not in page, who
        assert "陈有福" not in page
        assert f"****{CARD[-4:]}" in page


@pytest.mark.parametrize(
    ("price_e4", "shown"),
    [(None, None), (0, "0.00"), (1, "0.0001"), (123_400, "12.34"), (12_345_678_900, "1,234,567.89")],
)
def test_a_price_is_shown_with_what_its_decimals_say(price_e4, shown):
    assert price_text(price_e4) == shown
