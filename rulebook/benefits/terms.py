"""The words of the calculation: what comes in, what is remembered over a year, what the law says, what comes out.

All numbers are whole: amounts in fen, rates in parts per million, facts as 1 or 0.
"""

from typing import NamedTuple


class Claim(NamedTuple):
    """One hospital stay, as far as the benefits depend on it.

    `cost_fen` is the cost the member bears: the bill, less what the institution must bear itself and less what
    another payer has paid. The classes are sums of the bill's lines after price limits and the reviewer's reductions.
    """

    cost_fen: int
    class_a_fen: int
    class_b_fen: int
    class_c_fen: int
    is_supplemented: int


class State(NamedTuple):
    """What the member's earlier settlements of the same year have used up."""

    covered_fen: int
    pool_paid_fen: int
    burden_fen: int
    serious_paid_fen: int
    supplementary_paid_fen: int
    assistance_paid_fen: int


NEW_YEAR = State(0, 0, 0, 0, 0, 0)


class Rules(NamedTuple):
    """What the law says for a person of one status at an institution of one tier on one day.

    A limit that does not exist is far above any amount of money; a benefit that is not in force has a rate of 0.
    """

    class_a_ppm: int
    class_b_ppm: int
    class_c_ppm: int
    deductible_fen: int
    band_1_up_to_fen: int
    band_2_up_to_fen: int
    band_1_ppm: int
    band_2_ppm: int
    band_3_ppm: int
    top_up_ppm: int
    cap_fen: int
    serious_threshold_fen: int
    serious_band_1_up_to_fen: int
    serious_band_2_up_to_fen: int
    serious_band_1_ppm: int
    serious_band_2_ppm: int
    serious_band_3_ppm: int
    serious_cap_fen: int
    supplementary_ppm: int
    supplementary_cap_fen: int
    assistance_ppm: int
    assistance_cap_fen: int


class Pooled(NamedTuple):
    """Inpatient compensation from the pooled fund, step by step."""

    counted_a_fen: int
    counted_b_fen: int
    counted_c_fen: int
    eligible_fen: int
    deducted_fen: int
    above_deductible_fen: int
    in_band_1_fen: int
    in_band_2_fen: int
    in_band_3_fen: int
    base_share_fen: int
    top_up_share_fen: int
    cap_left_fen: int
    base_fen: int
    top_up_fen: int
    cut_by_cap_fen: int
    burden_fen: int


class SeriousIllness(NamedTuple):
    """Serious-illness insurance, step by step."""

    over_threshold_fen: int
    share_fen: int
    paid_fen: int


class Supplementary(NamedTuple):
    """Supplementary insurance, step by step."""

    share_fen: int
    paid_fen: int


class Assistance(NamedTuple):
    """Medical assistance, step by step."""

    left_to_member_fen: int
    share_fen: int
    paid_fen: int


class Outcome(NamedTuple):
    """One claim's benefits in the order of the law."""

    pooled: Pooled
    serious: SeriousIllness
    supplementary: Supplementary
    assistance: Assistance
    benefits_fen: int
    member_pays_fen: int
