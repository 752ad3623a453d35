"""Whole ways through the house with the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from demo.county import demo_county
from demo.people import PASSPHRASE
from tests.browser import axe_violations
from tests.journeys.hands import choose, go_by, send, tab_to, type_into
from tests.journeys.living import LiveHouse, who_holds

pytestmark = pytest.mark.browser

REASON = "核对补偿材料上的号码"
NEW_PASSWORD = "driftwood-lantern-orchard"


@pytest.fixture
def at(house):
    """`at("county", "registrar")`: a page of a browser of its own, its person signed in by keys."""
    contexts = []

    def arrive(desk_key: str, who: str | None = None, password: str = PASSPHRASE) -> Page:
        context = house.stranger()
        contexts.append(context)
        page = context.new_page()
        if who is not None:
            sign_in(house, page, desk_key, who, password)
        return page

    yield arrive
    for context in contexts:
        context.close()


def sign_in(house: LiveHouse, page: Page, desk_key: str, who: str, password: str = PASSPHRASE) -> None:
    page.goto(house.url(desk_key, "/sign-in"))
    type_into(page, "登录名", who)
    type_into(page, "密码", password)
    send(page)


def test_a_registrar_changes_the_language_finds_a_member_and_looks_at_one_number(house, at):
    page = at("county", "registrar")
    go_by(page, "English")
    assert page.locator("html").get_attribute("lang") == "en"
    go_by(page, "中文")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"

    person = demo_county().families[3].people[0]
    go_by(page, "参合登记")
    type_into(page, "姓名", person.name)
    send(page)
    assert f"{person.name}…" in page.locator(".cm-tags").inner_text()
    go_by(page, person.card_number)
    assert page.locator("h1").inner_text() == person.name
    assert person.identity_number not in page.content()

    go_by(page, "看全 身份证号")
    type_into(page, "为什么要看", REASON)
    go_by(page, "显示一次")
    assert person.identity_number in page.locator("main").inner_text()
    assert axe_violations(page) == []
    go_by(page, "返回")
    assert REASON in page.locator("main").inner_text()
    assert person.identity_number not in page.content()

    log = at("county", "logs")
    go_by(log, "查看登记")
    assert "丁一清" in log.locator("table").first.inner_text()
    assert REASON in log.locator("table").last.inner_text()


def test_a_colleague_is_invited_given_a_role_by_two_and_shut_out_by_one_click(house, at):
    administrator = at("county", "admin")
    go_by(administrator, "人员")
    go_by(administrator, "邀请新人")
    type_into(administrator, "姓名", "单明")
    type_into(administrator, "拼音", "shan ming")
    type_into(administrator, "登录名", "shanming")
    go_by(administrator, "发出邀请")
    assert axe_violations(administrator) == []
    address = administrator.locator(".cm-address .cm-code").inner_text()

    colleague = at("county")
    colleague.goto(address)
    type_into(colleague, "新密码", NEW_PASSWORD)
    type_into(colleague, "再填一遍", NEW_PASSWORD)
    send(colleague)
    type_into(colleague, "登录名", "shanming")
    type_into(colleague, "密码", NEW_PASSWORD)
    send(colleague)
    assert "现在没有交给您的事" in colleague.locator("main").inner_text()
    assert "参合登记" not in colleague.locator(".cm-bar").inner_text()

    officer = at("county", "security")
    go_by(officer, "岗位授权")
    go_by(officer, "提议一个岗位")
    choose(officer, "给谁", "单明")
    choose(officer, "什么岗位", "合管办经办")
    type_into(officer, "为什么需要", "顶替许正，办一个月")
    go_by(officer, "提议")
    assert "您提议的，不能由您自己确认" in officer.locator("main").inner_text()
    colleague.reload()
    assert "参合登记" not in colleague.locator(".cm-bar").inner_text()

    second = at("county", "security2")
    go_by(second, "岗位授权")
    tab_to(second, "单明")
    go_by(second, "看过再定")
    go_by(second, "先验证身份")
    type_into(second, "密码", PASSPHRASE)
    send(second)
    assert axe_violations(second) == []
    last_four = re.sub(r"\s", "", second.locator(".cm-hash").inner_text())[-4:]
    type_into(second, "抄写指纹最后四位", last_four)
    second.keyboard.press("Enter")
    assert "/grants/" in second.url, "Enter in a field approves nothing"
    type_into(second, "您的登录密码", PASSPHRASE)
    go_by(second, "授予这个岗位")
    assert "已授予" in second.locator(".cm-messages").inner_text()

    go_by(colleague, "总览")
    go_by(colleague, "参合登记")
    assert colleague.locator("h1").inner_text() == "参合登记"

    go_by(administrator, "人员")
    type_into(administrator, "姓名、拼音或登录名", "shan m")
    send(administrator)
    go_by(administrator, "单明")
    type_into(administrator, "理由", "借调期满")
    go_by(administrator, "停用账号")
    assert "已停用" in administrator.locator("main").inner_text()
    go_by(colleague, "总览")
    assert colleague.url.split("?")[0].endswith("/sign-in")


def test_finance_signs_in_for_itself_and_leaves_the_county_signed_in(house, at):
    page = at("county", "director")
    page.goto(house.url("finance", "/"))
    assert "/finance/sign-in" in page.url, "the county's session opens nothing at finance"
    type_into(page, "登录名", "director")
    type_into(page, "密码", PASSPHRASE)
    send(page)
    assert "登录名或密码不对" in page.locator("main").inner_text()
    type_into(page, "登录名", "admin")
    type_into(page, "密码", PASSPHRASE)
    send(page)
    assert "田野" in page.locator(".cm-who").inner_text()
    assert "财政席位" in page.locator(".cm-bar").inner_text()
    go_by(page, "退出")
    assert "/finance/sign-in" in page.url
    page.goto(house.url("county", "/"))
    assert "高远" in page.locator(".cm-who").inner_text()


def test_a_member_comes_with_a_slip_chooses_a_pin_sees_the_own_record_and_leaves(house, at):
    person = demo_county().families[8].people[0]
    member = house.member_of(person.card_number)
    registrar = at("county", who_holds("county", "registrar"))
    registrar.goto(house.url("county", f"/registry/members/{member.county_code}/{member.id}"))
    go_by(registrar, "打一张激活单")
    code = re.search(r"(\d{4}) (\d{4}) (\d{4})", registrar.locator("article").first.inner_text())
    assert code, "the slip carries twelve figures"
    assert axe_violations(registrar) == []

    page = at("claimant")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(house.url("claimant", "/"))
    go_by(page, "第一次来")
    type_into(page, "合作医疗卡号", person.card_number)
    type_into(page, "激活码", code[0])
    go_by(page, "下一步")
    assert axe_violations(page) == []
    type_into(page, "新的 6 位密码", "123456")
    type_into(page, "再填一遍", "123456")
    send(page)
    assert "太好猜" in page.locator("[role=alert]").inner_text()
    type_into(page, "新的 6 位密码", "730925")
    type_into(page, "再填一遍", "730925")
    send(page)
    assert person.name in page.locator("h1").inner_text()
    go_by(page, "我的登记信息")
    assert person.card_number in page.locator("main").inner_text()
    assert person.identity_number not in page.content()
    go_by(page, "退出")
    assert "您已退出" in page.locator("main").inner_text()
    page.goto(house.url("claimant", "/record"))
    assert "/sign-in" in page.url
    type_into(page, "合作医疗卡号", person.card_number)
    type_into(page, "6 位密码", "730925")
    send(page)
    assert page.locator("h1").inner_text() == "我的登记信息"


def test_where_nothing_is_typed_the_first_tab_stop_of_a_faulty_form_is_its_list_of_faults(house, at):
    page = at("county", "admin")
    page.goto(house.url("county", "/people/invite"))
    page.evaluate("document.querySelector('main form').noValidate = true")
    tab_to(page, "发出邀请")
    send(page)
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "f-name"
