"""The bill a second time, in columns: from a claim's lines to the cost and the class sums its benefits start from.

Written from docs/law/benefit_order.md, section 1 ("the bill"), and decision 0037, apart from the engine. Price limit
and class come from the county's own catalogue by item and day and the tier from its registry; the contractor's copies
on the lines are compared and never used.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Column = np.ndarray
Columns = Mapping[str, Column]

E8_A_FEN = 1_000_000  # quantity and price have four decimals each; a fen is two
# A hundred thousand units, or yuan a unit: more is no price, and their product must fit 64 bits.
HIGHEST_E4 = 10**9
MANUAL = 1
NO_LIMIT = -1
NO_TIER = 0
# What of a line may differ, in the order in which it is told; the columns of `rulebook.published.CLAIM_LINES`.
LINE_STEPS = ("charged_fen", "catalogue_class", "price_limit_e4")


def line_fen(quantity_e4: Column, price_e4: Column) -> Column:
    """Quantity × unit price, half-up to the fen."""
    return (quantity_e4 * price_e4 + E8_A_FEN // 2) // E8_A_FEN


def bills(claims: Columns, lines: Columns, catalogue: Columns) -> dict[str, Column]:
    """What the bill of each claim comes to, and the first of its lines on which the contractor says otherwise.

    Args:
        claims: claim_id in rising order, route, tier, institution_reduced_fen, paid_elsewhere_fen.
        lines: of these claims alone, in the order of claim and line; `item` is −1 for one the catalogue does not know.
        catalogue: every entry of the county's catalogue, in the order of item and first day.

    Returns, in the order of the claims:
        cost_fen, class_a_fen, class_b_fen, class_c_fen; billed_fen: the sum of its lines; line_no: the place on the
        bill of the first line that differs, 0 for none; line_step: the place of what differs in `LINE_STEPS`;
        line_published, line_recomputed: both sides of it.
    """
    groups = _Groups(claims["claim_id"], lines["claim_id"])
    place = groups.place
    own = _own_copy(claims, lines, catalogue, place)
    charged = line_fen(own["quantity"], own["price"])
    within = line_fen(
        own["quantity"], np.where(own["limit"] >= 0, np.minimum(own["price"], own["limit"]), own["price"])
    )
    reduced = np.minimum(np.maximum(lines["reduced_fen"], 0), within)
    allowed = within - reduced
    classes = [groups.sum(np.where(own["class"] == number, allowed, 0)) for number in (0, 3, 2, 1)]
    billed = groups.sum(charged)
    found = _after_own_review(claims, billed, groups.sum(charged - allowed), classes)
    found["billed_fen"] = billed
    return found | _first_differing(lines, own, charged, groups)


def _own_copy(claims: Columns, lines: Columns, catalogue: Columns, place: Column) -> dict[str, Column]:
    """What the county knows of each line: class and limit by its catalogue; quantity and price within bounds."""
    entry, is_listed = entry_on(catalogue, lines["item"], lines["performed_on"])
    rows = len(catalogue["item"])
    tier = claims["tier"][place].astype(np.int64)
    limits = np.concatenate(
        [np.full(rows, NO_LIMIT)] + [catalogue[f"limit_{name}_e4"] for name in ("township", "county", "above")]
    )
    is_limited = is_listed & (tier != NO_TIER)
    limit = np.full(len(place), NO_LIMIT, dtype=np.int64)
    limit[is_limited] = limits[(tier * rows + entry)[is_limited]]
    listed_as = np.zeros(len(place), dtype=np.int8)
    listed_as[is_listed] = catalogue["catalogue_class"][entry[is_listed]]
    return {
        "class": listed_as,
        "limit": limit,
        "quantity": np.clip(lines["quantity_e4"], 0, HIGHEST_E4),
        "price": np.clip(lines["unit_price_e4"], 0, HIGHEST_E4),
    }


def entry_on(catalogue: Columns, items: Column, days: Column) -> tuple[Column, Column]:
    """The county's own entry for an item on a day, and whether there is one."""
    if not len(catalogue["item"]):
        return np.zeros(len(items), dtype=np.int64), np.zeros(len(items), dtype=bool)
    numbers = np.arange(catalogue["item"].max() + 1)
    first = np.searchsorted(catalogue["item"], numbers)
    last = np.searchsorted(catalogue["item"], numbers, side="right") - 1
    is_listed = items >= 0
    entry = np.where(is_listed, first[items], 0)
    # An item has few entries: each step goes on to the next one that has begun by the day.
    for _step in range(int((last - first).max())):
        onward = np.minimum(entry + 1, last[items])
        entry = np.where(is_listed & (catalogue["from_on"][onward] <= days), onward, entry)
    is_listed &= (catalogue["from_on"][entry] <= days) & (days < catalogue["until_on"][entry])
    return entry, is_listed


