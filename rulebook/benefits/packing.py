"""From published columns to the columns the loops run over: sorted by member, year and settlement number.

Which day decides is the schedule's own rule, read on the day of discharge. A settlement whose numbers do not follow
one another, or on whose day no law is in force, is refused here and never computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rulebook.benefits.rules_in_force import CELLS_A_SPAN, is_usable, rules_table
from rulebook.money import LARGEST_FEN
from rulebook.published import SETTLEMENT_INPUT
from rulebook.refusals import Refused
from rulebook.registry import Timeline
from rulebook.rule_shapes import STATUSES, TIERS
from rulebook.schedule import NotInForce

_AMOUNTS = ("cost_fen", "class_a_fen", "class_b_fen", "class_c_fen")


class SettlementOrderBroken(Refused):
    """A member-year's numbers are not 1, 2, 3 … Facts: `settlement_id`, `settlement_no`, `expected`."""


class ReversalWithoutDecision(Refused):
    """A reversal names no earlier decision of its member-year, or one already reversed. Facts: `settlement_id`."""


class OutOfBounds(Refused):
    """A column holds what it cannot. Facts: `column`, `row`, `found`."""


class DecisiveDayDiffers(Refused):
    """Schedules that count by different days cannot share one order. Facts: `schemes`."""


@dataclass(frozen=True)
class Packed:
    """A county's settlements in the order in which they are computed. `order` leads back to the rows given."""

    order: NDArray[np.int64]
    span_starts: tuple[date, ...]
    cost_fen: NDArray[np.int64]
    class_a_fen: NDArray[np.int64]
    class_b_fen: NDArray[np.int64]
    class_c_fen: NDArray[np.int64]
    is_supplemented: NDArray[np.uint8]
    cell: NDArray[np.int32]
    opens_year: NDArray[np.uint8]
    reverses_row: NDArray[np.int32]
    member_id: NDArray[np.int64]
    year: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.cost_fen)


def pack(settlements: Mapping[str, Any], timelines: Sequence[Timeline]) -> Packed:
    """Sorts and checks a county's settlements.

    Args:
        settlements: columns as in `published.SETTLEMENT_INPUT`; a frame works too.
        timelines: the law. With several (a simulation) the first one decides, and all must count by the same day.

    Raises: SettlementOrderBroken, ReversalWithoutDecision, OutOfBounds, DecisiveDayDiffers, NotInForce.
    """
    columns = {c.name: np.asarray(settlements[c.name]).astype(c.dtype, copy=False) for c in SETTLEMENT_INPUT}
    _check_bounds(columns)
    span_starts = tuple(sorted({day for timeline in timelines for day in timeline.dates()}))
    for timeline in timelines[1:]:
        if _decisive_days(timeline, span_starts) != _decisive_days(timelines[0], span_starts):
            raise DecisiveDayDiffers(schemes=[t.spans[0][1].version for t in timelines])
    day, status = _decided_by(columns, timelines[0], span_starts)
    starts = np.array(span_starts, dtype="datetime64[D]")
    span = np.searchsorted(starts, day, side="right") - 1
    year = (day.astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.int32)
    _require_law(day, span, timelines, span_starts)

    member_id, settlement_no = columns["member_id"], columns["settlement_no"]
    order = _order(member_id, year, settlement_no)
    member_id, year, settlement_no = member_id[order], year[order], settlement_no[order]
    opens_year = np.ones(len(order), dtype=np.uint8)
    opens_year[1:] = (member_id[1:] != member_id[:-1]) | (year[1:] != year[:-1])
    _check_numbers(columns["settlement_id"][order], settlement_no, opens_year)
    cell = span * CELLS_A_SPAN + status.astype(np.int64) * len(TIERS) + columns["tier"] - 1
    return Packed(
        order=order,
        span_starts=span_starts,
        **{name: np.ascontiguousarray(columns[name][order]) for name in _AMOUNTS},
        is_supplemented=columns["is_supplemented"][order].astype(np.uint8),
        cell=cell[order].astype(np.int32),
        opens_year=opens_year,
        reverses_row=_reversed_rows(columns, order, opens_year),
        member_id=member_id,
        year=year,
    )


def _check_bounds(columns: Mapping[str, NDArray[Any]]) -> None:
    bounds = dict.fromkeys(_AMOUNTS, (0, LARGEST_FEN))
    bounds |= {"tier": (1, len(TIERS)), "is_supplemented": (0, 1)}
    bounds |= {name: (0, len(STATUSES) - 1) for name in ("status_on_admission", "status_on_discharge")}
    for name, (lowest, highest) in bounds.items():
        outside = (columns[name] < lowest) | (columns[name] > highest)
        if outside.any():
            row = int(np.argmax(outside))
            raise OutOfBounds(column=name, row=row, found=int(columns[name][row]))
    backwards = columns["discharged_on"] < columns["admitted_on"]
    if backwards.any():
        row = int(np.argmax(backwards))
        raise OutOfBounds(column="discharged_on", row=row, found=str(columns["discharged_on"][row]))


