"""The register at the county's portal: who sees whom, what is masked, how the list is walked."""

from __future__ import annotations

import re

import psycopg
import pytest

from demo.county import demo_county, other_county
from oversight.registry import queries
from oversight.registry.queries import Filter
from tests.demo.house import send

FIRST = demo_county()
NUMBERS = [p.identity_number for p in FIRST.people] + [p.bank_account for p in FIRST.people if p.bank_account]
PHONES = [p.phone for p in FIRST.people if p.phone]


def address(member) -> str:
    return f"/registry/members/{member.county_code}/{member.id}"


def test_no_page_of_the_register_shows_a_whole_number(at_desk, head):
    for who in ("registrar", "officer", "auditor", "director", "audit-bureau", "regulator", "city"):
        for page in ("/registry/members?size=200", address(head)):
            answer = at_desk(who).get(page)
            assert answer.status_code == 200
            leaked = [number for number in NUMBERS + PHONES if number in answer.text]
            assert leaked == [], who


def test_names_and_cards_are_whole_for_those_who_keep_the_register_and_masked_for_others(at_desk, head):
    assert "陈有福" in at_desk("registrar").get(address(head)).text
    assert head.card_number in at_desk("officer").get(address(head)).text
    for who in ("auditor", "director", "audit-bureau", "regulator", "city"):
        page = at_desk(who).get(address(head)).text
        assert "陈有福" not in page
        assert "陈*" in page
        assert head.card_number not in page


def test_another_countys_member_answers_as_if_it_were_not_there(at_desk, head, stranger):
    for browser, member in ((at_desk("registrar"), stranger), (at_desk("registrar-liuxi"), head)):
        for page in (address(member), f"{address(member)}/unmask/identity_number"):
            assert browser.get(page).status_code == 404
        assert send(browser, "/registry/members", {}, to=f"{address(member)}/slip").status_code == 404
        told = {"reason": "核对住院补偿的收款人身份"}
        to = f"{address(member)}/unmask/identity_number"
        assert send(browser, "/registry/members", told, to=to).status_code == 404


def test_the_city_sees_all_its_counties_and_may_choose_one(at_desk, head, stranger):
    city = at_desk("city")
    assert city.get(address(head)).status_code == 200
    assert city.get(address(stranger)).status_code == 200
    both = city.get("/registry/members?size=200&county=").text
    assert "青禾县" in both
    assert "柳溪县" in both
    one = city.get("/registry/members?size=200&county=990122").text
    assert f"共 {len(list(other_county().people))} 条" in one


def test_a_county_that_is_not_the_visitors_cannot_be_chosen(at_desk):
    page = at_desk("registrar").get("/registry/members?county=990122&size=200").text
    assert f"共 {len(list(FIRST.people))} 条" in page


def test_walking_the_pages_meets_every_member_once(at_desk):
    browser, url, met = at_desk("registrar"), "/registry/members?size=100", []
    while url:
        page = browser.get(url).text
        met += re.findall(r'href="/registry/members/990121/\d+">(\d+)</a>', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = following[1].replace("&amp;", "&") if following else None
    assert met == sorted(p.card_number for p in FIRST.people)


def test_the_filters_narrow_and_name_themselves_as_tags(at_desk):
    browser = at_desk("registrar")
    township = FIRST.townships[2]
    wanted = [p for p in FIRST.people if p.card_number.startswith(township.code)]
    page = browser.get(f"/registry/members?township={township.code}&size=200").text
    assert f"共 {len(wanted)} 条" in page
    assert f"去掉：{township.name}" in page
    found = [p for p in FIRST.people if p.name.startswith("陈有")]
    assert f"共 {len(found)} 条" in browser.get("/registry/members?name=陈有").text
    head = FIRST.families[3].people[0]
    assert (
        f"共 {sum(p.card_number.endswith(head.card_number[-6:]) for p in FIRST.people)} 条"
        in browser.get(f"/registry/members?card={head.card_number[-6:]}").text
    )
    assert "没有符合条件的参合人" in browser.get("/registry/members?name=%25").text, "a percent sign is a name"


def test_the_count_stops_where_nobody_reads_on(home, monkeypatch):
    monkeypatch.setattr(queries, "COUNTED_UP_TO", 100)
    with home.databases["county"].transaction() as session:
        page = queries.members_page(session, Filter(["990121"]), after=None, size=20)
    assert (page.total, page.is_capped) == (100, True)


def test_an_identity_number_is_found_without_standing_in_an_address(at_desk, head):
    browser = at_desk("registrar")
    number = FIRST.families[0].people[0].identity_number
    found = send(browser, "/registry/members", {"identity_number": f" {number} "}, to="/registry/members/find")
    assert (found.status_code, found.location) == (303, address(head))
    other = send(
        browser,
        "/registry/members",
        {"identity_number": other_county().families[0].people[0].identity_number},
        to="/registry/members/find",
    )
    assert other.status_code == 404
    wrong = send(browser, "/registry/members", {"identity_number": number[:-1]}, to="/registry/members/find")
    assert wrong.status_code == 422


def test_the_page_of_a_member_names_the_household(at_desk, head):
    page = at_desk("registrar").get(address(head)).text
    for person in FIRST.families[0].people:
        assert person.name in page


def test_the_slip_shows_its_code_once_and_keeps_it_nowhere(home, at_desk, head):
    browser = at_desk("registrar")
    letter = send(browser, address(head), {}, to=f"{address(head)}/slip")
    assert letter.headers["Cache-Control"] == "no-store"
    code = re.search(r"\b(\d{4} \d{4} \d{4})\b", letter.text)[1]
    assert letter.text.count(code) == 2, "once in Chinese, once overleaf in English"
    assert "凭这张单子和您的合作医疗卡" in letter.text
    assert "With this slip and your card" in letter.text
    assert code not in browser.get(address(head)).text
    again = send(browser, address(head), {}, to=f"{address(head)}/slip")
    assert code not in again.text
    assert send(at_desk("officer"), address(head), {}, to=f"{address(head)}/slip").status_code == 403


@pytest.mark.parametrize("role", ["contractor_rw", "auditor_ro"])
def test_the_published_members_carry_numbers_only_sealed(home, role):
    with psycopg.connect(home.url(role)) as connection:
        rows = connection.execute("SELECT m::text, identity_number_sealed FROM registry.published_member m").fetchall()
        assert len(rows) == len(list(FIRST.people)) + len(list(other_county().people))
        text = "\n".join(row[0] for row in rows)
        assert not [number for number in NUMBERS + PHONES if number in text]
        blobs = b"".join(bytes(row[1]) for row in rows)
        assert not [number for number in NUMBERS if number.encode() in blobs]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM registry.member")
