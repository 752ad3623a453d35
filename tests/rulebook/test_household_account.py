"""The household account ([0] 三、补助原则和办法 1 第2句, 2 第9、10句), worked by hand and at random."""

from datetime import date

import numpy as np
import pytest

from rulebook.benefits.accounts import credit_fen, settle_accounts
from rulebook.benefits.household_account import Entry
from rulebook.benefits.packing import OutOfBounds, ReversalWithoutDecision, SettlementOrderBroken
from rulebook.schedule import NotInForce
from rulebook.schedule_files import schedules_on_file

CREDIT, VISIT, PREMIUM, REVERSAL = Entry.CREDIT, Entry.OUTPATIENT, Entry.PREMIUM, Entry.REVERSAL

BY_HAND = [
    # what happens, [(kind, amount, reverses, paid, balance)], in fen
    (
        "a family of four: 4 × 8 yuan, outpatient cost as far as it reaches",
        [(CREDIT, 3200, 0, 0, 3200), (VISIT, 3199, 0, 3199, 1), (VISIT, 500, 0, 1, 0), (VISIT, 1, 0, 0, 0)],
    ),
    ("a fen below, at and above the balance", [(CREDIT, 800, 0, 0, 800), (VISIT, 799, 0, 799, 1)]),
    ("a fen below, at and above the balance", [(CREDIT, 800, 0, 0, 800), (VISIT, 800, 0, 800, 0)]),
    ("a fen below, at and above the balance", [(CREDIT, 800, 0, 0, 800), (VISIT, 801, 0, 800, 0)]),
    (
        "the balance carries over to the next year and is added to",
        [(CREDIT, 1600, 0, 0, 1600), (VISIT, 1000, 0, 1000, 600), (CREDIT, 1600, 0, 0, 2200)],
    ),
    ("it does not pay the next year's premium", [(CREDIT, 3200, 0, 0, 3200), (PREMIUM, 1000, 0, 0, 3200)]),
    ("an account without credit pays nothing", [(VISIT, 1000, 0, 0, 0)]),
    (
        "a reversed visit gives back what it took, not what it cost",
        [(CREDIT, 800, 0, 0, 800), (VISIT, 1000, 0, 800, 0), (REVERSAL, 1000, 2, -800, 800), (VISIT, 300, 0, 300, 500)],
    ),
]


def columns(entries, household=1):
    return {
        "entry_id": np.arange(1, len(entries) + 1),
        "reverses_entry_id": np.array([entry[2] for entry in entries]),
        "household_id": np.full(len(entries), household),
        "account_no": np.arange(1, len(entries) + 1),
        "kind": np.array([int(entry[0]) for entry in entries]),
        "amount_fen": np.array([entry[1] for entry in entries]),
    }


@pytest.mark.parametrize("is_compiled", [False, True])
@pytest.mark.parametrize(("happens", "entries"), BY_HAND)
def test_the_account_pays_what_was_worked_by_hand(happens, entries, is_compiled):
    settled = settle_accounts(columns(entries), is_compiled=is_compiled)
    found = list(zip(settled["paid_fen"].tolist(), settled["balance_fen"].tolist(), strict=True))
    assert found == [(entry[3], entry[4]) for entry in entries], happens


def test_a_household_is_credited_eight_yuan_a_person():
    balin = schedules_on_file()["balin_zuoqi"]
    assert credit_fen(balin, on=date(2007, 1, 1), persons=4) == 3200
    with pytest.raises(NotInForce):
        credit_fen(balin, on=date(2006, 12, 31), persons=4)


def test_many_households_in_any_order_agree_with_a_plain_count():
    rng = np.random.default_rng(3)
    n = 5_000
    household = rng.integers(1, 900, n)
    order = np.lexsort((rng.random(n), household))
    account_no = np.empty(n, dtype=np.int64)
    first = np.flatnonzero(np.diff(household[order], prepend=-1))
    account_no[order] = np.arange(n) - np.repeat(first, np.diff(np.append(first, n))) + 1
    entries = {
        "entry_id": np.arange(1, n + 1),
        "reverses_entry_id": np.zeros(n, dtype=np.int64),
        "household_id": household,
        "account_no": account_no,
        "kind": rng.choice([1, 2, 2, 2, 3], n),
        "amount_fen": rng.integers(0, 4_000, n),
    }
    expected_paid, expected_balance = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    balances: dict[int, int] = {}
    for row in sorted(range(n), key=lambda row: account_no[row]):
        balance, amount = balances.get(household[row], 0), int(entries["amount_fen"][row])
        if entries["kind"][row] == 1:
            balance += amount
        elif entries["kind"][row] == 2:
            expected_paid[row] = min(amount, balance)
            balance -= min(amount, balance)
        balances[household[row]] = expected_balance[row] = balance
    for is_compiled in (False, True):
        settled = settle_accounts(entries, is_compiled=is_compiled)
        assert (settled["paid_fen"] == expected_paid).all()
        assert (settled["balance_fen"] == expected_balance).all()


REFUSED = [
    ([(CREDIT, 800, 0), (REVERSAL, 800, 1)], ReversalWithoutDecision, "a credit is not reversed"),
    ([(REVERSAL, 800, 2), (VISIT, 800, 0)], ReversalWithoutDecision, "the visit comes later"),
    ([(VISIT, 8, 0), (REVERSAL, 8, 1), (REVERSAL, 8, 1)], ReversalWithoutDecision, "twice"),
    ([(VISIT, -1, 0)], OutOfBounds, "a negative cost"),
]


@pytest.mark.parametrize(("entries", "refusal", "reason"), REFUSED)
def test_what_cannot_be_is_refused(entries, refusal, reason):
    with pytest.raises(refusal):
        settle_accounts(columns(entries))


def test_an_account_with_a_missing_number_is_refused():
    entries = columns([(CREDIT, 800, 0), (VISIT, 100, 0)])
    entries["account_no"] = np.array([1, 3])
    with pytest.raises(SettlementOrderBroken):
        settle_accounts(entries)
