"""One claim on one screen: what a line would come to, what is kept of it, and what is never written by looking."""

from __future__ import annotations

import re

from sqlalchemy import select, text

from contractor.claims.tables import Claim, ClaimEvent, ClaimLine, Settlement
from contractor.review.kept.tables import ReviewDraft
from tests.api.programs import COUNTY
from tests.claims.making import HOSPITAL
from tests.claims_pages.desks import at_desk, text_of, waiting

SCRIPT = {"X-Asked-By": "script"}
CUT = {"reduced-1": "500.00", "before-1": "0.00", "reason-1": "not_necessary", "was-1": ""}
WRITTEN = (
    "claim",
    "claim_line",
    "claim_event",
    "claim_finding",
    "settlement",
    "member_year",
    "review_draft",
    "payment",
)


def taken(programs, place, name="林晓岚"):
    claim_id, reviewer = waiting(programs, place), at_desk(programs, "reviewer", name=name)
    assert reviewer.act(claim_id, "take-up", version=0).status_code == 303
    return claim_id, reviewer


def previewed(reviewer, claim_id, **fields):
    return reviewer.client.post(f"/claims/{claim_id}/preview", data={"version": 1} | fields, headers=SCRIPT)


def drafted(reviewer, claim_id, *, version=1, **fields):
    answer = reviewer.client.post(f"/claims/{claim_id}/draft", data={"version": version} | fields, headers=SCRIPT)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def screen(reviewer, claim_id) -> str:
    answer = reviewer.client.get(f"/claims/{claim_id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def in_field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found[1]


def all_rows(programs) -> dict[str, str]:
    with programs.database.transaction() as session:
        return {
            table: session.execute(
                text(
                    f"SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM contractor.{table} AS t"
                )
            ).scalar_one()
            for table in WRITTEN
        }


def test_a_line_typed_in_shows_what_an_approval_would_come_to(programs):
    claim_id, reviewer = taken(programs, 0)
    answer = previewed(reviewer, claim_id, **CUT)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "<html" not in told, "only what changes is sent"
    words = text_of(told)
    assert "减 500.00" in words and "无指征或过度" in words and "1,500.00" in words
    shown = int(in_field(told, "shown_fen"))
    assert reviewer.act(claim_id, "approve", version=1, shown_fen=shown, **CUT).status_code == 303
    with programs.database.transaction() as session:
        settled = session.scalars(select(Settlement).where(Settlement.claim_id == claim_id)).one()
        line = session.get_one(ClaimLine, (COUNTY, claim_id, 1))
        events = session.scalars(select(ClaimEvent.event).where(ClaimEvent.claim_id == claim_id)).all()
    assert settled.benefits_fen == shown, "what is decided is what was shown"
    assert (line.reduced_fen, line.reduce_reason) == (50_000, "not_necessary")
    assert list(events) == ["taken_up", "reduced", "approved"]


def test_looking_at_what_would_come_of_it_writes_nothing(programs):
    claim_id, reviewer = taken(programs, 1)
    before = all_rows(programs)
    assert previewed(reviewer, claim_id, **CUT).status_code == 200
    assert reviewer.client.post(f"/claims/{claim_id}/preview", data={"version": 1} | CUT).status_code == 200
    assert all_rows(programs) == before


def test_an_approval_whose_lines_cannot_be_read_decides_nothing_and_keeps_what_was_typed(programs):
    claim_id, reviewer = taken(programs, 2)
    for fields, words in (
        ({"reduced-1": "1E2", "reason-1": "over_price"}, "1E2"),
        ({"reduced-1": "500.00", "reason-1": ""}, "请选减额的理由"),
        ({"reduced-1": "9999.00", "reason-1": "over_price"}, "减额多于这一行的金额"),
    ):
        answer = reviewer.act(claim_id, "approve", version=1, **fields)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422 and words in page, fields
        assert in_field(page, "reduced-1") == fields["reduced-1"]
    with programs.database.transaction() as session:
        assert session.get_one(Claim, (COUNTY, claim_id)).version == 1
        assert session.get_one(ClaimLine, (COUNTY, claim_id, 1)).reduced_fen == 0


def test_a_reduction_and_an_approval_for_another_amount_than_shown_are_both_undone(programs):
    claim_id, reviewer = taken(programs, 3)
    answer = reviewer.act(claim_id, "approve", version=1, shown_fen=1, **CUT)
    assert answer.status_code == 409 and "金额已经不同" in answer.get_data(as_text=True)
    with programs.database.transaction() as session:
        assert session.get_one(ClaimLine, (COUNTY, claim_id, 1)).reduced_fen == 0
        assert session.get_one(Claim, (COUNTY, claim_id)).version == 1


def test_a_draft_is_back_in_the_fields_and_in_the_sheet_after_signing_in_again(programs):
    claim_id, reviewer = taken(programs, 4)
    assert "草稿" in drafted(reviewer, claim_id, note="等病历", **CUT)
    page = screen(reviewer, claim_id)
    assert in_field(page, "reduced-1") == "500.00" and in_field(page, "note") == "等病历"
    assert "减 500.00" in text_of(page) and "已存" in text_of(page)


def said_of(page: str, number: int) -> str:
    """What is chosen of a finding; empty where nothing is."""
    field = re.search(rf'<select[^>]* name="verdict-{number}".*?</select>', page, re.S)
    assert field, f"nothing can be said of finding {number}"
    chosen = re.search(r'<option value="([^"]*)" selected', field[0])
    return chosen[1] if chosen else ""


def test_what_was_said_of_a_finding_comes_back_with_the_draft_and_is_recorded_with_the_decision(programs):
    claim_id, reviewer = taken(programs, 9)
    assert said_of(screen(reviewer, claim_id), 1) == ""
    drafted(reviewer, claim_id, **{"verdict-1": "false_alarm", "verdict-99": "confirmed"})
    assert said_of(screen(reviewer, claim_id), 1) == "false_alarm"
    # The page of a refusal asks the same, and knows what was said on the screen before.
    refusal = reviewer.client.get(f"/claims/{claim_id}/refuse").get_data(as_text=True)
    assert said_of(refusal, 1) == "false_alarm"
    drafted(reviewer, claim_id, note="不说了", **{"verdict-1": ""})
    assert said_of(screen(reviewer, claim_id), 1) == "", "what was emptied is empty"
    drafted(reviewer, claim_id, **{"verdict-1": "confirmed"})
    with programs.database.transaction() as session:
        mine = session.get_one(ReviewDraft, (COUNTY, claim_id, reviewer.staff_id))
        assert mine.verdicts == {"1": "confirmed"}, "and a finding that is not there is not kept"
        assert session.scalars(text("SELECT count(*) FROM contractor.rule_verdict")).one() == 0
    assert reviewer.act(claim_id, "approve", version=1, **{"verdict-1": "confirmed"}).status_code == 303
    with programs.database.transaction() as session:
        said = session.execute(text("SELECT claim_id, finding_no, verdict FROM contractor.rule_verdict")).all()
        assert [tuple(one) for one in said] == [(claim_id, 1, "confirmed")]
        assert session.get_one(ReviewDraft, (COUNTY, claim_id, reviewer.staff_id)).verdicts == {}


def test_what_was_said_of_a_finding_on_an_older_version_is_read_beside_the_fields(programs):
    claim_id, reviewer = taken(programs, 10)
    drafted(reviewer, claim_id, **{"verdict-1": "false_alarm"})
    reviewer.act(claim_id, "release", version=1)
    reviewer.act(claim_id, "take-up", version=2)
    page = screen(reviewer, claim_id)
    assert said_of(page, 1) == ""
    assert re.search(r"草稿是写在第 1 版上的.*发票.*误报.*放弃草稿", text_of(page))


def test_an_old_window_is_told_that_another_one_holds_the_newer_draft(programs):
    claim_id, reviewer = taken(programs, 11)
    first, second = screen(reviewer, claim_id), screen(reviewer, claim_id)
    windows = [{name: in_field(page, name) for name in ("window", "seen_at")} for page in (first, second)]
    assert windows[0]["window"] != windows[1]["window"]
    drafted(reviewer, claim_id, note="新窗口写的", **windows[1])
    assert "另一个窗口里有您更新的草稿" in drafted(reviewer, claim_id, note="旧窗口写的", **windows[0])
    assert in_field(screen(reviewer, claim_id), "note") == "新窗口写的"
    seen = screen(reviewer, claim_id)
    fresh = {name: in_field(seen, name) for name in ("window", "seen_at")}
    assert "另一个窗口" not in drafted(reviewer, claim_id, note="看过以后接着写", **fresh)


def test_the_draft_of_a_colleague_is_never_shown(programs):
    claim_id, reviewer = taken(programs, 5)
    drafted(reviewer, claim_id, note="只有我看得到", **CUT)
    colleague = at_desk(programs, "senior", name="王敏")
    assert "只有我看得到" not in screen(colleague, claim_id) and "减 500.00" not in text_of(screen(colleague, claim_id))


def test_a_draft_on_an_older_version_is_shown_and_not_put_into_the_fields(programs):
    claim_id, reviewer = taken(programs, 6)
    drafted(reviewer, claim_id, note="写在旧版上", **CUT)
    reviewer.act(claim_id, "release", version=1)
    reviewer.act(claim_id, "take-up", version=2)
    page = screen(reviewer, claim_id)
    assert in_field(page, "reduced-1") == "" and in_field(page, "note") == ""
    words = text_of(page)
    assert "草稿是写在第 1 版上的，现在是第 3 版" in words and "写在旧版上" in words and "500.00" in words


def test_throwing_the_draft_away_leaves_the_lines_as_they_were(programs):
    claim_id, reviewer = taken(programs, 7)
    drafted(reviewer, claim_id, **CUT)
    assert reviewer.client.post(f"/claims/{claim_id}/draft/discard").status_code == 303
    assert in_field(screen(reviewer, claim_id), "reduced-1") == ""


def test_a_decision_ends_the_draft(programs):
    claim_id, reviewer = taken(programs, 8)
    drafted(reviewer, claim_id, **CUT)
    shown = in_field(screen(reviewer, claim_id), "shown_fen")
    assert reviewer.act(claim_id, "approve", version=1, shown_fen=shown, **CUT).status_code == 303
    with programs.database.transaction() as session:
        draft = session.get_one(ReviewDraft, (COUNTY, claim_id, reviewer.staff_id))
    assert draft.discarded_at is not None and draft.reductions == []


def test_who_types_on_while_the_claim_was_taken_over_is_told_by_whom_and_keeps_the_draft(programs):
    claim_id, first = taken(programs, 9, name="王敏")
    second = at_desk(programs, "reviewer", name="赵晓燕")
    first.act(claim_id, "release", version=1)
    second.act(claim_id, "take-up", version=2)
    kept = drafted(first, claim_id, version=1, note="我写的", **CUT)
    assert "赵晓燕" in kept and "没有丢" in kept
    refused = first.act(claim_id, "approve", version=1, shown_fen=1, **CUT)
    assert refused.status_code == 409 and in_field(refused.get_data(as_text=True), "csrf_token")
    page = text_of(screen(first, claim_id))
    assert "这件由 赵晓燕 处理" in page and "我写的" in page
    assert 'id="claim-approve"' not in screen(first, claim_id)


def test_an_institution_sees_the_lines_and_nothing_of_what_the_insurer_weighs(programs):
    claim_id, reviewer = taken(programs, 10)
    drafted(reviewer, claim_id, note="内部的话", **CUT)
    page = screen(at_desk(programs, "institution", scope=HOSPITAL), claim_id)
    for words in ("内部的话", "户主", "同病同级", "可疑分", 'name="reduced-1"', "年累计"):
        assert words not in page, words


def test_a_claim_goes_up_to_a_second_reviewer_with_a_reason_and_comes_back(programs):
    claim_id, reviewer = taken(programs, 11)
    assert reviewer.act(claim_id, "refer-up", version=1).status_code == 422
    assert reviewer.act(claim_id, "refer-up", version=1, note="金额大，请再看").status_code == 303
    senior = at_desk(programs, "senior", name="孙磊")
    assert "金额大，请再看" in senior.read(f"/claims/{claim_id}")
    assert senior.act(claim_id, "return-to-reviewer", version=2, note="先补病历").status_code == 303
    with programs.database.transaction() as session:
        assert session.get_one(Claim, (COUNTY, claim_id)).state == "in_review"
