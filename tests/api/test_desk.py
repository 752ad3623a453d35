"""The reviewers' desk by program: the queue, the next claim, every act once, on the version that was seen."""

from __future__ import annotations

import pytest

from tests.api.programs import claim_of, make_programs
from tests.api.rooms import act, done, waiting


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    made = make_programs(module_database, tmp_path_factory.mktemp("desk"), members=20)
    yield made
    made.close()


def test_a_claim_is_taken_up_reduced_and_approved_for_what_was_shown(programs):
    claim = done(programs, waiting(programs, 0), "take-up")
    assert claim["state"] == "in_review"
    lines = [{"line_no": 1, "reduced_fen": 12_345, "reason_code": "over_price"}]
    reduced = done(programs, claim, "reduce", lines=lines)
    assert reduced["lines"][0]["reduced_fen"] == reduced["reduced_fen"] == 12_345
    wrong = act(programs, reduced, "approve", benefits_fen=1)
    assert wrong.status_code == 409 and wrong.get_json()["type"] == "urn:coopmed:claim_amount_changed"
    approved = done(programs, reduced, "approve")
    assert approved["state"] == "approved" and approved["waits_for_second"] is False
    assert approved["money"]["benefits_fen"] > 0


def test_a_claim_that_nobody_has_taken_up_is_not_approved(programs):
    claim = waiting(programs, 14)
    answer = act(programs, claim, "approve")
    assert answer.status_code == 409 and answer.get_json()["type"] == "urn:coopmed:claim_wrong_state"


def test_an_act_that_is_asked_for_twice_happens_once(programs):
    claim = waiting(programs, 1)
    first = act(programs, claim, "take-up", key="taken-up-once")
    again = act(programs, claim, "take-up", key="taken-up-once")
    assert first.status_code == again.status_code == 200
    assert again.text == first.text and again.headers["Idempotent-Replayed"] == "true"
    other = act(programs, claim, "release", key="taken-up-once")
    assert other.status_code != 200 or other.headers.get("Idempotent-Replayed") is None
    assert len(first.get_json()["events"]) == 1


def test_what_was_changed_since_it_was_looked_at_is_not_decided(programs):
    claim = waiting(programs, 2)
    done(programs, claim, "take-up")
    stale = act(programs, claim, "refuse", reason_code="duplicate")
    assert stale.status_code == 409 and stale.get_json()["type"] == "urn:coopmed:stale_version"
    assert programs.get(f"/api/v1/claims/{claim['id']}").get_json()["state"] == "in_review"


def test_a_claim_is_sent_back_once_and_its_papers_come(programs):
    claim = done(programs, waiting(programs, 3), "take-up")
    sent_back = done(programs, claim, "send-back", documents=["invoice", "bill"])
    assert sent_back["state"] == "awaiting_documents"
    assert sent_back["events"][-1]["documents"] == ["bill", "invoice"]
    back = done(programs, sent_back, "papers")
    assert back["state"] == "in_review"
    again = act(programs, back, "send-back", documents=["referral"])
    assert again.status_code == 409 and again.get_json()["type"] == "urn:coopmed:claim_papers_asked_before"


def test_a_claim_is_refused_released_withdrawn_and_referred_up(programs):
    refused = done(programs, done(programs, waiting(programs, 4), "take-up"), "refuse", reason_code="duplicate")
    assert (refused["state"], refused["events"][-1]["reason_code"]) == ("rejected", "duplicate")
    released = done(programs, done(programs, waiting(programs, 5), "take-up"), "release")
    assert released["state"] == "received"
    assert done(programs, released, "withdraw", reason_code="asked")["state"] == "withdrawn"
    up = done(programs, done(programs, waiting(programs, 6), "take-up"), "refer-up", note="金额大")
    assert up["state"] == "in_second_review"


def test_the_next_claim_is_in_this_reviewers_hand_and_gone_from_the_free_ones(programs):
    waiting(programs, 7)
    answer = programs.post("/api/v1/queue/next", b"", role="reviewer")
    assert answer.status_code == 200, answer.text
    claim = answer.get_json()
    assert claim["state"] in ("in_review", "in_second_review")
    mine = programs.get("/api/v1/queue?hand=mine", role="reviewer").get_json()["claims"]
    free = programs.get("/api/v1/queue?hand=free", role="reviewer").get_json()["claims"]
    assert claim["id"] in [one["id"] for one in mine]
    assert claim["id"] not in [one["id"] for one in free]


def test_the_queue_is_walked_once_however_small_the_page(programs):
    for place in (8, 9, 10):
        waiting(programs, place)
    whole = [one["id"] for one in programs.get("/api/v1/queue?limit=200", role="reviewer").get_json()["claims"]]
    found, cursor = [], ""
    while cursor is not None:
        page = programs.get(f"/api/v1/queue?limit=2&cursor={cursor}", role="reviewer").get_json()
        found += [one["id"] for one in page["claims"]]
        cursor = page["next"]
    assert found == whole and len(set(found)) == len(found) >= 3
    assert programs.get("/api/v1/queue?cursor=mine", role="reviewer").status_code == 422
    assert programs.get("/api/v1/queue?hand=theirs", role="reviewer").status_code == 422


def test_the_list_of_claims_takes_the_filters_of_its_page(programs):
    visit = programs.post("/api/v1/claims", claim_of(programs, 11, route="outpatient")).get_json()
    listed = programs.get("/api/v1/claims?route=outpatient").get_json()["claims"]
    assert [one["id"] for one in listed] == [visit["id"]]
    named = programs.get(f"/api/v1/claims?text={visit['claim_number']}").get_json()["claims"]
    assert [one["id"] for one in named] == [visit["id"]]
    with_finding = programs.get("/api/v1/claims?rule=F17&order=due&limit=200").get_json()["claims"]
    assert with_finding and visit["id"] not in [one["id"] for one in with_finding]
    assert programs.get("/api/v1/claims?least_fen=99999999999").get_json()["claims"] == []
    assert programs.get("/api/v1/claims?order=random").status_code == 422


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("refuse", {"reason_code": "because"}),
        ("send-back", {"documents": []}),
        ("reduce", {"lines": [{"line_no": 1, "reduced_fen": 1.5, "reason_code": "over_price"}]}),
        ("reduce", {"lines": [{"line_no": 1, "reduced_fen": 1, "reason_code": "over_price"}] * 2}),
        ("refer-up", {}),
        ("take-up", {"version": "first"}),
        ("take-up", {"colour": "red"}),
    ],
)
def test_what_cannot_be_read_changes_nothing(programs, name, body):
    claim = waiting(programs, 12)
    answer = act(programs, claim, name, **body)
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
    assert programs.get(f"/api/v1/claims/{claim['id']}").get_json()["version"] == claim["version"]


def test_a_reviewers_acts_are_closed_to_other_roles_and_to_what_is_not_there(programs):
    claim = waiting(programs, 13)
    body = {"version": claim["version"]}
    assert programs.post(f"/api/v1/claims/{claim['id']}/take-up", body, role="intake").status_code == 403
    assert programs.get("/api/v1/queue", role="intake").status_code == 403
    assert programs.post(f"/api/v1/claims/{10**15}/take-up", body, role="reviewer").status_code == 404
    assert programs.post("/api/v1/queue/next", b"", role="intake").status_code == 403
