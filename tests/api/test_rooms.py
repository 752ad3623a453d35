"""The pages' rooms by program: papers, drafts, forecasts, letters, corrections, appeals, rules, board and books."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis import clock
from tests.api.programs import claim_of, make_programs
from tests.api.rooms import act, approved, at_the_desk, done, told, waiting, why
from tests.documents.files import image, pdf


@pytest.fixture(scope="module")
def programs(module_database, tmp_path_factory):
    made = make_programs(module_database, tmp_path_factory.mktemp("rooms"), members=24, largest_document_mb="1")
    yield made
    made.close()


def add_paper(programs, claim: dict, content: bytes, name: str, *, kind="application/pdf", key=None, role="intake"):
    path = f"/api/v1/claims/{claim['id']}/documents?paper=invoice&file_name={name}"
    return programs.post(path, content, role=role, key=key, content_type=kind)


def files_kept(programs) -> int:
    return len(list((Path(programs.house.settings.data_dir) / "documents").glob("*.came")))


def test_a_paper_is_added_once_listed_opened_as_a_picture_and_taken_back(programs):
    claim, content = waiting(programs, 0), pdf(2)
    first = add_paper(programs, claim, content, "发票.pdf", key="paper-once")
    again = add_paper(programs, claim, content, "发票.pdf", key="paper-once")
    assert files_kept(programs) == 1, "what was read a second time is forgotten again"
    assert first.status_code == again.status_code == 201 and first.text == again.text
    assert again.headers["Idempotent-Replayed"] == "true"
    (paper,) = told(programs, f"/claims/{claim['id']}/documents")["documents"]
    assert (paper["paper"], paper["page_count"], paper["media_type"]) == ("invoice", 2, "application/pdf")
    page = programs.get(f"/api/v1/claims/{claim['id']}/documents/{paper['id']}/pages/2", role="reviewer")
    assert page.status_code == 200 and page.mimetype == "image/jpeg" and page.data.startswith(b"\xff\xd8\xff")
    missing = programs.get(f"/api/v1/claims/{claim['id']}/documents/{paper['id']}/pages/3", role="reviewer")
    assert missing.status_code == 404
    back = programs.post(f"/api/v1/claims/{claim['id']}/documents/{paper['id']}/withdraw", {"reason": "传错了"})
    assert back.status_code == 200 and back.get_json()["documents"][0]["withdrawn_at"]


@pytest.mark.parametrize(
    ("content", "name", "kind", "status", "key"),
    [
        (image("PNG"), "a.pdf", "application/pdf", 422, "document_name_lies"),
        (b"MZ\x90 not a paper", "a.pdf", "application/pdf", 422, "document_not_a_document"),
        (b"%PDF-1.7 broken", "a.pdf", "application/pdf", 422, "document_not_showable"),
        (pdf() + b" " * (1 << 20), "a.pdf", "application/pdf", 413, "document_too_large"),
        (b"x", "a.exe", "application/octet-stream", 415, "wrong_content_type"),
        (b"", "a.pdf", "application/pdf", 400, "unreadable_body"),
    ],
)
def test_what_is_no_paper_is_refused_in_words_and_nothing_of_it_stays(programs, content, name, kind, status, key):
    claim, before = waiting(programs, 1), files_kept(programs)
    answer = add_paper(programs, claim, content, name, kind=kind)
    assert (answer.status_code, why(answer)) == (status, key)
    assert files_kept(programs) == before
    assert told(programs, f"/claims/{claim['id']}/documents")["documents"] == []


def test_the_same_paper_twice_and_a_paper_for_a_claim_out_of_sight_leave_no_file_behind(programs):
    claim = waiting(programs, 2)
    assert add_paper(programs, claim, image(), "a.jpg", kind="image/jpeg").status_code == 201
    before = files_kept(programs)
    again = add_paper(programs, claim, image(), "b.jpg", kind="image/jpeg")
    assert (again.status_code, why(again)) == (409, "document_known")
    assert add_paper(programs, {"id": 10**12}, image(), "a.jpg", kind="image/jpeg").status_code == 404
    assert files_kept(programs) == before


def test_what_is_forecast_is_what_an_approval_gives_and_nothing_is_changed_by_asking(programs):
    claim = at_the_desk(programs, 3)
    lines = [{"line_no": 1, "reduced_fen": 20_000, "reason_code": "over_price"}]
    plain = programs.post(f"/api/v1/claims/{claim['id']}/preview", {}, role="reviewer").get_json()
    cut = programs.post(f"/api/v1/claims/{claim['id']}/preview", {"lines": lines}, role="reviewer").get_json()
    assert plain["benefits_fen"] > cut["benefits_fen"] > 0 and cut["sheet"]
    assert told(programs, f"/claims/{claim['id']}")["version"] == claim["version"]
    too_much = [lines[0] | {"reduced_fen": 10**9}]
    answer = programs.post(f"/api/v1/claims/{claim['id']}/preview", {"lines": too_much}, role="reviewer")
    assert (answer.status_code, why(answer)) == (422, "claim_reduction_too_large")
    said = [{"finding_no": claim["findings"][0]["finding_no"], "verdict": "confirmed"}]
    decided = done(
        programs, claim, "approve", lines=lines, verdicts=said, benefits_fen=cut["benefits_fen"], note="减了第一行"
    )
    assert decided["money"]["benefits_fen"] == cut["benefits_fen"] and decided["reduced_fen"] == 20_000
    rule = told(programs, f"/rules/{claim['findings'][0]['rule']}")
    assert rule["confirmed_count"] == 1 and rule["precision_percent"] == 100


def test_a_draft_is_its_writers_alone_and_ends_with_the_decision(programs):
    claim = at_the_desk(programs, 4)
    lines = [{"line_no": 1, "reduced_fen": 100, "reason_code": None}]
    kept = act(programs, claim, "draft", lines=lines, note="再看看")
    assert kept.get_json()["draft"]["lines"] == lines
    assert told(programs, f"/claims/{claim['id']}/draft")["draft"]["note"] == "再看看"
    assert told(programs, f"/claims/{claim['id']}/draft", role="lead")["draft"] is None
    done(programs, claim, "refuse", reason_code="duplicate")
    assert told(programs, f"/claims/{claim['id']}/draft")["draft"] is None
    other = at_the_desk(programs, 5)
    act(programs, other, "draft", note="不要了")
    thrown = programs.post(f"/api/v1/claims/{other['id']}/discard-draft", b"", role="reviewer")
    assert thrown.get_json() == {"draft": None}


def test_the_hold_of_a_claim_in_hand_is_renewed_and_another_persons_is_not(programs):
    claim = at_the_desk(programs, 6)
    held = programs.post(f"/api/v1/claims/{claim['id']}/hold", b"", role="reviewer")
    assert held.status_code == 200 and held.get_json()["held_until"] > clock.now().isoformat()
    answer = programs.post(f"/api/v1/claims/{claim['id']}/hold", b"", role="senior")
    assert (answer.status_code, why(answer)) == (409, "review_hold_over")


def test_what_stands_beside_a_claim_is_told_with_the_years_caps(programs):
    claim = approved(programs, 7)
    beside = told(programs, f"/claims/{claim['id']}/beside")
    assert beside["household"]["size"] > 0 and beside["year"]["settled_count"] >= 1
    pooled = beside["year"]["caps"][0]
    assert pooled["used_fen"] + pooled["left_fen"] == pooled["cap_fen"] and pooled["article"]
    assert sum(stay["is_this"] for stay in beside["stays"]) == 1


def test_views_are_saved_listed_and_removed(programs):
    filters = {"route": "direct", "least_fen": 50_000}
    views = programs.post("/api/v1/queue/views", {"name": "大额", "filters": filters}, role="reviewer").get_json()
    (view,) = views["views"]
    assert (view["name"], view["filters"]["route"], view["filters"]["least_fen"]) == ("大额", "direct", 50_000)
    assert told(programs, "/queue/views", role="senior")["views"] == []
    gone = programs.post(f"/api/v1/queue/views/{view['id']}/remove", b"", role="reviewer")
    assert gone.get_json()["views"] == []


def test_the_lead_hands_claims_over_and_a_reviewer_may_not(programs):
    claim = at_the_desk(programs, 8)
    by = programs.people["reviewer", None]
    given = {"from_hand": by, "to_hand": None, "most": 100, "note": "请假"}
    assert programs.post("/api/v1/board/hand-over", given, role="reviewer").status_code == 403
    hands = {one["staff_id"]: one for one in told(programs, "/board", role="lead")["hands"]}
    assert hands[by]["held_count"] >= 1
    moved = programs.post("/api/v1/board/hand-over", given, role="lead").get_json()["handed_over_count"]
    assert moved == hands[by]["held_count"]
    assert told(programs, f"/claims/{claim['id']}")["state"] == "received"


def test_letters_say_the_same_amount_in_both_languages_and_wait_for_a_decision(programs):
    claim = at_the_desk(programs, 9)
    assert told(programs, f"/claims/{claim['id']}/letter", status=404)["type"] == "urn:coopmed:claim_not_decided"
    decided = done(programs, claim, "approve")
    letter = told(programs, f"/claims/{claim['id']}/letter")
    assert letter["is_paid"] and letter["benefits_fen"] == decided["money"]["benefits_fen"]
    assert [one["language"] for one in letter["sheets"]] == ["zh", "en"]
    assert letter["sheets"][0]["title"] == "合作医疗补偿决定书" and "Decision" in letter["sheets"][1]["title"]
    assert told(programs, f"/claims/{claim['id']}/reduction")["sheets"][0]["title"] == "直补减额通知单"


def test_a_reversal_is_proposed_as_it_was_previewed_and_confirmed_by_no_program(programs):
    claim = approved(programs, 10)
    path = f"/claims/{claim['id']}/reversal"
    shown = told(programs, path, role="senior")
    assert (shown["before_fen"], shown["after_fen"]) == (claim["money"]["benefits_fen"], 0)
    given = {"reason_code": "audit", "note": "审计要求", "content_hash": "0" * 64}
    other = programs.post(f"/api/v1{path}", given, role="senior")
    assert (other.status_code, why(other)) == (409, "correction_changed")
    given |= {"content_hash": shown["content_hash"]}
    proposed = programs.post(f"/api/v1{path}", given, role="senior")
    assert proposed.status_code == 201 and proposed.get_json()["state"] == "proposed"
    again = programs.post(f"/api/v1{path}", given, role="senior")
    assert (again.status_code, why(again)) == (409, "correction_pending")
    number = proposed.get_json()["id"]
    assert number in [one["id"] for one in told(programs, "/corrections", role="lead")["corrections"]]
    one = told(programs, f"/corrections/{number}", role="lead")
    assert [line["claim_id"] for line in one["lines"]] == [claim["id"]] and one["next"] is None
    assert programs.post(f"/api/v1/corrections/{number}/confirm", {}, role="lead").status_code == 404
    assert told(programs, f"/claims/{claim['id']}")["state"] == "approved"
    renewed = programs.post(f"/api/v1/corrections/{number}/renew", b"", role="lead").get_json()
    assert renewed["id"] > number and renewed["content_hash"] == shown["content_hash"]
    gone = programs.post(f"/api/v1/corrections/{renewed['id']}/withdraw", b"", role="lead").get_json()
    assert gone["state"] == "withdrawn"
    assert told(programs, "/owed-back", role="lead") == {"owed_back": []}


def test_repricing_where_nothing_was_wrong_finds_nothing_and_proposes_nothing(programs):
    scope = "from_on=2023-01-01&until_on=2027-01-01"
    shown = told(programs, f"/corrections/reprice?{scope}", role="senior")
    assert (shown["content_hash"], shown["claim_count"]) == (None, 0)
    given = {
        "from_on": "2023-01-01", "until_on": "2027-01-01", "reason_code": "wrong_schedule", "note": "没有错",
        "content_hash": "0" * 64,
    }  # fmt: skip
    answer = programs.post("/api/v1/corrections/reprice", given, role="senior")
    assert (answer.status_code, why(answer)) == (409, "nothing_to_correct")
    backwards = programs.get("/api/v1/corrections/reprice?from_on=2026-01-02&until_on=2026-01-01", role="senior")
    assert backwards.status_code == 422


def test_an_appeal_is_answered_by_somebody_who_had_no_part_in_it(programs):
    claim = done(programs, at_the_desk(programs, 11), "refuse", reason_code="duplicate")
    filing = {
        "filed_by": "member", "filer_name": "张三", "paper": "申诉书 7", "statement": "不是重复的",
        "filed_on": clock.local_day(clock.now()).isoformat(),
    }  # fmt: skip
    path = f"/api/v1/claims/{claim['id']}/appeals"
    late = programs.post(path, filing | {"filed_on": "2999-01-01"}, role="senior")
    assert late.status_code == 422
    filed = programs.post(path, filing, role="senior")
    assert filed.status_code == 201, filed.text
    appeal = filed.get_json()
    assert appeal["id"] in [one["id"] for one in told(programs, "/appeals", role="lead")["appeals"]]
    answer = {"version": appeal["claim_version"], "outcome": "upheld", "answer": "确实不是重复"}
    here = f"/api/v1/appeals/{appeal['id']}/answer"
    own = programs.post(here, answer, role="senior")
    assert (own.status_code, why(own)) == (409, "not_by_the_same_person")
    stale = programs.post(here, answer | {"version": 0}, role="lead")
    assert (stale.status_code, why(stale)) == (409, "stale_version")
    upheld = programs.post(here, answer, role="lead").get_json()
    assert (upheld["outcome"], upheld["claim_state"]) == ("upheld", "in_review")
    assert told(programs, "/appeals?is_open=false", role="lead")["appeals"][0]["id"] == appeal["id"]


def test_another_threshold_is_tried_and_none_is_set(programs):
    rules = told(programs, "/rules")["rules"]
    assert len(rules) > 40 and all(one["question"] for one in rules)
    threshold = next(
        (one["rule"], each)
        for one in rules
        for each in told(programs, f"/rules/{one['rule']}")["thresholds"]
        if one["effect"] != "refuses"
    )
    rule, of = threshold
    path = f"/rules/{rule}/preview?name={of['name']}&value={of['most']}"
    found = told(programs, path, role="lead")
    assert found["seen_count"] == found["claim_count"] > 0
    assert found["after"] == found["before"] - found["no_longer_count"] + found["newly_count"]
    assert programs.get(f"/api/v1{path}", role="reviewer").status_code == 403
    assert told(programs, f"/rules/{rule}")["changes"] == []
    assert told(programs, f"/rules/{rule}/preview?name={of['name']}&value={10**12}", role="lead", status=422)
    assert told(programs, "/rules/F99", status=404)


def test_money_and_books_are_read_and_moved_by_nobody(programs):
    approved(programs, 12)
    groups = told(programs, "/payments/waiting", role="cashier")["groups"]
    assert sum(one["total_fen"] for one in groups) > 0
    assert told(programs, "/payment-batches", role="cashier") == {"batches": [], "next": None}
    assert told(programs, "/payments/answers", role="lead")["exceptions"] == []
    assert told(programs, "/ledger", role="cashier")["books"] == []
    assert programs.get("/api/v1/payments/waiting", role="reviewer").status_code == 403
    assert programs.post("/api/v1/payment-batches", {}, role="cashier").status_code in (404, 405)


def test_the_law_is_given_whole_and_known_by_its_hash(programs):
    (version,) = told(programs, "/law")["versions"]
    whole = told(programs, f"/law/{version['id']}")
    assert whole["content_hash"] == version["content_hash"] and whole["canonical"].startswith("{")


def test_a_file_on_its_way_in_is_stopped_once(programs):
    sent = programs.post(
        "/api/v1/claim-files?file_name=a.json",
        {"claims": [claim_of(programs, 13)]},
        content_type="application/json",
    ).get_json()
    stopped = programs.post(f"/api/v1/claim-files/{sent['id']}/stop", b"")
    assert stopped.status_code == 200 and stopped.get_json()["state"] == "waiting"
    assert programs.post(f"/api/v1/claim-files/{10**12}/stop", b"").status_code == 404


def test_a_day_is_a_day_everywhere(programs):
    """A day that a program sends is read in one way, so that no other one of ISO 8601 slips in."""
    scope = programs.get("/api/v1/corrections/reprice?from_on=20260101&until_on=2026-W01-1", role="senior")
    assert scope.status_code == 422 and scope.get_json()["faults"].keys() == {"from_on", "until_on"}


def test_an_appeal_has_its_papers_and_a_file_the_claim_holds_is_put_to_it_as_it_is(programs):
    claim = done(programs, at_the_desk(programs, 14), "refuse", reason_code="duplicate")
    filing = {
        "filed_by": "member", "filer_name": "李四", "paper": "申诉书 8", "statement": "不是重复的",
        "filed_on": clock.local_day(clock.now()).isoformat(),
    }  # fmt: skip
    appeal = programs.post(f"/api/v1/claims/{claim['id']}/appeals", filing, role="senior").get_json()
    path = f"/api/v1/appeals/{appeal['id']}/papers?file_name=a.pdf"
    content, held = pdf(), image()
    added = programs.post(path, content, role="senior", content_type="application/pdf")
    assert added.status_code == 201, added.text
    assert add_paper(programs, claim, held, "b.jpg", kind="image/jpeg").status_code == 201
    before = files_kept(programs)
    both = programs.post(path.replace("a.pdf", "b.jpg"), held, role="senior", content_type="image/jpeg").get_json()
    assert len(both["document_ids"]) == 2 and files_kept(programs) == before
    again = programs.post(path, content, role="senior", content_type="application/pdf")
    assert (again.status_code, why(again)) == (409, "document_known")
    nowhere = programs.post(
        f"/api/v1/appeals/{10**12}/papers?file_name=a.pdf", content, role="senior", content_type="application/pdf"
    )
    assert nowhere.status_code == 404


def test_debts_and_what_came_to_light_afterwards_are_read(programs):
    assert told(programs, "/debts?which=all", role="cashier") == {"debts": [], "next": None}
    assert told(programs, "/debts/1", role="lead", status=404)
    found = told(programs, "/findings-afterwards", role="lead")
    assert found["finding_count"] >= len(found["findings"]) >= 0
    nowhere = {"claim_id": 10**12, "finding_no": 1, "verdict": "confirmed"}
    assert programs.post("/api/v1/findings-afterwards", nowhere, role="lead").status_code == 404
    assert programs.post("/api/v1/findings-afterwards", {}, role="lead").status_code == 422
