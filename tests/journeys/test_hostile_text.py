"""B10: whatever a person types is shown as text. No page takes it for markup, for a script or for an address.

Under the sites' CSP a script that slipped in would not run; the console would say so, and that fails here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Dialog, Page

from chassis.i18n import LANGUAGES
from demo.county import demo_county
from tests.browser import ConsoleWatch
from tests.journeys.living import opened, speak, who_holds

pytestmark = pytest.mark.browser

# Chinese in each: on an English page names pass through markup of their own.
IN_MARKUP = "林<img src=x onerror=alert(1)>"
IN_ATTRIBUTE = '林" autofocus onfocus="alert(2)'
CLOSING = "林</textarea></title><script>alert(3)</script>"
IN_TEMPLATE = "林{{7*7}}${7*7}<%=7*7%>"
IN_ADDRESS = "javascript:alert(4)//林"
EVERYTHING = f"{IN_MARKUP} {IN_ATTRIBUTE} {CLOSING} {IN_TEMPLATE} {IN_ADDRESS}"
PAYLOADS = (IN_MARKUP, IN_ATTRIBUTE, CLOSING, IN_TEMPLATE, IN_ADDRESS)

LISTS = [
    ("county", "registrar", "/registry/members"),
    ("county", "administrator", "/people"),
    ("county", "security_officer", "/grants"),
    ("county", "log_auditor", "/trail"),
    ("county", "log_auditor", "/unmasking"),
]
LONGEST_NAME = 40
# What a form answers to text it does not take; Chromium writes each onto the console.
REFUSED = "the server responded with a status of 422"


@pytest.fixture
def typed_as(house) -> Iterator[Callable[[str, str | None], Page]]:
    """`typed_as("finance", "administrator")`: a page that counts what was executed, and fails for it at the end."""
    executed: list[str] = []
    watched: list[tuple[str, Page, ConsoleWatch]] = []

    def caught(dialog: Dialog) -> None:
        executed.append(f"{dialog.page.url}: {dialog.message}")
        dialog.dismiss()

    def open_page(desk_key: str, role: str | None) -> Page:
        context = house.visit(desk_key, who_holds(desk_key, role) if role else None)
        speak(context, "zh")
        with opened(context) as (page, watch):
            page.on("dialog", caught)
            watched.append((desk_key, page, watch))
            return page

    yield open_page
    for _desk_key, page, _watch in watched:
        page.remove_listener("dialog", caught)
    assert executed == []
    for desk_key, _page, watch in watched:
        watch.ignore(lambda complaint: REFUSED in complaint)
        assert watch.complaints == [], f"interpreted at {desk_key}"


def test_a_name_and_reasons_are_shown_as_they_were_typed_wherever_they_stand(house, typed_as):
    administrator = typed_as("finance", "administrator")
    for number, payload in enumerate(PAYLOADS):
        administrator.goto(house.url("finance", "/people/invite"))
        administrator.fill("[name=name]", payload[:LONGEST_NAME])
        administrator.fill("[name=name_pinyin]", "lin")
        administrator.fill("[name=sign_in_name]", f"hostile-{number}")
        _submit(administrator, "main form[action$='/invite']")
        _is_shown(administrator, payload[:LONGEST_NAME])
    stranger = typed_as("finance", None)
    stranger.goto(administrator.locator(".cm-address .cm-code").inner_text())
    _is_shown(stranger, IN_ADDRESS)
    for payload in PAYLOADS:
        _is_shown_in_both(administrator, house.url("finance", "/people?text=hostile"), payload[:LONGEST_NAME])

    administrator.goto(house.url("finance", "/people?text=hostile-0"))
    administrator.locator("tbody th a").click()
    administrator.wait_for_url("**/people/*")
    person = administrator.url
    administrator.fill("[name=name]", CLOSING[:LONGEST_NAME])
    _submit(administrator, "form[action$='/name']")
    _is_shown_in_both(administrator, person, CLOSING[:LONGEST_NAME])

    officer = typed_as("finance", "security_officer")
    officer.goto(house.url("finance", f"/grants/propose?person={person.rsplit('/', 1)[1]}"))
    officer.select_option("[name=role]", "finance_officer")
    officer.fill("[name=scope]", IN_MARKUP)
    officer.fill("[name=reason]", EVERYTHING)
    _submit(officer, "form[action$='/propose']")
    assert officer.locator("[data-error-summary]").is_visible()
    assert officer.locator("[name=reason]").input_value() == EVERYTHING
    assert officer.locator("[name=scope]").input_value() == IN_MARKUP
    officer.fill("[name=scope]", "")
    _submit(officer, "form[action$='/propose']")
    grant = officer.url
    _is_shown_in_both(officer, house.url("finance", "/grants"), EVERYTHING)
    _is_shown_in_both(officer, grant, EVERYTHING)
    officer.fill("#f-end", EVERYTHING)
    _submit(officer, "form[action$='/end']")
    _is_shown_in_both(officer, grant, EVERYTHING)

    speak(administrator.context, "zh")
    administrator.goto(person)
    administrator.fill("[name=reason]", EVERYTHING)
    _submit(administrator, "form:has([formaction$='/leave'])")
    _is_shown_in_both(administrator, person, EVERYTHING)
    _is_shown_in_both(typed_as("finance", "log_auditor"), house.url("finance", "/trail"), CLOSING[:LONGEST_NAME])


def test_a_reason_for_looking_is_shown_as_it_was_typed(house, typed_as):
    member = house.member_of(demo_county().families[5].people[0].card_number)
    here = f"/registry/members/{member.county_code}/{member.id}"
    page = typed_as("county", "registrar")
    page.goto(house.url("county", f"{here}/unmask/identity_number"))
    page.fill("[name=reason]", EVERYTHING)
    _submit(page, "main form")
    assert page.locator(".cm-figure-value").is_visible()
    _is_shown_in_both(page, house.url("county", here), EVERYTHING)
    _is_shown_in_both(typed_as("county", "log_auditor"), house.url("county", "/unmasking"), EVERYTHING)


@pytest.mark.parametrize(("desk_key", "role", "path"), LISTS, ids=lambda value: value)
def test_no_filter_in_an_address_is_taken_for_markup(house, typed_as, desk_key, role, path):
    page = typed_as(desk_key, role)
    page.goto(house.url(desk_key, path))
    fields = page.locator(".cm-filters [name]").evaluate_all("fields => fields.map((field) => field.name)")
    assert fields
    for language in LANGUAGES:
        speak(page.context, language)
        for payload in PAYLOADS:
            query = urlencode(dict.fromkeys([*fields, "after", "before", "shown"], payload))
            assert page.goto(house.url(desk_key, f"{path}?{query}")).status == 200
            assert page.locator("main script, main img, main svg").count() == 0
            assert page.locator("main [onerror], main [onfocus], main a[href^=javascript]").count() == 0


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_doors_show_what_was_typed_and_send_nobody_away(house, typed_as, payload):
    staff = typed_as("contractor", None)
    staff.goto(house.url("contractor", "/sign-in?" + urlencode({"next": payload})))
    staff.fill("[name=sign_in_name]", payload)
    staff.fill("[name=password]", payload)
    _submit(staff, "main form")
    assert staff.locator("[name=sign_in_name]").input_value() == payload
    assert staff.locator("[name=next]").get_attribute("value") == "/"
    staff.goto(house.url("contractor", "/language/zh?" + urlencode({"next": f"//elsewhere.example/{payload}"})))
    assert staff.url.startswith(house.url("contractor", "/"))

    member = typed_as("claimant", None)
    member.goto(house.url("claimant", "/sign-in?" + urlencode({"next": payload})))
    member.fill("[name=card]", payload)
    member.fill("[name=pin]", "000000")
    _submit(member, "main form")
    member.goto(house.url("claimant", "/first-visit"))
    member.fill("[name=card]", payload)
    member.fill("[name=code]", payload)
    _submit(member, "main form")
    assert member.locator("main script, main img").count() == 0


def _submit(page: Page, form: str) -> None:
    """As the page does it, but past the browser's own checks of the fields."""
    page.locator(form).first.evaluate("form => { form.noValidate = true; }")
    with page.expect_navigation():
        page.locator(form).first.locator("[type=submit]:not([disabled])").first.click()


def _is_shown_in_both(page: Page, url: str, payload: str) -> None:
    for language in LANGUAGES:
        speak(page.context, language)
        page.goto(url)
        _is_shown(page, payload)


def _is_shown(page: Page, payload: str) -> None:
    words = " ".join(payload.split())
    text = " ".join(page.locator("main").inner_text().split())
    assert words in text, f"{words} is not on {page.url}: {text[:300]}"
    assert page.locator("main script, main img").count() == 0
