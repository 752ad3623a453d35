"""The county's recomputation: every benefit of a county's years, worked out again from the order, in columns.

Written from docs/law/benefit_order.md and the schedules alone, apart from the engine in `rulebook/benefits/`, so that
a fault there shows as a difference here. Nothing is remembered from one settlement to the next: every yearly rule is
the difference of a monotone function of a running total (`running_totals.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from oversight.audits.law_columns import LawColumns, law_columns
from oversight.audits.running_totals import Years, banded_share, share_ppm, under_yearly_limit
from oversight.audits.yearly_order import BrokenYear, Ordered, faults_of, numbered, ordered, reversals_among
from rulebook.published import SETTLEMENT_RESULT
from rulebook.registry import Timeline

Column = np.ndarray

RESULTS = tuple(column.name for column in SETTLEMENT_RESULT)

# Years are computed in blocks of whole member-years that fit the processor's cache.
BLOCK_ROWS = 16_384


def recompute(settlements: Mapping[str, Any], timeline: Timeline, *, keeps_steps: bool = False) -> pd.DataFrame:
    """What each settlement of a county comes to, in the rows' own order.

    Args:
        settlements: columns as in `published.SETTLEMENT_INPUT`, in any order, holding whole years of their members.
            Identities may be numbers or texts; a decision reverses 0 or "".
        keeps_steps: also every intermediate amount, by the name the order of benefits gives it.

    Returns:
        settlement_id, has_law, year, schedule_hash, the columns of `published.SETTLEMENT_RESULT`, and the steps where
        they are kept. Where no law was in force nothing is due, and `has_law` says so.

    Raises: BrokenYear; `broken_years` lists all of them.
    """
    law = law_columns(timeline)
    placed = ordered(settlements, law)
    reversals, decisions = _reversals(settlements, placed)
    faults = faults_of(settlements, placed, reversals, decisions)
    if faults:
        places, fault = faults[0]
        raise BrokenYear(
            settlement_id=np.asarray(settlements["settlement_id"])[placed.order[places[0]]],
            fault=fault,
            faults=sum(len(places) for places, _ in faults),
        )
    inputs = {name: np.asarray(settlements[name]) for name in INPUTS}
    numbers = law.within(placed.law)
    has_everywhere = bool(placed.has_law.all())
    found: dict[str, Column] = {}
    for start, stop in _blocks(placed.opens):
        rows = placed.order[start:stop]
        block = {name: column[rows].astype(np.int64, copy=False) for name, column in inputs.items()}
        if not has_everywhere:
            for column in block.values():
                column *= placed.has_law[start:stop]
        laws = placed.law[start:stop]
        rules = {name: column if len(column) == 1 else column[laws] for name, column in numbers.items()}
        within = slice(*np.searchsorted(reversals, (start, stop)))
        years = Years.of(placed.opens[start:stop], reversals[within] - start, decisions[within] - start)
        for name, column in benefits(block, rules, years).items():
            if keeps_steps or name in RESULTS:
                if name not in found:
                    found[name] = np.empty(len(placed.order), dtype=np.int64)
                found[name][rows] = column
    return _as_frame(settlements, placed, law, found)


INPUTS = ("cost_fen", "class_a_fen", "class_b_fen", "class_c_fen", "is_supplemented")


def benefits(stay: Mapping[str, Column], rules: Mapping[str, Column], years: Years) -> dict[str, Column]:
    """The steps of section 4 in the law's order, for whole years of settlements at once."""
    # 4.1, [0] 四 3: drugs follow the catalogue; of each class its share counts, never more than the cost borne.
    counted = (
        share_ppm(stay["class_a_fen"], rules["class_a_share"])
        + share_ppm(stay["class_b_fen"], rules["class_b_share"])
        + share_ppm(stay["class_c_fen"], rules["class_c_share"])
    )
    eligible = years.signed(np.minimum(counted, stay["cost_fen"]))

    # 4.2, [0] 三、补助原则和办法 2 第5句: the deductible is taken from every admission.
    above = years.signed(np.maximum(eligible - rules["deductible"], 0))

    # 4.3, [0] 三、补助原则和办法 2 第6、7句: the rates of the bands, which run over the expense of the year.
    covered_before = years.before(above)
    band_rates = (rules["band_1_rate"], rules["band_2_rate"], rules["band_3_rate"])
    band_ends = (rules["band_1_up_to"], rules["band_2_up_to"])
    base_share = years.signed(banded_share(covered_before, covered_before + above, band_ends, band_rates))

    # 4.4, [2] 二、7: the poor receive points more, never more than what lies above the deductible.
    top_up_share = years.signed(np.minimum(share_ppm(above, rules["top_up_points"]), above - base_share))

    # 4.5, [0] 三、补助原则和办法 2 第8句; [4] 三（五）: the yearly cap holds for both; the ordinary rate uses it first.
    pool = under_yearly_limit(base_share + top_up_share, rules["cap"], years)
    base = years.signed(np.minimum(base_share, pool))
    top_up = pool - base
    cut = base_share + top_up_share - pool
    burden = eligible - pool

    # 4.6, [2] 一 末句, 二、8: serious-illness insurance on the burden of the year above the threshold.
    burden_before = years.before(burden)
    over_before = np.maximum(burden_before - rules["serious_threshold"], 0)
    over_after = np.maximum(burden_before + burden - rules["serious_threshold"], 0)
    serious_rates = (rules["serious_band_1_rate"], rules["serious_band_2_rate"], rules["serious_band_3_rate"])
    serious_ends = (rules["serious_band_1_up_to"], rules["serious_band_2_up_to"])
    serious_share = years.signed(banded_share(over_before, over_after, serious_ends, serious_rates))
    serious = under_yearly_limit(serious_share, rules["serious_cap"], years)

    # 4.7, [4] 三（五）: what the cap has cut, for those who hold supplementary insurance, no more than is left.
    supplementary_share = years.signed(share_ppm(cut * stay["is_supplemented"], rules["supplementary_share"]))
    supplementary = under_yearly_limit(
        np.minimum(supplementary_share, burden - serious), rules["supplementary_cap"], years
    )

    # 4.8, [0] 五; [2] 三、6; [3] 四、5: medical assistance on what is left to the member, as proposed.
    left = burden - serious - supplementary
    assistance_share = years.signed(share_ppm(left, rules["assistance_rate"]))
    assistance = under_yearly_limit(assistance_share, rules["assistance_cap"], years)
    return {
        "eligible_fen": eligible,
        "above_deductible_fen": above,
        "covered_before_fen": covered_before,
        "base_share_fen": base_share,
        "top_up_share_fen": top_up_share,
        "base_fen": base,
        "top_up_fen": top_up,
        "cut_fen": cut,
        "burden_fen": burden,
        "burden_before_fen": burden_before,
        "serious_share_fen": serious_share,
        "serious_fen": serious,
        "supplementary_share_fen": supplementary_share,
        "supplementary_fen": supplementary,
        "left_fen": left,
        "assistance_share_fen": assistance_share,
        "assistance_fen": assistance,
        # 4.9: what the member pays in the end.
        "member_pays_fen": years.signed(stay["cost_fen"] - pool - serious - supplementary - assistance),
    }


