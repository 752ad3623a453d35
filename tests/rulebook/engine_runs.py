"""The engine in its three ways of running, over the same rows."""

from collections.abc import Sequence

import numpy as np

from rulebook.benefits.assessment import RESULTS, assess, settle
from rulebook.benefits.decisive_day import deciding
from rulebook.benefits.packing import pack
from rulebook.benefits.reversal import YearEntry, settled_year
from rulebook.benefits.rules_in_force import rules_for
from rulebook.benefits.terms import Claim
from rulebook.published import SETTLEMENT_INPUT
from rulebook.registry import Timeline
from rulebook.rule_shapes import STATUSES, TIERS


def columns_of(rows: Sequence[dict]) -> dict[str, np.ndarray]:
    return {c.name: np.array([row[c.name] for row in rows], dtype=c.dtype) for c in SETTLEMENT_INPUT}


def compiled(rows, schedule) -> list[tuple[int, ...]]:
    amounts = assess(columns_of(rows), Timeline.unapproved(schedule))
    return list(zip(*(amounts[name].tolist() for name in RESULTS), strict=True))


def uncompiled(rows, schedule) -> list[tuple[int, ...]]:
    timeline = Timeline.unapproved(schedule)
    packed = pack(columns_of(rows), [timeline])
    amounts = settle(packed, timeline, is_compiled=False)
    found = list(zip(*(amounts[name].tolist() for name in RESULTS), strict=True))
    by_row = dict(zip(packed.order.tolist(), found, strict=True))
    return [by_row[row] for row in range(len(rows))]


def one_at_a_time(rows, schedule) -> list[tuple[int, ...]]:
    """As the desk settles: `step` on one claim after another, the year remembered as sums of what was settled."""
    years: dict[tuple[int, int], list[YearEntry]] = {}
    for row in sorted(rows, key=lambda row: row["settlement_no"]):
        found_by = deciding(
            Timeline.unapproved(schedule),
            admitted_on=row["admitted_on"],
            discharged_on=row["discharged_on"],
            status_on_admission=STATUSES[row["status_on_admission"]],
            status_on_discharge=STATUSES[row["status_on_discharge"]],
        )
        claim = Claim(
            row["cost_fen"], row["class_a_fen"], row["class_b_fen"], row["class_c_fen"], row["is_supplemented"]
        )
        rules = rules_for(found_by.schedule, found_by.day, found_by.status, TIERS[row["tier"] - 1])
        entry = YearEntry(row["settlement_id"], row["reverses_settlement_id"], claim, rules)
        years.setdefault((row["member_id"], found_by.year), []).append(entry)
    found: dict[int, tuple[int, ...]] = {}
    for entries in years.values():
        found |= {identity: tuple(amounts) for identity, amounts in settled_year(entries).items()}
    return [found[row["settlement_id"]] for row in rows]
