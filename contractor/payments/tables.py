"""Payments and their batches. A row carries its last event; the database checks the move and writes the history."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
NOW = text("clock_timestamp()")
ZERO = text("0")
SCHEMA = "contractor"
FUNDS = "fund IN ('pooled', 'serious', 'supplementary', 'household_account')"
KINDS = "payee_kind IN ('institution', 'member')"


class Payment(HouseBase):
    __tablename__ = "payment"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose scheme owes it.")
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), comment="Number of the payment; its sealed account is bound to it."
    )
    settlement_id: Mapped[int | None] = mapped_column(BigInteger, comment="Settlement it pays; null: an account entry.")
    account_entry_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="Entry of a household account it pays; null: a settlement."
    )
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="Claim it belongs to.")
    fund: Mapped[str] = mapped_column(Text, comment="pooled, serious, supplementary or household_account.")
    payee_kind: Mapped[str] = mapped_column(Text, comment="institution or member.")
    institution_code: Mapped[str | None] = mapped_column(Text, comment="The institution paid; null where a member is.")
    member_id: Mapped[int | None] = mapped_column(BigInteger, comment="The member paid, in person or by mandate.")
    account_name: Mapped[str] = mapped_column(Text, comment="Name the account is held in.")
    account_sealed: Mapped[bytes] = mapped_column(comment="Account number, sealed by the application for this row.")
    account_index: Mapped[bytes] = mapped_column(
        comment="Blind index of the account: two payments to one account show."
    )
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="What is paid, in fen.")
    top_up_fen: Mapped[int] = mapped_column(
        BigInteger, server_default=ZERO, comment="Part of it that is the top-up of the poor, reported apart."
    )
    end_to_end_id: Mapped[str] = mapped_column(Text, comment="What the bank calls it, from file to return.")
    replaces_payment_id: Mapped[int | None] = mapped_column(BigInteger, comment="Payment it is issued in place of.")
    planned_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it came into being.")
    planned_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="contractor.staff.id of who reissued it to an account; null: by rule, with the decision."
    )
    state: Mapped[str] = mapped_column(Text, server_default=text("'planned'"), comment="rulebook.lifecycles.payment.")
    version: Mapped[int] = mapped_column(Integer, server_default=ZERO, comment="How often it has moved.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it is in; null while it is in none.")
    last_event: Mapped[str | None] = mapped_column(Text, comment="Event of its last move; null before the first.")
    last_event_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When that happened.")
    last_event_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    last_reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "end_to_end_id"),
        UniqueConstraint("county_code", "replaces_payment_id"),
        CheckConstraint(FUNDS, name="fund"),
        CheckConstraint(KINDS, name="payee_kind"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        CheckConstraint(
            "top_up_fen BETWEEN 0 AND amount_fen AND (top_up_fen = 0 OR fund = 'pooled')", name="top_up_fen"
        ),
        CheckConstraint("num_nonnulls(settlement_id, account_entry_id) = 1", name="pays_one_thing"),
        CheckConstraint("(fund = 'household_account') = (account_entry_id IS NOT NULL)", name="fund_of_entry"),
        CheckConstraint(
            "(payee_kind = 'institution') = (institution_code IS NOT NULL) "
            "AND (payee_kind = 'member') = (member_id IS NOT NULL)",
            name="payee",
        ),
        CheckConstraint("end_to_end_id ~ '^[A-Z0-9]{4,35}$'", name="end_to_end_id"),
        CheckConstraint(
            "octet_length(account_sealed) > 34 AND octet_length(account_index) = 32", name="account_is_sealed"
        ),
        CheckConstraint("char_length(btrim(account_name)) BETWEEN 1 AND 140", name="account_name"),
        CheckConstraint(
            "CASE state WHEN 'planned' THEN batch_id IS NULL WHEN 'cancelled' THEN true ELSE batch_id IS NOT NULL END",
            name="batch_id",
        ),
        CheckConstraint("version >= 0 AND (version = 0) = (last_event IS NULL)", name="version"),
        CheckConstraint("(last_event IS NULL) = (last_event_at IS NULL)", name="last_event"),
        CheckConstraint("char_length(last_reason) <= 300", name="last_reason"),
        CheckConstraint("replaces_payment_id < id", name="replaces_an_earlier"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        ForeignKeyConstraint(
            ["county_code", "replaces_payment_id"], ["contractor.payment.county_code", "contractor.payment.id"]
        ),
        ForeignKeyConstraint(
            ["county_code", "batch_id"], ["contractor.payment_batch.county_code", "contractor.payment_batch.id"]
        ),
        Index(
            "uq_payment_settlement_is_paid_once_per_fund",
            "county_code",
            "settlement_id",
            "fund",
            unique=True,
            postgresql_where=text("settlement_id IS NOT NULL AND replaces_payment_id IS NULL"),
        ),
        Index(
            "uq_payment_account_entry_is_paid_once",
            "county_code",
            "account_entry_id",
            unique=True,
            postgresql_where=text("account_entry_id IS NOT NULL AND replaces_payment_id IS NULL"),
        ),
        Index(None, "county_code", "claim_id"),
        Index(None, "county_code", "batch_id"),
        Index(
            "ix_payment_member_account",
            "county_code",
            "account_index",
            postgresql_where=text("payee_kind = 'member'"),
        ),
        Index(
            "ix_payment_planned",
            "county_code",
            "fund",
            "institution_code",
            "id",
            postgresql_where=text("state = 'planned'"),
        ),
        Index(
            "ix_payment_open",
            "county_code",
            "state",
            "id",
            postgresql_where=text("state IN ('sent', 'in_doubt', 'refused_by_bank', 'returned')"),
        ),
        {"schema": SCHEMA, "comment": "Payments: one approved amount of one fund on its way to one payee."},
    )


class PaymentEvent(HouseBase):
    __tablename__ = "payment_event"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the payment.")
    payment_id: Mapped[int] = mapped_column(BigInteger, comment="The payment.")
    event_no: Mapped[int] = mapped_column(Integer, comment="Its place in the payment's life, from 1.")
    event: Mapped[str] = mapped_column(Text, comment="What happened: rulebook.lifecycles.payment.")
    state_after: Mapped[str] = mapped_column(Text, comment="State it left the payment in.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it was in afterwards.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it happened.")
    acted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")
    recorded_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was written down.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "payment_id", "event_no"),
        {"schema": SCHEMA, "comment": "History of payments, written by the database with each move."},
    )


class PaymentBatch(HouseBase):
    __tablename__ = "payment_batch"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose scheme pays.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the batch.")
    fund: Mapped[str] = mapped_column(Text, comment="The one fund it pays from.")
    payee_kind: Mapped[str] = mapped_column(Text, comment="institution or member.")
    institution_code: Mapped[str | None] = mapped_column(
        Text, comment="The one institution it pays; null: all of its kind."
    )
    payment_count: Mapped[int] = mapped_column(
        Integer, server_default=ZERO, comment="How many payments, when submitted."
    )
    total_fen: Mapped[int] = mapped_column(BigInteger, server_default=ZERO, comment="Their sum, when submitted.")
    made_by: Mapped[int] = mapped_column(BigInteger, comment="contractor.staff.id of the maker.")
    made_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was made.")
    state: Mapped[str] = mapped_column(Text, server_default=text("'draft'"), comment="rulebook.lifecycles.batch.")
    version: Mapped[int] = mapped_column(Integer, server_default=ZERO, comment="How often it has moved.")
    last_event: Mapped[str | None] = mapped_column(Text, comment="Event of its last move; null before the first.")
    last_event_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When that happened.")
    last_event_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    last_reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")
    submitted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who submitted it.")
    submitted_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was last submitted.")
    content_sha256: Mapped[bytes | None] = mapped_column(comment="SHA-256 of contractor.batch_content, when submitted.")
    approved_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of the checker.")
    approved_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When it was approved.")
    approved_sha256: Mapped[bytes | None] = mapped_column(comment="SHA-256 of exactly what the checker was shown.")
    approval_no: Mapped[int] = mapped_column(
        Integer, server_default=ZERO, comment="How often it was approved; part of message_id."
    )
    message_id: Mapped[str | None] = mapped_column(
        Text, comment="What the bank calls its file; the same however often it must be handed over."
    )
    sending_begun_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When sending was last begun.")
    taken_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When the bank said it has the file.")
    settled_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When its last line was answered.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "message_id"),
        CheckConstraint(FUNDS, name="fund"),
        CheckConstraint(KINDS, name="payee_kind"),
        CheckConstraint("institution_code IS NULL OR payee_kind = 'institution'", name="institution_code"),
        CheckConstraint("payment_count >= 0 AND total_fen >= 0", name="totals"),
        CheckConstraint("approved_by <> made_by", name="checker_is_not_maker"),
        CheckConstraint("approved_by <> submitted_by", name="checker_is_not_submitter"),
        CheckConstraint("approved_sha256 = content_sha256", name="approved_as_submitted"),
        CheckConstraint(
            "(submitted_by IS NULL) = (submitted_at IS NULL) AND (submitted_at IS NULL) = (content_sha256 IS NULL)",
            name="submitted",
        ),
        CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL) AND (approved_at IS NULL) = (approved_sha256 IS NULL)",
            name="approved",
        ),
        CheckConstraint("(state IN ('draft', 'discarded')) = (content_sha256 IS NULL)", name="is_submitted"),
        CheckConstraint(
            "(state IN ('draft', 'discarded', 'submitted')) = (approved_sha256 IS NULL)", name="is_approved"
        ),
        CheckConstraint(
            "state NOT IN ('sending', 'in_doubt', 'sent', 'settled') OR message_id IS NOT NULL", name="named"
        ),
        CheckConstraint("message_id ~ '^[A-Z0-9]{4,35}$'", name="message_id"),
        CheckConstraint("version >= 0 AND (version = 0) = (last_event IS NULL)", name="version"),
        CheckConstraint("char_length(last_reason) <= 300", name="last_reason"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        Index(None, "county_code", "state", "id"),
        {
            "schema": SCHEMA,
            "comment": "Batches of payments: one fund, one kind of payee; made by one person, approved by another.",
        },
    )


class BatchEvent(HouseBase):
    __tablename__ = "batch_event"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the batch.")
    batch_id: Mapped[int] = mapped_column(BigInteger, comment="The batch.")
    event_no: Mapped[int] = mapped_column(Integer, comment="Its place in the batch's life, from 1.")
    event: Mapped[str] = mapped_column(Text, comment="What happened: rulebook.lifecycles.batch.")
    state_after: Mapped[str] = mapped_column(Text, comment="State it left the batch in.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it happened.")
    acted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null: by rule or bank.")
    reason: Mapped[str | None] = mapped_column(Text, comment="Why, as the person or the bank said it.")
    sha256: Mapped[bytes | None] = mapped_column(comment="Fingerprint of the batch as it was shown.")
    recorded_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was written down.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "batch_id", "event_no"),
        {"schema": SCHEMA, "comment": "History of batches, written by the database with each move."},
    )


class BankMessage(HouseBase):
    __tablename__ = "bank_message"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose account it is about.")
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(), comment="Number of the message; its content is sealed for it."
    )
    direction: Mapped[str] = mapped_column(Text, comment="out: to the bank; in: from it.")
    kind: Mapped[str] = mapped_column(
        Text, comment="out: pain001 or csv; in: pain002, camt053, answer_csv or taken (the bank's receipt)."
    )
    message_id: Mapped[str] = mapped_column(Text, comment="The message's own name.")
    sha256: Mapped[bytes] = mapped_column(comment="SHA-256 of the message as it was written or received.")
    content: Mapped[bytes] = mapped_column(comment="The message itself, sealed: it holds names and accounts.")
    line_count: Mapped[int] = mapped_column(Integer, comment="Its control count.")
    total_fen: Mapped[int] = mapped_column(BigInteger, comment="Its control sum.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was written or read.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it is about; null: several or none.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "direction", "message_id"),
        CheckConstraint("direction IN ('out', 'in')", name="direction"),
        CheckConstraint(
            "kind IN ('pain001', 'csv') AND direction = 'out' "
            "OR kind IN ('pain002', 'camt053', 'answer_csv', 'taken') AND direction = 'in'",
            name="kind",
        ),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("char_length(message_id) BETWEEN 1 AND 35", name="message_id"),
        CheckConstraint("line_count >= 0 AND total_fen >= 0", name="controls"),
        ForeignKeyConstraint(
            ["county_code", "batch_id"], ["contractor.payment_batch.county_code", "contractor.payment_batch.id"]
        ),
        Index(None, "county_code", "batch_id"),
        Index(None, "county_code", "sha256"),
        {"schema": SCHEMA, "comment": "Files to and from the bank, each kept as it was."},
    )


class BankLine(HouseBase):
    __tablename__ = "bank_line"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose account it is about.")
    message_id: Mapped[int] = mapped_column(BigInteger, comment="bank_message.id of the message it stands in.")
    line_no: Mapped[int] = mapped_column(Integer, comment="Its place in the message, from 1.")
    says: Mapped[str] = mapped_column(
        Text, comment="ordered (by us), or paid, refused, pending, returned (by the bank)."
    )
    end_to_end_id: Mapped[str] = mapped_column(Text, comment="Payment it names.")
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="Amount it names.")
    booked_on: Mapped[dt.date | None] = mapped_column(comment="Day the bank booked it; null where it says none.")
    reason: Mapped[str | None] = mapped_column(Text, comment="The bank's reason for a refusal or return.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "message_id", "line_no"),
        CheckConstraint("says IN ('ordered', 'paid', 'refused', 'pending', 'returned')", name="says"),
        CheckConstraint("amount_fen > 0 AND line_no > 0", name="amount_fen"),
        CheckConstraint("char_length(reason) <= 140", name="reason"),
        ForeignKeyConstraint(
            ["county_code", "message_id"], ["contractor.bank_message.county_code", "contractor.bank_message.id"]
        ),
        Index(None, "county_code", "end_to_end_id"),
        {
            "schema": SCHEMA,
            "comment": "Lines of the bank's files: what was ordered and what the bank says became of it.",
        },
    )


class PaymentException(HouseBase):
    __tablename__ = "payment_exception"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose money it is.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the exception.")
    kind: Mapped[str] = mapped_column(Text, comment="What is wrong: one of contractor.payments.exceptions.")
    subject: Mapped[str] = mapped_column(Text, comment="What it is about, so that it is noted once while it is open.")
    batch_id: Mapped[int | None] = mapped_column(BigInteger, comment="Batch it concerns; null: none known.")
    payment_id: Mapped[int | None] = mapped_column(BigInteger, comment="Payment it concerns; null: none known.")
    bank_message_id: Mapped[int | None] = mapped_column(BigInteger, comment="bank_message.id that showed it.")
    expected: Mapped[str] = mapped_column(Text, comment="What should have been, in fen or a state.")
    found: Mapped[str] = mapped_column(Text, comment="What was found, in fen or a state.")
    noticed_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was noticed.")
    resolved_at: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="When a person closed it; null: open.")
    resolved_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who closed it.")
    resolution: Mapped[str | None] = mapped_column(Text, comment="What they found and did.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("kind ~ '^[a-z][a-z_]{2,39}$'", name="kind"),
        CheckConstraint("char_length(subject) BETWEEN 1 AND 120", name="subject"),
        CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_by IS NULL) = (resolution IS NULL)",
            name="resolved",
        ),
        CheckConstraint("char_length(btrim(resolution)) BETWEEN 4 AND 300", name="resolution"),
        ForeignKeyConstraint(
            ["county_code", "payment_id"], ["contractor.payment.county_code", "contractor.payment.id"]
        ),
        ForeignKeyConstraint(
            ["county_code", "batch_id"], ["contractor.payment_batch.county_code", "contractor.payment_batch.id"]
        ),
        Index(
            "uq_payment_exception_open",
            "county_code",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
        {"schema": SCHEMA, "comment": "What needs a person: answers that fit nothing, money that did not arrive."},
    )


class AssistanceEntitlement(HouseBase):
    __tablename__ = "assistance_entitlement"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    settlement_id: Mapped[int] = mapped_column(BigInteger, comment="Settlement that computed it.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="Claim it belongs to.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who is entitled.")
    amount_fen: Mapped[int] = mapped_column(BigInteger, comment="What civil affairs is proposed to pay, in fen.")
    planned_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When the claim was decided.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "settlement_id"),
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        Index(None, "county_code", "member_id"),
        {
            "schema": SCHEMA,
            "comment": "Medical assistance as computed: civil affairs' money, which this desk never pays.",
        },
    )


class SendingPermit(HouseBase):
    __tablename__ = "sending_permit"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County whose batches may leave.")
    timeline: Mapped[int] = mapped_column(
        Integer, autoincrement=False, comment="The server's timeline: it grows whenever a backup was restored."
    )
    permitted_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="contractor.staff.id of who compared with the bank; null: the first, with the books."
    )
    permitted_at: Mapped[dt.datetime] = mapped_column(INSTANT, server_default=NOW, comment="When it was given.")
    reason: Mapped[str | None] = mapped_column(Text, comment="What the person compared; null for the first.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "timeline"),
        CheckConstraint("(permitted_by IS NULL) = (reason IS NULL)", name="reason"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 4 AND 300", name="reason_length"),
        {
            "schema": SCHEMA,
            "comment": "Timelines of the server on which batches may leave: a restored house waits for a person.",
        },
    )


class ParityCheck(HouseBase):
    __tablename__ = "parity_check"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County that was checked.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), comment="Number of the check.")
    checked_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was done.")
    settlement_count: Mapped[int] = mapped_column(BigInteger, comment="Settlements and account entries compared.")
    payment_count: Mapped[int] = mapped_column(BigInteger, comment="Payments compared.")
    leg_count: Mapped[int] = mapped_column(BigInteger, comment="Legs of the ledger compared.")
    bank_line_count: Mapped[int] = mapped_column(BigInteger, comment="Lines of the bank's files compared.")
    discrepancy_count: Mapped[int] = mapped_column(BigInteger, comment="How many did not agree; each is an exception.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        CheckConstraint("discrepancy_count >= 0", name="discrepancy_count"),
        CheckConstraint("county_code ~ '^[0-9]{6}$'", name="county_code"),
        {"schema": SCHEMA, "comment": "Each night's comparison of claims, payments, ledger and bank."},
    )
