"""A made-up county: settlements in random order around every threshold, with reversals, over schedule changes.

The same seed gives the same county. Used by the tests and the bench.
"""

from datetime import date

import numpy as np

# The amounts where the law bends, in fen: deductibles, bands, caps, thresholds.
EDGES_FEN = 100 * np.array(
    [100, 150, 200, 300, 400, 500, 600, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 35_100, 125_100]
)


def random_county(
    decisions: int,
    *,
    seed: int,
    first: date,
    last: date,
    members: int | None = None,
    reversed_share: float = 0.01,
) -> dict[str, np.ndarray]:
    """Columns as in `published.SETTLEMENT_INPUT`, rows shuffled; year and status are decided by the discharge.

    Args:
        first, last: days of discharge, both included.
        reversed_share: how many of the decisions are taken back later in their year.
    """
    rng = np.random.default_rng(seed)
    members = members or max(decisions * 2 // 3, 1)
    member_id = rng.integers(1, members + 1, decisions)
    day = np.datetime64(first) + rng.integers(0, (last - first).days + 1, decisions)
    # Some members become poor, or stop being poor, on a day of their own.
    status_before = rng.choice(3, members + 1, p=[0.80, 0.15, 0.05])
    status_after = np.where(rng.random(members + 1) < 0.2, rng.choice(3, members + 1), status_before)
    changes_on = np.datetime64(first) + rng.integers(0, (last - first).days + 1, members + 1)
    admitted = day - rng.integers(0, 15, decisions)

    def status_on(days):
        return np.where(days >= changes_on[member_id], status_after[member_id], status_before[member_id])

    cost = np.exp(rng.normal(12.4, 1.3, decisions)).astype(np.int64)
    at_edge = rng.random(decisions) < 0.3
    cost = np.where(at_edge, rng.choice(EDGES_FEN, decisions) + rng.integers(-3, 4, decisions), cost)
    split = rng.random((3, decisions)) * np.array([[1.0], [0.6], [0.2]])
    split = np.where(at_edge & (rng.random(decisions) < 0.7), np.array([[1.0], [0.0], [0.0]]), split)
    classes = np.floor(cost * split / np.maximum(split.sum(axis=0), 1.0)).astype(np.int64)
    # Where another payer has paid, the bill's classes add up to more than the member bore.
    cost = np.where(rng.random(decisions) < 0.04, cost // 2, cost)
    county = {
        "member_id": member_id,
        "admitted_on": admitted,
        "discharged_on": day,
        "tier": rng.choice(3, decisions, p=[0.45, 0.40, 0.15]) + 1,
        "status_on_admission": status_on(admitted),
        "status_on_discharge": status_on(day),
        "is_supplemented": (rng.random(members + 1) < 0.5)[member_id].astype(np.int8),
        "cost_fen": cost,
        "class_a_fen": classes[0],
        "class_b_fen": classes[1],
        "class_c_fen": classes[2],
    }
    taken_back = np.flatnonzero(rng.random(decisions) < reversed_share)
    place = rng.random(decisions)
    place = np.concatenate([place, place[taken_back] + (1 - place[taken_back]) * rng.random(len(taken_back))])
    county = {name: np.concatenate([column, column[taken_back]]) for name, column in county.items()}
    county["settlement_id"] = np.arange(1, decisions + len(taken_back) + 1)
    county["reverses_settlement_id"] = np.concatenate([np.zeros(decisions, dtype=np.int64), taken_back + 1])
    year = county["discharged_on"].astype("datetime64[Y]").astype(np.int64)
    order = np.lexsort((county["settlement_id"], place, year, county["member_id"]))
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = (np.diff(county["member_id"][order]) != 0) | (np.diff(year[order]) != 0)
    row = np.arange(len(order))
    county["settlement_no"] = np.empty(len(order), dtype=np.int64)
    county["settlement_no"][order] = row - np.maximum.accumulate(np.where(opens, row, 0)) + 1
    shuffled = rng.permutation(len(order))
    return {name: column[shuffled] for name, column in county.items()}


def rows_of(county: dict[str, np.ndarray]) -> list[dict]:
    """The same county as one dict a row, days as `date` and numbers as `int`."""
    columns = {name: column.tolist() for name, column in county.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
