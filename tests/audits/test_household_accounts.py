"""The household account recomputed: by hand, against the engine called and not read, and accounts that cannot be."""

import numpy as np
import pandas as pd
import pytest

from oversight.audits.differences import account_differences
from oversight.audits.household_accounts import BrokenAccount, recompute_accounts
from oversight.audits.yearly_order import AMOUNT, CODE, GAP, NO_DECISION, TWICE
from rulebook.benefits.accounts import settle_accounts
from tests.audits.random_accounts import random_accounts

CREDIT, VISIT, PREMIUM, REVERSAL = 1, 2, 3, 4

BY_HAND = [
    # [0] 三、补助原则和办法 2 第9、10句; (kind, amount, reverses, paid, balance), in fen
    (
        "four persons, 8 yuan each; as far as it reaches",
        [(1, 3200, 0, 0, 3200), (2, 3199, 0, 3199, 1), (2, 9, 0, 1, 0)],
    ),
    ("a fen below the balance", [(CREDIT, 800, 0, 0, 800), (VISIT, 799, 0, 799, 1)]),
    ("at the balance", [(CREDIT, 800, 0, 0, 800), (VISIT, 800, 0, 800, 0)]),
    ("a fen above the balance", [(CREDIT, 800, 0, 0, 800), (VISIT, 801, 0, 800, 0), (CREDIT, 5, 0, 0, 5)]),
    ("carried over to the next year", [(CREDIT, 1600, 0, 0, 1600), (VISIT, 1000, 0, 1000, 600), (1, 1600, 0, 0, 2200)]),
    ("not for the next year's premium", [(CREDIT, 3200, 0, 0, 3200), (PREMIUM, 1000, 0, 0, 3200)]),
    ("without credit nothing is paid", [(VISIT, 1000, 0, 0, 0), (CREDIT, 800, 0, 0, 800)]),
    (
        "a visit taken back gives what it took, not what it cost",
        [(CREDIT, 800, 0, 0, 800), (VISIT, 1000, 0, 800, 0), (REVERSAL, 1000, 2, -800, 800), (VISIT, 300, 0, 300, 500)],
    ),
    (
        "two taken back one after the other",
        [
            (1, 900, 0, 0, 900),
            (2, 500, 0, 500, 400),
            (2, 500, 0, 400, 0),
            (4, 500, 2, -500, 500),
            (4, 500, 3, -400, 900),
        ],
    ),
]


def columns(entries):
    return {
        "entry_id": np.arange(1, len(entries) + 1),
        "reverses_entry_id": np.array([entry[2] for entry in entries]),
        "household_id": np.full(len(entries), 1),
        "account_no": np.arange(1, len(entries) + 1),
        "kind": np.array([entry[0] for entry in entries]),
        "amount_fen": np.array([entry[1] for entry in entries]),
    }


@pytest.mark.parametrize(("happens", "entries"), BY_HAND)
def test_the_recomputed_account_pays_what_was_worked_by_hand(happens, entries):
    found = recompute_accounts(columns(entries))
    assert list(zip(found["paid_fen"], found["balance_fen"], strict=True)) == [entry[3:] for entry in entries], happens


@pytest.mark.parametrize("households", [12, 9_000])
def test_fifty_thousand_entries_with_visits_taken_back_agree_with_the_engine(households):
    accounts = random_accounts(50_000, seed=4, households=households)
    published = pd.DataFrame({**accounts, **settle_accounts(accounts)})
    found = account_differences(published, recompute_accounts(accounts))
    assert found.empty, found.head(1).to_dict("records")
    assert (published["paid_fen"] < 0).sum() > 300


BROKEN = [
    ({"account_no": [1, 2, 4]}, GAP),
    ({"reverses_entry_id": [0, 0, 9]}, NO_DECISION),
    ({"reverses_entry_id": [0, 0, 1]}, NO_DECISION),
    ({"reverses_entry_id": [0, 0, 0]}, CODE),
    ({"kind": [1, 2, 5]}, CODE),
    ({"amount_fen": [800, -1, 800]}, AMOUNT),
]


@pytest.mark.parametrize(("changed", "fault"), BROKEN)
def test_an_account_that_cannot_be_recomputed_is_refused(changed, fault):
    accounts = columns([(CREDIT, 800, 0), (VISIT, 500, 0), (REVERSAL, 500, 2)])
    with pytest.raises(BrokenAccount) as refused:
        recompute_accounts(accounts | {name: np.array(column) for name, column in changed.items()})
    assert refused.value.facts["fault"] == fault


def test_a_visit_is_taken_back_at_most_once():
    with pytest.raises(BrokenAccount) as refused:
        recompute_accounts(columns([(CREDIT, 800, 0), (VISIT, 500, 0), (REVERSAL, 500, 2), (REVERSAL, 500, 2)]))
    assert refused.value.facts == {"entry_id": 4, "fault": TWICE}
