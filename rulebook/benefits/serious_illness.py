"""Serious-illness insurance ([2] 一, last sentence; 二、8)."""

from rulebook.benefits.pooled_fund import in_band
from rulebook.benefits.terms import Rules, SeriousIllness, State
from rulebook.money import round_half_up


def serious_illness(burden_fen: int, state: State, rules: Rules) -> SeriousIllness:
    """What serious-illness insurance pays on the burden one stay leaves to the member."""
    # The year's burden above the threshold is insured; what earlier stays brought above it was theirs. [2] 二、8.
    over_before_fen = max(state.burden_fen - rules.serious_threshold_fen, 0)
    over_after_fen = max(state.burden_fen + burden_fen - rules.serious_threshold_fen, 0)
    over_threshold_fen = over_after_fen - over_before_fen
    if over_threshold_fen == 0:
        return SeriousIllness(0, 0, 0)

    # Bands count from the threshold. The points of the poor are in the rate. [2] 二、8. Half-up to the fen, once.
    first_fen = in_band(over_before_fen, over_after_fen, 0, rules.serious_band_1_up_to_fen)
    second_fen = in_band(
        over_before_fen, over_after_fen, rules.serious_band_1_up_to_fen, rules.serious_band_2_up_to_fen
    )
    third_fen = over_threshold_fen - first_fen - second_fen
    share_fen = round_half_up(
        first_fen * rules.serious_band_1_ppm
        + second_fen * rules.serious_band_2_ppm
        + third_fen * rules.serious_band_3_ppm,
        1_000_000,
    )

    # It ends at its own yearly limit, where there is one.
    paid_fen = min(share_fen, max(rules.serious_cap_fen - state.serious_paid_fen, 0))
    return SeriousIllness(over_threshold_fen, share_fen, paid_fen)
