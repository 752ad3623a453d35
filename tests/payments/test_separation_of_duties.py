"""Separation of duties with the app's checks switched off: raw SQL as the app's own role (A12)."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from contractor.payments.batches import groups_waiting, make_batches, submit
from simulated_bank.fates import Rates
from tests.payments.attacks import ATTACKS, World, tried
from tests.payments.trade import ALL_PAY, AT, Trade

TRIES = 1000


def world_of(trade: Trade) -> World:
    """One batch in each state, made by the verbs; the bank has answered the first two and not the third."""
    bank = trade.bank()
    payments: dict[str, list[int]] = {}
    batches: dict[str, int] = {}

    def planned(count: int, **amounts: object) -> list[int]:
        before = trade.owner.execute("SELECT coalesce(max(id), 0) FROM contractor.payment").fetchone()[0]
        trade.plan(trade.claims(count, **amounts))
        rows = trade.owner.execute("SELECT id FROM contractor.payment WHERE id > %s ORDER BY id", [before])
        return [row[0] for row in rows]

    payments["paid"] = planned(4)
    (batches["settled"],) = trade.approved()
    trade.paid(bank)
    payments["refused"] = planned(4)
    trade.approved()
    trade.paid(trade.bank(Rates(refused=10_000, returned=0, delayed=0)))
    payments["sent"] = planned(4)
    (batches["sent"],) = trade.approved()
    trade.paid(trade.bank(Rates(refused=0, returned=0, delayed=10_000)), rounds=1)
    payments["sending"] = planned(3)
    (batches["sending"],) = trade.approved()
    trade.work()
    payments["approved"] = planned(3)
    (batches["approved"],) = trade.approved()
    payments["submitted"] = planned(3)
    (batches["submitted"],) = trade.submitted()
    payments["draft"] = planned(3)
    with trade.database.transaction() as session:
        groups = groups_waiting(session, trade.county_code)
        made = make_batches(session, groups, county_code=trade.county_code, by=trade.people["cashier"], at=AT)
    (batches["draft"],) = made
    payments["planned"] = planned(3)
    payments["serious"] = planned(2, pooled_fen=0, serious_fen=300)
    states = {"settled": "settled", "sent": "sent", "sending": "sending", "approved": "approved"}
    found = dict(trade.owner.execute("SELECT id, state FROM contractor.payment_batch").fetchall())
    for name, state in (states | {"submitted": "submitted", "draft": "draft"}).items():
        assert found[batches[name]] == state
    return World(trade, batches, payments)


@pytest.fixture(scope="module")
def world(shared_trade) -> Iterator[World]:
    world = world_of(shared_trade)
    yield world
    world.intruder.close()


def test_a_thousand_acts_against_the_law_are_all_refused_by_the_database(world):
    chance = random.Random(20261120)
    names = [*ATTACKS, *chance.choices(list(ATTACKS), k=TRIES - len(ATTACKS))]
    before = money_of(world.trade)
    refused = [tried(world, name, chance) for name in names]
    assert len(refused) == TRIES
    assert money_of(world.trade) == before
    # Refused by the law or by the lack of a right, never by a mistake in the attack's own text.
    assert {state[:2] for state in refused} <= {"23", "42"}
    assert not {"42601", "42703", "42P01", "42883"} & set(refused)


def test_the_same_acts_in_their_right_form_do_pass(world):
    """Else the attacks might fail for a reason that has nothing to do with who may do what."""
    trade = world.trade
    with trade.database.transaction() as session:
        submit(
            session, county_code=trade.county_code, batch_id=world.batches["draft"], by=trade.people["cashier"], at=AT
        )
    trade.approve(world.batches["submitted"])
    assert ALL_PAY.refused == 0
    found = dict(trade.owner.execute("SELECT id, state FROM contractor.payment_batch").fetchall())
    assert (found[world.batches["draft"]], found[world.batches["submitted"]]) == ("submitted", "approved")


def money_of(trade: Trade) -> list[tuple]:
    return trade.owner.execute(
        "SELECT 'payment', id, state || version || amount_fen || encode(account_index, 'hex') FROM contractor.payment "
        "UNION ALL SELECT 'batch', id, state || version || total_fen FROM contractor.payment_batch "
        "UNION ALL SELECT account_code, balance_fen, leg_count::text FROM contractor.account_balance ORDER BY 1, 2"
    ).fetchall()
