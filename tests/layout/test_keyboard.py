"""The keyboard on the desks: what keys do, when they rest, and what no key may ever do."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

GALLERY = "insurer/zh/components"
BLANK = "insurer/zh/blank"
FOCUSED = "document.activeElement?.outerHTML.slice(0, 120)"


def test_the_first_tab_reaches_the_skip_link_and_enter_goes_to_the_content(open_page):
    page = open_page(GALLERY)
    page.keyboard.press("Tab")
    skip = page.locator(".cm-skip")
    assert skip.evaluate("link => link === document.activeElement")
    assert skip.evaluate("link => link.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("path", [GALLERY, "county/zh/components", "member/zh/components"])
def test_wherever_the_tab_key_goes_the_focus_is_seen(open_page, path):
    page = open_page(path)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        outline = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return [s.outlineStyle, parseFloat(s.outlineWidth), document.activeElement.outerHTML.slice(0, 90)]; })()"
        )
        assert outline[0] == "solid" and outline[1] >= 2, outline


def test_the_question_mark_opens_the_list_and_the_focus_comes_back(open_page):
    page = open_page(GALLERY)
    link = page.locator(".cm-table a").first
    link.focus()
    before = page.evaluate(FOCUSED)
    page.keyboard.press("?")
    assert page.locator("#cm-keys").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#cm-keys").is_hidden()
    assert page.evaluate(FOCUSED) == before


def test_j_and_k_walk_the_rows_and_stop_at_the_ends(open_page):
    page = open_page(GALLERY)
    current = page.locator("[data-rows] tr[aria-current]")
    assert "2611-004217" in current.inner_text()
    page.keyboard.press("j")
    assert "2611-004688" in current.inner_text()
    page.keyboard.press("j")
    assert "2611-004688" in current.inner_text()
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert "2611-004190" in current.inner_text()
    assert page.evaluate("document.activeElement.textContent") == "2611-004190"


def test_the_slash_finds_and_n_takes_the_next_one(open_page):
    page = open_page(GALLERY)
    page.keyboard.press("n")
    page.wait_for_url("**#next")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("n/?")
    assert page.locator("[data-find]").input_value() == "n/?"
    assert page.locator("#cm-keys").is_hidden()


def test_keys_rest_in_fields_with_modifiers_and_where_they_are_switched_off(open_page):
    page = open_page(GALLERY)
    start = page.url
    page.keyboard.press("Control+n")
    page.locator("textarea[name=why]").press("n")
    assert page.url == start
    page.locator("[data-keys-open]").click()
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("n")
    page.reload()
    page.locator("[data-keys-open]").wait_for()
    page.keyboard.press("n")
    assert page.url == start
    assert page.locator("html").get_attribute("data-keys") == "off"


def test_no_key_submits_an_approval_not_even_enter_in_its_fields(open_page, site_app):
    page = open_page(BLANK)
    seen = site_app.extensions["requests_seen"]
    seen.clear()
    page.keyboard.press("y")
    page.locator("#confirm-last-four").fill("D418")
    page.locator("#confirm-secret").fill("correct horse")
    page.locator("#confirm-secret").press("Enter")
    page.locator("#confirm-last-four").press("Enter")
    page.locator("h1").click()
    for key in "abcdefghijklmnopqrstuvxyz0123456789":
        page.keyboard.press(key)
        page.keyboard.press("Escape")
    assert (page.url.rsplit("/", 1)[-1], seen) == ("blank", [])
    page.keyboard.press("w")
    page.wait_for_url("**/log*")
    assert seen == ["GET"]


def test_a_swap_moves_the_focus_to_the_new_heading_and_says_it(open_page):
    page = open_page(BLANK)
    page.locator("#load").click()
    heading = page.get_by_role("heading", name="Brought in")
    heading.wait_for()
    page.locator("#cm-said", has_text="Brought in").wait_for(state="attached")
    assert heading.evaluate("heading => heading === document.activeElement")


def test_what_was_typed_survives_a_reload_and_goes_with_the_sign_out(open_page):
    page = open_page(BLANK)
    page.locator("textarea").fill("超过限价 42.00")
    page.reload()
    assert page.locator("textarea").input_value() == "超过限价 42.00"
    assert page.locator(".cm-kept").is_visible()
    address = page.url
    with page.expect_navigation():
        page.locator("[data-forget-kept] button").click()
    page.goto(address)
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('cm-keep:')).length") == 0


def test_a_security_key_that_fails_says_so_in_words(open_page):
    page = open_page(GALLERY)
    button = page.locator("[data-webauthn]")
    button.wait_for()
    button.click()
    page.locator("[data-webauthn-said]", has_text="没有通过核对").wait_for()
    assert button.is_enabled()
