"""Medical assistance for the five-guarantee and the poor ([0] 五; [2] 三、6; [3] 四、5), proposed to civil affairs."""

from rulebook.benefits.terms import Assistance, Rules, State
from rulebook.money import share_ppm


def medical_assistance(left_fen: int, state: State, rules: Rules) -> Assistance:
    """What civil affairs would pay of the eligible cost that all insurance has left to the member."""
    # It is for the five-guarantee and the poor; nobody else has a rate. [0] 五.
    if rules.assistance_ppm == 0:
        return Assistance(left_fen, 0, 0)
    # A share of what is left, by status. Half-up to the fen.
    share_fen = share_ppm(left_fen, rules.assistance_ppm)
    # Up to the yearly limit of that status.
    paid_fen = min(share_fen, max(rules.assistance_cap_fen - state.assistance_paid_fen, 0))
    return Assistance(left_fen, share_fen, paid_fen)
