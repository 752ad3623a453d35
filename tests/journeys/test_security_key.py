"""The second factor on the real pages: Chromium's virtual security key, an authenticator's code, a recovery code."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pyotp
import pytest
from playwright.sync_api import Page

from demo.people import PASSPHRASE
from tests.browser import axe_violations, console_watch
from tests.journeys.living import LiveHouse

pytestmark = pytest.mark.browser

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def browser_of(house) -> Iterator[Callable[[], Page]]:
    contexts = []

    def fresh() -> Page:
        contexts.append(house.stranger())
        return contexts[-1].new_page()

    yield fresh
    for context in contexts:
        context.close()


def test_a_key_is_registered_signs_in_proves_again_and_no_other_key_does(house, browser_of):
    page = browser_of()
    watch = console_watch(page)
    _plug_in(page)
    house.sign_in(page, "contractor", "senior")
    page.goto(house.url("contractor", "/account"))
    page.get_by_role("link", name="登记安全密钥").click()
    page.get_by_role("button", name="登记安全密钥").click()
    page.get_by_text("安全密钥已登记。").wait_for()
    assert page.get_by_text("安全密钥 1").first.is_visible()

    page.get_by_role("button", name="退出", exact=True).click()
    _give_password(house, page, "senior")
    assert axe_violations(page) == []
    page.get_by_role("button", name="用安全密钥登录").click()
    page.wait_for_url(house.url("contractor", "/"))
    assert "罗建平" in page.locator("h1").inner_text()

    # To change the keys the person proves it anew, with the key and nothing else.
    page.goto(house.url("contractor", "/account/security-keys"))
    assert "/step-up" in page.url
    page.get_by_role("button", name="用安全密钥验证").click()
    page.wait_for_url("**/account/security-keys")
    page.get_by_role("button", name="登记安全密钥").click()
    page.get_by_text("这把安全密钥已经登记过。").wait_for()
    assert watch.complaints == []

    thief = browser_of()
    _plug_in(thief)
    _give_password(house, thief, "senior")
    thief.get_by_role("button", name="用安全密钥登录").click()
    thief.get_by_text("没有完成：安全密钥没有回应").wait_for()
    thief.goto(house.url("contractor", "/account"))
    assert "/sign-in" in thief.url


def test_an_authenticator_is_set_up_from_the_secret_on_the_page_and_each_code_opens_once(house, browser_of):
    page = browser_of()
    watch = console_watch(page)
    house.sign_in(page, "contractor", "lead")
    page.goto(house.url("contractor", "/account/authenticator"))
    assert page.locator("main img").evaluate("image => image.naturalWidth > 0"), "the picture of the secret is drawn"
    authenticator = pyotp.TOTP(page.locator("main .cm-code").inner_text().replace(" ", ""))
    page.fill("[name=code]", _wrong(authenticator))
    page.get_by_role("button", name="启用验证器").click()
    assert page.locator("[data-error-summary]").is_visible()
    secret = page.locator("main .cm-code").inner_text().replace(" ", "")
    assert secret == authenticator.secret, "a wrong code does not change the secret that was scanned"
    confirmed_at = time.time()
    page.fill("[name=code]", authenticator.at(confirmed_at))
    page.get_by_role("button", name="启用验证器").click()
    page.get_by_text("验证器已启用").wait_for()
    assert axe_violations(page) == []
    codes = page.locator("main .cm-code").all_inner_texts()
    assert len(set(codes)) == 10

    # The code that was used to set it up is used up; the next one opens.
    elsewhere = browser_of()
    _give_password(house, elsewhere, "lead")
    _give_code(elsewhere, authenticator.at(confirmed_at))
    assert elsewhere.locator("[data-error-summary]").is_visible()
    _give_code(elsewhere, authenticator.at(confirmed_at + 30))
    elsewhere.wait_for_url(house.url("contractor", "/"))

    without_telephone = browser_of()
    _give_password(house, without_telephone, "lead")
    _give_code(without_telephone, codes[0])
    without_telephone.wait_for_url(house.url("contractor", "/"))
    again = browser_of()
    _give_password(house, again, "lead")
    _give_code(again, codes[0])
    assert again.locator("[data-error-summary]").is_visible()
    watch.ignore(lambda complaint: "status of 422" in complaint)  # the wrong code, which Chromium notes
    assert watch.complaints == []


def _plug_in(page: Page) -> None:
    """A security key that its owner touches whenever it asks."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def _give_password(house: LiveHouse, page: Page, who: str) -> None:
    page.goto(house.url("contractor", "/sign-in"))
    page.fill("[name=sign_in_name]", who)
    page.fill("[name=password]", PASSPHRASE)
    page.click("main form [type=submit]")
    page.wait_for_url(re.compile("/sign-in/second-factor"))


def _give_code(page: Page, code: str) -> None:
    page.fill("[name=code]", code)
    with page.expect_navigation():
        page.click("main form [type=submit]")


def _wrong(authenticator: pyotp.TOTP) -> str:
    """Six figures that are not the code of any minute near this one."""
    near = {authenticator.at(time.time() + 30 * steps) for steps in range(-5, 6)}
    return next(code for code in (f"{number:06d}" for number in range(100)) if code not in near)
