"""Deciding on claims through the pages: what is decided is what was shown, and who comes second is told."""

from __future__ import annotations

from sqlalchemy import func, select

from contractor.claims.tables import Claim, ClaimEvent, ClaimLine, Settlement
from contractor.payments.tables import Payment
from tests.api.programs import COUNTY
from tests.claims.making import CITY_HOSPITAL
from tests.claims_pages.desks import at_desk, sent, waiting


def record(programs, claim_id: int) -> Claim:
    with programs.database.transaction() as session:
        return session.get_one(Claim, (COUNTY, claim_id))


def count(programs, table, claim_id: int) -> int:
    with programs.database.transaction() as session:
        mine = select(func.count()).select_from(table).where(table.claim_id == claim_id)
        return session.execute(mine).scalar_one()


def test_a_reviewer_takes_up_a_claim_and_approves_it_for_the_amount_on_the_button(programs):
    claim_id, reviewer = waiting(programs, 0), at_desk(programs, "reviewer")
    assert "重复报销" in reviewer.read(f"/claims/{claim_id}")
    assert reviewer.act(claim_id, "take-up", version=0).status_code == 303
    shown = reviewer.client.get(f"/claims/{claim_id}/approve").get_data(as_text=True)
    amount = shown.split('name="shown_fen" value="')[1].split('"')[0]
    assert f"核准 {int(amount) / 100:,.2f} 元" in shown
    assert reviewer.act(claim_id, "approve", version=1, shown_fen=amount).status_code == 303
    with programs.database.transaction() as session:
        settled = session.scalars(select(Settlement).where(Settlement.claim_id == claim_id)).one()
    assert settled.benefits_fen == int(amount) and settled.decided_by == reviewer.staff_id
    assert count(programs, Payment, claim_id) >= 1
    assert "已核准" in reviewer.read(f"/claims/{claim_id}")


def test_an_amount_that_is_no_longer_the_one_shown_is_not_approved(programs):
    claim_id, reviewer = waiting(programs, 1), at_desk(programs, "reviewer")
    reviewer.act(claim_id, "take-up", version=0)
    answer = reviewer.act(claim_id, "approve", version=1, shown_fen=1)
    assert answer.status_code == 409 and "金额已经不同" in answer.get_data(as_text=True)
    assert record(programs, claim_id).state == "in_review"
    assert count(programs, Settlement, claim_id) == count(programs, Payment, claim_id) == 0


def test_who_comes_second_is_told_who_was_first_and_keeps_what_they_typed(programs):
    claim_id = waiting(programs, 2)
    first, second = at_desk(programs, "reviewer", name="王敏"), at_desk(programs, "reviewer", name="赵晓燕")
    first.act(claim_id, "take-up", version=0)
    first.act(claim_id, "refuse", version=1, refuse_reason="duplicate")
    answer = second.act(claim_id, "refuse", version=1, refuse_reason="not_genuine", note="我写的理由还在")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "王敏" in page
    assert [one.state_after for one in events(programs, claim_id)] == ["in_review", "rejected"]


def events(programs, claim_id: int) -> list[ClaimEvent]:
    with programs.database.transaction() as session:
        mine = select(ClaimEvent).where(ClaimEvent.claim_id == claim_id).order_by(ClaimEvent.event_no)
        return list(session.scalars(mine))


def test_what_was_typed_stays_when_the_version_is_stale(programs):
    claim_id = waiting(programs, 3)
    first, second = at_desk(programs, "reviewer", name="王敏"), at_desk(programs, "reviewer")
    first.act(claim_id, "take-up", version=0)
    first.act(claim_id, "release", version=1)
    first.act(claim_id, "take-up", version=2)
    answer = second.act(claim_id, "refuse", version=1, refuse_reason="not_genuine", note="我写的理由还在")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "我写的理由还在" in page and 'value="not_genuine" selected' in page
    assert 'name="version" value="3"' in page


