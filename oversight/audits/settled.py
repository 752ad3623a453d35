"""Published settlements against the county's own: its inputs from bill and registry, its results by the second method.

Each settlement that differs is told once, by the first step on which the two part: a line of its bill, an input, the
law, a benefit. An input that differs and decides nothing is still told; its effect is nought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oversight.audits.differences import PAID, differences
from oversight.audits.first_steps import FirstSteps
from oversight.audits.law_columns import law_columns
from oversight.audits.listing import listed
from oversight.audits.own_inputs import OwnInputs, first_differing, own_inputs
from oversight.audits.recomputation import RESULTS, broken_years, recompute
from oversight.audits.undone import undone_among, with_own_words
from rulebook.published import SETTLEMENT_INPUT
from rulebook.registry import Timeline

Column = np.ndarray
Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Settled:
    """What came of the comparison: the list, and the benefits of all settlements on both sides."""

    differences: pd.DataFrame
    published_fen: int
    recomputed_fen: int
    schedule_hashes: list[str]


def compare(
    settlements: Columns, claims: Columns, statuses: Columns, enrolments: Columns, deaths: Columns, timeline: Timeline
) -> Settled:
    """Where published settlements and the county's own part.

    Args:
        settlements: `published.SETTLEMENTS` with whole years, in any order; `schedule` as `schedules_of` numbers them.
        claims: in the order of claim_id, with what `bills` says of each.
        statuses, enrolments, deaths: the county's registry, as `oversight.feed.registry` reads it.
    """
    own = own_inputs(settlements, claims, statuses, enrolments, deaths, law_columns(timeline))
    undone = undone_among(settlements)
    own = with_own_words(own, settlements, undone)
    first = first_differing(settlements, claims, own)
    first[undone & own.is_known] = -1
    broken = broken_years(own.columns, timeline)
    published, recomputed, rows = _both_sides(settlements, own, broken, timeline, schedules_of(timeline))
    told = differences(published, recomputed)
    paid = _sum(settlements)
    own_paid = np.zeros(len(paid), dtype=np.int64)
    own_paid[rows] = _sum(recomputed)
    steps = FirstSteps.of(settlements["settlement_id"], told, broken)
    steps.put_inputs(first, settlements, claims, own)
    used = recomputed["schedule_hash"].cat.categories[np.unique(recomputed["schedule_hash"].cat.codes)]
    return Settled(
        _listed(settlements, claims, own, steps, paid - own_paid),
        int(paid.sum()),
        int(own_paid.sum()),
        sorted(str(one) for one in used if one),
    )


def schedules_of(timeline: Timeline) -> dict[str, int]:
    """The content hashes of a county's schedules, numbered; "" is a day without one."""
    hashes = {schedule.content_hash for _period, schedule in timeline.spans}
    hashes |= {schedule.content_hash for schedule in timeline.older}
    return {name: number for number, name in enumerate(["", *sorted(hashes)])}


def _both_sides(
    settlements: Columns, own: OwnInputs, broken: pd.DataFrame, timeline: Timeline, schedules: Mapping[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame, Column]:
    """The published results and the county's, of all years that can be recomputed; and which settlements these are."""
    rows = np.arange(len(own.year))
    if len(broken):
        years = pd.MultiIndex.from_arrays([own.columns["member_id"], own.year])
        rows = np.flatnonzero(~years.isin(pd.MultiIndex.from_frame(broken[["member_id", "year"]])))
    inputs = {column.name: own.columns[column.name][rows] for column in SETTLEMENT_INPUT}
    named = np.array([*schedules, ""], dtype=object)[settlements["schedule"]]
    inputs["named_schedule"] = np.where(undone_among(settlements), named, "")[rows]
    recomputed = recompute(inputs, timeline)
    paid = _sum(recomputed)
    # What a reversal gives back to the member carries the other sign, like its benefits.
    sign = np.where(inputs["reverses_settlement_id"] == 0, 1, -1)
    cost = np.where(recomputed["has_law"].to_numpy(), inputs["cost_fen"], 0)
    recomputed = recomputed.assign(benefits_fen=paid, member_pays_fen=sign * cost - paid)
    names = ("settlement_id", "claim_id", "settlement_no", *RESULTS, "benefits_fen", "member_pays_fen")
    published = {name: settlements[name][rows] for name in names}
    published["member_id"] = inputs["member_id"]
    # The published schedule by the county's number for it; the county knows its own schedules alone.
    published["schedule_hash"] = pd.Categorical.from_codes(settlements["schedule"][rows], categories=list(schedules))
    return pd.DataFrame(published, copy=False), recomputed, rows


def _listed(settlements: Columns, claims: Columns, own: OwnInputs, steps: FirstSteps, effect: Column) -> pd.DataFrame:
    rows = steps.rows()
    order = np.lexsort((settlements["settlement_no"][rows], own.year[rows], own.columns["member_id"][rows]))
    rows = rows[order]
    years = pd.DataFrame({"member": own.columns["member_id"][rows], "year": own.year[rows]})
    follows = years.duplicated().to_numpy() & (steps.kind[rows] == "benefit")
    return listed(
        len(rows),
        claim_id=settlements["claim_id"][rows],
        settlement_id=settlements["settlement_id"][rows],
        member_id=own.columns["member_id"][rows],
        year=own.year[rows],
        institution=claims["institution"][own.place[rows]] if len(claims["claim_id"]) else 0,
        effect_fen=effect[rows],
        follows_earlier=follows,
        **steps.columns(rows),
    )


def _sum(frame: Mapping[str, Column] | pd.DataFrame) -> Column:
    return np.sum([np.asarray(frame[name]) for name in PAID], axis=0)
