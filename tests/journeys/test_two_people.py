"""What one person begins and another ends, in a real browser: second review, corrections of what was paid, appeals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from chassis import clock
from contractor.second.policy import set_policy
from tests.api.programs import COUNTY
from tests.browser import axe_violations, console_watch, overflowing_elements, small_targets
from tests.claims.making import day, line, lines
from tests.corrections.paying import Paying
from tests.journeys.living import DESKTOP, PHONE
from tests.journeys.reviewing import ReviewDesk, paying_desk
from tests.layout.conftest import built  # noqa: F401 – the bundle of the sources as they are now

pytestmark = pytest.mark.browser
PEOPLE = {
    "王敏": ("senior", PHONE),
    "孙磊": ("senior", DESKTOP),
    "赵晓燕": ("lead", DESKTOP),
    "陈静": ("reviewer", DESKTOP),
    "周受理": ("intake", PHONE),
}


_inside: dict[str, Page] = {}


def who(desk: ReviewDesk, name: str) -> Page:
    """This person's browser: signed in once, and left where they were."""
    if name not in _inside:
        role, size = PEOPLE[name]
        _inside[name], _number = desk.person(role, name=name, stepped_up=True, size=size)
    return _inside[name]


@pytest.fixture(scope="module")
def place(module_database, tmp_path_factory, chromium, built) -> Iterator[tuple[ReviewDesk, Paying]]:  # noqa: F811
    with paying_desk(module_database, tmp_path_factory.mktemp("two"), chromium) as made:
        yield made
    _inside.clear()


_looked_at: set[tuple[str, str]] = set()


