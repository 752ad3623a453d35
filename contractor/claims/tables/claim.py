"""The claim and the file it came with."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase
from contractor.claims.tables.columns import INSTANT, STATES, fen


class ClaimFile(HouseBase):
    __tablename__ = "claim_file"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the claims belong to.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the file.")
    door: Mapped[str] = mapped_column(Text, comment="How it came: page, cli, api, fhir or demo.")
    file_name: Mapped[str] = mapped_column(Text, comment="Name the sender gave it.")
    sha256: Mapped[bytes] = mapped_column(BYTEA, comment="SHA-256 of its bytes; the same file is taken in once.")
    byte_count: Mapped[int] = mapped_column(BigInteger, comment="Its size.")
    claim_count: Mapped[int] = mapped_column(BigInteger, comment="Claims taken in with it.")
    line_count: Mapped[int] = mapped_column(BigInteger, comment="Lines taken in with it.")
    charged_fen: Mapped[int] = fen("Sum of all its lines as charged, in fen.")
    received_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was taken in.")
    received_by: Mapped[int | None] = mapped_column(
        BigInteger, comment="contractor.staff.id of who sent it; null where a program did."
    )
    institution_code: Mapped[str | None] = mapped_column(
        Text, comment="Institution that sent it itself; null where the insurer or a township office did."
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "sha256"),
        ForeignKeyConstraint(["county_code"], ["registry.division.county_code"]),
        CheckConstraint("door IN ('page', 'cli', 'api', 'fhir', 'demo')", name="door"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("byte_count >= 0 AND claim_count >= 0 AND line_count >= 0 AND charged_fen >= 0", name="counts"),
        {"schema": "contractor", "comment": "Files and messages of claims; each was taken in whole or not at all."},
    )


# Written as the database tells them back, so that a test can compare the two.
TO_REVIEW = "'received'::text, 'in_review'::text, 'in_second_review'::text"
ASKED_FEN = (
    "CASE WHEN advanced_fen > 0 THEN advanced_fen ELSE charged_fen - institution_reduced_fen - paid_elsewhere_fen END"
)
"""What is asked of the funds as far as intake knows: the advance on the direct route, else all that was not borne."""
AT_STAKE_FEN = f"COALESCE(foreseen_fen, {ASKED_FEN})"
IN_ORDER = (
    ("by_term", ("due_on", "(- expected_loss_fen)", "id")),
    ("by_loss", ("(- expected_loss_fen)", "id", "due_on")),
)
"""The two orders of the queue (contractor.review.order), each after whatever a filter holds fast."""


def _in_order(what: str, *columns: str) -> list[Index]:
    """The queue's two indexes over the claims that wait, of each value of these columns."""
    return [
        Index(
            f"ix_claim_waiting_{what}{order}",
            "county_code",
            *columns,
            *(text(key) if key.startswith("(") else key for key in keys),
            postgresql_where=text("is_waiting"),
        )
        for order, keys in IN_ORDER
    ]