def _after_own_review(claims: Columns, billed: Column, not_counted: Column, classes: list[Column]) -> dict[str, Column]:
    """What the institution's own review took off comes from what counts least: no class first, class A last."""
    cost = billed - claims["institution_reduced_fen"] - claims["paid_elsewhere_fen"]
    # What limit or reviewer took off falls on the institution; a member treated elsewhere has paid the whole bill.
    cost -= np.where(claims["route"] == MANUAL, 0, not_counted)
    left = claims["institution_reduced_fen"].copy()
    kept = []
    for amount in classes:
        taken = np.minimum(left, amount)
        left -= taken
        kept.append(amount - taken)
    _unlisted, class_c, class_b, class_a = kept
    return {"cost_fen": np.maximum(cost, 0), "class_a_fen": class_a, "class_b_fen": class_b, "class_c_fen": class_c}


def _first_differing(lines: Columns, own: Mapping[str, Column], charged: Column, groups: _Groups) -> dict[str, Column]:
    """A line outside the bounds differs in its charge whatever it says, for no such price exists."""
    outside = (lines["quantity_e4"] != own["quantity"]) | (lines["unit_price_e4"] != own["price"])
    outside |= lines["reduced_fen"] < 0
    pairs = (
        (np.where(outside, -1, lines["charged_fen"]), charged),
        (lines["catalogue_class"], own["class"]),
        (lines["price_limit_e4"], own["limit"]),
    )
    found = {
        "line_no": np.zeros(groups.claims, dtype=np.int64),
        "line_step": np.zeros(groups.claims, dtype=np.int8),
        "line_published": np.zeros(groups.claims, dtype=np.int64),
        "line_recomputed": np.zeros(groups.claims, dtype=np.int64),
    }
    differs = np.logical_or.reduce([there != here for there, here in pairs])
    rows = np.flatnonzero(differs)[::-1]
    # Backwards, so that of a claim's lines the first is written last, and of a line's steps the first too.
    for step in range(len(LINE_STEPS) - 1, -1, -1):
        there, here = pairs[step]
        own_rows = rows[there[rows] != here[rows]]
        at = groups.place[own_rows]
        earlier = (found["line_no"][at] == 0) | (groups.place_on_bill[own_rows] <= found["line_no"][at])
        at, own_rows = at[earlier], own_rows[earlier]
        found["line_no"][at] = groups.place_on_bill[own_rows]
        found["line_step"][at] = step
        found["line_published"][at] = (lines["charged_fen"] if step == 0 else there)[own_rows]
        found["line_recomputed"][at] = here[own_rows]
    return found


class _Groups:
    """Sums over the lines of each claim, in whole numbers alone; a claim without lines has nothing."""

    def __init__(self, claim_ids: Column, of_lines: Column) -> None:
        self.claims = len(claim_ids)
        opens = np.empty(len(of_lines), dtype=bool)
        opens[:1], opens[1:] = True, of_lines[1:] != of_lines[:-1]
        self.starts = np.flatnonzero(opens)
        self.places = np.searchsorted(claim_ids, of_lines[self.starts])
        lengths = np.diff(np.append(self.starts, len(of_lines)))
        self.place = np.repeat(self.places, lengths)
        self.place_on_bill = np.arange(len(of_lines)) - np.repeat(self.starts, lengths) + 1

    def sum(self, amounts: Column) -> Column:
        sums = np.zeros(self.claims, dtype=np.int64)
        if len(self.starts):
            sums[self.places] = np.add.reduceat(amounts.astype(np.int64, copy=False), self.starts)
        return sums
