"""The room of the rules as people use it: reviewers read, the lead previews, confirms, suspends."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import func, select

from chassis import clock
from contractor.rules.tables import RuleParameter, RuleSuspension, RuleVerdict
from tests.api.programs import COUNTY
from tests.claims_pages.conftest import programs  # noqa: F401 – its fixture is ours too
from tests.claims_pages.desks import Person, at_desk, sent, text_of, waiting
from tests.sites import sign_in


@pytest.fixture()
def lead(programs):  # noqa: F811
    client = programs.app.test_client()
    return Person(client, sign_in(client, "lead", county_code=COUNTY, stepped_up=True))


def asked(**changes) -> dict[str, str]:
    return {
        "name": "total_fen",
        "value": "1000",
        "from_on": str(clock.local_day(clock.now())),
        "reason": "看看",
    } | changes


def kept(programs, table) -> int:  # noqa: F811
    with programs.database.transaction() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_reviewer_reads_every_rule_and_changes_none(programs):  # noqa: F811
    reviewer = at_desk(programs, "reviewer")
    page = reviewer.read("/rules")
    assert "F17" in page and "重复报销" in page
    one = reviewer.read("/rules/F29")
    assert "50,000.00 元" in one and "预览，不写下" not in one and "停用这一条" not in one
    assert "预览：" not in reviewer.read("/rules/F29?name=total_fen&value=1&reason=xx&from_on=2099-01-01")
    assert reviewer.client.get("/rules/F99").status_code == 404
    assert reviewer.client.post("/rules/F29/thresholds").status_code == 403


def test_the_list_is_filtered_and_exported_as_it_is_filtered(programs):  # noqa: F811
    reviewer = at_desk(programs, "reviewer")
    assert "not_enrolled" in reviewer.read("/rules?effect=refuses") and "F29" not in reviewer.read(
        "/rules?effect=refuses"
    )
    assert "没有这样的规则" in reviewer.read("/rules?show=changed")
    export = reviewer.client.get("/rules/export/csv?effect=refuses").get_data(as_text=True)
    assert export.count("\r\n") == 3 and "F29" not in export


def test_the_lead_previews_confirms_what_was_previewed_and_it_is_on_the_page(programs, lead):  # noqa: F811
    sent(programs, 0)
    page = lead.client.get("/rules/F29", query_string=asked()).get_data(as_text=True)
    told = text_of(page)
    assert "0 → 1 处" in told and "新发现 1" in told and kept(programs, RuleParameter) == 0
    signed = re.search(r'name="previewed" value="([^"]+)"', page)[1]
    # Neither without a preview nor with one of another rule.
    assert lead.client.post("/rules/F29/thresholds", data={"value": "1"}).status_code == 409
    assert lead.client.post("/rules/F01/thresholds", data={"previewed": signed}).status_code == 409
    assert kept(programs, RuleParameter) == 0
    assert lead.client.post("/rules/F29/thresholds", data={"previewed": signed}).status_code == 303
    one = lead.read("/rules/F29")
    assert "1,000.00 元" in one and "县里定的" in one and "看看" in one
    assert lead.client.post("/rules/F29/thresholds", data={"previewed": signed}).status_code == 422
    assert kept(programs, RuleParameter) == 1 and "F29" in lead.read("/rules?show=changed")


def test_a_preview_that_was_cut_short_says_how_long_all_would_take_and_leads_to_it(programs, lead, monkeypatch):  # noqa: F811
    monkeypatch.setattr("contractor.rules.previewing.CLAIMS_AT_ONCE", 1)
    monkeypatch.setattr("contractor.rules.pages_one.SECONDS_OF_A_PREVIEW", 0)
    for place in (6, 7):
        sent(programs, place)
    page = lead.client.get("/rules/F29", query_string=asked()).get_data(as_text=True)
    assert "时间到了" in page and "看全部（约" in page
    longer = html.unescape(re.search(r'href="([^"]*whole=1[^"]*)"', page)[1])
    page = lead.client.get(longer).get_data(as_text=True)
    assert "件都看过" in page and "whole=1" not in page and 'name="previewed"' in page
    monkeypatch.setattr("contractor.rules.pages_one.SECONDS_OF_A_LONG_ONE", -1)
    page = lead.client.get("/rules/F29", query_string=asked()).get_data(as_text=True)
    assert "多看一会儿（全部约要" in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"value": "1.005"}, "写成金额"),
        ({"value": ""}, "1"),
        ({"name": "weeks"}, "请选一项"),
        ({"name": "", "value": "5"}, "请选一项"),
        ({"from_on": "2020-01-01"}, "只能从今天或以后"),
        ({"from_on": "soon"}, "看不懂"),
        ({"reason": "x"}, "写下为什么"),
        ({"value": "20000000000"}, "写成金额"),
        ({"rule": "F08", "name": "percentile", "value": "101"}, "从 1 到 100。"),
        ({"rule": "F08", "name": "percentile", "value": "1.5"}, "写成整数"),
    ],
    ids=str,
)
def test_what_cannot_be_previewed_is_said_beside_its_field(lead, changes, told):
    rule = changes.get("rule", "F29")
    answer = lead.client.get(f"/rules/{rule}", query_string=asked(**changes))
    assert answer.status_code == 422 and told in answer.get_data(as_text=True)


def test_the_lead_suspends_and_resumes_with_a_reason(programs, lead):  # noqa: F811
    assert lead.client.post("/rules/F05/suspend", data={"reason": ""}).status_code == 422
    assert kept(programs, RuleSuspension) == 0
    assert lead.client.post("/rules/F05/suspend", data={"reason": "误报太多"}).status_code == 303
    assert "停用，只提示" in lead.read("/rules/F05") and "F05" in lead.read("/rules?show=suspended")
    assert lead.client.post("/rules/F05/suspend", data={"reason": "再停"}).status_code == 409
    assert lead.client.post("/rules/F05/resume", data={"reason": "阈值改了"}).status_code == 303
    one = lead.read("/rules/F05")
    assert "停用记录" in one and "误报太多" in one and "阈值改了" in one and "停用这一条" in one
    assert lead.client.post("/rules/no_law/suspend", data={"reason": "试试"}).status_code == 409


def test_what_a_reviewer_says_of_a_finding_travels_with_the_decision(programs):  # noqa: F811
    claim_id, reviewer = waiting(programs, 4), at_desk(programs, "reviewer")
    reviewer.act(claim_id, "take-up", version=0)
    page = reviewer.client.get(f"/claims/{claim_id}").get_data(as_text=True)
    assert 'name="verdict-1" form="decide-lines"' in page
    refusal = reviewer.client.get(f"/claims/{claim_id}/refuse").get_data(as_text=True)
    assert 'name="verdict-1" form="decide-act"' in refusal
    # A decision that is not taken says nothing of the finding, and what was chosen stands there still.
    said = {"verdict-1": "confirmed", "verdict-x": "confirmed", "verdict-": "confirmed"}
    again = reviewer.act(claim_id, "refuse", version=1, **said)
    assert again.status_code == 422 and 'value="confirmed" selected' in again.get_data(as_text=True)
    assert kept(programs, RuleVerdict) == 0
    assert reviewer.act(claim_id, "refuse", version=1, refuse_reason="duplicate", **said).status_code == 303
    with programs.database.transaction() as session:
        one = session.scalars(select(RuleVerdict)).one()
    assert (one.claim_id, one.finding_no, one.rule, one.verdict, one.by) == (
        claim_id, 1, "F17", "confirmed", reviewer.staff_id,
    )  # fmt: skip
    listed = reviewer.read("/rules?show=judged")
    assert "F17" in listed and "100 %" in listed and "共 1 处" in listed
    # Nothing has to be said.
    other = waiting(programs, 5)
    reviewer.act(other, "take-up", version=0)
    assert reviewer.act(other, "refuse", version=1, refuse_reason="duplicate", **{"verdict-1": ""}).status_code == 303
    assert kept(programs, RuleVerdict) == 1
