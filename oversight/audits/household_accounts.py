"""The household accounts computed again in columns ([0] 三、补助原则和办法 1 第2句, 2 第9、10句; order of benefits 7).

An account that pays "as far as the balance reaches" is a running total that may not fall below nothing: the balance is
the total of credits less costs, lifted by the lowest point that total has reached below nothing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oversight.audits.running_totals import place_of_last, stretches
from oversight.audits.yearly_order import AMOUNT, CODE, GAP, NO_DECISION, TWICE, in_order, numbered, reversals_among
from rulebook.refusals import Refused

Column = np.ndarray

CREDIT, OUTPATIENT, REVERSAL = 1, 2, 4
HIGHEST_FEN = 10**12


class BrokenAccount(Refused):
    """An account that cannot be recomputed as published. Facts: `entry_id`, `fault`."""


def recompute_accounts(entries: Mapping[str, Any]) -> pd.DataFrame:
    """What each entry of the household accounts of a county pays, and the balance after it, in the rows' own order.

    Args:
        entries: columns as in `published.ACCOUNT_ENTRIES`, in any order, each account from its first entry on.

    Returns: entry_id, paid_fen, balance_fen.

    Raises: BrokenAccount.
    """
    ids = np.asarray(entries["entry_id"])
    order, opens, no, kind, amount, reversals, decisions = _placed(entries)
    for places, fault in _faults(opens, no, kind, amount, reversals, decisions):
        raise BrokenAccount(entry_id=ids[order[places[0]]], fault=fault)
    paid, balance = _balances(kind, amount, opens, reversals, decisions)
    told = {"entry_id": ids}
    for name, column in (("paid_fen", paid), ("balance_fen", balance)):
        told[name] = np.empty(len(order), dtype=np.int64)
        told[name][order] = column
    return pd.DataFrame(told, copy=False)


def _balances(
    kind: Column, amount: Column, opens_account: Column, reversals: Column, decisions: Column
) -> tuple[Column, Column]:
    rows = len(kind)
    reverses = np.full(rows, -1)
    reverses[reversals] = decisions
    opens = opens_account | (reverses >= 0)
    opens[1:] |= reverses[:-1] >= 0
    stretch_first = place_of_last(opens)
    # [0] 2 第9、10句: the account pays outpatient cost and nothing else; the next year's premium moves nothing.
    moves = np.where(kind == CREDIT, amount, np.where(kind == OUTPATIENT, -amount, 0))
    running = np.cumsum(moves)
    running -= (running - moves)[stretch_first]
    lowest = pd.Series(running).groupby(stretch_first, sort=False).cummin().to_numpy()
    paid, balance = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    for places in stretches(opens, opens_account, place_of_last(opens_account)):
        begin = np.where(opens_account[stretch_first[places]], 0, balance[stretch_first[places] - 1])
        back = reverses[places]
        after = begin + running[places] - np.minimum(begin + lowest[places], 0)
        # What a reversed visit took comes back, not what it cost.
        balance[places] = np.where(back >= 0, begin + paid[back], after)
        before = np.where(opens[places], begin, balance[places - 1])
        taken = np.where((kind[places] == OUTPATIENT) | (back >= 0), before - balance[places], 0)
        paid[places] = taken
    return paid, balance


def broken_accounts(entries: Mapping[str, Any]) -> pd.DataFrame:
    """Every entry that makes its household's account impossible to recompute: entry_id, household_id, fault."""
    ids, households = np.asarray(entries["entry_id"]), np.asarray(entries["household_id"])
    order, *columns = _placed(entries)
    faults = _faults(*columns)
    places = np.concatenate([places for places, _ in faults]) if faults else np.zeros(0, dtype=np.int64)
    return pd.DataFrame(
        {
            "entry_id": ids[order[places]],
            "household_id": households[order[places]],
            "fault": [fault for places, fault in faults for _ in range(len(places))],
        }
    )


def _placed(entries: Mapping[str, Any]) -> tuple[Column, ...]:
    """The order by account and number, and in it: where an account opens, number, kind, amount, what is reversed."""
    ids = np.asarray(entries["entry_id"])
    household, no = numbered(entries["household_id"]), np.asarray(entries["account_no"], dtype=np.int64)
    # The account is never set back: it has no years, and all its entries stand in one row of numbers.
    order, opens, _, _, no = in_order(household, np.zeros(len(no), dtype=np.int64), no)
    kind, amount = (np.asarray(entries[name], dtype=np.int64)[order] for name in ("kind", "amount_fen"))
    taken_back = np.asarray(entries["reverses_entry_id"], dtype=np.int64)[order]
    return (order, opens, no, kind, amount, *reversals_among(opens, ids[order], taken_back))


def _faults(
    opens: Column, no: Column, kind: Column, amount: Column, reversals: Column, decisions: Column
) -> list[tuple[Column, str]]:
    place = np.arange(len(no)) - place_of_last(opens)
    is_reversal = np.zeros(len(no), dtype=bool)
    is_reversal[reversals] = True
    wrong_target = (decisions < 0) | (kind[decisions] != OUTPATIENT)
    by_decision = np.argsort(decisions, kind="stable")
    again = by_decision[1:][np.diff(decisions[by_decision]) == 0]
    faults = (
        (np.flatnonzero(no != place + 1), GAP),
        (np.flatnonzero((kind < CREDIT) | (kind > REVERSAL) | ((kind == REVERSAL) != is_reversal)), CODE),
        (np.flatnonzero((amount < 0) | (amount > HIGHEST_FEN)), AMOUNT),
        (reversals[wrong_target], NO_DECISION),
        (reversals[again], TWICE),
    )
    return [(places, fault) for places, fault in faults if len(places)]