def seen(page: Page, *words: str) -> None:
    """These words stand on the page, and at both widths nothing on it is broken: asked once of pages of one make."""
    told = page.locator("main").inner_text()
    assert not [one for one in words if one not in told], f"{page.url}\n{told}"
    make = (re.sub(r"\d+", "N", page.url.split("?")[0]), " ".join(page.locator("main h2").all_inner_texts()))
    if make in _looked_at:
        return
    _looked_at.add(make)
    before = page.viewport_size
    for size in (DESKTOP, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert overflowing_elements(page) == [] and small_targets(page) == [], f"{page.url} at {size[0]}"
    assert axe_violations(page) == [], page.url
    page.set_viewport_size(before)


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main, .cm-decide").get_by_role("link", name=name).first.click()


def state(county: Paying, claim_id: int) -> str:
    return county.rows("SELECT state FROM contractor.claim WHERE id = %s", claim_id)[0][0]


def given_fen(county: Paying, claim_id: int) -> int:
    """What the decisions on a claim come to: reversals carry the other sign."""
    asked = "SELECT coalesce(sum(benefits_fen), 0)::bigint FROM contractor.settlement WHERE claim_id = %s"
    return county.rows(asked, claim_id)[0][0]


def yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def approve_by_keyboard(page: Page) -> None:
    page.locator("[data-keys-hint]").wait_for()
    page.keyboard.press("a")
    with page.expect_navigation():
        page.keyboard.press("a")


@contextmanager
def above(desk: ReviewDesk, limit_fen: int) -> Iterator[None]:
    """While it lasts two people decide from this amount on."""
    _page, lead = desk.person("lead")
    for fen in (limit_fen, 10**12):
        at = clock.now()
        with desk.programs.database.transaction() as session:
            set_policy(
                session, county_code=COUNTY, from_on=clock.local_day(at), limit_fen=fen, household_limit_fen=10**12,
                payee_limit_fen=10**12, rolling_days=30, is_on_critical=False, share_ppm=0, seed=b"s" * 32,
                note="一千元以上两人审核", by=lead, at=at,
            )  # fmt: skip
        if fen == limit_fen:
            yield


def test_above_the_limit_another_reviewer_decides_and_the_lead_where_the_two_differ(place):
    desk, county = place
    with above(desk, 100_000):
        decided_by_two(desk, county)


def decided_by_two(desk: ReviewDesk, county: Paying) -> None:
    agreed, disputed = desk.send(desk.stroke(6), desk.stroke(7))
    first, reviewer = desk.person("reviewer", name="林晓岚")
    desk.take([agreed, disputed], by=reviewer)
    watch = console_watch(first)
    for claim_id in (agreed, disputed):
        first.goto(desk.url(f"/claims/{claim_id}"))
        approve_by_keyboard(first)
        seen(first, "另一位审核员决定", "这件不能再由您决定", "金额达到限额")
        assert first.get_by_role("button", name="核准").count() == 0 and state(county, claim_id) == "in_second_review"

    second = who(desk, "王敏")
    second.goto(desk.url("/second"))
    seen(second, "2 件等另一位审核员决定", "林晓岚", "金额达到限额")
    follow(second, county_number(county, agreed))
    seen(second, "初审意见", "金额达到限额", "二审由系统派")
    press(second, "领取下一件二审")
    assert second.url == desk.url(f"/second/claims/{agreed}"), "whose term ends first, then who waits longest"
    second.get_by_label("核准 3,276.42 元").check()
    press(second, "提交二审决定")
    seen(second, "二审意见已记下", "和初审一致")
    assert state(county, agreed) == "approved"

    second.goto(desk.url(f"/claims/{disputed}"))
    seen(second, "二审的申请由系统派")
    second.goto(desk.url("/second"))
    press(second, "领取下一件二审")
    second.goto(desk.url(f"/claims/{disputed}"))
    follow(second, "去二审")
    seen(second, "床位费", "重复收费", "3,276.42")
    second.get_by_label("裁定不予补偿", exact=True).check()
    press(second, "提交二审决定")
    seen(second, "请选一项")
    second.get_by_label("不予补偿的理由").select_option("not_genuine")
    press(second, "提交二审决定")
    seen(second, "写下理由")
    assert second.get_by_label("不予补偿的理由").input_value() == "not_genuine", "what was chosen stays"
    second.get_by_role("textbox", name="理由").fill("没有住院指征")
    press(second, "提交二审决定")
    seen(second, "等审核主管决定", "和初审不同", "没有住院指征")
    assert state(county, disputed) == "in_second_review"

    third = who(desk, "孙磊")
    third.goto(desk.url(f"/claims/{disputed}"))
    seen(third, "由审核主管决定")
    assert third.get_by_role("button", name="核准").count() == 0
    third.goto(desk.url(f"/second/claims/{disputed}"))
    seen(third, "现在由审核主管决定")

    lead = who(desk, "赵晓燕")
    lead.goto(desk.url("/second"))
    seen(lead, "等审核主管")
    follow(lead, county_number(county, disputed))
    seen(lead, "没有住院指征", "王敏")
    lead.get_by_label("核准 3,276.42 元").check()
    lead.get_by_role("textbox", name="理由").fill("病历支持住院")
    press(lead, "提交二审决定")
    assert state(county, disputed) == "approved"
    lead.goto(desk.url("/second"))
    seen(lead, "没有等二审的申请")

    first.goto(desk.url(f"/claims/{disputed}"))
    seen(first, "和初审不同", "没有住院指征", "病历支持住院", "已核准")
    assert watch.complaints == []


def county_number(county: Paying, claim_id: int) -> str:
    return county.rows("SELECT claim_number FROM contractor.claim WHERE id = %s", claim_id)[0][0]


def test_a_wrong_catalogue_is_repriced_and_only_the_difference_is_paid_or_owed(place):
    """CAPPED was entered with 100 yuan where 150 was meant, B1 in class B instead of C."""
    desk, county = place
    first_day = day("2026-03-02")
    more, less, other = county.decided(
        county.stay(0, 3, lines=lines(line(item="CAPPED", yuan="200", quantity=20, performed_on=first_day))),
        county.stay(1, 3, lines=lines(line(item="B1", yuan="3000", performed_on=first_day))),
        county.stay(2, 3, "3000"),
    )
    county.pay()
    before = {claim_id: given_fen(county, claim_id) for claim_id in (more, less, other)}
    owner = county.trade.owner
    owner.execute("UPDATE registry.catalogue_item SET limit_township_e4 = 1500000 WHERE item_code = 'CAPPED'")
    owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 3 WHERE item_code = 'B1'")

    senior = who(desk, "王敏")
    watch = console_watch(senior)
    senior.goto(desk.url("/corrections"))
    seen(senior, "没有等确认的更正", "没有等答复的申诉")
    follow(senior, "重新计价")
    senior.get_by_label("出院日从").fill("2026-03-01")
    senior.get_by_label("到（不含）").fill("2026-04-01")
    press(senior, "预览")
    assert county.rows("SELECT * FROM contractor.correction") == [], "looking writes nothing"
    seen(senior, county_number(county, more), county_number(county, less), "要补付", "要退回")
    assert county_number(county, other) not in senior.locator("main").inner_text()
    senior.get_by_label("理由").select_option("wrong_catalogue")
    senior.get_by_label("错在哪里").fill("限价和类别录错")
    press(senior, "提出 2 件")
    seen(senior, "等另一人确认", "是您提出的")

    lead = who(desk, "赵晓燕")
    lead.goto(desk.url("/corrections"))
    follow(lead, "第 1 号")
    assert {claim_id: given_fen(county, claim_id) for claim_id in before} == before, "nothing moved before the second"
    press(lead, "确认更正 2 件")
    seen(lead, "已生效")
    after = {claim_id: given_fen(county, claim_id) for claim_id in before}
    assert after[more] > before[more] and after[less] < before[less] and after[other] == before[other]
    planned = county.rows("SELECT sum(amount_fen)::bigint FROM contractor.payment WHERE state = 'planned'")[0][0]
    assert planned == after[more] - before[more]
    lead.goto(desk.url("/corrections"))
    seen(lead, "应退回", county_number(county, less), yuan(before[less] - after[less]))
    follow(lead, county_number(county, less))
    seen(lead, "更正和申诉", "限价和类别录错", yuan(before[less]), yuan(after[less]), "目录改过的行")
    assert watch.complaints == []


def test_a_paid_claim_is_reversed_by_two_and_what_the_cap_had_cut_is_proposed_by_the_system(place):
    desk, county = place
    ids = county.decided(county.stay(9, 1), county.stay(9, 3), county.stay(9, 5))
    county.pay()
    whole = given_fen(county, ids[0])
    senior = who(desk, "王敏")
    senior.goto(desk.url(f"/claims/{ids[0]}"))
    follow(senior, "冲销")
    seen(senior, "要退回的", yuan(given_fen(county, ids[0])))
    senior.get_by_label("理由").select_option("wrong_person")
    senior.get_by_label("错在哪里").fill("不是本人住院")
    press(senior, "提出冲销")
    lead = who(desk, "赵晓燕")
    lead.goto(senior.url)
    press(lead, "确认更正 1 件")
    assert state(county, ids[0]) == "reversed"
    senior.goto(desk.url("/corrections"))
    follow(senior, "第")
    seen(senior, "重新核算", "系统", county_number(county, ids[1]), county_number(county, ids[2]))
    cut = given_fen(county, ids[1])
    press(senior, "确认更正 2 件")
    seen(senior, "已生效")
    assert given_fen(county, ids[1]) == whole != cut, "it now comes first in its year"
    senior.goto(desk.url(f"/claims/{ids[1]}"))
    seen(senior, "重新核算", "更正和申诉", yuan(cut), yuan(given_fen(county, ids[1])))
    county.pay()
    assert county.parted() == {}


def appealed(desk: ReviewDesk, claim_id: int, why: str) -> None:
    """The desk enters the member's paper, from the claim's own screen."""
    intake = who(desk, "周受理")
    intake.goto(desk.url(f"/claims/{claim_id}"))
    follow(intake, "登记申诉")
    intake.get_by_label("签字人").fill("李秀英")
    intake.get_by_label("书面材料和编号").fill("申诉书 2026-17")
    intake.get_by_label("要求和理由").fill(why)
    press(intake, "登记申诉")
    seen(intake, "申诉已登记", "等答复")
    assert intake.locator("main").get_by_role("link", name="登记申诉").count() == 0, "one waits already"


def upheld(desk: ReviewDesk, claim_id: int, answer: str) -> None:
    lead = who(desk, "赵晓燕")
    lead.goto(desk.url(f"/claims/{claim_id}"))
    follow(lead, "申诉：")
    seen(lead, "李秀英", "申诉书 2026-17")
    lead.get_by_label("申诉成立").check()
    lead.get_by_role("textbox", name="答复").fill(answer)
    press(lead, "答复申诉")
    seen(lead, "申诉成立", answer)


def letter(page: Page, desk: ReviewDesk, claim_id: int) -> str:
    page.goto(desk.url(f"/claims/{claim_id}"))
    follow(page, "决定书")
    return page.locator("article[lang=zh-Hans]").inner_text()


def test_a_refused_claim_is_appealed_reopened_decided_anew_and_its_letter_says_so(place):
    desk, county = place
    (claim_id,) = desk.send(desk.stroke(4))
    reviewer, first = desk.person("reviewer", name="林晓岚")
    desk.take([claim_id], by=first)
    reviewer.goto(desk.url(f"/claims/{claim_id}"))
    follow(reviewer, "裁定不予补偿")
    reviewer.get_by_label("理由").first.select_option("not_genuine")
    press(reviewer, "裁定不予补偿")
    told = letter(reviewer, desk, claim_id)
    assert "不予补偿" in told and "代替" not in told
    appealed(desk, claim_id, "有住院证明")
    upheld(desk, claim_id, "查实有指征")
    assert state(county, claim_id) == "in_review"
    other = who(desk, "陈静")
    other.goto(desk.url(f"/claims/{claim_id}"))
    approve_by_keyboard(other)
    told = letter(other, desk, claim_id)
    assert "同意补偿" in told and yuan(given_fen(county, claim_id)) in told and "代替" in told


def test_a_paid_claim_is_appealed_decided_anew_and_only_the_rest_is_paid(place):
    desk, county = place
    (claim_id,) = county.decided(county.stay(5, 4, "3000"))
    county.pay()
    paid = given_fen(county, claim_id)
    appealed(desk, claim_id, "少算了护理费")
    upheld(desk, claim_id, "查实，重新裁定")
    assert state(county, claim_id) == "in_review" and given_fen(county, claim_id) == 0
    reviewer = who(desk, "陈静")
    reviewer.goto(desk.url(f"/claims/{claim_id}"))
    seen(reviewer, "申诉成立")
    approve_by_keyboard(reviewer)
    assert given_fen(county, claim_id) == paid
    told = letter(reviewer, desk, claim_id)
    assert yuan(paid) in told and "代替" in told
    assert county.rows("SELECT sum(amount_fen)::bigint FROM contractor.set_off WHERE claim_id = %s", claim_id) == [
        (paid,)
    ]
    assert county.rows(
        "SELECT count(*) FROM contractor.payment WHERE claim_id = %s AND state = 'planned'", claim_id
    ) == [(0,)]
