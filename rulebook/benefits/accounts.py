"""A county's household accounts settled at once, and the credit a household receives."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rulebook.benefits.household_account import Entry, account_loop
from rulebook.benefits.packing import OutOfBounds, ReversalWithoutDecision, SettlementOrderBroken
from rulebook.money import LARGEST_FEN
from rulebook.schedule import Schedule


def credit_fen(schedule: Schedule, *, on: date, persons: int) -> int:
    """What a household's account receives for its enrolled persons ([0] 三、补助原则和办法 1 第2句).

    Raises: NotInForce.
    """
    return schedule.number("household_account_credit", on, "per_person") * persons


def settle_accounts(entries: Mapping[str, Any], *, is_compiled: bool = True) -> dict[str, NDArray[np.int64]]:
    """What each account pays and its balance after each entry, in the rows' own order.

    Args:
        entries: the input columns of `published.ACCOUNT_ENTRIES`, whole accounts.

    Raises: SettlementOrderBroken, ReversalWithoutDecision, OutOfBounds.
    """
    household = np.asarray(entries["household_id"], dtype=np.int64)
    account_no = np.asarray(entries["account_no"], dtype=np.int64)
    order = np.lexsort((account_no, household))
    household, account_no = household[order], account_no[order]
    kind = np.asarray(entries["kind"], dtype=np.int64)[order]
    amount_fen = np.asarray(entries["amount_fen"], dtype=np.int64)[order]
    outside = (amount_fen < 0) | (amount_fen > LARGEST_FEN)
    if outside.any():
        row = int(order[int(np.argmax(outside))])
        raise OutOfBounds(column="amount_fen", row=row, found=int(entries["amount_fen"][row]))
    opens_account = np.ones(len(order), dtype=np.uint8)
    opens_account[1:] = household[1:] != household[:-1]
    entry_id = np.asarray(entries["entry_id"], dtype=np.int64)[order]
    _check_numbers(entry_id, account_no, opens_account)
    reverses_row = _reversed_rows(
        entry_id, np.asarray(entries["reverses_entry_id"], dtype=np.int64)[order], kind, np.cumsum(opens_account)
    )
    paid_fen, balance_fen = np.empty(len(order), dtype=np.int64), np.empty(len(order), dtype=np.int64)
    columns = (kind, amount_fen, opens_account, reverses_row)
    if is_compiled:
        from rulebook.benefits.compiled import compiled_settle_accounts

        compiled_settle_accounts()(*columns, paid_fen, balance_fen)
    else:
        account_loop(0)(*(column.tolist() for column in columns), paid_fen, balance_fen)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return {"paid_fen": paid_fen[back], "balance_fen": balance_fen[back]}


def _check_numbers(
    entry_id: NDArray[np.int64], account_no: NDArray[np.int64], opens_account: NDArray[np.uint8]
) -> None:
    row = np.arange(len(account_no))
    expected = row - np.maximum.accumulate(np.where(opens_account == 1, row, 0)) + 1
    wrong = account_no != expected
    if wrong.any():
        first = int(np.argmax(wrong))
        raise SettlementOrderBroken(
            settlement_id=int(entry_id[first]),
            settlement_no=int(account_no[first]),
            expected=int(expected[first]),
        )


def _reversed_rows(
    entry_id: NDArray[np.int64],
    reverses: NDArray[np.int64],
    kind: NDArray[np.int64],
    account: NDArray[np.int64],
) -> NDArray[np.int64]:
    rows = np.full(len(entry_id), -1, dtype=np.int64)
    place = {int(identity): row for row, identity in enumerate(entry_id)}
    taken: set[int] = set()
    for row in np.flatnonzero(kind == Entry.REVERSAL):
        found = place.get(int(reverses[row]), len(rows))
        is_fit = found < row and kind[found] == Entry.OUTPATIENT and account[found] == account[row]
        if not is_fit or found in taken:
            raise ReversalWithoutDecision(settlement_id=int(entry_id[row]))
        taken.add(found)
        rows[row] = found
    return rows
