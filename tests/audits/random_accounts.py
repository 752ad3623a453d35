"""Made-up household accounts: credits, visits, premiums, and visits taken back later. The same seed gives the same."""

import numpy as np


def random_accounts(entries: int, *, seed: int, households: int, reversed_share: float = 0.05) -> dict[str, np.ndarray]:
    """Columns as in `published.ACCOUNT_ENTRIES` without its results, rows shuffled."""
    rng = np.random.default_rng(seed)
    household = rng.integers(1, households + 1, entries)
    kind = rng.choice([1, 2, 2, 2, 3], entries)
    amount = rng.choice([0, 1, 799, 800, 801, 1600, 3200, 5000], entries) + rng.integers(0, 2, entries)
    taken_back = np.flatnonzero((kind == 2) & (rng.random(entries) < reversed_share))
    place = rng.random(entries)
    place = np.concatenate([place, place[taken_back] + (1 - place[taken_back]) * rng.random(len(taken_back))])
    accounts = {
        "entry_id": np.arange(1, entries + len(taken_back) + 1),
        "reverses_entry_id": np.concatenate([np.zeros(entries, dtype=np.int64), taken_back + 1]),
        "household_id": np.concatenate([household, household[taken_back]]),
        "kind": np.concatenate([kind, np.full(len(taken_back), 4)]),
        "amount_fen": np.concatenate([amount, amount[taken_back]]),
    }
    order = np.lexsort((place, accounts["household_id"]))
    row = np.arange(len(order))
    opens = np.diff(accounts["household_id"][order], prepend=-1) != 0
    accounts["account_no"] = np.empty(len(order), dtype=np.int64)
    accounts["account_no"][order] = row - np.maximum.accumulate(np.where(opens, row, 0)) + 1
    shuffled = rng.permutation(len(order))
    return {name: column[shuffled] for name, column in accounts.items()}
