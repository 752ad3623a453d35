"""What another schedule would cost: a county's year under many schedules, in one packing.

[0] 三、补助原则和办法 2 第2句: rates are neither so high that the fund is overdrawn nor so low that it lies idle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rulebook.benefits.compiled import compiled_simulate_totals
from rulebook.benefits.packing import OutOfBounds, Packed, pack
from rulebook.benefits.rules_in_force import rules_table
from rulebook.benefits.settlement import ASSISTANCE, BASE, COST, FUNDS, SERIOUS, SUPPLEMENTARY, TOP_UP
from rulebook.money import PPM, share_ppm
from rulebook.registry import Timeline
from rulebook.rule_shapes import TIERS
from rulebook.schedule import Schedule

FUND_PLACES = {
    "base": BASE,
    "top_up": TOP_UP,
    "serious_illness": SERIOUS,
    "supplementary": SUPPLEMENTARY,
    "medical_assistance": ASSISTANCE,
}


@dataclass(frozen=True)
class Balance:
    """The pooled fund's year against the two rules of [0] 三、补助原则和办法 2 第3、4句.

    `balance_ppm` is the balance in parts per million of the year's fund; below 0 the fund is overdrawn.
    """

    income_fen: int
    risk_fund_fen: int
    cost_fen: int
    balance_fen: int
    balance_ppm: int
    limit_ppm: int
    is_overdrawn: bool
    is_idle: bool


@dataclass(frozen=True)
class Simulated:
    """One schedule over the claims.

    Args:
        by_fund_fen: what each benefit costs; `base` and `top_up` are the pooled fund's.
        by_tier_fen: the same for each tier.
        cut_by_cap: how many claims the cap cuts, by tier.
        winners, losers: member-years that receive more or less than under the first schedule, and by how much in all.
        by_member_year_fen: what each member-year receives, in the order of `Packed`; only where it was asked for.
    """

    name: str
    content_hash: str
    claims: int
    borne_fen: int
    by_fund_fen: Mapping[str, int]
    by_tier_fen: Mapping[str, Mapping[str, int]]
    cut_by_cap: Mapping[str, int]
    winners: int
    gained_fen: int
    losers: int
    lost_fen: int
    balance: Balance | None
    by_member_year_fen: NDArray[np.int64] | None


def simulate(
    claims: Mapping[str, Any] | Packed,
    schedules: Mapping[str, Schedule],
    *,
    enrolled: int | None = None,
    funded_on: date | None = None,
    keeps_members: bool = False,
) -> list[Simulated]:
    """A county's claims under each schedule, the first being the yardstick for winners and losers.

    Args:
        claims: columns as in `published.SETTLEMENT_INPUT` without reversals, or what `pack_for` made of them.
        enrolled: how many persons are enrolled; with it the fund's balance is told.
        funded_on: the day whose premium and subsidies make the year's fund; the last schedule date otherwise.
        keeps_members: whether each result carries every member-year's amount.

    Raises: as `packing.pack`; OutOfBounds for a reversal, which a simulation cannot know.
    """
    packed = claims if isinstance(claims, Packed) else pack_for(claims, schedules.values())
    loop = compiled_simulate_totals()
    columns = (
        packed.cost_fen,
        packed.class_a_fen,
        packed.class_b_fen,
        packed.class_c_fen,
        packed.is_supplemented,
        packed.cell,
        packed.opens_year,
    )
    member_years = int(packed.opens_year.sum())
    yardstick = np.zeros(member_years, dtype=np.int64)
    results: list[Simulated] = []
    for name, schedule in schedules.items():
        table = rules_table(Timeline.unapproved(schedule), packed.span_starts)
        by_tier = np.zeros((len(TIERS), FUNDS + 1), dtype=np.int64)
        cut_by_cap = np.zeros(len(TIERS), dtype=np.int64)
        received = np.empty(member_years, dtype=np.int64)
        tier_of_cell = np.arange(len(table)) % len(TIERS)
        loop(*columns, table, tier_of_cell, by_tier, received, cut_by_cap)
        if not results:
            yardstick = received
        change = received - yardstick
        gained_fen = int(np.maximum(change, 0).sum())
        by_fund = {fund: int(by_tier[:, place].sum()) for fund, place in FUND_PLACES.items()}
        results.append(
            Simulated(
                name=name,
                content_hash=schedule.content_hash,
                claims=len(packed),
                borne_fen=int(by_tier[:, COST].sum()),
                by_fund_fen=by_fund,
                by_tier_fen={
                    tier: {fund: int(by_tier[row, place]) for fund, place in FUND_PLACES.items()}
                    for row, tier in enumerate(TIERS)
                },
                cut_by_cap={tier: int(cut_by_cap[row]) for row, tier in enumerate(TIERS)},
                winners=int(np.count_nonzero(change > 0)),
                gained_fen=gained_fen,
                losers=int(np.count_nonzero(change < 0)),
                lost_fen=gained_fen - int(change.sum()),
                balance=None
                if enrolled is None
                else fund_balance(
                    schedule,
                    on=funded_on or schedule.dates()[-1],
                    enrolled=enrolled,
                    pool_cost_fen=by_fund["base"] + by_fund["top_up"],
                ),
                by_member_year_fen=received if keeps_members else None,
            )
        )
    return results


def pack_for(claims: Mapping[str, Any], schedules: Sequence[Schedule] | Any) -> Packed:
    """Claims packed once for many schedules. Raises: as `packing.pack`; OutOfBounds for a reversal."""
    packed = pack(claims, [Timeline.unapproved(schedule) for schedule in schedules])
    if (packed.reverses_row >= 0).any():
        row = int(packed.order[int(np.argmax(packed.reverses_row >= 0))])
        raise OutOfBounds(column="reverses_settlement_id", row=row, found=int(claims["reverses_settlement_id"][row]))
    return packed


def fund_balance(schedule: Schedule, *, on: date, enrolled: int, pool_cost_fen: int) -> Balance:
    """The pooled fund's year: its income by the number enrolled, less the risk fund, less what it pays.

    Of the premium the household account's credit does not belong to the pooled fund ([0] 三、补助原则和办法 1 第2句).

    Raises: NotInForce where the schedule does not tell how the fund is financed.
    """
    premium_fen = schedule.number("premium", on, "per_person")
    subsidies_fen = sum(schedule.number("subsidies", on, who) for who in ("central", "region", "city", "county"))
    credit_fen = schedule.number("household_account_credit", on, "per_person")
    income_fen = (premium_fen + subsidies_fen - credit_fen) * enrolled
    risk_fund_fen = share_ppm(income_fen, schedule.number("risk_fund", on, "of_the_fund"))
    limit_ppm = schedule.number("fund_balance_limit", on, "of_the_fund")
    balance_fen = income_fen - risk_fund_fen - pool_cost_fen
    # Parts per million are rounded down here, so that a balance just over the limit is not told as within it.
    balance_ppm = balance_fen * PPM // income_fen if income_fen else 0
    return Balance(
        income_fen=income_fen,
        risk_fund_fen=risk_fund_fen,
        cost_fen=pool_cost_fen,
        balance_fen=balance_fen,
        balance_ppm=balance_ppm,
        limit_ppm=limit_ppm,
        is_overdrawn=balance_fen < 0,
        is_idle=balance_fen * PPM > income_fen * limit_ppm,
    )
