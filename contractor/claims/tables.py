"""Claims with their lines, findings, events and settlements (decisions 0027 and 0029)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import HouseBase

INSTANT = DateTime(timezone=True)
ROUTES = "'direct', 'manual', 'outpatient'"
STATES = (
    "'received', 'in_review', 'awaiting_documents', 'in_second_review', 'on_public_notice', 'approved', 'rejected', "
    "'withdrawn', 'reversed'"
)


def _fen(comment: str, *, default: str | None = None):
    return mapped_column(BigInteger, server_default=text(default) if default else None, comment=comment)


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
    charged_fen: Mapped[int] = _fen("Sum of all its lines as charged, in fen.")
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
    charged_fen: Mapped[int] = _fen("Sum of its lines as charged, in fen.")
    institution_reduced_fen: Mapped[int] = _fen("What the institution's own review took off and bears, in fen.")
    paid_elsewhere_fen: Mapped[int] = _fen("What another payer has paid, in fen.")
    advanced_fen: Mapped[int] = _fen("What the institution advanced to the member, in fen; direct route only.")
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
    held_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id of who has it in hand.")
    held_until: Mapped[dt.datetime | None] = mapped_column(INSTANT, comment="Until when it stays in that hand.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "institution_code", "claim_number"),
        ForeignKeyConstraint(
            ["county_code", "file_id"],
            ["contractor.claim_file.county_code", "contractor.claim_file.id"],
            name="fk_claim_county_code_file_id",
        ),
        CheckConstraint(f"route IN ({ROUTES})", name="route"),
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
        CheckConstraint("state <> 'on_public_notice' OR notice_until_on IS NOT NULL", name="notice"),
        CheckConstraint("state <> 'awaiting_documents' OR documents_due_on IS NOT NULL", name="documents"),
        Index(None, "county_code", "member_id"),
        Index(None, "county_code", "institution_code", "invoice_number"),
        Index(None, "county_code", "state", "id"),
        Index(None, "county_code", "file_id"),
        {"schema": "contractor", "comment": "Claims: one hospital stay or outpatient visit each."},
    )


class ClaimLine(HouseBase):
    __tablename__ = "claim_line"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    line_no: Mapped[int] = mapped_column(comment="Place on the bill, from 1.")
    item_code: Mapped[str] = mapped_column(Text, comment="Code of the item in the county's catalogue, as sent.")
    hospital_item_name: Mapped[str] = mapped_column(Text, comment="The institution's own name for it.")
    performed_on: Mapped[dt.date] = mapped_column(comment="Day it was given or done.")
    quantity_e4: Mapped[int] = mapped_column(BigInteger, comment="Quantity in ten-thousandths.")
    unit_price_e4: Mapped[int] = mapped_column(BigInteger, comment="Unit price in ten-thousandths of a yuan.")
    charged_fen: Mapped[int] = _fen("Quantity times unit price, half-up to the fen.")
    catalogue_class: Mapped[int] = mapped_column(
        SmallInteger, comment="1 class A, 2 class B, 3 class C, 0 in no class, by the catalogue of that day."
    )
    price_limit_e4: Mapped[int] = mapped_column(
        BigInteger, comment="Price limit for the institution's tier on that day, in ten-thousandths; -1 for none."
    )
    reduced_fen: Mapped[int] = _fen("What the reviewer took off, in fen.", default="0")
    reduce_reason: Mapped[str | None] = mapped_column(Text, comment="Why, by its code; null where nothing was.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "line_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_claim_line_county_code_claim_id",
        ),
        CheckConstraint("line_no > 0 AND quantity_e4 > 0 AND unit_price_e4 >= 0", name="numbers"),
        CheckConstraint("charged_fen = (quantity_e4 * unit_price_e4 + 500000) / 1000000", name="charged"),
        CheckConstraint("catalogue_class BETWEEN 0 AND 3 AND price_limit_e4 >= -1", name="catalogue"),
        CheckConstraint(
            "reduced_fen BETWEEN 0 AND charged_fen AND (reduced_fen = 0) = (reduce_reason IS NULL)", name="reduced"
        ),
        {"schema": "contractor", "comment": "Lines of the bills of claims."},
    )


class ClaimFinding(HouseBase):
    __tablename__ = "claim_finding"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    finding_no: Mapped[int] = mapped_column(comment="Place among the claim's findings, from 1.")
    rule: Mapped[str] = mapped_column(Text, comment="Key of the check's card in rulebook.checks, such as F17.")
    severity: Mapped[str] = mapped_column(CHAR(1), comment="C critical, H high, M medium, L low.")
    line_no: Mapped[int | None] = mapped_column(comment="Line it speaks of; null where it is the whole claim.")
    other_claim_id: Mapped[int | None] = mapped_column(BigInteger, comment="Another claim it speaks of.")
    expected: Mapped[str] = mapped_column(Text, comment="What the rule expects.")
    found: Mapped[str] = mapped_column(Text, comment="What was found instead.")
    source: Mapped[str] = mapped_column(Text, comment="Article or source of the rule.")
    found_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was found.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "finding_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_claim_finding_county_code_claim_id",
        ),
        CheckConstraint("severity IN ('C', 'H', 'M', 'L')", name="severity"),
        CheckConstraint("finding_no > 0", name="numbers"),
        Index(None, "county_code", "rule", "claim_id"),
        {"schema": "contractor", "comment": "What the checks found: leads, and not yet faults."},
    )


class ClaimEvent(HouseBase):
    __tablename__ = "claim_event"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the claim.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim.")
    event_no: Mapped[int] = mapped_column(comment="Place in the claim's life, from 1; the claim's version after it.")
    event: Mapped[str] = mapped_column(Text, comment="Event by rulebook.lifecycles.claim.")
    state_after: Mapped[str] = mapped_column(Text, comment="State that followed.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When.")
    acted_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null where a rule acted.")
    reason_code: Mapped[str | None] = mapped_column(Text, comment="Why, by its code.")
    note: Mapped[str | None] = mapped_column(Text, comment="What the person wrote.")
    documents: Mapped[list[str] | None] = mapped_column(ARRAY(Text), comment="Papers that were asked for, by code.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "claim_id", "event_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_claim_event_county_code_claim_id",
        ),
        CheckConstraint("event_no > 0", name="numbers"),
        CheckConstraint(f"state_after IN ({STATES})", name="state_after"),
        {"schema": "contractor", "comment": "Events in the lives of claims; replayed, they give the state."},
    )


class MemberYear(HouseBase):
    __tablename__ = "member_year"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    member_id: Mapped[int] = mapped_column(BigInteger, comment="The member.")
    year: Mapped[int] = mapped_column(comment="The year whose deductibles, bands and caps are used up.")
    last_settlement_no: Mapped[int] = mapped_column(server_default=text("0"), comment="Last number given.")
    covered_fen: Mapped[int] = _fen("Covered above the deductible so far, in fen.", default="0")
    pool_paid_fen: Mapped[int] = _fen("Paid by the pooled fund so far, in fen.", default="0")
    burden_fen: Mapped[int] = _fen("Eligible and left to the member so far, in fen.", default="0")
    serious_paid_fen: Mapped[int] = _fen("Paid by serious-illness insurance so far, in fen.", default="0")
    supplementary_paid_fen: Mapped[int] = _fen("Paid by supplementary insurance so far, in fen.", default="0")
    assistance_paid_fen: Mapped[int] = _fen("Proposed as medical assistance so far, in fen.", default="0")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "member_id", "year"),
        CheckConstraint(
            "last_settlement_no >= 0 AND covered_fen >= 0 AND pool_paid_fen >= 0 AND burden_fen >= 0 "
            "AND serious_paid_fen >= 0 AND supplementary_paid_fen >= 0 AND assistance_paid_fen >= 0",
            name="numbers",
        ),
        {"schema": "contractor", "comment": "What each member's year has used up: sums of its settlements."},
    )


class Settlement(HouseBase):
    __tablename__ = "settlement"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the member.")
    id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the settlement.")
    claim_id: Mapped[int] = mapped_column(BigInteger, comment="The claim it settles or takes back.")
    reverses_settlement_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Settlement it takes back; 0 for a decision."
    )
    member_id: Mapped[int] = mapped_column(BigInteger, comment="The member.")
    year: Mapped[int] = mapped_column(comment="Year it counts for.")
    settlement_no: Mapped[int] = mapped_column(comment="Its place in the member's year, from 1.")
    admitted_on: Mapped[dt.date] = mapped_column(comment="Day of admission.")
    discharged_on: Mapped[dt.date] = mapped_column(comment="Day of discharge.")
    tier: Mapped[int] = mapped_column(SmallInteger, comment="1 township, 2 county, 3 above the county.")
    status_on_admission: Mapped[int] = mapped_column(SmallInteger, comment="0 member, 1 poor, 2 five-guarantee.")
    status_on_discharge: Mapped[int] = mapped_column(SmallInteger, comment="0 member, 1 poor, 2 five-guarantee.")
    is_supplemented: Mapped[int] = mapped_column(SmallInteger, comment="1 where supplementary insurance is held.")
    cost_fen: Mapped[int] = _fen("Cost the member bears before compensation, in fen.")
    class_a_fen: Mapped[int] = _fen("Class A after price limits and reductions, in fen.")
    class_b_fen: Mapped[int] = _fen("Class B after price limits and reductions, in fen.")
    class_c_fen: Mapped[int] = _fen("Class C after price limits and reductions, in fen.")
    schedule_hash: Mapped[str] = mapped_column(Text, comment="Content hash of the schedule used.")
    before_covered_fen: Mapped[int] = _fen("Covered above the deductible before it, in fen.")
    before_pool_paid_fen: Mapped[int] = _fen("Paid by the pooled fund before it, in fen.")
    before_burden_fen: Mapped[int] = _fen("Eligible and left to the member before it, in fen.")
    before_serious_paid_fen: Mapped[int] = _fen("Paid by serious-illness insurance before it, in fen.")
    before_supplementary_paid_fen: Mapped[int] = _fen("Paid by supplementary insurance before it, in fen.")
    before_assistance_paid_fen: Mapped[int] = _fen("Proposed as medical assistance before it, in fen.")
    eligible_fen: Mapped[int] = _fen("Eligible cost, in fen.")
    above_deductible_fen: Mapped[int] = _fen("Above the deductible, in fen.")
    base_fen: Mapped[int] = _fen("Pooled fund without the top-up of the poor, in fen.")
    top_up_fen: Mapped[int] = _fen("Top-up of the poor, from the pooled fund, in fen.")
    serious_fen: Mapped[int] = _fen("Serious-illness insurance, in fen.")
    supplementary_fen: Mapped[int] = _fen("Supplementary insurance, in fen.")
    assistance_fen: Mapped[int] = _fen("Medical assistance as proposed, in fen.")
    benefits_fen: Mapped[int] = _fen("All benefits together, in fen.")
    member_pays_fen: Mapped[int] = _fen("Left to the member, in fen.")
    decided_at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was decided.")
    decided_by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null for a rule.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "id"),
        UniqueConstraint("county_code", "member_id", "year", "settlement_no"),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_settlement_county_code_claim_id",
        ),
        CheckConstraint("settlement_no > 0 AND tier BETWEEN 1 AND 3", name="numbers"),
        CheckConstraint(
            "status_on_admission BETWEEN 0 AND 2 AND status_on_discharge BETWEEN 0 AND 2 "
            "AND is_supplemented BETWEEN 0 AND 1",
            name="person",
        ),
        CheckConstraint(
            "cost_fen >= 0 AND class_a_fen >= 0 AND class_b_fen >= 0 AND class_c_fen >= 0", name="input_amounts"
        ),
        CheckConstraint(
            "benefits_fen = base_fen + top_up_fen + serious_fen + supplementary_fen + assistance_fen", name="benefits"
        ),
        CheckConstraint(
            "CASE WHEN reverses_settlement_id = 0 THEN benefits_fen + member_pays_fen = cost_fen "
            "AND least(base_fen, top_up_fen, serious_fen, supplementary_fen, assistance_fen, member_pays_fen) >= 0 "
            "ELSE benefits_fen + member_pays_fen = - cost_fen "
            "AND greatest(base_fen, top_up_fen, serious_fen, supplementary_fen, assistance_fen, member_pays_fen) <= 0 "
            "END",
            name="never_more_than_the_cost",
        ),
        Index(
            "uq_settlement_one_reversal",
            "county_code",
            "reverses_settlement_id",
            unique=True,
            postgresql_where=text("reverses_settlement_id <> 0"),
        ),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "Decisions in money, and their reversals; each keeps its number for good."},
    )


class HouseholdAccount(HouseBase):
    __tablename__ = "household_account"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the household.")
    household_id: Mapped[int] = mapped_column(BigInteger, comment="The household.")
    last_account_no: Mapped[int] = mapped_column(server_default=text("0"), comment="Last number given.")
    balance_fen: Mapped[int] = _fen("What is left in it, in fen; never below zero.", default="0")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "household_id"),
        CheckConstraint("last_account_no >= 0 AND balance_fen >= 0", name="never_overdrawn"),
        {"schema": "contractor", "comment": "Household accounts: one pool a household for outpatient cost."},
    )


class AccountEntry(HouseBase):
    __tablename__ = "account_entry"

    county_code: Mapped[str] = mapped_column(CHAR(6), comment="County of the household.")
    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(), comment="Number of the entry.")
    household_id: Mapped[int] = mapped_column(BigInteger, comment="The household.")
    account_no: Mapped[int] = mapped_column(comment="Its place in the household's account, from 1.")
    kind: Mapped[int] = mapped_column(SmallInteger, comment="1 credit, 2 outpatient, 3 premium, 4 reversal.")
    amount_fen: Mapped[int] = _fen("The credit, or the cost it is asked to pay, in fen.")
    paid_fen: Mapped[int] = _fen("What the account pays, in fen; below zero where a visit is taken back.")
    balance_fen: Mapped[int] = _fen("Balance after it, in fen.")
    claim_id: Mapped[int | None] = mapped_column(BigInteger, comment="The visit it pays; null for a credit.")
    reverses_entry_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Entry it takes back; 0 for none."
    )
    year: Mapped[int] = mapped_column(comment="Year it belongs to.")
    at: Mapped[dt.datetime] = mapped_column(INSTANT, comment="When it was entered.")
    by: Mapped[int | None] = mapped_column(BigInteger, comment="contractor.staff.id; null where a rule acted.")

    __table_args__ = (
        PrimaryKeyConstraint("county_code", "entry_id"),
        UniqueConstraint("county_code", "household_id", "account_no"),
        ForeignKeyConstraint(
            ["county_code", "household_id"],
            ["contractor.household_account.county_code", "contractor.household_account.household_id"],
            name="fk_account_entry_county_code_household_id",
        ),
        ForeignKeyConstraint(
            ["county_code", "claim_id"],
            ["contractor.claim.county_code", "contractor.claim.id"],
            name="fk_account_entry_county_code_claim_id",
        ),
        CheckConstraint("kind BETWEEN 1 AND 4 AND amount_fen >= 0 AND balance_fen >= 0", name="numbers"),
        CheckConstraint("(kind IN (2, 4)) = (claim_id IS NOT NULL)", name="visit"),
        CheckConstraint("(kind = 4) = (reverses_entry_id <> 0)", name="reversal"),
        CheckConstraint("paid_fen <= amount_fen AND (kind = 4 OR paid_fen >= 0)", name="never_more_than_asked"),
        Index(
            "uq_account_entry_one_credit_a_year",
            "county_code",
            "household_id",
            "year",
            unique=True,
            postgresql_where=text("kind = 1"),
        ),
        Index(
            "uq_account_entry_one_reversal",
            "county_code",
            "reverses_entry_id",
            unique=True,
            postgresql_where=text("reverses_entry_id <> 0"),
        ),
        Index(None, "county_code", "claim_id"),
        {"schema": "contractor", "comment": "Entries of household accounts, in their order."},
    )