class Claim(HouseBase):
    __tablename__ = "claim"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County the member is enrolled in.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the claim, unique in the county.")
    claim_number: Mapped[str] = mapped_column(Text, comment="The institution's own number, unique there.")
    file_id: Mapped[int] = mapped_column(BigInteger, comment="File it came with.")
    route: Mapped[str] = mapped_column(Text, comment="direct, manual or outpatient.")
    institution_code: Mapped[str] = mapped_column(Text, comment="Where the member was treated.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="Who was treated (registry.published_member).")
    household_id: Mapped[int] = mapped_column(BigInteger, comment="The member's household at intake.")
    card_number: Mapped[str] = mapped_column(Text, comment="Number of the member's card, as sent.")
    invoice_number: Mapped[str] = mapped_column(Text, comment="Number of the institution's invoice.")
    admitted_on: Mapped[dt.date] = mapped_column(comment="Day of admission; of an outpatient visit its day.")
    discharged_on: Mapped[dt.date] = mapped_column(comment="Day of discharge; of an outpatient visit its day.")
    diagnosis_code: Mapped[str] = mapped_column(Text, comment="Main diagnosis by its code (ICD-10).")
    diagnosis_name: Mapped[str] = mapped_column(Text, comment="Main diagnosis in words; empty where none was sent.")
    procedure_codes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'"), comment="Procedures by their codes."
    )
    department: Mapped[str] = mapped_column(Text, comment="Department; empty where none was sent.")
    doctor: Mapped[str] = mapped_column(Text, comment="Doctor's number; empty where none was sent.")
    charged_fen: Mapped[int] = fen("Sum of its lines as charged, in fen.")
    institution_reduced_fen: Mapped[int] = fen("What the institution's own review took off and bears, in fen.")
    paid_elsewhere_fen: Mapped[int] = fen("What another payer has paid, in fen.")
    advanced_fen: Mapped[int] = fen("What the institution advanced to the member, in fen; direct route only.")
    receipt_signed_on: Mapped[dt.date | None] = mapped_column(
        comment="Day the member signed for the advance; null where no receipt was sent."
    )
    referral_slip: Mapped[str | None] = mapped_column(Text, comment="Number of the referral slip.")
    township_code: Mapped[str | None] = mapped_column(CHAR(9), comment="Township office that took it in.")
    payee_name: Mapped[str | None] = mapped_column(
        Text, comment="Holder of the account to pay to; null where the registry's account is meant."
    )
    payee_account_sealed: Mapped[bytes | None] = mapped_column(BYTEA, comment="That account, sealed for this row.")
    payee_account_index: Mapped[bytes | None] = mapped_column(BYTEA, comment="Blind index of that account.")
    received_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was taken in.")
    received_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null for a program.")
    received_on: Mapped[dt.date] = mapped_column(comment="Day on which it was taken in; its term runs from there.")
    submitted_on: Mapped[dt.date] = mapped_column(comment="Day of submission as the sender states it.")
    due_on: Mapped[dt.date | None] = mapped_column(
        comment="Last day of the term to decide; null while the year's calendar is not loaded."
    )
    state: Mapped[str] = mapped_column(
        Text, server_default=text("'received'"), comment="State by rulebook.lifecycles.claim."
    )
    version: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Number of its last event; whoever changes it names the version they saw."
    )
    assessed_at: Mapped[dt.datetime | None] = mapped_column(
        INSTANT, comment="When the checks last looked at it; null before."
    )
    alert_ppm: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Alert score of its findings, parts per million."
    )
    is_clean: Mapped[bool | None] = mapped_column(
        comment="Whether no finding asks for a person; null before the checks have looked."
    )
    notice_until_on: Mapped[dt.date | None] = mapped_column(
        comment="First day on which its public notice is over; null where it has none."
    )
    documents_due_on: Mapped[dt.date | None] = mapped_column(
        comment="Last day for the papers that were asked for; null where none were."
    )
    foreseen_fen: Mapped[int | None] = mapped_column(
        BigInteger,
        comment="What an approval would have cost the funds when the checks looked, in fen; null before, or where no "
        "law was in force.",
    )
    held_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who has it in hand.")
    held_until: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="Until when it stays in that hand.")
    is_waiting: Mapped[bool | None] = mapped_column(
        Computed(f"state = ANY (ARRAY[{TO_REVIEW}]) AND is_clean IS NOT NULL", persisted=True),
        comment="Whether the checks are done and a person must decide.",
    )
    expected_loss_fen: Mapped[int | None] = mapped_column(
        BigInteger,
        Computed(
            f"{AT_STAKE_FEN} / 1000000 * alert_ppm + {AT_STAKE_FEN} % 1000000::bigint * alert_ppm / 1000000",
            persisted=True,
        ),
        comment="Alert score times what a yes would cost, as foreseen, else as asked for; in fen.",
    )

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "institution_code", "claim_number"),
        ForeignKeyConstraint(
            ["county_code", "file_id"],
            ["contractor.claim_file.county_code", "contractor.claim_file.id"],
            name="fk_claim_county_code_file_id",
        ),
        CheckConstraint("route IN ('direct', 'manual', 'outpatient')", name="route"),
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint("discharged_on >= admitted_on", name="days"),
        CheckConstraint("route <> 'outpatient' OR discharged_on = admitted_on", name="visit_is_a_day"),
        CheckConstraint(
            "charged_fen >= 0 AND institution_reduced_fen >= 0 AND paid_elsewhere_fen >= 0 AND advanced_fen >= 0 "
            "AND institution_reduced_fen + paid_elsewhere_fen <= charged_fen AND advanced_fen <= charged_fen",
            name="amounts",
        ),
        CheckConstraint("route = 'direct' OR advanced_fen = 0", name="advance_is_direct"),
        CheckConstraint(
            "(payee_account_sealed IS NULL) = (payee_account_index IS NULL) "
            "AND (payee_account_sealed IS NULL) = (payee_name IS NULL)",
            name="payee",
        ),
        CheckConstraint(
            "octet_length(payee_account_sealed) > 34 AND octet_length(payee_account_index) = 32",
            name="payee_account_is_sealed",
        ),
        CheckConstraint("version >= 0 AND alert_ppm BETWEEN 0 AND 1000000", name="numbers"),
        CheckConstraint("(assessed_at IS NULL) = (is_clean IS NULL)", name="assessed"),
        CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name="held"),
        CheckConstraint("foreseen_fen >= 0", name="foreseen"),
        CheckConstraint("state <> 'on_public_notice' OR notice_until_on IS NOT NULL", name="notice"),
        CheckConstraint("state <> 'awaiting_documents' OR documents_due_on IS NOT NULL", name="documents"),
        Index(None, "county_code", "member_id"),
        Index(None, "county_code", "household_id"),
        Index(
            "ix_claim_payee_account",
            "county_code",
            "payee_account_index",
            postgresql_where=text("payee_account_index IS NOT NULL"),
        ),
        Index(None, "county_code", "institution_code", "invoice_number"),
        Index(None, "county_code", "invoice_number"),
        Index(None, "county_code", "state", "id"),
        *_in_order(""),
        *_in_order("state_", "state"),
        *_in_order("route_", "route"),
        *_in_order("institution_", "institution_code"),
        Index("ix_claim_waiting_due_on", "county_code", "due_on", postgresql_where=text("is_waiting")),
        Index("ix_claim_held", "county_code", "held_by", "held_until", postgresql_where=text("held_by IS NOT NULL")),
        Index(
            "ix_claim_claim_number",
            "claim_number",
            postgresql_using="gin",
            postgresql_ops={"claim_number": "extensions.gin_trgm_ops"},
        ),
        Index(None, "county_code", "file_id"),
        {"schema": "contractor", "comment": "Claims: one hospital stay or outpatient visit each."},
    )
