"""What a page says when it is not there, not theirs, too old or broken: well made too, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from chassis.i18n import LANGUAGES
from tests.journeys.checks import faults_of_page
from tests.journeys.living import LiveHouse, opened, speak, who_holds

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("language", LANGUAGES)]

STATUS = "Failed to load resource: the server responded with a status of"
READERS = [("contractor", "reviewer"), ("county", "registrar"), ("finance", "log_auditor"), ("claimant", "member")]


@pytest.mark.parametrize(("desk_key", "role"), READERS)
def test_an_address_that_leads_nowhere(house, furniture, desk_key, role, language):
    answer = answered(house, furniture, desk_key, role, language, lambda page: page.goto(house.url(desk_key, "/gone")))
    assert answer == 404


def test_a_record_of_another_county(house, furniture, language):
    path = f"/registry/members/990122/{house.member.id}"
    assert (
        answered(house, furniture, "county", "registrar", language, lambda p: p.goto(house.url("county", path))) == 404
    )


@pytest.mark.parametrize("desk_key", ["contractor", "county", "finance"])
def test_a_room_of_somebody_else_s(house, furniture, desk_key, language):
    role = dict(READERS)[desk_key]
    answer = answered(
        house, furniture, desk_key, role, language, lambda page: page.goto(house.url(desk_key, "/people"))
    )
    assert answer == 403


@pytest.mark.parametrize(
    ("desk_key", "path", "role"),
    [
        ("county", "/", "registrar"),
        ("claimant", "/", "member"),
    ],
)
def test_a_page_whose_code_falls_over_gives_a_number_to_quote(
    house, furniture, monkeypatch, desk_key, path, role, language
):
    endpoint = {"county": "home.page", "claimant": "member.home"}[desk_key]
    site = {"county": "portal", "claimant": "claimants"}[desk_key]

    def falls_over():
        raise RuntimeError("planted by a test")

    monkeypatch.setitem(house.apps[site].view_functions, endpoint, falls_over)

    def open_it(page: Page):
        answer = page.goto(house.url(desk_key, path))
        assert page.locator("main .cm-code").first.inner_text() == answer.headers["x-request-id"]
        assert "planted" not in page.content()
        return answer

    assert answered(house, furniture, desk_key, role, language, open_it) == 500


@pytest.mark.parametrize("desk_key", ["contractor", "finance", "claimant"])
def test_a_form_that_lay_too_long(house, furniture, desk_key, language):
    def send_late(page: Page):
        page.goto(house.url(desk_key, "/sign-in"))
        for field in page.locator("main input.cm-input").all():
            field.fill("123456")
        page.context.clear_cookies(name=f"coopmed_{house.site_of(desk_key)}_form")
        with page.expect_response(lambda response: response.request.method == "POST") as posted:
            page.click("main form [type=submit]")
        page.wait_for_load_state()
        return posted.value

    assert answered(house, furniture, desk_key, None, language, send_late) == 400


@pytest.mark.parametrize(
    ("desk_key", "fields"),
    [
        ("county", {"sign_in_name": "registrar", "password": "not the password"}),
        ("claimant", {"card": "9901211010000999", "pin": "730925"}),
    ],
)
def test_a_sign_in_that_fails_keeps_the_name_and_not_the_secret(house, furniture, desk_key, fields, language):
    def knock(page: Page):
        page.goto(house.url(desk_key, "/sign-in"))
        for name, words in fields.items():
            page.fill(f"[name={name}]", words)
        with page.expect_response(lambda response: response.request.method == "POST") as posted:
            page.click("main form [type=submit]")
        page.locator("[data-error-summary]").wait_for()
        (name, typed), (secret, _typed) = fields.items()
        assert page.locator(f"[name={name}]").input_value() == typed
        assert page.locator(f"[name={secret}]").input_value() == ""
        return posted.value

    assert answered(house, furniture, desk_key, None, language, knock) == 422


def answered(
    house: LiveHouse, furniture, desk_key: str, role: str | None, language: str, act: Callable[[Page], object]
) -> int:
    """The status of the answer, whose page was found well made and quiet."""
    context = house.visit(desk_key, who_holds(desk_key, role)) if role else house.stranger()
    speak(context, language)
    with opened(context) as (page, watch):
        answer = act(page)
        assert faults_of_page(page, language, furniture.chinese) == []
        watch.ignore(lambda complaint: STATUS in complaint)  # what Chromium notes of the page's own status
        assert watch.complaints == []
    if role is None:
        context.close()
    return answer.status
