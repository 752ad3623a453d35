"""The household account: one pool a household for outpatient cost ([0] 三、补助原则和办法 1 第2句, 2 第9、10句).

The account pays outpatient cost of any person of the household. What is left carries over to the next year. It does
not pay the next year's premium.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple


class Entry(IntEnum):
    """What an entry of the account is."""

    CREDIT = 1
    OUTPATIENT = 2
    PREMIUM = 3
    REVERSAL = 4


class AccountOutcome(NamedTuple):
    """What one entry does: the balance before, what the account pays, the balance after."""

    before_fen: int
    paid_fen: int
    after_fen: int


CREDIT, OUTPATIENT, PREMIUM, REVERSAL = (int(kind) for kind in Entry)


def account_step(kind: int, amount_fen: int, balance_fen: int) -> AccountOutcome:
    """One entry after another, in the order of the account's own numbers."""
    # The household's credit: so much for each person enrolled, at the start of the year. [0] 1 第2句.
    if kind == CREDIT:
        return AccountOutcome(balance_fen, 0, balance_fen + amount_fen)
    # Outpatient cost is paid as far as the account reaches; it is never overdrawn. [0] 1 第2句.
    if kind == OUTPATIENT:
        paid_fen = min(amount_fen, balance_fen)
        return AccountOutcome(balance_fen, paid_fen, balance_fen - paid_fen)
    # The balance does not pay the next year's premium. [0] 2 第10句. No other entry takes anything either.
    return AccountOutcome(balance_fen, 0, balance_fen)


def account_loop(source_stamp: int) -> Callable[..., None]:
    """The loop over accounts. No year ends in it: the balance carries over. [0] 2 第10句."""

    def settle_accounts(  # type: ignore[no-untyped-def]
        kind, amount_fen, opens_account, reverses_row, paid_fen, balance_fen
    ):
        source_stamp  # noqa: B018
        balance = 0
        for row in range(len(kind)):
            if opens_account[row]:
                balance = 0
            if kind[row] == REVERSAL:
                # What a reversed visit had taken comes back.
                taken_back = reverses_row[row]
                paid_fen[row] = -paid_fen[taken_back]
                balance = balance + paid_fen[taken_back]
            else:
                outcome = account_step(kind[row], amount_fen[row], balance)
                paid_fen[row] = outcome.paid_fen
                balance = outcome.after_fen
            balance_fen[row] = balance

    return settle_accounts
