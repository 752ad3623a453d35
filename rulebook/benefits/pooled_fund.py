"""Inpatient compensation from the pooled fund ([0] 三、补助原则和办法 2; [2] 二、7; [4] 三（五）)."""

from rulebook.benefits.terms import Claim, Pooled, Rules, State
from rulebook.money import round_half_up, share_ppm


def in_band(before_fen: int, after_fen: int, from_fen: int, up_to_fen: int) -> int:
    """How much of the way from `before` to `after` lies between `from` and `up_to`."""
    return max(min(after_fen, up_to_fen) - max(before_fen, from_fen), 0)


def pooled_fund(claim: Claim, state: State, rules: Rules) -> Pooled:
    """What the pooled fund pays for one stay."""
    # Drugs follow the catalogue: of each class its share counts. [0] 四 3. Half-up to the fen, once a class.
    counted_a_fen = share_ppm(claim.class_a_fen, rules.class_a_ppm)
    counted_b_fen = share_ppm(claim.class_b_fen, rules.class_b_ppm)
    counted_c_fen = share_ppm(claim.class_c_fen, rules.class_c_ppm)
    # The fund does not pay for a cost that nobody bore.
    eligible_fen = min(counted_a_fen + counted_b_fen + counted_c_fen, claim.cost_fen)

    # The deductible is taken from every admission, by the tier of the institution. [0] 补助原则和办法 2 第5句.
    above_deductible_fen = max(eligible_fen - rules.deductible_fen, 0)
    deducted_fen = eligible_fen - above_deductible_fen

    # The year's expenses above the deductible fill the bands one after another, in the order of settlement.
    before_fen = state.covered_fen
    after_fen = before_fen + above_deductible_fen
    in_band_1_fen = in_band(before_fen, after_fen, 0, rules.band_1_up_to_fen)
    in_band_2_fen = in_band(before_fen, after_fen, rules.band_1_up_to_fen, rules.band_2_up_to_fen)
    in_band_3_fen = above_deductible_fen - in_band_1_fen - in_band_2_fen

    # Each band has its rate, by tier. [0] 补助原则和办法 2 第6、7句. Half-up to the fen, once for all bands.
    base_share_fen = round_half_up(
        in_band_1_fen * rules.band_1_ppm + in_band_2_fen * rules.band_2_ppm + in_band_3_fen * rules.band_3_ppm,
        1_000_000,
    )
    # The poor receive five points more on what the policy covers. [2] 二、7. A step and a rounding of its own.
    top_up_share_fen = min(share_ppm(above_deductible_fen, rules.top_up_ppm), above_deductible_fen - base_share_fen)

    # Both together end at the year's cap; the ordinary rate uses it before the top-up. [0] 2 第8句; [4] 三（五）.
    cap_left_fen = max(rules.cap_fen - state.pool_paid_fen, 0)
    base_fen = min(base_share_fen, cap_left_fen)
    top_up_fen = min(top_up_share_fen, cap_left_fen - base_fen)
    cut_by_cap_fen = base_share_fen + top_up_share_fen - base_fen - top_up_fen

    # What is eligible and not paid stays with the member, the deductible included.
    burden_fen = eligible_fen - base_fen - top_up_fen
    return Pooled(
        counted_a_fen,
        counted_b_fen,
        counted_c_fen,
        eligible_fen,
        deducted_fen,
        above_deductible_fen,
        in_band_1_fen,
        in_band_2_fen,
        in_band_3_fen,
        base_share_fen,
        top_up_share_fen,
        cap_left_fen,
        base_fen,
        top_up_fen,
        cut_by_cap_fen,
        burden_fen,
    )
