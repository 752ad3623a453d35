"""What the payments' room refuses, as facts; `chassis.web.answers` words them where `words.py` gives the sentence."""

from __future__ import annotations

from chassis.errors import Refusal


class PayeeWithoutAccount(Refusal):
    """Nobody gave an account to pay to. Facts: `claims`, `institutions`."""

    key = "payee_without_account"


class CountyNotEntered(Refusal):
    """The registry has no county of this code. Facts: `county`."""

    key = "county_not_entered"


class BatchNotInThisState(Refusal):
    """Facts: `batch`, `state`, `expected`."""

    key = "batch_not_in_this_state"


class BankMayHaveIt(Refusal):
    """The file has left once, and the bank has not refused it: what it holds may be paid. Facts: `batch`."""

    key = "bank_may_have_it"


class PaymentNotInThisState(Refusal):
    """Facts: `payment`, `state`, `expected`."""

    key = "payment_not_in_this_state"


class CheckedByAnother(Refusal):
    """Whoever made, submitted or reissued a part of the batch does not approve it."""

    key = "checked_by_another"


class NothingToBatch(Refusal):
    key = "nothing_to_batch"


class NotTheSameMessage(Refusal):
    """A message of this name was read before with another content. Facts: `message_id`."""

    key = "not_the_same_message"


class UnreadableAnswer(Refusal):
    """A file of the bank that is not what it says it is. Facts: `fault`, `expected`, `found`."""

    status, key = 422, "unreadable_answer"


class ExceptionClosed(Refusal):
    """Another person closed it first. Facts: `exception`."""

    key = "exception_closed"
