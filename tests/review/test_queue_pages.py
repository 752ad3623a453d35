"""The queue at the workspace: its order, its filters, the next claim, holds, saved views, the lead's board."""

from __future__ import annotations

import datetime as dt
import html
import re
from functools import partial

import pytest
from sqlalchemy import text

from chassis import clock
from contractor.review import pages
from contractor.review.leasing import next_claim
from contractor.review.queue import queue_page
from contractor.review.refusals import NothingWaiting
from tests.api.programs import COUNTY, Programs, make_programs
from tests.claims_pages.desks import Person, at_desk, text_of, waiting


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    made = make_programs(module_database, tmp_path_factory.mktemp("review"))
    made.app.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
    yield made
    made.close()


@pytest.fixture()
def reviewer(programs) -> Person:
    return at_desk(programs, "reviewer", name="林晓岚")


def changed(programs: Programs, claim_id: int, **values) -> None:
    sets = ", ".join(f"{name} = :{name}" for name in values)
    with programs.database.transaction() as session:
        session.execute(text(f"UPDATE contractor.claim SET {sets} WHERE id = :id"), values | {"id": claim_id})


def claim_row(programs: Programs, claim_id: int):
    with programs.database.transaction() as session:
        return session.execute(text("SELECT * FROM contractor.claim WHERE id = :id"), {"id": claim_id}).one()


def taken(person: Person) -> int:
    answer = person.client.post("/review/next")
    assert answer.status_code == 303, text_of(answer.get_data(as_text=True))
    return int(answer.location.rsplit("/", 1)[1])


def links(person: Person, path: str) -> list[int]:
    """The claims of a page in their order."""
    return claims_on(person.client.get(path).get_data(as_text=True))


