"""The reviewers' queue in a real browser: by keyboard, two at once, a claim that changed hands; wide and narrow."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from chassis import clock
from contractor.claims.decisions import take_up
from tests.api.programs import COUNTY
from tests.browser import axe_violations, console_watch, overflowing_elements, small_targets
from tests.journeys.living import DESKTOP, PHONE
from tests.journeys.reviewing import ReviewDesk, history, review_desk
from tests.layout.conftest import built  # noqa: F401 – the bundle of the sources as they are now

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(module_database, tmp_path_factory, chromium, built) -> Iterator[ReviewDesk]:  # noqa: F811
    with review_desk(module_database, tmp_path_factory.mktemp("queue"), chromium) as made:
        history(made)
        today = clock.local_day(clock.now())
        ids = [
            made.send(made.stroke(place, receipt_signed_on=None, advanced_fen=60_000 * place))[0]
            for place in range(1, 9)
        ]
        with made.programs.database.transaction() as session:
            for claim_id, days in zip(ids[:3], (-4, 0, 1), strict=True):
                session.execute(
                    text("UPDATE contractor.claim SET due_on = :due WHERE id = :id"),
                    {"due": today + dt.timedelta(days=days), "id": claim_id},
                )
        yield made


def in_hand(desk: ReviewDesk, staff_id: int) -> list[int]:
    with desk.programs.database.transaction() as session:
        held = text("SELECT id FROM contractor.claim WHERE held_by = :by AND is_waiting ORDER BY id")
        return list(session.scalars(held, {"by": staff_id}))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_the_queue_and_the_board_are_well_made(desk, size, language):
    page, _lead = desk.person("lead", name="周组长", language=language, size=size)
    watch = console_watch(page)
    for path in ("/review", "/review?term=soon&hand=free&least=10", "/review?q=9999999", "/review/board"):
        assert page.goto(desk.url(path)).status == 200
        assert axe_violations(page) == [], path
        assert overflowing_elements(page) == [], path
        assert small_targets(page) == [], path
    assert watch.complaints == []


def test_a_row_is_walked_to_opened_and_the_next_claim_taken_by_keys_alone(desk):
    page, staff_id = desk.person("reviewer", name="林晓岚")
    page.goto(desk.url("/review"))
    page.keyboard.press("?")
    assert "领取下一件" in page.locator("dialog[open]").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("tr[aria-current] th a").get_attribute("href")
    assert first == page.locator("tr[data-row] th a").first.get_attribute("href")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(first)
    page.goto(desk.url("/review"))
    with page.expect_navigation():
        page.keyboard.press("n")
    claim_id = int(page.url.rsplit("/", 1)[1])
    assert in_hand(desk, staff_id) == [claim_id]
    assert "在您手上" in page.locator("#cm-hold").inner_text()


def test_two_reviewers_press_next_at_once_and_the_one_who_comes_second_to_a_claim_is_told(desk):
    (one, first_id), (two, second_id) = desk.person("reviewer", name="王敏"), desk.person("reviewer", name="赵庆")
    for page in (one, two):
        page.goto(desk.url("/review"))
    for page in (one, two):
        with page.expect_navigation():
            page.keyboard.press("n")
    assert one.url != two.url
    two.goto(one.url)
    assert "王敏" in two.locator("main").inner_text()
    assert two.get_by_role("button", name="核准").count() == 0
    assert len(in_hand(desk, first_id)) == len(in_hand(desk, second_id)) == 1
    two.goto(desk.url("/review?hand=held"))
    assert "王敏" in two.locator("main").inner_text()


def test_whoever_let_a_claim_lie_is_told_who_took_it_over_while_the_screen_is_still_open(desk):
    page, staff_id = desk.person("reviewer", name="孙秀荣")
    page.clock.install()
    _other, other_id = desk.person("reviewer", name="何长顺")
    page.goto(desk.url("/review"))
    with page.expect_navigation():
        page.keyboard.press("n")
    claim_id = int(page.url.rsplit("/", 1)[1])
    with desk.programs.database.transaction() as session:
        ran_out = text("UPDATE contractor.claim SET held_until = :past WHERE id = :id RETURNING version")
        version = session.scalar(ran_out, {"past": clock.now() - dt.timedelta(minutes=1), "id": claim_id})
        take_up(session, {claim_id: version}, county_code=COUNTY, by=other_id, at=clock.now())
    # The screen asks by itself every five minutes.
    page.clock.fast_forward("05:10")
    page.locator("#cm-hold", has_text="不在您手上了").wait_for()
    assert in_hand(desk, staff_id) == [] and in_hand(desk, other_id) == [claim_id]


def test_a_view_is_saved_under_a_name_and_its_address_given_to_another(desk):
    page, _one = desk.person("reviewer", name="刘翠英")
    page.goto(desk.url("/review?term=late"))
    page.get_by_label("把这些条件存为视图").fill("逾期的")
    with page.expect_navigation():
        page.get_by_role("button", name="存", exact=True).click()
    shown = page.locator(".cm-views a[aria-current]").inner_text()
    assert re.fullmatch(r"逾期的\s*\d+", shown.strip()), "its name, and how much stands in it"
    other, _two = desk.person("reviewer", name="郑小宝")
    other.goto(page.url)
    assert other.locator(".cm-tags").inner_text().startswith("期限：已逾期")
    assert "逾期的" not in other.locator(".cm-views").inner_text()
