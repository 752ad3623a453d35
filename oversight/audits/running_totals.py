"""What a member's year has used up, told from sums alone: the closed forms of the second method.

The engine remembers a state and takes one settlement after another. Here nothing is remembered: a band, a threshold or
a yearly limit is a monotone function of a running total, and what one settlement receives is the difference of that
function after it and before it (docs/law/benefit_order.md, sections 3, 4.3, 4.5, 4.6 and 6).
"""

from dataclasses import dataclass

import numpy as np

Column = np.ndarray
PPM = 1_000_000


@dataclass(frozen=True)
class Years:
    """Rows in the order of member, year and settlement number, with the reversals among them.

    Args:
        first: for every row the place of the first row of its year.
        reversals, decisions: the places of the reversals and of what each takes back, in the same year and before it.
    """

    first: Column
    reversals: Column
    decisions: Column

    @classmethod
    def of(cls, opens: Column, reversals: Column, decisions: Column) -> "Years":
        """Args: opens: true for the first row of every year."""
        return cls(place_of_last(opens), reversals, decisions)

    def signed(self, amounts: Column) -> Column:
        """Section 6: a reversal carries the results of its decision with the other sign. Changes `amounts` in place."""
        amounts[self.reversals] = -amounts[self.decisions]
        return amounts

    def before(self, amounts: Column) -> Column:
        """Section 3: the plain sum of the amounts of the same year with a smaller settlement number."""
        running = np.cumsum(amounts)
        running -= amounts
        return running - running[self.first]


def share_ppm(amount: Column, ppm: Column) -> Column:
    """A share in parts per million, half-up to the fen: floor((fen × ppm + 500,000) ÷ 1,000,000)."""
    return (amount * ppm + PPM // 2) // PPM


def banded_share(start: Column, stop: Column, ends: tuple[Column, Column], rates: tuple[Column, ...]) -> Column:
    """What the stretch from `start` to `stop` receives: each band's part at its rate, added, rounded once."""
    band_1, band_2 = ends
    rate_1, rate_2, rate_3 = rates
    # With one rate for all bands their ends decide nothing.
    if rate_1 is rate_2 is rate_3 or _is_one_rate(rates):
        return share_ppm(stop - start, rate_1)
    in_band_1 = np.minimum(stop, band_1) - np.minimum(start, band_1)
    up_to_band_2 = np.minimum(stop, band_2) - np.minimum(start, band_2)
    whole = in_band_1 * rate_1 + (up_to_band_2 - in_band_1) * rate_2 + (stop - start - up_to_band_2) * rate_3
    return (whole + PPM // 2) // PPM


def under_yearly_limit(wanted: Column, limit: Column, years: Years) -> Column:
    """What is paid where a year's total is limited: `min(wanted, max(limit − paid before, 0))`, reversals signed.

    A year whose plain total never passes its limit is not touched by it. In the others the year falls into stretches
    with one limit and without a reversal; within a stretch the total after a settlement is
    `max(begin, min(begin + Σ wanted, limit))`, and what is paid is the difference of two such totals.

    Args:
        wanted: whole fen, never negative on a decision; what stands on a reversal is not read.
        limit: one number for each row, or a single one for all.
    """
    paid = years.signed(wanted.copy())
    total = years.before(paid)
    total += paid
    passed = total > limit
    passed[years.reversals] = False
    if not passed.any():
        return paid
    touched = np.zeros(len(paid), dtype=bool)
    touched[years.first[passed]] = True
    rows = np.flatnonzero(touched[years.first])
    new_place = np.cumsum(touched[years.first]) - 1
    inside = touched[years.first[years.reversals]]
    first = new_place[years.first[rows]]
    paid[rows] = _limited(
        wanted[rows],
        limit[rows] if len(limit) > 1 else np.full(len(rows), limit[0]),
        first,
        new_place[years.reversals[inside]],
        new_place[years.decisions[inside]],
    )
    return paid


def _limited(wanted: Column, limit: Column, first: Column, reversals: Column, decisions: Column) -> Column:
    """`under_yearly_limit` for the years that pass their limit, stretch after stretch of all years at once."""
    rows = len(wanted)
    reverses = np.full(rows, -1)
    reverses[reversals] = decisions
    opens_year = first == np.arange(rows)
    opens = opens_year | (reverses >= 0)
    opens[1:] |= (reverses[:-1] >= 0) | (limit[1:] != limit[:-1])
    stretch_first = place_of_last(opens)
    wanted = np.where(reverses >= 0, 0, wanted)
    running = np.cumsum(wanted)
    running -= (running - wanted)[stretch_first]
    paid, total = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    for places in stretches(opens, opens_year, first):
        begins_year = opens_year[stretch_first[places]]
        begin = np.where(begins_year, 0, total[stretch_first[places] - 1])
        back = reverses[places]
        after = np.maximum(begin, np.minimum(begin + running[places], limit[places]))
        total[places] = np.where(back >= 0, begin - paid[back], after)
        before = np.where(opens[places], begin, total[places - 1])
        paid[places] = total[places] - before
    return paid


def stretches(opens: Column, opens_year: Column, first: Column) -> list[Column]:
    """The places of all first stretches of their years, then of all second ones, and so on."""
    number = np.cumsum(opens)
    number -= number[first]
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)


def place_of_last(opens: Column) -> Column:
    """For every row the place of the latest row at or before it that opens something."""
    return np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))


def _is_one_rate(rates: tuple[Column, ...]) -> bool:
    return all(len(rate) == 1 for rate in rates) and rates[0][0] == rates[1][0] == rates[2][0]
