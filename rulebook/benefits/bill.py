"""From the lines of a bill to the sums the benefits start from: price limits, reductions, catalogue classes.

Expenses that break the rules are not compensated ([0] 三、补助原则和办法 3 第5句); what is charged above a price limit
is one of them ([2] 二、9). Drugs follow the catalogue ([0] 四 3): a line belongs to class A, B, C or to none.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rulebook.benefits.packing import OutOfBounds
from rulebook.money import line_fen

NOT_LISTED, CLASS_A, CLASS_B, CLASS_C = 0, 1, 2, 3
# A hundred thousand units, or yuan a unit, in ten-thousandths: their product still fits 64 bits.
LARGEST_E4 = 10**9


class BillLine(NamedTuple):
    """One line. `price_limit_e4` is -1 where the catalogue sets no limit for the institution's tier on that day."""

    quantity_e4: int
    unit_price_e4: int
    price_limit_e4: int
    catalogue_class: int
    reduced_fen: int


class LineSums(NamedTuple):
    """One line's amounts: what was charged, what of it lay above the limit, what the reviewer cut, what is left."""

    charged_fen: int
    over_limit_fen: int
    reduced_fen: int
    allowed_fen: int


class BillSums(NamedTuple):
    """A bill's amounts. The three classes and what no class lists add up to what is allowed."""

    charged_fen: int
    over_limit_fen: int
    reduced_fen: int
    not_listed_fen: int
    class_a_fen: int
    class_b_fen: int
    class_c_fen: int


def line_sums(line: BillLine) -> LineSums:
    """One line, half-up to the fen at its price and at its limit."""
    charged_fen = line_fen(line.quantity_e4, line.unit_price_e4)
    # Above the price limit nothing counts. [2] 二、9.
    counted_price_e4 = line.unit_price_e4
    if line.price_limit_e4 >= 0:
        counted_price_e4 = min(line.unit_price_e4, line.price_limit_e4)
    within_limit_fen = line_fen(line.quantity_e4, counted_price_e4)
    # The reviewer cannot cut more than the line still holds.
    reduced_fen = min(line.reduced_fen, within_limit_fen)
    return LineSums(charged_fen, charged_fen - within_limit_fen, reduced_fen, within_limit_fen - reduced_fen)


def bill_sums(lines: Iterable[BillLine]) -> BillSums:
    """The sums of one bill."""
    charged_fen = over_limit_fen = reduced_fen = 0
    by_class = [0, 0, 0, 0]
    for line in lines:
        sums = line_sums(line)
        charged_fen += sums.charged_fen
        over_limit_fen += sums.over_limit_fen
        reduced_fen += sums.reduced_fen
        by_class[line.catalogue_class] += sums.allowed_fen
    return BillSums(charged_fen, over_limit_fen, reduced_fen, *by_class)


def bills_sums(claim_row: NDArray[Any], lines: Mapping[str, NDArray[Any]], *, claims: int) -> dict[str, Any]:
    """The sums of many bills at once, equal to `bill_sums` of each.

    Args:
        claim_row: for each line the row of its claim, from 0.
        lines: columns named as the fields of `BillLine`.
        claims: how many claims there are; one without lines has sums of 0.

    Raises: OutOfBounds.
    """
    columns = {name: np.asarray(lines[name], dtype=np.int64) for name in BillLine._fields}
    bounds = {
        "quantity_e4": (0, LARGEST_E4),
        "unit_price_e4": (0, LARGEST_E4),
        "price_limit_e4": (-1, LARGEST_E4),
        "catalogue_class": (NOT_LISTED, CLASS_C),
        "reduced_fen": (0, LARGEST_E4 * LARGEST_E4),
    }
    for name, (lowest, highest) in bounds.items():
        outside = (columns[name] < lowest) | (columns[name] > highest)
        if outside.any():
            row = int(np.argmax(outside))
            raise OutOfBounds(column=name, row=row, found=int(columns[name][row]))
    quantity, price, limit = columns["quantity_e4"], columns["unit_price_e4"], columns["price_limit_e4"]
    charged = line_fen_of(quantity, price)
    within = line_fen_of(quantity, np.where(limit >= 0, np.minimum(price, limit), price))
    reduced = np.minimum(columns["reduced_fen"], within)
    sums: dict[str, Any] = {name: np.zeros(claims, dtype=np.int64) for name in BillSums._fields}
    np.add.at(sums["charged_fen"], claim_row, charged)
    np.add.at(sums["over_limit_fen"], claim_row, charged - within)
    np.add.at(sums["reduced_fen"], claim_row, reduced)
    for place, name in enumerate(("not_listed_fen", "class_a_fen", "class_b_fen", "class_c_fen")):
        own = columns["catalogue_class"] == place
        np.add.at(sums[name], np.asarray(claim_row)[own], (within - reduced)[own])
    return sums


def line_fen_of(quantity_e4: NDArray[np.int64], unit_price_e4: NDArray[np.int64]) -> NDArray[np.int64]:
    """`money.line_fen` over columns."""
    return (quantity_e4 * unit_price_e4 + 500_000) // 1_000_000
