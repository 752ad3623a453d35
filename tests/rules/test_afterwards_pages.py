"""The lead's page of what came to light after a decision, the board before it, and what may be batched meanwhile."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from sqlalchemy import func, select

from contractor.payments.batches import Group, groups_waiting, make_batches
from contractor.payments.held import held_count
from contractor.payments.queries import waiting as payments_waiting
from contractor.payments.refusals import NothingToBatch
from contractor.payments.tables import Payment
from contractor.rules import afterwards
from contractor.rules.tables import RuleVerdict
from tests.api.programs import COUNTY
from tests.claims_pages.conftest import programs  # noqa: F401 – its fixture is ours too
from tests.claims_pages.desks import Person, at_desk, sent, waiting
from tests.rules.test_afterwards import found_by_night, told
from tests.sites import sign_in

POOLED = Group("pooled", "institution")


@pytest.fixture()
def lead(programs):  # noqa: F811
    client = programs.app.test_client()
    return Person(client, sign_in(client, "lead", county_code=COUNTY))


def test_the_lead_sees_what_is_unpaid_first_and_says_whether_it_is_right(module_database, programs, lead):  # noqa: F811
    paid, unpaid = sent(programs, 0)["id"], sent(programs, 1)["id"]
    assert "没有裁定以后的发现" in lead.read("/rules/afterwards") and "去核实" not in lead.read("/review/board")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    with programs.database.transaction() as session:
        found_by_night(session, paid, "F28", at=later)
        found_by_night(session, unpaid, "F38", at=later)
    cashier = at_desk(programs, "cashier")
    with programs.database.transaction() as session:
        make_batches(session, [POOLED], county_code=COUNTY, by=cashier.staff_id, at=later)
    with psycopg.connect(module_database.owner_url) as owner:
        # The long way through the bank is another test's; here the money has left.
        owner.execute("ALTER TABLE contractor.payment DISABLE TRIGGER payments_move")
        owner.execute("UPDATE contractor.payment SET state = 'paid' WHERE claim_id = %s", [paid])
        owner.execute("ALTER TABLE contractor.payment ENABLE ALWAYS TRIGGER payments_move")
    page = lead.read("/rules/afterwards")
    assert page.index("还没有付") < page.index("F38") < page.index("已经付出") < page.index("F28")
    assert page.count("暂不付") == 1 and "2 处发现" in page and "其中 1 处还没有付" in page
    board = lead.read("/review/board")
    assert "裁定以后的发现 2 处" in board and "其中 1 处还没有付" in board
    assert "1 笔暂不付" in cashier.read("/payments")
    said = {"claim_id": unpaid, "finding_no": 1, "verdict": "confirmed"}
    assert at_desk(programs, "reviewer").client.post("/rules/afterwards", data=said).status_code == 403
    assert lead.client.post("/rules/afterwards", data=said | {"verdict": "maybe"}).status_code == 422
    assert lead.client.post("/rules/afterwards", data=said | {"claim_id": "²"}).status_code == 422
    assert lead.client.post("/rules/afterwards", data=said | {"finding_no": 9}).status_code == 404
    assert lead.client.post("/rules/afterwards", data=said).status_code == 303
    assert "已说：属实" in lead.read("/rules/afterwards")
    assert lead.client.post("/rules/afterwards", data=said | {"verdict": "false_alarm"}).status_code == 303
    assert "F38" not in lead.read("/rules/afterwards") and "F28" in lead.read("/rules/afterwards")
    with programs.database.transaction() as session:
        assert [one.verdict for one in session.scalars(select(RuleVerdict).order_by(RuleVerdict.verdict_no))] == [
            "confirmed", "false_alarm",
        ]  # fmt: skip


def test_nothing_critical_enters_a_batch_until_it_is_called_a_false_alarm(programs, lead):  # noqa: F811
    claim_ids, cashier = [int(sent(programs, place)["id"]) for place in (4, 5)], at_desk(programs, "cashier").staff_id
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)

    def own(session) -> list[tuple[int, str, bool]]:
        return [one for one in told(session) if one[0] in claim_ids]

    def batched() -> int:
        with programs.database.transaction() as session:
            (made,) = make_batches(session, [POOLED], county_code=COUNTY, by=cashier, at=later)
            return session.scalar(select(func.count()).select_from(Payment).where(Payment.batch_id == made))

    with programs.database.transaction() as session:
        found_by_night(session, claim_ids[0], "F38", at=later)
        found_by_night(session, claim_ids[1], "F28", at=later)
        assert held_count(session, COUNTY) == 1
        (group,) = payments_waiting(session, COUNTY)
        assert POOLED in groups_waiting(session, COUNTY)
    assert batched() == group.payment_count
    for verdict in ("unclear", "confirmed"):
        with programs.database.transaction() as session:
            afterwards.judge(session, COUNTY, claim_ids[0], 1, verdict, by=lead.staff_id, at=later)
            assert held_count(session, COUNTY) == 1 and len(own(session)) == 2
            assert POOLED not in groups_waiting(session, COUNTY)
        with pytest.raises(NothingToBatch):
            batched()
    with programs.database.transaction() as session:
        afterwards.judge(session, COUNTY, claim_ids[0], 1, "false_alarm", by=lead.staff_id, at=later)
        assert held_count(session, COUNTY) == 0 and own(session) == [(claim_ids[1], "F28", False)]
    assert batched() == 1


def test_a_claim_that_somebody_decided_with_the_finding_before_them_is_not_proposed(programs, lead):  # noqa: F811
    claim_id, reviewer = waiting(programs, 2), at_desk(programs, "reviewer")
    with programs.database.transaction() as session:
        found_by_night(session, claim_id, "F28", at=dt.datetime.now(dt.UTC))
    reviewer.act(claim_id, "take-up", version=0)
    assert reviewer.act(claim_id, "approve", version=1, note="看过发票").status_code == 303
    assert f"/claims/{claim_id}" not in lead.client.get("/rules/afterwards").get_data(as_text=True)
