"""The gallery in real Chromium: what holds for every component on every site holds for the pages built from them."""

from __future__ import annotations

import pytest

from tests.browser import axe_violations, console_watch, overflowing_elements, small_targets
from tests.layout.harness import SITES

pytestmark = pytest.mark.browser

PAGES = [f"{site}/{language}/components" for site in SITES for language in ("zh", "en")]
OTHERS = ["insurer/zh/letter", "county/en/error", "member/zh/error"]


@pytest.mark.parametrize("width", [1366, 360])
@pytest.mark.parametrize("path", PAGES + OTHERS)
def test_a_page_breaks_no_rule_of_access_and_says_nothing_on_the_console(open_page, path, width):
    watches = []
    page = open_page(path, width, before=lambda page: watches.append(console_watch(page)))
    assert axe_violations(page) == []
    assert small_targets(page) == []
    assert overflowing_elements(page) == []
    assert watches[0].complaints == []


@pytest.mark.parametrize("path", PAGES + OTHERS)
def test_at_four_hundred_per_cent_the_page_does_not_scroll_sideways(open_page, path):
    page = open_page(path, 320, 640)
    assert overflowing_elements(page) == []


@pytest.mark.parametrize("width", [1680, 1280, 1101])
@pytest.mark.parametrize("site", ["insurer", "county"])
def test_the_bar_stays_on_the_page_at_every_width_of_a_desk(open_page, site, width):
    page = open_page(f"{site}/en/components", width)
    assert overflowing_elements(page) == []
    assert page.locator(".cm-leave").evaluate("button => button.getBoundingClientRect().right") <= width


def test_a_wide_table_scrolls_in_its_own_region_and_the_region_can_be_reached(open_page):
    page = open_page("insurer/zh/components", 320, 640)
    region = page.locator(".cm-scroll").first
    assert region.evaluate("region => region.scrollWidth > region.clientWidth")
    assert region.get_attribute("tabindex") == "0"
    assert region.get_attribute("aria-label")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.locator(".cm-scroll").first.evaluate("region => new Promise(done => setTimeout(done, 400))")
    assert region.evaluate("region => region.scrollLeft") > 0


def test_a_table_that_fits_is_no_stop_for_the_tab_key(open_page):
    page = open_page("insurer/zh/components", 1600)
    assert page.locator(".cm-scroll").first.get_attribute("tabindex") is None


def test_the_desks_differ_in_shape_and_the_member_has_neither_menu_nor_script(open_page):
    insurer = open_page("insurer/zh/components").locator(".cm-bar")
    county = open_page("county/zh/components").locator(".cm-bar")
    background = "bar => getComputedStyle(bar).backgroundColor"
    assert insurer.evaluate(background) == "rgb(255, 255, 255)"
    assert county.evaluate(background) == "rgb(90, 47, 114)"
    assert county.locator(".cm-seat").inner_text() == "只读"
    member = open_page("member/zh/components", 390)
    assert member.locator("script").count() == 0
    assert member.locator("nav").count() == 0


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_of_the_first_rank_its_landmarks_and_the_other_language(open_page, path):
    page = open_page(path)
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == ("en" if "/en/" in path else "zh-Hans")
    other = page.locator("header a[hreflang]")
    assert other.get_attribute("hreflang") == ("zh-Hans" if "/en/" in path else "en")
    assert other.get_attribute("lang") == other.get_attribute("hreflang")


def test_in_print_bars_filters_and_buttons_are_gone_and_the_tables_stay(open_page):
    page = open_page("insurer/zh/components")
    page.emulate_media(media="print")
    for gone in (".cm-bar", ".cm-filters", ".cm-views", ".cm-decide .cm-button", ".cm-head-actions", ".cm-undo"):
        assert page.locator(gone).first.is_hidden(), gone
    assert page.locator(".cm-table").first.is_visible()
    assert page.locator(".cm-table thead").first.evaluate("head => getComputedStyle(head).display") == (
        "table-header-group"
    )


def test_a_plot_is_drawn_from_its_table_and_folds_it_away(open_page):
    page = open_page("county/zh/components")
    page.locator("#fund").locator("xpath=ancestor::figure").locator("canvas").wait_for()
    figure = page.locator("figure", has=page.locator("#fund"))
    assert figure.locator("details").get_attribute("open") is None
    figure.locator("summary").click()
    assert figure.get_by_role("rowheader", name="10月").is_visible()


def test_without_script_every_figure_is_still_readable(open_page):
    page = open_page("county/zh/components", java_script_enabled=False)
    assert page.locator("#fund").is_visible()
    assert page.locator(".cm-plot").first.is_hidden()
    assert page.locator("[data-keys-open]").is_hidden()
    assert page.locator("[data-webauthn]").is_hidden()
