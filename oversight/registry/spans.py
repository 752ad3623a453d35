"""Periods of one thing that may not overlap: a status, an agreement, a price.

A row without an end holds "until further notice": the next period of the same thing ends it, whichever of the two was
entered first. A row that states its end is taken at its word, so a next one that begins earlier is a fault. This makes
a file say the same again tomorrow, and again after a later file (decision 0028).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from oversight.registry.plans import Incoming, Plan


def settle_ends(
    plan: Plan, incoming: Sequence[Incoming], known: Mapping[Hashable, Mapping[str, Any]]
) -> list[Incoming]:
    """The rows with their ends settled, and beside them the known periods that a row ends. Keys are (owner, first day).

    Each record in `known` holds `from_on`, `until_on` and whatever else is compared; all periods of the owners that
    the rows name must be among them.
    """
    by_owner: dict[Hashable, dict[dt.date, Incoming | None]] = defaultdict(dict)
    for owner, from_on in known:  # type: ignore[misc]
        by_owner[owner][from_on] = None
    for one in incoming:
        owner, from_on = one.key  # type: ignore[misc]
        by_owner[owner][from_on] = one
    settled: list[Incoming] = []
    for owner in {one.key[0]: None for one in incoming}:  # type: ignore[index]
        settled += _of_one(plan, owner, sorted(by_owner[owner].items()), known)
    return sorted(settled, key=lambda one: one.row)


def _of_one(
    plan: Plan,
    owner: Hashable,
    periods: Sequence[tuple[dt.date, Incoming | None]],
    known: Mapping[Hashable, Mapping[str, Any]],
) -> Iterable[Incoming]:
    for (from_on, one), (next_on, following) in zip(periods, [*periods[1:], (None, None)], strict=True):
        stated = one.values["until_on"] if one else known[owner, from_on]["until_on"]
        if next_on is not None and stated is not None and stated > next_on:
            at_fault = following or one
            if at_fault is None:
                continue
            plan.faults.add(
                at_fault.row,
                "from_on" if following else "until_on",
                "overlapping_period",
                expected=f"≥ {stated}" if following else f"≤ {next_on}",
                found=next_on if following else stated,
            )
        elif one is not None:
            yield Incoming(one.row, one.key, one.subject, {**one.values, "until_on": stated or next_on})
        elif stated is None and following is not None:
            record = known[owner, from_on]
            yield Incoming(
                following.row,
                (owner, from_on),
                f"{following.subject.rsplit(' ', 1)[0]} {from_on}",
                {**record, "until_on": next_on},
            )


def refuse_empty(plan: Plan, row: int, from_on: dt.date, until_on: dt.date | None, *, column: str = "until_on") -> None:
    if until_on is not None and until_on <= from_on:
        plan.faults.add(row, column, "empty_period", expected=f"> {from_on}", found=until_on)
