"""From a decided amount to the payee's account and back: the whole way with the simulated bank, and its books."""

from __future__ import annotations

import pytest

from contractor.payments.refusals import CheckedByAnother, PayeeWithoutAccount
from contractor.payments.returned import cancel, reissue
from simulated_bank.fates import Rates
from tests.payments.trade import AT, MUCH_FEN


def test_what_is_decided_is_paid_once_and_the_books_say_so(trade):
    rows = trade.claims(20) + trade.claims(5, serious_fen=700) + trade.claims(3, top_up_fen=40, assistance_fen=55)
    planned = trade.plan(rows)
    assert (planned.payment_count, planned.entitlement_count) == (28 + 5, 3)

    trade.approved()
    trade.paid(trade.bank())

    assert trade.states() == {"paid": 33}
    assert trade.batch_states() == ["settled", "settled"]
    assert trade.exceptions() == {}
    pooled = sum(row.pooled_fen for row in rows)
    assert trade.balances() == {
        "M101": MUCH_FEN - pooled,
        "M201": MUCH_FEN,
        "M301.1": pooled - 120,
        "M301.2": 120,
        "S101": MUCH_FEN - 3500,
        "S201": MUCH_FEN,
        "S301": 3500,
        "U101": MUCH_FEN,
        "U201": MUCH_FEN,
    }


def test_money_on_its_way_stands_in_transit_until_the_bank_has_answered(trade):
    trade.plan(trade.claims(4))
    trade.approved()
    trade.work()
    total = sum(10_000 + number for number in range(1, 5))
    assert trade.batch_states() == ["sending"]
    assert (trade.balances()["M101"], trade.balances()["M101.9"]) == (MUCH_FEN - total, total)
    assert len(list((trade.folder / "data/bank" / trade.county_code / "outbox").glob("*.xml"))) == 1


def test_a_refused_and_a_returned_payment_wait_for_a_person_who_reissues_or_cancels(trade):
    trade.plan(trade.claims(6))
    trade.approved()
    trade.paid(trade.bank(Rates(refused=10_000, returned=0, delayed=0)))
    assert trade.states() == {"refused_by_bank": 6}
    assert "M301.1" not in trade.balances()
    with trade.database.transaction() as session:
        reissue(
            session,
            county_code=trade.county_code,
            payment_id=1,
            account_name="试验医院",
            account="41000000000000777",
            reason="账号更正",
            keyring=trade.keyring,
            by=trade.people["cashier"],
            at=AT,
        )
        cancel(session, county_code=trade.county_code, payment_id=2, reason="撤销", by=trade.people["lead"], at=AT)
    assert trade.states() == {"refused_by_bank": 4, "reissued": 1, "cancelled": 1, "planned": 1}
    trade.approved()
    trade.paid(trade.bank(Rates(refused=0, returned=10_000, delayed=0), return_seconds=30), rounds=4)
    assert trade.states() == {"refused_by_bank": 4, "reissued": 1, "cancelled": 1, "returned": 1}
    assert (trade.balances()["M202"], trade.balances()["M301.1"]) == (10_001, 10_001)
    with trade.database.transaction() as session:
        cancel(session, county_code=trade.county_code, payment_id=7, reason="撤销", by=trade.people["lead"], at=AT)
    assert trade.balances() == {
        "M101": MUCH_FEN, "M201": MUCH_FEN, "S101": MUCH_FEN, "S201": MUCH_FEN, "U101": MUCH_FEN, "U201": MUCH_FEN,
    }  # fmt: skip


def test_a_returned_payment_that_is_paid_after_all_leaves_suspense_and_is_spent_once(trade):
    trade.plan(trade.claims(1))
    trade.approved()
    trade.paid(trade.bank(Rates(refused=0, returned=10_000, delayed=0)), rounds=4)
    with trade.database.transaction() as session:
        reissue(
            session,
            county_code=trade.county_code,
            payment_id=1,
            account_name="试验医院",
            account=None,
            reason="银行更正户名",
            keyring=trade.keyring,
            by=trade.people["cashier2"],
            at=AT,
        )
    trade.approved()
    trade.paid(trade.bank())
    assert trade.states() == {"reissued": 1, "paid": 1}
    assert (trade.balances().get("M202"), trade.balances()["M301.1"]) == (None, 10_001)
    assert trade.balances()["M101"] == MUCH_FEN - 10_001


def test_whoever_made_or_submitted_a_batch_does_not_approve_it(trade):
    trade.plan(trade.claims(2))
    (batch,) = trade.submitted()
    with pytest.raises(CheckedByAnother):
        trade.approve(batch, by="cashier")


def test_a_batch_that_the_account_cannot_pay_stays_approved_and_says_so(trade):
    trade.plan(trade.claims(1, fen=MUCH_FEN))
    trade.approved()
    trade.work()
    assert trade.batch_states() == ["approved"]
    assert trade.exceptions() == {"account_short": 1}


def test_nobody_is_paid_without_an_account_and_nothing_is_planned(trade):
    with pytest.raises(PayeeWithoutAccount) as refusal:
        trade.plan(trade.claims(1) + trade.claims(1, route="manual"))
    assert refusal.value.facts["claims"] == [2]
    assert trade.states() == {}


def test_a_manual_claim_pays_its_payee_in_a_batch_of_the_members(trade):
    trade.plan(trade.claims(3, route="manual", payee_name="王小明", payee_account="6222020000000000000"))
    trade.approved()
    trade.paid(trade.bank())
    kinds = trade.owner.execute("SELECT payee_kind, institution_code FROM contractor.payment_batch").fetchall()
    assert (kinds, trade.states()) == ([("member", None)], {"paid": 3})
