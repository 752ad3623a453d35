"""What the room of the rules refuses. Worded for readers in `words.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class ThresholdInThePast(Refusal):
    """A threshold holds from today or from a day to come. Facts: `from_on`."""

    status, key = 422, "threshold_in_the_past"


class ThresholdOutOfRange(Refusal):
    """No such value of this threshold. Facts: `name`, `least`, `most`."""

    status, key = 422, "threshold_out_of_range"


class NothingChanges(Refusal):
    """The threshold has this value on that day already. Facts: `name`, `from_on`."""

    status, key = 422, "threshold_nothing_changes"


class NotPreviewed(Refusal):
    """What is confirmed is what was previewed, within the hour."""

    key = "threshold_not_previewed"


class HeldByLaw(Refusal):
    """The registry or the order decides by this rule; no county puts it aside or moves it. Facts: `rule`."""

    key = "rule_held_by_law"


class SuspendedBefore(Refusal):
    """The rule is put aside already. Facts: `rule`."""

    key = "rule_suspended_before"


class NotSuspended(Refusal):
    """The rule is not put aside. Facts: `rule`."""

    key = "rule_not_suspended"


class PreviewTooLong(Refusal):
    """The look over the year took longer than a page may. Facts: `rule`."""

    status, key = 503, "preview_too_long"
