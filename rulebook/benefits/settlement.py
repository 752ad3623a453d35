"""A county's settlements one after another, each member-year in its settlement order.

The loops are written once. As they stand they run as Python; `compiled.py` compiles them together with `step`.
"""

from collections.abc import Callable

from rulebook.benefits.order_of_law import state_after, step
from rulebook.benefits.terms import NEW_YEAR, Claim, State

# The places of the amounts in a row of totals: the five benefits, then the cost.
BASE, TOP_UP, SERIOUS, SUPPLEMENTARY, ASSISTANCE, COST, FUNDS = 0, 1, 2, 3, 4, 5, 5


def settlement_loop(source_stamp: int) -> Callable[..., None]:
    """The loop that settles. The stamp makes a compiled copy of another source's law unusable."""

    def settle(  # type: ignore[no-untyped-def]
        cost_fen,
        class_a_fen,
        class_b_fen,
        class_c_fen,
        is_supplemented,
        cell,
        opens_year,
        reverses_row,
        table,
        eligible_fen,
        above_deductible_fen,
        base_fen,
        top_up_fen,
        serious_fen,
        supplementary_fen,
        assistance_fen,
    ):
        source_stamp  # noqa: B018
        state = NEW_YEAR
        for row in range(len(cost_fen)):
            if opens_year[row]:
                state = NEW_YEAR
            taken_back = reverses_row[row]
            if taken_back >= 0:
                # A reversal is an entry of its own: it gives back what its decision had used up.
                eligible_fen[row] = -eligible_fen[taken_back]
                above_deductible_fen[row] = -above_deductible_fen[taken_back]
                base_fen[row] = -base_fen[taken_back]
                top_up_fen[row] = -top_up_fen[taken_back]
                serious_fen[row] = -serious_fen[taken_back]
                supplementary_fen[row] = -supplementary_fen[taken_back]
                assistance_fen[row] = -assistance_fen[taken_back]
                pool_fen = base_fen[row] + top_up_fen[row]
                state = State(
                    state.covered_fen + above_deductible_fen[row],
                    state.pool_paid_fen + pool_fen,
                    state.burden_fen + eligible_fen[row] - pool_fen,
                    state.serious_paid_fen + serious_fen[row],
                    state.supplementary_paid_fen + supplementary_fen[row],
                    state.assistance_paid_fen + assistance_fen[row],
                )
                continue
            claim = Claim(cost_fen[row], class_a_fen[row], class_b_fen[row], class_c_fen[row], is_supplemented[row])
            outcome = step(claim, state, table[cell[row]])
            state = state_after(state, outcome)
            eligible_fen[row] = outcome.pooled.eligible_fen
            above_deductible_fen[row] = outcome.pooled.above_deductible_fen
            base_fen[row] = outcome.pooled.base_fen
            top_up_fen[row] = outcome.pooled.top_up_fen
            serious_fen[row] = outcome.serious.paid_fen
            supplementary_fen[row] = outcome.supplementary.paid_fen
            assistance_fen[row] = outcome.assistance.paid_fen

    return settle


def simulation_loop(source_stamp: int) -> Callable[..., None]:
    """The loop that only adds up: what each fund pays by tier, and what each member-year receives."""

    def simulate_totals(  # type: ignore[no-untyped-def]
        cost_fen, class_a_fen, class_b_fen, class_c_fen, is_supplemented, cell, opens_year, table, tier_of_cell,
        by_tier_fen, member_year_fen, cut_by_cap,
    ):  # fmt: skip
        source_stamp  # noqa: B018
        state = NEW_YEAR
        member_year = -1
        for row in range(len(cost_fen)):
            if opens_year[row]:
                state = NEW_YEAR
                member_year += 1
                member_year_fen[member_year] = 0
            claim = Claim(cost_fen[row], class_a_fen[row], class_b_fen[row], class_c_fen[row], is_supplemented[row])
            here = cell[row]
            outcome = step(claim, state, table[here])
            state = state_after(state, outcome)
            tier = tier_of_cell[here]
            by_tier_fen[tier, BASE] += outcome.pooled.base_fen
            by_tier_fen[tier, TOP_UP] += outcome.pooled.top_up_fen
            by_tier_fen[tier, SERIOUS] += outcome.serious.paid_fen
            by_tier_fen[tier, SUPPLEMENTARY] += outcome.supplementary.paid_fen
            by_tier_fen[tier, ASSISTANCE] += outcome.assistance.paid_fen
            by_tier_fen[tier, COST] += claim.cost_fen
            cut_by_cap[tier] += outcome.pooled.cut_by_cap_fen > 0
            member_year_fen[member_year] += outcome.benefits_fen

    return simulate_totals
