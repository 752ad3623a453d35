"""Claim, payment, ledger and bank agree; and whatever a superuser changes in any of them is found by name (A9)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from contractor.payments.parity import check, check_and_note
from simulated_bank.fates import Rates
from tests.payments.decided import decide, forget_the_law_of_claims, switch_the_law_off
from tests.payments.trade import AT, Trade

LATER = AT + dt.timedelta(days=5)
GRACE = dt.timedelta(days=2)

# What is planted, in SQL of a superuser with every trigger off; then the kinds of discrepancy that must be named.
PLANTED = {
    "a decision whose payment is gone": (
        "DELETE FROM contractor.payment WHERE id = 1",
        {"owed_and_not_planned", "batch_total_differs", "approved_otherwise", "booked_for_nobody", "ordered_otherwise",
         "bank_paid_and_we_did_not"},
    ),
    "a visit that was never planned": (
        "DELETE FROM contractor.payment WHERE account_entry_id IS NOT NULL AND state = 'planned'",
        {"owed_and_not_planned"},
    ),
    "a payment that nobody decided": (
        "DELETE FROM contractor.settlement WHERE id = 5",
        {"planned_and_not_owed"},
    ),
    "a decision changed after it was paid": (
        "UPDATE contractor.settlement SET base_fen = base_fen - 1 WHERE id = 6",
        {"owed_another_amount"},
    ),
    "a payment changed after it was paid": (
        "UPDATE contractor.payment SET amount_fen = amount_fen + 5 WHERE id = 4",
        {"owed_another_amount", "batch_total_differs", "approved_otherwise", "paid_and_not_booked",
         "ordered_otherwise", "bank_paid_otherwise"},
    ),
    "the total of a batch": (
        "UPDATE contractor.payment_batch SET total_fen = total_fen + 1 WHERE id = 1",
        {"batch_total_differs"},
    ),
    "the payee's account after the approval": (
        "UPDATE contractor.payment SET account_index = sha256('mine') WHERE id = 5",
        {"approved_otherwise"},
    ),
    "a leg that is gone": (
        "DELETE FROM contractor.leg WHERE account_code = 'M301.1' "
        "AND payment_id = (SELECT min(id) FROM contractor.payment WHERE state = 'paid')",
        {"paid_and_not_booked", "balance_drifted", "posting_unbalanced"},
    ),
    "a leg for another payment": (
        "UPDATE contractor.leg SET payment_id = 999999 WHERE account_code = 'M301.1' "
        "AND payment_id = (SELECT min(id) FROM contractor.payment WHERE state = 'paid')",
        {"paid_and_not_booked", "booked_for_nobody"},
    ),
    "a balance": (
        "UPDATE contractor.account_balance SET balance_fen = balance_fen + 1 WHERE account_code = 'M101'",
        {"balance_drifted"},
    ),
    "a payment said to be paid": (
        "UPDATE contractor.payment SET state = 'paid' WHERE state = 'refused_by_bank'",
        {"paid_and_not_booked"},
    ),
    "a payment said not to be paid": (
        "UPDATE contractor.payment SET state = 'sent' WHERE id = 7",
        {"in_transit_differs", "booked_and_not_paid"},
    ),
    "a line of our file that is gone": (
        "DELETE FROM contractor.bank_line WHERE says = 'ordered' AND end_to_end_id LIKE '%P000000000008'",
        {"sent_and_not_ordered"},
    ),
    "an amount in our file": (
        "UPDATE contractor.bank_line SET amount_fen = 1 WHERE says = 'ordered' AND end_to_end_id LIKE '%P000000000008'",
        {"ordered_otherwise"},
    ),
    "a line of the bank's statement that is gone": (
        "DELETE FROM contractor.bank_line USING contractor.bank_message AS m WHERE m.id = bank_line.message_id "
        "AND m.kind = 'camt053' AND end_to_end_id LIKE '%P000000000008'",
        {"we_paid_and_the_bank_did_not"},
    ),
    "an amount in the bank's statement": (
        "UPDATE contractor.bank_line SET amount_fen = amount_fen * 2 FROM contractor.bank_message AS m "
        "WHERE m.id = bank_line.message_id AND m.kind = 'camt053' AND end_to_end_id LIKE '%P000000000008'",
        {"bank_paid_otherwise"},
    ),
    "a return of which we know nothing": (
        "UPDATE contractor.payment SET state = 'paid' WHERE state = 'returned'",
        {"bank_returned_and_we_did_not"},
    ),
    "a kept file": (
        "UPDATE contractor.bank_message SET sha256 = sha256('other') WHERE id = 1",
        {"file_was_changed"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def compared(shared_trade) -> Trade:
    trade = shared_trade
    visits = trade.claims(3, pooled_fen=0, route="outpatient", household_account_fen=900)
    visits = [replace(visit, settlement_id=None, account_entry_id=visit.claim_id) for visit in visits]
    rows = trade.claims(12, top_up_fen=30)
    trade.plan(rows)
    trade.approved()
    trade.paid(trade.bank(Rates(refused=1500, returned=1500, delayed=0), seed="5"), rounds=4)
    trade.plan(visits)
    forget_the_law_of_claims(trade)
    decide(trade, [*rows, *visits])
    switch_the_law_off(trade)
    assert {"paid", "refused_by_bank", "returned", "planned"} <= trade.states().keys()
    return trade


def _found(trade: Trade):
    with trade.database.transaction() as session:
        return check(session, county_code=trade.county_code, at=LATER, keyring=trade.keyring, grace=GRACE)


def test_four_witnesses_of_an_honest_trade_agree(compared):
    parity = _found(compared)
    assert (parity.settlement_count, parity.payment_count, parity.discrepancies) == (15, 15, ())
    assert parity.leg_count > 40 and parity.bank_line_count > 30


@pytest.mark.parametrize(("planted", "kinds"), PLANTED.values(), ids=PLANTED)
def test_what_is_planted_in_any_of_them_is_found_by_name(compared, planted, kinds):
    engine = create_engine(compared.test_database.owner_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as superuser, Session(superuser) as session:
        assert superuser.execute(text(planted)).rowcount > 0, "nothing was planted"
        parity = check(session, county_code=compared.county_code, at=LATER, keyring=compared.keyring, grace=GRACE)
        assert set(parity.kinds) == kinds
        superuser.rollback()
    engine.dispose()
    assert _found(compared).discrepancies == ()


def test_what_is_found_stands_before_people_once(compared):
    compared.owner.execute(
        "UPDATE contractor.account_balance SET balance_fen = balance_fen + 1 WHERE account_code = 'M101'"
    )
    for _night in range(2):
        with compared.database.transaction() as session:
            check_and_note(session, county_code=compared.county_code, at=LATER, keyring=compared.keyring, grace=GRACE)
    compared.owner.execute(
        "UPDATE contractor.account_balance SET balance_fen = balance_fen - 1 WHERE account_code = 'M101'"
    )
    assert compared.exceptions() == {"parity": 1}
