"""A county's year assessed at once: published columns in, amounts out, equal to the fen to one claim at a time."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rulebook.benefits.packing import Packed, pack
from rulebook.benefits.rules_in_force import rules_table
from rulebook.benefits.settlement import settlement_loop
from rulebook.benefits.terms import Rules
from rulebook.published import SETTLEMENT_RESULT
from rulebook.registry import Timeline

RESULTS = tuple(column.name for column in SETTLEMENT_RESULT)


def assess(settlements: Mapping[str, Any], timeline: Timeline) -> dict[str, NDArray[np.int64]]:
    """The amounts of every settlement, in the rows' own order.

    Args:
        settlements: columns as in `published.SETTLEMENT_INPUT`, whole member-years.

    Raises: as `pack`.
    """
    packed = pack(settlements, [timeline])
    amounts = settle(packed, timeline)
    back = np.empty(len(packed), dtype=np.int64)
    back[packed.order] = np.arange(len(packed))
    return {name: column[back] for name, column in amounts.items()}


def settle(packed: Packed, timeline: Timeline, *, is_compiled: bool = True) -> dict[str, NDArray[np.int64]]:
    """The amounts of every settlement, in packed order.

    Args:
        is_compiled: False runs the same source as plain Python, many times slower, for comparison.
    """
    table = rules_table(timeline, packed.span_starts)
    amounts = {name: np.empty(len(packed), dtype=np.int64) for name in RESULTS}
    columns = loop_columns(packed)
    if is_compiled:
        from rulebook.benefits.compiled import compiled_settle

        compiled_settle()(*columns, table, *amounts.values())
        return amounts
    plain = [column.tolist() for column in columns]
    settlement_loop(0)(*plain, [Rules(*cell) for cell in table.tolist()], *amounts.values())
    return amounts


def loop_columns(packed: Packed) -> list[NDArray[Any]]:
    """The columns the settling loop reads, in its order."""
    return [
        packed.cost_fen,
        packed.class_a_fen,
        packed.class_b_fen,
        packed.class_c_fen,
        packed.is_supplemented,
        packed.cell,
        packed.opens_year,
        packed.reverses_row,
    ]
