"""What the queue refuses. Worded in `wording.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class NothingWaiting(Refusal):
    """No claim waits that this person may be handed."""

    key = "review_nothing_waiting"


class TooManyInHand(Refusal):
    """Whoever has this many in hand finishes or gives back some first. Facts: `held_count`."""

    key = "review_too_many_in_hand"


class HoldOver(Refusal):
    """The claim is no longer in this person's hand: decided, handed over, or taken up by another. Facts: `claim_id`."""

    key = "review_hold_over"


class TooManyViews(Refusal):
    """Facts: `view_count`."""

    key = "review_too_many_views"


class NobodyToHandTo(Refusal):
    """Claims go to another person of the room. Facts: `staff_id`."""

    key = "review_nobody_to_hand_to"
