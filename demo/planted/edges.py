"""Amounts on the edges of the law: the fen below, the fen itself, the fen above. Nothing about them is irregular.

The sums are worked out here by hand, from `docs/law/benefit_order.md`, not by the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from demo.bills import brought_to
from demo.county import Family, Person
from demo.drafts import Draft
from demo.institutions import Institution
from demo.ordinary import refer
from demo.planted.stage import DAY, Stage

DEDUCTIBLE_FEN = {1: 10_000, 2: 30_000, 3: 60_000}
RATE_PERCENT = {1: 80, 2: 70, 3: 55}
TOP_UP_PERCENT = 5
THRESHOLD_FEN, THRESHOLD_OF_THE_POOR_FEN = 500_000, 300_000
CAP_FEN, SUPPLEMENTARY_CAP_FEN = 10_000_000, 12_000_000
CREDIT_FEN = 800


@dataclass(frozen=True)
class Edge:
    """A claim whose amount lies `fen_from_edge` fen from a number of the law."""

    of: str
    fen_from_edge: int
    draft: Draft = field(repr=False)


def plant_edges(stage: Stage, poor: list[tuple[Family, Person]]) -> list[Edge]:
    """Each on a member, or a household, with no other claim of that year."""
    found: list[Edge] = []
    for tier, place in ((1, None), (2, stage.hospital), (3, stage.places.city[1])):
        for off in (-1, 0, 1):
            who = stage.person(ages=(20, 80))
            at = place or stage.places.centre[who[1].card_number[:9]]
            found.append(
                _stay(stage, f"deductible_{tier}", off, who, at, DEDUCTIBLE_FEN[tier] + off, code="A09.9", days=3)
            )
    for off in (-1, 0, 1):
        eligible = first_reaching(lambda fen: fen - shares_fen(fen, tier=2), THRESHOLD_FEN + off)
        who = stage.person(ages=(45, 80))
        found.append(_stay(stage, "serious_illness_threshold", off, who, stage.hospital, eligible))
    for off in (-1, 0, 1):
        eligible = first_reaching(
            lambda fen: fen - shares_fen(fen, tier=2, is_poor=True), THRESHOLD_OF_THE_POOR_FEN + off
        )
        found.append(_stay(stage, "threshold_of_the_poor", off, poor.pop(0), stage.hospital, eligible))
    for off in (-1, 0, 1):
        eligible = first_reaching(lambda fen: shares_fen(fen, tier=3), CAP_FEN + off)
        who = stage.person(ages=(45, 80))
        found.append(_stay(stage, "inpatient_cap", off, who, stage.places.city[0], eligible, days=19))
    for off in (-1, 0, 1):
        eligible = first_reaching(lambda fen: shares_fen(fen, tier=3), CAP_FEN + SUPPLEMENTARY_CAP_FEN + off)
        who = stage.person(ages=(45, 80), is_supplemented=True)
        found.append(_stay(stage, "supplementary_cap", off, who, stage.places.city[0], eligible, days=19))
    for off in (-1, 0, 1):
        family = stage.family(3)
        balance_fen = len(family.people) * CREDIT_FEN
        draft = stage.visit((family, family.people[0]), "J06.9", stage.day())
        # In the first year, before anything is carried over.
        shift = draft.admitted_on - draft.admitted_on.replace(year=2025)
        _move(draft, shift.days)
        draft.entries = brought_to(draft.entries, balance_fen + off, first_day=draft.admitted_on)
        stage.drafts.append(draft)
        found.append(Edge("household_account", off, draft))
    return found


def shares_fen(eligible_fen: int, *, tier: int, is_poor: bool = False) -> int:
    """Compensation without a cap, each share half-up to the fen."""
    above_fen = max(eligible_fen - DEDUCTIBLE_FEN[tier], 0)
    base_fen = (above_fen * RATE_PERCENT[tier] + 50) // 100
    return base_fen + ((above_fen * TOP_UP_PERCENT + 50) // 100 if is_poor else 0)


def first_reaching(amount_of: Callable[[int], int], target_fen: int) -> int:
    """The smallest sum for which a rising amount is exactly `target_fen`."""
    low, high = 0, 10**9
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if amount_of(middle) < target_fen else (low, middle)
    assert amount_of(low) == target_fen, "the amount jumps over the edge"
    return low


def _stay(
    stage: Stage,
    of: str,
    off: int,
    who: tuple[Family, Person],
    at: Institution,
    eligible_fen: int,
    *,
    code: str = "I61.9",
    days: int = 14,
) -> Edge:
    draft = stage.stay(who, code, stage.day(), days, at=at)
    draft.entries = brought_to(draft.entries, eligible_fen, first_day=draft.admitted_on)
    if at.tier == 3:
        refer(stage.rng, draft, stage.hospital)
    stage.drafts.append(draft)
    return Edge(of, off, draft)


def _move(draft: Draft, days: int) -> None:
    draft.admitted_on -= days * DAY
    draft.discharged_on, draft.submitted_on = draft.admitted_on, draft.admitted_on
    draft.entries = [entry._replace(performed_on=draft.admitted_on) for entry in draft.entries]