def test_a_line_is_reduced_with_its_reason_and_the_sheet_is_computed_again(programs):
    claim_id, reviewer = waiting(programs, 4), at_desk(programs, "reviewer")
    reviewer.act(claim_id, "take-up", version=0)
    fields = {"reduced-1": "500.00", "before-1": "0.00", "reason-1": "not_necessary"}
    assert reviewer.act(claim_id, "reduce", version=1, **fields).status_code == 303
    with programs.database.transaction() as session:
        line = session.get_one(ClaimLine, (COUNTY, claim_id, 1))
    assert (line.reduced_fen, line.reduce_reason) == (50_000, "not_necessary")
    page = reviewer.read(f"/claims/{claim_id}")
    assert "无指征或过度" in page and "1,500.00" in page


def test_a_reduction_without_a_reason_or_above_the_line_is_refused_and_changes_nothing(programs):
    claim_id, reviewer = waiting(programs, 5), at_desk(programs, "reviewer")
    reviewer.act(claim_id, "take-up", version=0)
    for fields, status, words in (
        ({"reduced-1": "1.00"}, 422, "请选减额的理由"),
        ({"reduced-1": "2000.01", "reason-1": "over_price"}, 422, "减额多于这一行的金额"),
        ({"reduced-1": "1E2", "reason-1": "over_price"}, 422, ""),
        ({"reduced-1": ""}, 422, "没有改动任何一行"),
    ):
        answer = reviewer.act(claim_id, "reduce", version=1, **fields)
        assert answer.status_code == status and words in answer.get_data(as_text=True), fields
    assert record(programs, claim_id).version == 1


def test_papers_are_asked_for_once_and_the_sender_reads_which(programs):
    claim_id, reviewer = waiting(programs, 6), at_desk(programs, "reviewer")
    reviewer.act(claim_id, "take-up", version=0)
    assert reviewer.act(claim_id, "send-back", version=1).status_code == 422
    fields = {"documents": ["invoice", "discharge_summary"], "note": "缺第二联"}
    assert reviewer.act(claim_id, "send-back", version=1, **fields).status_code == 303
    hospital = at_desk(programs, "institution", scope="990121900")
    page = hospital.read(f"/claims/{claim_id}")
    assert "发票原件" in page and "出院小结" in page and "缺第二联" in page
    assert at_desk(programs, "intake").act(claim_id, "papers", version=2).status_code == 303
    answer = reviewer.act(claim_id, "send-back", version=3, documents=["bill"])
    assert answer.status_code == 409 and "已经要过一次材料" in answer.get_data(as_text=True)


def test_an_institution_reads_what_was_cut_and_why_and_decides_nothing(programs):
    claim_id, reviewer = waiting(programs, 7), at_desk(programs, "reviewer")
    reviewer.act(claim_id, "take-up", version=0)
    reviewer.act(claim_id, "reduce", version=1, **{"reduced-1": "500.00", "reason-1": "not_necessary"})
    hospital = at_desk(programs, "institution", scope="990121900")
    page = hospital.read(f"/claims/{claim_id}")
    assert "无指征或过度" in page and "500.00" in page and "可疑分" not in page
    assert hospital.act(claim_id, "approve", version=2).status_code == 403
    other = at_desk(programs, "institution", scope=CITY_HOSPITAL)
    assert other.client.get(f"/claims/{claim_id}").status_code == 404


def test_a_manual_claim_goes_on_notice_and_an_objection_brings_it_back(programs):
    told = sent(programs, 8, route="manual", payee_name="张八", payee_account="6222020000000000006")
    claim_id, reviewer = told["id"], at_desk(programs, "reviewer")
    if told["state"] == "received":
        reviewer.act(claim_id, "take-up", version=0)
        assert reviewer.act(claim_id, "approve", version=1).status_code == 303
    version = record(programs, claim_id).version
    assert record(programs, claim_id).state == "on_public_notice"
    assert count(programs, Settlement, claim_id) == 0
    assert reviewer.act(claim_id, "object-to", version=version).status_code == 422
    fields = {"note": "邻居说他没有住院"}
    assert reviewer.act(claim_id, "object-to", version=version, **fields).status_code == 303
    assert record(programs, claim_id).state == "in_review"
