"""What recording a repayment refuses. Worded for readers in `words.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class MoreThanOwed(Refusal):
    """More would come back than is still owed. Facts: `open_fen`, `waiting_fen` (entered and not yet confirmed)."""

    key = "repayment_more_than_owed"


class EvidenceUsed(Refusal):
    """This evidence stands on this debt already. Facts: `repayment_id`, `amount_fen`."""

    key = "repayment_evidence_used"


class ArrivedTomorrow(Refusal):
    """Money is entered once it has arrived. Facts: `on`."""

    status, key = 422, "repayment_arrived_tomorrow"


class RepaymentEnded(Refusal):
    """It was confirmed or given up before. Facts: `repayment_id`."""

    key = "repayment_ended"


class ConfirmedByAnother(Refusal):
    """Whoever entered it does not confirm it."""

    status, key = 403, "repayment_confirmed_by_another"
