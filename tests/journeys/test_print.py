"""On paper: what is for the screen is gone, what was asked for stays; a slip is one sheet, front and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from demo.county import demo_county
from tests.journeys.living import opened, speak

pytestmark = pytest.mark.browser

FOR_THE_SCREEN = (".cm-bar", ".cm-demo", ".cm-skip", ".cm-filters", ".cm-head-actions", ".cm-button", ".cm-pager a")


def sheets(page: Page) -> int:
    """How many pages of A4 the printer would give out."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def seen_of(page: Page) -> list[str]:
    """What of the screen's furniture would still be printed."""
    return [
        f"{one} {element.inner_text()}"
        for one in FOR_THE_SCREEN
        for element in page.locator(one).all()
        if element.is_visible()
    ]


def test_the_list_of_members_prints_as_a_table_and_nothing_else(house):
    with opened(house.visit("county", "registrar")) as (page, _watch):
        speak(page.context, "zh")
        page.goto(house.url("county", "/registry/members?size=100"))
        assert seen_of(page) != []
        page.emulate_media(media="print")
        assert seen_of(page) == []
        assert page.locator(".cm-table tbody tr").count() == 100
        assert page.locator(".cm-table thead").first.evaluate("head => getComputedStyle(head).display") == (
            "table-header-group"
        )
        assert sheets(page) > 1


def test_a_member_s_page_prints_without_what_can_only_be_pressed(house):
    with opened(house.visit("county", "registrar")) as (page, _watch):
        speak(page.context, "zh")
        page.goto(house.url("county", f"/registry/members/{house.member.county_code}/{house.member.id}"))
        page.emulate_media(media="print")
        assert seen_of(page) == []
        assert page.locator("h1").is_visible()
        assert page.locator(".cm-kv").first.is_visible()
        assert page.get_by_role("link", name="看全 身份证号").count() == 0
        assert sheets(page) <= 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_members_own_page_prints_on_one_sheet(house, language):
    with opened(house.visit("claimant", "0"), (360, 740)) as (page, _watch):
        speak(page.context, language)
        page.goto(house.url("claimant", "/record"))
        page.emulate_media(media="print")
        assert seen_of(page) == []
        assert sheets(page) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_slip_is_one_sheet_chinese_in_front_and_english_overleaf(house, language):
    member = house.member_of(demo_county().families[11].people[0].card_number)
    with opened(house.visit("county", "registrar")) as (page, watch):
        speak(page.context, language)
        page.goto(house.url("county", f"/registry/members/{member.county_code}/{member.id}"))
        page.locator(f"form[action$='/{member.id}/slip'] [type=submit]").click()
        page.locator("article").first.wait_for()
        page.emulate_media(media="print")
        assert seen_of(page) == []
        assert [article.get_attribute("lang") for article in page.locator("article").all()] == ["zh-Hans", "en"]
        assert sheets(page) == 2, "two pages: the front and the back of one sheet"
        assert watch.complaints == []


def test_the_letter_of_the_gallery_is_one_sheet_too(house):
    with opened(house.visit("county", None)) as (page, _watch):
        page.goto(house.url("county", "/components/letter"))
        assert sheets(page) == 2
