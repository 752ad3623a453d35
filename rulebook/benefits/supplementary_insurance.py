"""Rural residents' supplementary insurance ([4] 三（五）)."""

from rulebook.benefits.terms import Rules, State, Supplementary
from rulebook.money import share_ppm


def supplementary_insurance(
    cut_by_cap_fen: int, left_fen: int, is_supplemented: int, state: State, rules: Rules
) -> Supplementary:
    """What supplementary insurance pays once the scheme's cap is reached."""
    # Before the scheme's cap is reached it pays nothing. [4] 三（五）.
    if cut_by_cap_fen == 0:
        return Supplementary(0, 0)
    # It pays what the scheme's cap has cut off, to those who are insured. [4] 三（五）. Half-up to the fen.
    share_fen = share_ppm(cut_by_cap_fen, rules.supplementary_ppm) * is_supplemented
    # Up to its own yearly limit, and never more than is left to the member.
    limit_left_fen = max(rules.supplementary_cap_fen - state.supplementary_paid_fen, 0)
    paid_fen = min(share_fen, limit_left_fen, left_fen)
    return Supplementary(share_fen, paid_fen)