def _decisive_days(timeline: Timeline, span_starts: Sequence[date]) -> list[tuple[str, str]]:
    days = []
    for day in span_starts:
        try:
            schedule = timeline.schedule_on(day)
            days.append(
                (schedule.word("decisive_day", day, "year_and_schedule"), schedule.word("decisive_day", day, "status"))
            )
        except Refused:
            days.append(("discharge", "discharge"))
    return days


def _decided_by(
    columns: Mapping[str, NDArray[Any]], timeline: Timeline, span_starts: Sequence[date]
) -> tuple[NDArray[np.datetime64], NDArray[np.int8]]:
    decisive = _decisive_days(timeline, span_starts)
    admitted, discharged = columns["admitted_on"], columns["discharged_on"]
    status_then, status_now = columns["status_on_admission"], columns["status_on_discharge"]
    if set(decisive) == {("discharge", "discharge")}:
        return discharged, status_now
    starts = np.array(span_starts, dtype="datetime64[D]")
    at_discharge = np.maximum(np.searchsorted(starts, discharged, side="right") - 1, 0)
    by_admission = np.array([year == "admission" for year, _ in decisive])[at_discharge]
    status_by_admission = np.array([status == "admission" for _, status in decisive])[at_discharge]
    return np.where(by_admission, admitted, discharged), np.where(status_by_admission, status_then, status_now)


def _require_law(
    day: NDArray[np.datetime64],
    span: NDArray[np.int64],
    timelines: Sequence[Timeline],
    span_starts: Sequence[date],
) -> None:
    for timeline in timelines:
        usable = is_usable(rules_table(timeline, span_starts)[::CELLS_A_SPAN])
        without_law = (span < 0) | ~usable[np.maximum(span, 0)] if len(usable) else np.ones(len(span), dtype=bool)
        if without_law.any():
            first = day[int(np.argmax(without_law))]
            raise NotInForce(scheme=timeline.spans[0][1].key, rule="inpatient_rate", day=first.astype(date))


def _order(
    member_id: NDArray[np.int64], year: NDArray[np.int32], settlement_no: NDArray[np.int32]
) -> NDArray[np.int64]:
    same_member = member_id[1:] == member_id[:-1]
    same_year = same_member & (year[1:] == year[:-1])
    is_sorted = (
        (member_id[1:] > member_id[:-1])
        | (same_member & (year[1:] > year[:-1]))
        | (same_year & (settlement_no[1:] >= settlement_no[:-1]))
    )
    if is_sorted.all():
        return np.arange(len(member_id))
    return np.lexsort((settlement_no, year, member_id))


def _check_numbers(
    settlement_id: NDArray[np.int64], settlement_no: NDArray[np.int32], opens_year: NDArray[np.uint8]
) -> None:
    row = np.arange(len(settlement_no))
    opened_at = np.maximum.accumulate(np.where(opens_year == 1, row, 0))
    expected = row - opened_at + 1
    wrong = settlement_no != expected
    if wrong.any():
        first = int(np.argmax(wrong))
        raise SettlementOrderBroken(
            settlement_id=int(settlement_id[first]),
            settlement_no=int(settlement_no[first]),
            expected=int(expected[first]),
        )


def _reversed_rows(
    columns: Mapping[str, NDArray[Any]], order: NDArray[np.int64], opens_year: NDArray[np.uint8]
) -> NDArray[np.int32]:
    reverses = columns["reverses_settlement_id"][order]
    rows = np.full(len(order), -1, dtype=np.int32)
    reversals = np.flatnonzero(reverses)
    if not len(reversals):
        return rows
    ids = columns["settlement_id"][order]
    by_id = np.argsort(ids, kind="stable")
    found = by_id[np.minimum(np.searchsorted(ids[by_id], reverses[reversals]), len(ids) - 1)]
    member_year = np.cumsum(opens_year, dtype=np.int64)
    wrong = (
        (ids[found] != reverses[reversals])
        | (found >= reversals)
        | (member_year[found] != member_year[reversals])
        | (reverses[found] != 0)
    )
    _, first_place = np.unique(found, return_index=True)
    is_repeated = np.ones(len(found), dtype=bool)
    is_repeated[first_place] = False
    if (wrong | is_repeated).any():
        raise ReversalWithoutDecision(settlement_id=int(ids[reversals[int(np.argmax(wrong | is_repeated))]]))
    rows[reversals] = found
    return rows
