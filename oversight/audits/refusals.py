"""Acts on recomputations that are refused, each with its facts."""

from chassis.errors import Refusal


class RecomputationUnderWay(Refusal):
    """One of the same county is asked for or running. Facts: `recomputation_id`."""

    key = "recomputation_under_way"
