"""What intake and decisions refuse. Worded for readers in `wording.py`."""

from __future__ import annotations

from chassis.errors import Refusal


class FileKnown(Refusal):
    """The same file was taken in before. Facts: `file_id`, `received_at`."""

    key = "claim_file_known"


class UploadOver(Refusal):
    """The file is no longer being taken in: it is in, refused or stopped. Facts: `upload_id`."""

    key = "claim_upload_over"


class ClaimNumbersTaken(Refusal):
    """Another file with one of these claim numbers was being taken in at the same moment; try again."""

    key = "claim_numbers_taken"


class NotDecided(Refusal):
    """There is no explanation of benefits yet, or no longer: no decision stands. Facts: `state`."""

    status, key = 404, "claim_not_decided"


class NoLawOnDay(Refusal):
    """No schedule is in force on the decisive day. Facts: `claim_id`, `day`."""

    key = "no_law_on_day"


class WrongState(Refusal):
    """The table of moves has no such move. Facts: `claim_id`, `state`, `event`."""

    key = "claim_wrong_state"


class UnknownReason(Refusal):
    """A reason is named by its code. Facts: `reason_code`."""

    status, key = 422, "claim_unknown_reason"


class ReductionTooLarge(Refusal):
    """A line cannot be reduced below nothing. Facts: `claim_id`, `line_no`, `largest_fen`."""

    status, key = 422, "claim_reduction_too_large"


class AskedBefore(Refusal):
    """Missing papers are asked for once, all together. Facts: `claim_id`."""

    key = "claim_papers_asked_before"


class NoticeNotOver(Refusal):
    """The public notice of this claim still runs. Facts: `claim_id`, `notice_until_on`."""

    key = "claim_notice_not_over"


class AmountChanged(Refusal):
    """The amount is no longer the one that was shown: another claim of the year was settled. Facts: `expected`,
    `found`."""

    key = "claim_amount_changed"


class NoReduction(Refusal):
    """Nothing was changed on any line."""

    status, key = 422, "claim_no_reduction"


class TooNear(Refusal):
    """Nobody decides a claim of their own household, or one they entered. Facts: `claim_id`, `is_entered`."""

    key = "claim_too_near"


class HadASay(Refusal):
    """Another person decides: this one proposed or disagreed already. Facts: `claim_id`."""

    key = "claim_had_a_say"


class HandedOut(Refusal):
    """In second review nobody chooses their claim; the queue or the lead hands it out. Facts: `claim_id`."""

    key = "claim_handed_out"


class HeldByAnother(Refusal):
    """Another reviewer has the claim in hand. Facts: `claim_id`, `held_by`, `held_until`."""

    key = "claim_held_by_another"
