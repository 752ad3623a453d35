"""A real batch on the simulated bank: what the bank pays, refuses and sends back is told a real listener, each once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from chassis import clock
from chassis.queue.outbox import NewTask, post_many
from contractor.webhooks import jobs, subscribing
from contractor.webhooks.signing import EVENT_ID, SIGNATURE, is_genuine
from simulated_bank.fates import Rates
from tests.payments.trade import AT, CLINIC, HOSPITAL, Trade, opened_trade

HALF_GO_WRONG = Rates(refused=2_500, returned=2_500, delayed=0)
PAYMENTS = 24


@pytest.fixture
def trade(fresh_database, tmp_path):
    trade = opened_trade(fresh_database, tmp_path)
    trade.settings = replace(trade.settings, webhook_targets="any")
    yield trade
    trade.close()


def subscribe(trade: Trade, url: str, kinds: list[str], institution_code: str | None = None) -> str:
    with trade.database.transaction() as session:
        _number, secret = subscribing.add(
            session,
            county_code=trade.county_code,
            label="医院",
            url=url,
            event_kinds=kinds,
            institution_code=institution_code,
            keyring=trade.keyring,
            allowed="any",
            by=trade.people["lead"],
            at=AT,
        )
    return secret


def tell(trade: Trade) -> None:
    """What the periodic task and the worker do until nothing is left to be told."""
    assert jobs.SWEEP_SECONDS, "importing the jobs registers them"
    for number in range(10):
        with trade.database.transaction() as session:
            task = NewTask({}, natural_key=f"told/{number}")
            post_many(session, county_code=trade.county_code, kind="webhooks.sweep", tasks=[task], at=clock.now())
        trade.work()
    left = trade.owner.execute("SELECT count(*) FROM contractor.webhook_delivery WHERE state <> 'delivered'")
    assert left.fetchone() == (0,)


def test_what_the_bank_says_of_each_payment_of_a_batch_is_told_once_with_its_amount(trade, listener):
    secret = subscribe(trade, listener.url, ["payment.settled", "payment.returned"])
    trade.plan(trade.claims(PAYMENTS))
    trade.approved()
    trade.paid(trade.bank(HALF_GO_WRONG, return_seconds=0), rounds=4)
    assert set(trade.batch_states()) == {"settled"}
    tell(trade)
    happened = trade.owner.execute(
        "SELECT e.payment_id, e.event_no, e.event, e.state_after, p.amount_fen, p.institution_code "
        "FROM contractor.payment_event AS e JOIN contractor.payment AS p ON p.id = e.payment_id "
        "WHERE e.event IN ('confirmed', 'refused', 'returned') ORDER BY 1, 2"
    ).fetchall()
    kinds = {"confirmed": "payment.settled", "refused": "payment.returned", "returned": "payment.returned"}
    assert Counter(row[2] for row in happened).keys() == kinds.keys(), "the bank did all three"
    now = int(clock.now().timestamp())
    assert all(is_genuine(secret, one.body, one.headers[SIGNATURE], now=now) for one in listener.heard)
    told = {one.headers[EVENT_ID]: json.loads(one.body) for one in listener.heard}
    assert len(told) == len(listener.heard) == len(happened)
    for payment_id, event_no, event, state, amount_fen, institution_code in happened:
        one = told[f"{trade.county_code}-payment-{payment_id}-{event_no}"]
        assert one["type"] == kinds[event]
        assert (one["data"]["state"], one["data"]["amount_fen"]) == (state, amount_fen)
        assert one["data"]["institution_code"] == institution_code


def test_a_hospital_is_told_of_its_own_payments_and_of_what_it_asked_for_alone(trade, listener):
    subscribe(trade, listener.url, ["payment.settled"], CLINIC)
    trade.plan([*trade.claims(3), *trade.claims(4, institution_code=CLINIC)])
    trade.approved()
    trade.paid(trade.bank(Rates(refused=0, returned=0, delayed=0)))
    assert trade.states() == {"paid": 7}
    tell(trade)
    told = [json.loads(one.body)["data"] for one in listener.heard]
    assert [one["institution_code"] for one in told] == [CLINIC] * 4 and HOSPITAL != CLINIC