def claims_on(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<th scope="row"><a href="/claims/(\d+)">', page)]


def test_what_is_nearly_late_overtakes_and_the_rest_stand_by_expected_loss(programs, reviewer):
    today = clock.local_day(clock.now())
    late, small, large = (waiting(programs, place) for place in range(3))
    changed(programs, late, due_on=today - dt.timedelta(days=3), alert_ppm=100_000)
    changed(programs, small, due_on=today + dt.timedelta(days=20), alert_ppm=300_000)
    changed(programs, large, due_on=today + dt.timedelta(days=19), alert_ppm=900_000)
    assert [one for one in links(reviewer, "/review") if one in (late, small, large)] == [late, large, small]
    assert links(reviewer, "/review?term=late") == [late]
    row = claim_row(programs, large)
    # What a yes would cost by the law, not what the bill comes to.
    assert 0 < row.foreseen_fen < row.charged_fen
    assert row.expected_loss_fen == row.foreseen_fen * 9 // 10


def test_a_page_goes_on_where_the_last_one_ended_across_the_two_parts(programs, reviewer, monkeypatch):
    whole = links(reviewer, "/review")
    assert len(whole) >= 3
    monkeypatch.setattr(pages, "queue_page", partial(queue_page, size=1))
    found, path = [], "/review"
    while path:
        page = reviewer.client.get(path).get_data(as_text=True)
        found += claims_on(page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(onward[1]) if onward else None
    assert found == whole


def test_two_reviewers_are_never_handed_the_same_claim_and_see_who_has_it(programs, reviewer):
    waiting(programs, 4), waiting(programs, 5)
    other = at_desk(programs, "reviewer", name="王敏")
    first, second = taken(reviewer), taken(other)
    assert first != second
    assert "王敏" in reviewer.read("/review?hand=held")
    assert first in links(reviewer, "/review?hand=mine") and second not in links(reviewer, "/review?hand=mine")


def test_who_decides_what_another_has_in_hand_is_told_and_nothing_happens(programs, reviewer):
    waiting(programs, 6)
    claim_id = taken(reviewer)
    other = at_desk(programs, "reviewer", name="王敏")
    answer = other.act(claim_id, "refuse", version=1, refuse_reason="duplicate", note="重复报销，见发票")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "这件现在由别人审核" in page and "重复报销，见发票" in page
    assert claim_row(programs, claim_id).state == "in_review"


def test_a_hold_that_ran_out_goes_to_another_and_the_first_comes_back_too_late(programs, reviewer):
    waiting(programs, 7)
    claim_id = taken(reviewer)
    changed(programs, claim_id, held_until=clock.now() - dt.timedelta(minutes=1))
    other = at_desk(programs, "reviewer", name="王敏")
    assert other.act(claim_id, "take-up", version=claim_row(programs, claim_id).version).status_code == 303
    late = reviewer.act(claim_id, "refuse", version=1, refuse_reason="duplicate", note="写到一半的话")
    page = late.get_data(as_text=True)
    assert late.status_code == 409 and "王敏" in page and "写到一半的话" in page
    renewal = reviewer.client.post(f"/review/claims/{claim_id}/hold")
    assert renewal.status_code == 409 and "不在您手上了" in renewal.get_data(as_text=True)
    assert claim_row(programs, claim_id).held_by == other.staff_id


def test_an_open_screen_renews_its_hold_and_leaves_the_version_alone(programs, reviewer):
    waiting(programs, 8)
    claim_id = taken(reviewer)
    changed(programs, claim_id, held_until=clock.now() + dt.timedelta(minutes=1))
    before = claim_row(programs, claim_id)
    assert reviewer.client.post(f"/review/claims/{claim_id}/hold").status_code == 200
    after = claim_row(programs, claim_id)
    assert after.held_until > before.held_until and after.version == before.version


def test_nobody_gathers_claims(programs):
    person = at_desk(programs, "reviewer", name="贪多")
    ids = [waiting(programs, place % 12) for place in range(11)]
    for claim_id in ids[:10]:
        assert person.act(claim_id, "take-up", version=0).status_code == 303
    answer = person.client.post("/review/next")
    assert answer.status_code == 409 and "您手上已有 10 件" in answer.get_data(as_text=True)


def test_the_system_hands_nobody_a_claim_they_entered(programs):
    in_other_hands = text("UPDATE contractor.claim SET held_by = 1, held_until = :far WHERE is_waiting")
    with programs.database.transaction() as session:
        session.execute(in_other_hands, {"far": clock.now() + dt.timedelta(hours=1)})
    claim_id, at = waiting(programs, 9), clock.now()
    sender = claim_row(programs, claim_id).received_by
    assert sender is not None
    with pytest.raises(NothingWaiting), programs.database.transaction() as session:
        next_claim(session, sender, county_code=COUNTY, at=at, on=clock.local_day(at))
    assert taken(at_desk(programs, "reviewer", name="另一位")) == claim_id


def test_a_view_is_saved_found_again_shared_by_its_address_and_removed_by_its_owner_alone(programs, reviewer):
    saved = reviewer.client.post("/review/views", data={"name": "大额", "query": "least=1000.00&term=late&nonsense=1"})
    assert saved.status_code == 303
    assert "least=1000.00" in saved.location and "nonsense" not in saved.location
    assert "大额" in reviewer.read("/review")
    other = at_desk(programs, "reviewer", name="王敏")
    assert "大额" not in other.read("/review")
    assert other.client.get(saved.location).status_code == 200
    with programs.database.transaction() as session:
        view_id = session.scalar(
            text("SELECT id FROM contractor.review_view WHERE staff_id = :id"), {"id": reviewer.staff_id}
        )
    assert other.client.post(f"/review/views/{view_id}/remove").status_code == 404
    assert reviewer.client.post(f"/review/views/{view_id}/remove").status_code == 303
    assert "大额" not in reviewer.read("/review")


def test_a_claim_is_found_by_card_name_and_a_part_of_its_number(programs, reviewer):
    claim_id = waiting(programs, 3)
    row = claim_row(programs, claim_id)
    for words in (row.card_number, row.card_number[-6:], "张3", row.claim_number[2:], row.claim_number):
        assert claim_id in links(reviewer, f"/review?q={words}"), words
    assert links(reviewer, "/review?q=张9999") == []


def test_the_lead_sees_who_has_what_and_puts_claims_into_another_hand_with_a_note(programs, reviewer):
    waiting(programs, 10)
    claim_id = taken(reviewer)
    other, lead = at_desk(programs, "reviewer", name="王敏"), at_desk(programs, "lead", name="组长")
    assert "林晓岚" in lead.read("/review/board")
    asked = {"from_hand": reviewer.staff_id, "to_hand": other.staff_id, "most": "10", "note": ""}
    assert lead.client.post("/review/board/hand-over", data=asked).status_code == 422
    done = lead.client.post("/review/board/hand-over", data=asked | {"note": "林晓岚请假"})
    assert done.status_code == 303
    assert claim_row(programs, claim_id).held_by == other.staff_id
    assert "林晓岚请假" in lead.read(f"/claims/{claim_id}")
    late = reviewer.act(claim_id, "refuse", version=1, refuse_reason="duplicate")
    assert late.status_code == 409 and claim_row(programs, claim_id).state == "in_review"
    back = {"from_hand": other.staff_id, "to_hand": 0, "most": "200", "note": "王敏也请假"}
    assert lead.client.post("/review/board/hand-over", data=back).status_code == 303
    assert claim_row(programs, claim_id).state == "received"
    assert reviewer.client.get("/review/board").status_code == 403
