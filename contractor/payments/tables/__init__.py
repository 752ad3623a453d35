"""Payments, their batches, the bank's files, and what needs a person (decisions 0034 to 0036)."""

from contractor.payments.tables.bank import BankLine, BankMessage
from contractor.payments.tables.batch import BatchEvent, PaymentBatch
from contractor.payments.tables.entitlement import AssistanceEntitlement
from contractor.payments.tables.payment import Payment, PaymentEvent
from contractor.payments.tables.watching import ParityCheck, PaymentException, SendingPermit

__all__ = [
    "AssistanceEntitlement",
    "BankLine",
    "BankMessage",
    "BatchEvent",
    "ParityCheck",
    "Payment",
    "PaymentBatch",
    "PaymentEvent",
    "PaymentException",
    "SendingPermit",
]
