"""A reviewer's day on the screen of one claim, in a real browser: by keyboard, beside others, through mishaps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from chassis import clock
from contractor.claims.decisions import release
from contractor.claims.tables import ClaimEvent, ClaimLine, Settlement
from contractor.review.kept.tables import ReviewDraft
from tests.api.programs import COUNTY
from tests.browser import axe_violations, console_watch, overflowing_elements, small_targets
from tests.journeys.living import DESKTOP, PHONE
from tests.journeys.reviewing import ReviewDesk, history, review_desk
from tests.layout.conftest import built  # noqa: F401 – the bundle of the sources as they are now

pytestmark = pytest.mark.browser
LARGEST_FIRST_LOAD = 300 * 1024


@pytest.fixture(scope="module")
def desk(module_database, tmp_path_factory, chromium, built) -> Iterator[ReviewDesk]:  # noqa: F811
    with review_desk(module_database, tmp_path_factory.mktemp("review"), chromium) as made:
        _page, elsewhere = made.person("reviewer", name="孙磊")
        made.take(history(made), by=elsewhere)
        yield made


def opened(desk: ReviewDesk, page: Page, claim_id: int) -> None:
    page.goto(desk.url(f"/claims/{claim_id}"))
    page.locator("[data-keys-hint]").wait_for()


def kept(page: Page) -> None:
    """Until the bar says that the draft is saved."""
    page.locator("#claim-saved", has_text="已存").wait_for()


def sum_shown(page: Page) -> str:
    return page.locator("#claim-sum b").inner_text()


def events(desk: ReviewDesk, claim_id: int) -> list[str]:
    with desk.programs.database.transaction() as session:
        mine = select(ClaimEvent.event).where(ClaimEvent.claim_id == claim_id).order_by(ClaimEvent.event_no)
        return list(session.scalars(mine))


def settled_fen(desk: ReviewDesk, claim_id: int) -> int:
    with desk.programs.database.transaction() as session:
        return session.scalars(select(Settlement.benefits_fen).where(Settlement.claim_id == claim_id)).one()


def reduced(desk: ReviewDesk, claim_id: int) -> dict[int, tuple[int, str]]:
    with desk.programs.database.transaction() as session:
        cut = select(ClaimLine).where(ClaimLine.claim_id == claim_id, ClaimLine.reduced_fen > 0)
        return {line.line_no: (line.reduced_fen, line.reduce_reason) for line in session.scalars(cut)}


def cut_first_line(page: Page, yuan: str) -> None:
    """Two days of bed too many: the key, the amount, the reason, back to the line; then the server has answered."""
    page.keyboard.press("j")
    page.keyboard.press("2")
    page.keyboard.type(yuan)
    page.keyboard.press("Enter")
    page.locator("#line-1-verdict", has_text=yuan).wait_for()
    page.locator("#f-reason-1:focus").select_option("bed_days")
    page.locator("#line-1-verdict", has_text="天数不符").wait_for()
    page.keyboard.press("Enter")
    kept(page)


def test_ten_claims_are_decided_by_keyboard_alone_each_for_the_amount_it_showed(desk):
    claims = desk.send(*(desk.stroke(place) for place in range(1, 11)))
    page, _reviewer = desk.person("reviewer")
    watch = console_watch(page)
    page.goto(desk.url("/review"))
    decided = {}
    page.keyboard.press("n")
    for _turn in range(len(claims)):
        page.locator("[data-keys-hint]").wait_for()
        claim_id = int(page.url.rsplit("/", 1)[1])
        if len(decided) % 2:
            # The scan that stands twice on the bill is refused: its finding suggests the reason.
            for _line in range(4):
                page.keyboard.press("j")
            page.keyboard.press("3")
            page.locator("#line-4-verdict", has_text="不予 180.00").wait_for()
            kept(page)
        decided[claim_id] = sum_shown(page)
        page.keyboard.press("a")
        assert "再按一次" in page.locator("#claim-approve button").inner_text()
        with page.expect_navigation():
            page.keyboard.press("a")
        assert "已办" in page.locator(".cm-messages").inner_text()
        if len(decided) < len(claims):
            with page.expect_navigation():
                page.keyboard.press("n")
    assert sorted(decided) == sorted(claims)
    for claim_id, shown in decided.items():
        assert f"{settled_fen(desk, claim_id) / 100:,.2f}" == shown
        assert events(desk, claim_id)[-1] == "approved"
    cut = [reduced(desk, claim_id) for claim_id in decided]
    assert cut == [{}, {4: (18_000, "duplicate_item")}] * 5
    assert watch.complaints == []


def test_steps_are_undone_one_by_one_until_nothing_is_left_of_them(desk):
    (claim_id,) = desk.send(desk.stroke(11))
    page, reviewer = desk.person("reviewer")
    desk.take([claim_id], by=reviewer)
    opened(desk, page, claim_id)
    first = sum_shown(page)
    cut_first_line(page, "70.00")
    lower = sum_shown(page)
    assert lower != first
    page.keyboard.press("a")
    page.keyboard.press("z")
    assert "再按一次" not in page.locator("#claim-approve button").inner_text()
    page.keyboard.press("z")
    page.keyboard.press("z")
    page.locator("#line-1-verdict", has_text="认可").wait_for()
    assert sum_shown(page) == first
    assert events(desk, claim_id) == ["taken_up"] and reduced(desk, claim_id) == {}


def test_no_key_decides_anything_while_somebody_types(desk):
    (claim_id,) = desk.send(desk.stroke(12))
    page, reviewer = desk.person("reviewer")
    desk.take([claim_id], by=reviewer)
    opened(desk, page, claim_id)
    page.locator("#f-note").focus()
    page.keyboard.type("abera 123 jkznz?/")
    assert page.locator("#f-note").input_value() == "abera 123 jkznz?/"
    assert page.locator(".is-armed").count() == 0 and page.locator("dialog[open]").count() == 0
    assert page.locator("#line-1-verdict").inner_text() == "认可"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    listed = page.locator("dialog[open]").inner_text()
    assert all(words in listed for words in ("认可这一行", "撤回上一步", "核准", "退回补材料", "移交二审"))
    page.keyboard.press("a")
    assert page.locator(".is-armed").count() == 0, "a dialog lets no key through"
    assert page.url.endswith(f"/claims/{claim_id}") and events(desk, claim_id) == ["taken_up"]


def test_a_claim_is_sent_back_with_all_that_is_missing_answered_and_never_asked_twice(desk):
    (claim_id,) = desk.send(desk.stroke(13))
    page, reviewer = desk.person("reviewer")
    desk.take([claim_id], by=reviewer)
    opened(desk, page, claim_id)
    with page.expect_navigation():
        page.keyboard.press("b")
    page.get_by_label("发票原件").check()
    page.get_by_label("出院小结").check()
    page.get_by_label("附言").fill("缺第二联")
    page.get_by_role("button", name="退回，要这些材料").click()
    assert "待补材料" in page.locator("main").inner_text()
    hospital, _who = desk.person("institution", name="医保科")
    hospital.goto(desk.url(f"/claims/{claim_id}"))
    told = hospital.locator("main").inner_text()
    assert "发票原件" in told and "出院小结" in told and "缺第二联" in told
    clerk, _who = desk.person("intake", name="收件")
    clerk.goto(desk.url(f"/claims/{claim_id}/papers"))
    clerk.get_by_role("button", name="材料已补齐").click()
    page.reload()
    assert "审核中" in page.locator(".cm-claim-head").inner_text()
    page.goto(desk.url(f"/claims/{claim_id}/send-back"))
    page.get_by_label("费用清单").check()
    page.get_by_role("button", name="退回，要这些材料").click()
    assert "已经要过一次材料" in page.locator("[role=alert]").inner_text()
    assert events(desk, claim_id) == ["taken_up", "sent_back", "documents_received"]


def test_two_reviewers_collide_on_one_claim_and_the_second_loses_no_word(desk):
    (claim_id,) = desk.send(desk.stroke(14))
    first_page, first = desk.person("reviewer", name="王敏")
    desk.take([claim_id], by=first)
    opened(desk, first_page, claim_id)
    second_page, _second = desk.person("reviewer", name="赵晓燕")
    second_page.goto(desk.url(f"/claims/{claim_id}"))
    assert "这件由 王敏 处理" in second_page.locator("main").inner_text()
    assert second_page.locator("#claim-approve").count() == 0

    cut_first_line(first_page, "70.00")
    with desk.programs.database.transaction() as session:
        release(session, {claim_id: 1}, county_code=COUNTY, by=first, at=clock.now())
    second_page.reload()
    second_page.get_by_role("link", name="领取").click()
    second_page.get_by_role("button", name="领取，由我审核").click()

    first_page.locator("#f-note").fill("没有护理记录")
    first_page.locator("#claim-moved .cm-note").wait_for()
    assert "赵晓燕" in first_page.locator("#claim-moved").inner_text()
    first_page.locator("#claim-sum").click()
    first_page.keyboard.press("a")
    if first_page.locator(".is-armed").count():
        with first_page.expect_navigation():
            first_page.keyboard.press("a")
    first_page.goto(desk.url(f"/claims/{claim_id}"))
    told = first_page.locator("main").inner_text()
    assert "这件由 赵晓燕 处理" in told and "没有护理记录" in told and "70.00" in told, "the draft is still read"
    second_page.locator("[data-keys-hint]").wait_for()
    assert "没有护理记录" not in second_page.locator("main").inner_text(), "and by its writer alone"
    second_page.keyboard.press("a")
    with second_page.expect_navigation():
        second_page.keyboard.press("a")
    assert events(desk, claim_id) == ["taken_up", "released", "taken_up", "approved"]
    assert reduced(desk, claim_id) == {}


def test_a_draft_comes_back_after_the_browser_crashed_and_on_another_machine(desk):
    (claim_id,) = desk.send(desk.stroke(15))
    page, reviewer = desk.person("reviewer")
    desk.take([claim_id], by=reviewer)
    opened(desk, page, claim_id)
    cut_first_line(page, "70.00")
    page.locator("#f-note").fill("已电话核实")
    page.locator("[name^=verdict-]").first.select_option("confirmed")
    kept(page)
    with desk.programs.database.transaction() as session:
        session.get_one(ReviewDraft, (COUNTY, claim_id, reviewer))
    shown, state = sum_shown(page), page.context.storage_state()
    page.context.close()
    fresh = desk.chromium.new_context(storage_state={"cookies": state["cookies"], "origins": []}, locale="zh-CN")
    desk.contexts.append(fresh)
    again = fresh.new_page()
    opened(desk, again, claim_id)
    assert again.locator("#f-reduced-1").input_value() == "70.00"
    assert again.locator("#f-note").input_value() == "已电话核实"
    assert again.locator("[name^=verdict-]").first.input_value() == "confirmed"
    assert sum_shown(again) == shown


def test_of_two_windows_of_one_reviewer_the_older_is_told_and_writes_over_nothing(desk):
    (claim_id,) = desk.send(desk.stroke(21))
    older, reviewer = desk.person("reviewer")
    desk.take([claim_id], by=reviewer)
    opened(desk, older, claim_id)
    newer = older.context.new_page()
    opened(desk, newer, claim_id)
    cut_first_line(newer, "70.00")
    older.locator("#f-note").fill("旧窗口写的")
    older.locator("#claim-moved .cm-note").wait_for()
    assert "另一个窗口里有您更新的草稿" in older.locator("#claim-moved").inner_text()
    assert older.locator("#f-note").input_value() == "旧窗口写的", "what was typed stays where it was typed"
    opened(desk, newer, claim_id)
    assert newer.locator("#f-reduced-1").input_value() == "70.00" and newer.locator("#f-note").input_value() == ""


def test_what_is_typed_after_the_sign_in_ended_stays_in_the_window_and_is_put_back(desk):
    (claim_id,) = desk.send(desk.stroke(16))
    page, reviewer = desk.person("reviewer")
    desk.take([claim_id], by=reviewer)
    opened(desk, page, claim_id)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.locator("#f-note").fill("会话过期以后写的")
    page.locator("#claim-saved", has_text="登录已过期").wait_for()
    page.context.add_cookies(cookies)
    opened(desk, page, claim_id)
    assert page.locator("#f-note").input_value() == "会话过期以后写的"
    kept(page)


def test_without_script_the_lines_are_computed_by_a_button_and_decided(desk):
    (claim_id,) = desk.send(desk.stroke(17))
    page, reviewer = desk.person("reviewer", java_script_enabled=False)
    desk.take([claim_id], by=reviewer)
    page.goto(desk.url(f"/claims/{claim_id}"))
    page.locator("#line-1-verdict").click()
    page.locator("#f-reduced-1").fill("70")
    page.locator("#f-reason-1").select_option("bed_days")
    before = sum_shown(page)
    page.get_by_role("button", name="重算").click()
    assert sum_shown(page) != before and "减 70.00" in page.locator("#line-1-verdict").inner_text()
    page.get_by_role("button", name="核准").click()
    assert "已办" in page.locator(".cm-messages").inner_text()
    assert reduced(desk, claim_id) == {1: (7_000, "bed_days")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_screen_is_clean_at_both_sizes_and_small_on_the_wire(desk, language):
    (claim_id,) = desk.send(desk.stroke(18 if language == "zh" else 19))
    page, reviewer = desk.person("reviewer", language=language)
    desk.take([claim_id], by=reviewer)
    loaded = []
    page.on("requestfinished", lambda request: loaded.append(request.sizes()["responseBodySize"]))
    watch = console_watch(page)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        opened(desk, page, claim_id)
        if size == DESKTOP:
            assert 0 < sum(loaded) <= LARGEST_FIRST_LOAD, f"{sum(loaded)} bytes"
        page.locator("details[data-line-decision]").first.locator("summary").click()
        assert axe_violations(page) == [] and small_targets(page) == [] and overflowing_elements(page) == []
    assert watch.complaints == []


def test_on_paper_the_decided_lines_stand_without_their_fields(desk):
    (claim_id,) = desk.send(desk.stroke(20))
    page, reviewer = desk.person("reviewer")
    desk.take([claim_id], by=reviewer)
    opened(desk, page, claim_id)
    cut_first_line(page, "70.00")
    page.emulate_media(media="print")
    assert page.locator("#line-1-verdict").is_visible()
    assert not page.locator("#f-note").is_visible() and not page.locator("#claim-approve button").is_visible()
    assert page.locator(".cm-steps").is_visible()
