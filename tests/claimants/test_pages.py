"""The member's pages: plain, complete in both languages, and only about oneself."""

from __future__ import annotations

import re

import pytest

from chassis.i18n import LANGUAGE_COOKIE
from demo.county import demo_county
from oversight.claimants.pins import PinFault, faults_of_pin
from tests.claimants.conftest import post, token_of

PAGES = ("/", "/record", "/household", "/sign-ins", "/pin", "/rights")
OPEN_PAGES = ("/sign-in", "/first-visit")


@pytest.fixture()
def inside(home, browser, members):
    browser.set_cookie("coopmed_claimant", token_of(home, members[0]))
    return browser


@pytest.mark.parametrize("page", OPEN_PAGES + PAGES)
def test_no_page_needs_a_script_or_styles_of_its_own(inside, page):
    answer = inside.get(page)
    assert answer.status_code == 200
    assert not re.search(r"<script|<style| style=|javascript:| on\w+=", answer.text)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", OPEN_PAGES + PAGES)
def test_every_page_shows_the_telephone_and_has_one_heading(inside, page):
    text = inside.get(page).text
    assert 'href="tel:00001234567"' in text
    assert text.count("<h1") == 1


@pytest.mark.parametrize("page", OPEN_PAGES + PAGES)
def test_every_page_is_complete_in_english(inside, members, page):
    """Chinese that is left: the way back to Chinese and people's names."""
    inside.set_cookie(LANGUAGE_COOKIE, "en")
    text = re.sub(r"<[^>]+>", " ", inside.get(page).text).replace("中文", "")
    for name in re.findall(r"[\u4e00-\u9fff]+", text):
        assert any(name in person.name for person in family_of(members[0])), name


def family_of(member):
    return next(f.people for f in demo_county().families if f.people[0].card_number == member.person.card_number)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_a_whole_number(inside, members, page):
    person = members[0].person
    text = inside.get(page).text
    for secret in (person.identity_number, person.bank_account, person.phone):
        assert secret is None or secret not in text


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in_and_back(browser, page):
    answer = browser.get(page)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={page}")
    assert answer.headers.get("Cache-Control") is None or "public" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_never_leads_to_another_site(home, browser, members, target):
    page = f"/sign-in?next={target}"
    typed = {"card": members[0].person.card_number, "pin": members[0].pin}
    assert post(browser, page, typed, address="192.0.2.1").location == "/"


def test_the_telephone_of_the_township_and_of_complaints_are_there(inside):
    assert "0000-1234601" in inside.get("/").text
    rights = inside.get("/rights").text
    assert "0000-1234521" in rights
    assert "20 个工作日" in rights


def test_another_members_name_stands_on_no_page(inside, members):
    for page in PAGES:
        text = inside.get(page).text
        assert members[1].person.name not in text
        assert members[1].person.card_number not in text


@pytest.mark.parametrize(
    ("pin", "fault"),
    [
        ("123456", PinFault.TOO_EASY),
        ("987654", PinFault.TOO_EASY),
        ("789012", PinFault.TOO_EASY),
        ("111111", PinFault.TOO_EASY),
        ("121212", PinFault.TOO_EASY),
        ("123123", PinFault.TOO_EASY),
        ("112233", PinFault.TOO_EASY),
        ("123321", PinFault.TOO_EASY),
        ("110110", PinFault.TOO_EASY),
        ("520131", PinFault.TOO_EASY),
        ("470413", PinFault.BIRTHDAY),
        ("194704", PinFault.BIRTHDAY),
        ("041347", PinFault.BIRTHDAY),
        ("130447", PinFault.BIRTHDAY),
        ("990121", PinFault.CARD),
        ("012345", PinFault.TOO_EASY),
        ("25801", PinFault.NOT_SIX_DIGITS),
        ("2580137", PinFault.NOT_SIX_DIGITS),
        ("25801a", PinFault.NOT_SIX_DIGITS),
        ("²58013", PinFault.NOT_SIX_DIGITS),
    ],
)
def test_a_pin_that_others_would_try_is_refused_with_its_reason(members, pin, fault):
    person = members[0].person
    found = faults_of_pin(pin, pin, born_on=person.born_on, card_number=person.card_number)
    assert found[0] == fault


def test_most_pins_are_taken(members):
    person = members[0].person
    taken = sum(
        not faults_of_pin(f"{n:06d}", f"{n:06d}", born_on=person.born_on, card_number=person.card_number)
        for n in range(0, 1_000_000, 97)
    )
    assert taken / (1_000_000 / 97) > 0.99
