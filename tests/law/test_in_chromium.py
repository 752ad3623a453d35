"""The director compares, proves who they are, copies four letters, confirms; the reviewer's table changes that day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.county import COUNTY
from demo.people import PASSPHRASE
from tests.browser import axe_violations, overflowing_elements, small_targets
from tests.journeys.living import LiveHouse, live_house, opened, speak, who_holds

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(servers, template, chromium) -> Iterator[LiveHouse]:
    with live_house(servers, template, chromium) as house:
        yield house


def law_of_today(page, house: LiveHouse) -> str:
    """The cap that the reviewer reads on 2040-01-01."""
    page.goto(house.url("contractor", "/law?on=2040-01-01"))
    title = "Yearly cap of inpatient compensation" if page.locator("html[lang=en]").count() else "住院补偿封顶线"
    return page.get_by_role("row").filter(has_text=title).locator("dd").inner_text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_committees_decision_on_its_way_into_the_law_and_back(house, language):
    registrar = house.visit("county", who_holds("county", "registrar"))
    director = house.visit("county", who_holds("county", "director"))
    reviewer = house.visit("contractor", who_holds("contractor", "reviewer"))
    for context in (registrar, director, reviewer):
        speak(context, language)
    with opened(registrar) as (page, watch):
        page.goto(house.url("county", "/schedules"))
        page.locator(".cm-head-actions a").click()
        page.select_option("[name=scheme]", "balin_zuoqi")
        page.fill("[name=document]", f"青〔2039〕{language}号")
        page.click("[name=look]")
        assert page.locator(".cm-law-rule").count() > 15, "the law before it is entered"
        page.fill("[name=in_force_from]", "2040-01-01")
        page.fill("[name=committee]", "青禾县新型农村合作医疗管理委员会")
        page.fill("[name=approved_on]", "2026-11-01")
        page.locator("main form [type=submit]").last.click()
        page.wait_for_url(f"**/schedules/{COUNTY}/*")
        address = page.url
        assert watch.complaints == []
    with opened(reviewer) as (page, _watch):
        assert law_of_today(page, house) == "100,000.00"
    with opened(director) as (page, watch):
        page.goto(address)
        if page.locator("a[href*='step-up']").count():
            page.locator("a[href*='step-up']").first.click()
            page.fill("[name=password]", PASSPHRASE)
            page.locator("main form [type=submit]").click()
            page.wait_for_url(address)
        assert axe_violations(page) == []
        shown = page.locator(".is-approval .cm-hash").inner_text()
        page.fill("[name=last_four]", shown.replace(" ", "")[12:16])
        page.fill("[name=password]", PASSPHRASE)
        page.locator(".is-approval [type=submit]:not([disabled])").click()
        page.locator("#f-take_back").wait_for()
        assert watch.complaints == []
    with opened(reviewer) as (page, _watch):
        assert law_of_today(page, house) == "20,000.00"
    with opened(director) as (page, _watch):
        page.goto(address)
        page.fill("#f-take_back", "委员会改期，另行批准")
        page.locator("main form:has(#f-take_back) [type=submit]").click()
        page.locator(".cm-pill.is-bad").wait_for()
    with opened(reviewer) as (page, _watch):
        assert law_of_today(page, house) == "100,000.00"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rules_are_well_made_wide_narrow_and_on_paper(house, language):
    reviewer = house.visit("contractor", who_holds("contractor", "reviewer"))
    speak(reviewer, language)
    for size in ((1366, 850), (390, 844)):
        with opened(reviewer, size) as (page, watch):
            page.goto(house.url("contractor", "/law?on=all"))
            assert axe_violations(page) == []
            assert small_targets(page) == []
            assert overflowing_elements(page) == []
            assert watch.complaints == []
    with opened(reviewer, (390, 844)) as (page, _watch):
        page.goto(house.url("contractor", "/law"))
        numbers = page.locator(".cm-law-numbers dd, .cm-law-grid td:not(:empty)").all()
        assert len(numbers) > 30
        assert all(n.bounding_box()["x"] + n.bounding_box()["width"] <= 390 for n in numbers), "none needs scrolling"
        page.emulate_media(media="print")
        assert page.locator(".cm-filters").is_hidden()
        assert page.locator(".cm-head-actions").is_hidden()
        # Chromium hands the medium on to the next page of the same renderer.
        page.emulate_media(media="screen")
