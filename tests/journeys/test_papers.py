"""Papers in a real browser: sent back and answered, seen beside the lines; a lie about the type, 200 MB; letters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.browser import axe_violations, console_watch, overflowing_elements, small_targets
from tests.documents import files
from tests.journeys.living import DESKTOP, PHONE
from tests.journeys.reviewing import ReviewDesk, review_desk
from tests.layout.conftest import built  # noqa: F401 – the bundle of the sources as they are now

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(module_database, tmp_path_factory, chromium, built) -> Iterator[ReviewDesk]:  # noqa: F811
    with review_desk(module_database, tmp_path_factory.mktemp("papers"), chromium) as made:
        yield made


def openings(desk: ReviewDesk) -> int:
    with desk.programs.database.transaction() as session:
        asked = text("SELECT count(*) FROM contractor.trail_entry WHERE act = 'document.opened'")
        return session.execute(asked).scalar_one()


def add(page, paper: str, name: str, content: bytes) -> None:
    page.select_option("#f-paper", paper)
    page.set_input_files("#f-file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.get_by_role("button", name="加这份材料").click()
    page.wait_for_load_state()


def test_a_claim_is_sent_back_answered_and_looked_at_beside_its_lines(desk, tmp_path):
    (claim_id,) = desk.send(desk.stroke(1, receipt_signed_on=None))
    reviewer, staff_id = desk.person("reviewer")
    desk.take([claim_id], by=staff_id)
    reviewer.goto(desk.url(f"/claims/{claim_id}/send-back"))
    for paper in ("发票原件", "出院小结"):
        reviewer.get_by_label(paper).check()
    reviewer.get_by_role("button", name="退回，要这些材料").click()
    reviewer.wait_for_url(f"**/claims/{claim_id}")
    assert desk.record(claim_id).state == "awaiting_documents"

    clerk, _ = desk.person("institution", name="医院职员")
    watch = console_watch(clerk)
    clerk.goto(desk.url(f"/claims/{claim_id}"))
    assert clerk.get_by_text("还缺").count() == 2 and clerk.locator("#f-paper").input_value() == "discharge_summary"
    # What lies about its type is told, and the page stands.
    add(clerk, "invoice", "发票.jpg", files.pdf())
    assert clerk.get_by_text("名称写的是 .jpg，内容是 PDF").first.is_visible()
    # So is what is far too large: the whole of it is sent, none of it is kept.
    huge = tmp_path / "发票.pdf"
    with huge.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(200 << 20)
    clerk.set_input_files("#f-file", huge)
    clerk.get_by_role("button", name="加这份材料").click()
    clerk.get_by_text("一份材料最大 20 MB，没有收下").first.wait_for()
    add(clerk, "invoice", "发票.jpg", files.image(size=(900, 1200), colour="blue"))
    add(clerk, "discharge_summary", "小结.pdf", files.pdf(2))
    clerk.get_by_role("link", name="材料补齐了").first.click()
    clerk.get_by_role("button", name="材料已补齐").click()
    clerk.wait_for_url(f"**/claims/{claim_id}")
    # A browser says in its console that a form was answered with a refusal; nothing else may stand there.
    watch.ignore(lambda told: "422" in told or "413" in told)
    assert desk.record(claim_id).state == "in_review" and watch.complaints == []

    watch = console_watch(reviewer)
    reviewer.goto(desk.url(f"/claims/{claim_id}"))
    assert reviewer.locator("iframe").count() == 2 and openings(desk) == 0
    word = reviewer.locator("#documents details summary").first
    word.focus()
    reviewer.keyboard.press("Enter")
    picture = reviewer.frame_locator("iframe").first.locator("img")
    picture.wait_for()
    assert picture.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [900, 1200]
    assert openings(desk) == 1 and watch.complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_papers_and_letters_are_well_made(desk, size, language):
    with desk.programs.database.transaction() as session:
        first = session.execute(text("SELECT min(claim_id) FROM contractor.claim_document")).scalar_one()
    (decided,) = desk.send(desk.stroke(2 if size == DESKTOP else 3 + (language == "en"), receipt_signed_on=None))
    page, staff_id = desk.person("reviewer", "lead", name="周组长", language=language, size=size)
    watch = console_watch(page)
    if desk.record(decided).state != "approved":
        desk.take([decided], by=staff_id)
        answer = page.request.get(desk.url(f"/claims/{decided}/refuse"))
        assert answer.ok
        page.goto(desk.url(f"/claims/{decided}/refuse"))
        page.select_option("#f-refuse_reason", "duplicate")
        page.locator("form[action$='/refuse'] button[type=submit]").click()
        page.wait_for_url(f"**/claims/{decided}")
    paths = [f"/claims/{first}", f"/claims/{first}/documents", f"/claims/{decided}/letter"]
    for path in [*paths, f"/claims/{decided}/reduction"]:
        assert page.goto(desk.url(path)).status == 200, path
        assert axe_violations(page) == [], path
        assert overflowing_elements(page) == [], path
        if "documents" in path:
            assert small_targets(page) == [], path
    assert watch.complaints == []
