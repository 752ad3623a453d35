"""One claim after another, each with its benefits in the order of the law.

This is the only source of the method. It runs as it stands for one claim and its sheet; `compiled.py` runs the same
source over a county's year.
"""

from rulebook.benefits.medical_assistance import medical_assistance
from rulebook.benefits.pooled_fund import pooled_fund
from rulebook.benefits.serious_illness import serious_illness
from rulebook.benefits.supplementary_insurance import supplementary_insurance
from rulebook.benefits.terms import Claim, Outcome, Rules, State


def step(claim: Claim, state: State, rules: Rules) -> Outcome:
    """The benefits of one claim, given what earlier settlements of the year have used up."""
    # First the pooled fund.
    pooled = pooled_fund(claim, state, rules)
    left_fen = pooled.burden_fen

    # Then serious-illness insurance, on the burden that is left.
    serious = serious_illness(left_fen, state, rules)
    left_fen = left_fen - serious.paid_fen

    # Then supplementary insurance, for what the cap has cut off.
    supplementary = supplementary_insurance(pooled.cut_by_cap_fen, left_fen, claim.is_supplemented, state, rules)
    left_fen = left_fen - supplementary.paid_fen

    # Last medical assistance.
    assistance = medical_assistance(left_fen, state, rules)

    # All benefits together never exceed the cost the member bore: each was taken from what was left of it.
    benefits_fen = pooled.base_fen + pooled.top_up_fen + serious.paid_fen + supplementary.paid_fen + assistance.paid_fen
    return Outcome(pooled, serious, supplementary, assistance, benefits_fen, claim.cost_fen - benefits_fen)


def state_after(state: State, outcome: Outcome) -> State:
    """What the year has used up once this claim is settled."""
    return State(
        state.covered_fen + outcome.pooled.above_deductible_fen,
        state.pool_paid_fen + outcome.pooled.base_fen + outcome.pooled.top_up_fen,
        state.burden_fen + outcome.pooled.burden_fen,
        state.serious_paid_fen + outcome.serious.paid_fen,
        state.supplementary_paid_fen + outcome.supplementary.paid_fen,
        state.assistance_paid_fen + outcome.assistance.paid_fen,
    )