def broken_years(settlements: Mapping[str, Any], timeline: Timeline) -> pd.DataFrame:
    """Every settlement that makes its member's year impossible to recompute: settlement_id, member_id, year, fault."""
    placed = ordered(settlements, law_columns(timeline))
    faults = faults_of(settlements, placed, *_reversals(settlements, placed))
    places = np.concatenate([places for places, _ in faults]) if faults else np.zeros(0, dtype=np.int64)
    rows = placed.order[places]
    return pd.DataFrame(
        {
            "settlement_id": np.asarray(settlements["settlement_id"])[rows],
            "member_id": np.asarray(settlements["member_id"])[rows],
            "year": placed.year[places],
            "fault": [fault for places, fault in faults for _ in range(len(places))],
        }
    )


def _reversals(settlements: Mapping[str, Any], placed: Ordered) -> tuple[Column, Column]:
    ids, reversed_ids = np.asarray(settlements["settlement_id"]), np.asarray(settlements["reverses_settlement_id"])
    if not np.issubdtype(reversed_ids.dtype, np.integer):
        # Texts: one numbering for both columns, 0 for none.
        both = numbered(np.concatenate([[""], ids.astype(object), np.where(pd.isna(reversed_ids), "", reversed_ids)]))
        ids, reversed_ids = both[1 : len(ids) + 1], both[len(ids) + 1 :]
    return reversals_among(placed.opens, ids[placed.order], reversed_ids[placed.order])


def _blocks(opens: Column) -> Iterator[tuple[int, int]]:
    """Blocks of whole years; a longer year is a block of its own."""
    begins = np.flatnonzero(opens)
    wanted = np.arange(0, len(opens), BLOCK_ROWS)
    cuts = np.unique(begins[np.searchsorted(begins, wanted, side="right") - 1]).tolist()
    yield from zip(cuts, [*cuts[1:], len(opens)] if cuts else [], strict=True)


def _as_frame(
    settlements: Mapping[str, Any], placed: Ordered, law: LawColumns, found: dict[str, Column]
) -> pd.DataFrame:
    hashes, hash_of_span = np.unique(law.hashes, return_inverse=True)
    unordered = {"has_law": placed.has_law, "year": placed.year, "schedule_hash": hash_of_span[placed.span]}
    for name, column in unordered.items():
        unordered[name] = np.empty_like(column)
        unordered[name][placed.order] = column
    told = {"settlement_id": np.asarray(settlements["settlement_id"]), **unordered}
    told["schedule_hash"] = pd.Categorical.from_codes(unordered["schedule_hash"], categories=hashes)
    for name in found or RESULTS:
        told[name] = found.get(name, np.zeros(0, dtype=np.int64))
    return pd.DataFrame(told, copy=False)
