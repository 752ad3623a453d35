"""What corrections and appeals refuse. Worded for readers in `words.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class NothingToCorrect(Refusal):
    """No decision would come to another amount."""

    key = "nothing_to_correct"


class CorrectionChanged(Refusal):
    """What is confirmed is not what was shown: a claim or its year has moved since. Facts: `correction_id`."""

    key = "correction_changed"


class CorrectionEnded(Refusal):
    """It was confirmed or given up before. Facts: `correction_id`."""

    key = "correction_ended"


class NotByTheSamePerson(Refusal):
    """Who proposed, entered or decided first does not decide now. Facts: `by`."""

    key = "not_by_the_same_person"


class AppealOpen(Refusal):
    """An appeal of this claim waits already. Facts: `appeal_id`."""

    key = "appeal_open"


class NothingToAppeal(Refusal):
    """Nothing was decided on this claim yet. Facts: `claim_id`, `state`."""

    key = "nothing_to_appeal"


class AppealLate(Refusal):
    """Its term is over; the lead may take it with a reason. Facts: `file_by_on`, `filed_on`."""

    key = "appeal_late"


class AppealDecided(Refusal):
    """It was decided before. Facts: `appeal_id`."""

    key = "appeal_decided"


class CorrectionPending(Refusal):
    """A correction of this claim waits already. Facts: `correction_id`."""

    key = "correction_pending"
