"""What the contractor publishes of claims and payments, and the county's recomputations of it (decision 0037)."""

from alembic import op

from migrations.grants import append_only, published, record

revision = "0012"
down_revision = "0011"

# Columns of each view; `name=column` publishes a column under another name. Nothing sealed and no bank account crosses.
VIEWS = {
    "published_claims": (
        "claim",
        "Claims as the contractor has them, without bank accounts.",
        "county_code, claim_id=id, claim_number, file_id, route, institution_code, member_id, household_id, "
        "card_number, invoice_number, admitted_on, discharged_on, diagnosis_code, diagnosis_name, department, doctor, "
        "charged_fen, institution_reduced_fen, paid_elsewhere_fen, advanced_fen, receipt_signed_on, referral_slip, "
        "township_code, received_at, received_on, due_on, state, version, alert_ppm, is_clean, notice_until_on",
    ),
    "published_claim_lines": (
        "claim_line",
        "Lines of the bills, as charged and as the contractor took them.",
        "county_code, claim_id, line_no, item_code, hospital_item_name, performed_on, quantity_e4, unit_price_e4, "
        "charged_fen, catalogue_class, price_limit_e4, reduced_fen, reduce_reason",
    ),
    "published_claim_findings": (
        "claim_finding",
        "What the contractor''s checks found.",
        "county_code, claim_id, finding_no, rule, severity, line_no, other_claim_id, expected, found, source",
    ),
    "published_claim_events": (
        "claim_event",
        "Events in the lives of claims, to be replayed by the reader.",
        "county_code, claim_id, event_no, event, state_after, at, acted_by, reason_code, note",
    ),
    "published_settlements": (
        "settlement",
        "Decisions in money and their reversals, with what they were computed from.",
        "county_code, settlement_id=id, reverses_settlement_id, member_id, settlement_no, admitted_on, discharged_on, "
        "tier, status_on_admission, status_on_discharge, is_supplemented, cost_fen, class_a_fen, class_b_fen, "
        "class_c_fen, schedule_hash, eligible_fen, above_deductible_fen, base_fen, top_up_fen, serious_fen, "
        "supplementary_fen, assistance_fen, claim_id, year, benefits_fen, member_pays_fen, decided_at, decided_by",
    ),
    "published_account_entries": (
        "account_entry",
        "Entries of the household accounts.",
        "county_code, entry_id, reverses_entry_id, household_id, account_no, kind, amount_fen, paid_fen, balance_fen, "
        "claim_id, year, at, by",
    ),
    "published_payments": (
        "payment",
        "Payments, to whom and how far, without bank accounts.",
        "county_code, payment_id=id, settlement_id, account_entry_id, claim_id, fund, payee_kind, institution_code, "
        "member_id, amount_fen, top_up_fen, state, batch_id, end_to_end_id, replaces_payment_id, planned_at, "
        "last_event_at",
    ),
    "published_batches": (
        "payment_batch",
        "Batches of payments with their control totals, and who made and approved them.",
        "county_code, batch_id=id, fund, payee_kind, institution_code, payment_count, total_fen, state, made_by, "
        "made_at, submitted_at, approved_by, approved_at, content_sha256, approved_sha256, message_id, taken_at, "
        "settled_at",
    ),
    "published_postings": (
        "posting",
        "Postings of the contractor''s ledger.",
        "county_code, posting_id=id, book, kind, posted_on, posted_at, posted_by, batch_id, reverses_posting_id",
    ),
    "published_legs": (
        "leg",
        "Legs of the postings: debit above zero, credit below.",
        "county_code, posting_id, leg_no, book, account_code, amount_fen, payment_id",
    ),
}
# The finance desk checks money that moved, not what somebody was treated for.
FINANCE_READS = ("published_payments", "published_batches", "published_postings", "published_legs")

RECOMPUTATION = {
    "county_code": "County whose claims were recomputed.",
    "id": "Number of the recomputation.",
    "occasion": "Why it was run: asked, nightly or batch_settled.",
    "batch_id": "Batch whose settling called for it; null otherwise.",
    "asked_by": "oversight.staff.id of who asked for it; null where a rule did.",
    "asked_at": "When it was asked for.",
    "state": "asked, running, finished or failed.",
    "stage": "What it is doing, while it runs.",
    "done_count": "How many rows of that stage are done.",
    "total_count": "How many rows that stage has.",
    "begun_at": "When it began.",
    "finished_at": "When it ended, finished or failed.",
    "failure": "Why it failed, as a name of the fault; null where it did not.",
    "claim_count": "Claims read.",
    "line_count": "Lines read.",
    "settlement_count": "Settlements recomputed.",
    "entry_count": "Entries of household accounts recomputed.",
    "payment_count": "Payments compared.",
    "trail_count": "Entries of the contractor's trail compared.",
    "difference_count": "Differences found.",
    "kept_count": "Differences that are listed; the rest are only counted.",
    "published_fen": "Benefits of all settlements and visits as published, in fen.",
    "recomputed_fen": "The same as the county computes them, in fen.",
    "overpaid_fen": "Sum of what is above the county's amount, claim by claim, in fen.",
    "underpaid_fen": "Sum of what is below it, in fen.",
    "paid_fen": "Payments that were made and not returned, in fen.",
    "schedule_hashes": "Content hashes of the schedules it was computed by.",
}
DIFFERENCE = {
    "county_code": "County of the recomputation.",
    "recomputation_id": "The recomputation.",
    "difference_no": "Its place in the list, the largest effect first.",
    "kind": "Where it begins: line, input, law, benefit, account, payment, event or trail.",
    "step": "The column or rule on which the two part.",
    "section": "Section of the order of benefits; empty where it is none of its steps.",
    "article": "Article of the order; empty where there is none.",
    "claim_id": "Claim it is about.",
    "settlement_id": "Settlement it is about; null where it is about none.",
    "entry_id": "Entry of a household account it is about.",
    "payment_id": "Payment it is about.",
    "line_no": "Line of the bill on which it begins.",
    "trail_seq": "Place of the trail's entry that says otherwise.",
    "institution_code": "Institution of the claim.",
    "member_id": "Member of the claim.",
    "year": "Year of the settlement.",
    "published_fen": "The contractor's amount of that step, in fen; null where the step is no amount.",
    "recomputed_fen": "The county's amount of that step, in fen.",
    "published_word": "What the contractor says there, where it is no amount.",
    "recomputed_word": "What the county says there.",
    "effect_fen": "Benefits or payments above the county's amount, below zero where they are less, in fen.",
    "follows_earlier": "Whether an earlier settlement of the same year differs too, so that this may only follow.",
}


def upgrade() -> None:
    for view, (table, meaning, columns) in VIEWS.items():
        shown = ", ".join(_shown(column) for column in columns.split(", "))
        op.execute(f"CREATE VIEW contractor.{view} AS SELECT {shown} FROM contractor.{table}")
        op.execute(f"COMMENT ON VIEW contractor.{view} IS '{meaning}'")
        readers = ("county_rw", "auditor_ro", *(("finance_rw",) if view in FINANCE_READS else ()))
        published("contractor", view, *readers)
    _recomputation()
    _difference()
    for table, meanings in (("recomputation", RECOMPUTATION), ("recomputation_difference", DIFFERENCE)):
        for column, meaning in meanings.items():
            op.execute(f"COMMENT ON COLUMN oversight.{table}.{column} IS {_quoted(meaning)}")
        columns = ", ".join(meanings)
        op.execute(f"CREATE VIEW oversight.published_{table} AS SELECT {columns} FROM oversight.{table}")
        published("oversight", f"published_{table}", "auditor_ro")
    op.execute("COMMENT ON VIEW oversight.published_recomputation IS 'The county''s recomputations.'")
    op.execute("COMMENT ON VIEW oversight.published_recomputation_difference IS 'What they found.'")


def _recomputation() -> None:
    op.execute(
        """
        CREATE TABLE oversight.recomputation (
            county_code      CHAR(6) NOT NULL,
            id               BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            occasion         TEXT NOT NULL,
            batch_id         BIGINT,
            asked_by         BIGINT,
            asked_at         TIMESTAMPTZ NOT NULL,
            state            TEXT NOT NULL DEFAULT 'asked',
            stage            TEXT,
            done_count       BIGINT NOT NULL DEFAULT 0,
            total_count      BIGINT NOT NULL DEFAULT 0,
            begun_at         TIMESTAMPTZ,
            finished_at      TIMESTAMPTZ,
            failure          TEXT,
            claim_count      BIGINT,
            line_count       BIGINT,
            settlement_count BIGINT,
            entry_count      BIGINT,
            payment_count    BIGINT,
            trail_count      BIGINT,
            difference_count BIGINT,
            kept_count       BIGINT,
            published_fen    BIGINT,
            recomputed_fen   BIGINT,
            overpaid_fen     BIGINT,
            underpaid_fen    BIGINT,
            paid_fen         BIGINT,
            schedule_hashes  TEXT[],
            CONSTRAINT pk_recomputation PRIMARY KEY (county_code, id),
            CONSTRAINT fk_recomputation_county_code FOREIGN KEY (county_code)
                REFERENCES registry.division (county_code),
            CONSTRAINT ck_recomputation_occasion CHECK (occasion IN ('asked', 'nightly', 'batch_settled')),
            CONSTRAINT ck_recomputation_asked_by CHECK ((occasion = 'asked') = (asked_by IS NOT NULL)),
            CONSTRAINT ck_recomputation_batch CHECK ((occasion = 'batch_settled') = (batch_id IS NOT NULL)),
            CONSTRAINT ck_recomputation_state CHECK (state IN ('asked', 'running', 'finished', 'failed')),
            CONSTRAINT ck_recomputation_ended
                CHECK ((finished_at IS NOT NULL) = (state IN ('finished', 'failed'))
                       AND (failure IS NOT NULL) = (state = 'failed')),
            CONSTRAINT ck_recomputation_counted
                CHECK ((state = 'finished') = (num_nulls(claim_count, line_count, settlement_count, entry_count,
                    payment_count, trail_count, difference_count, kept_count, published_fen, recomputed_fen,
                    overpaid_fen, underpaid_fen, paid_fen, schedule_hashes) = 0)),
            CONSTRAINT ck_recomputation_progress CHECK (done_count BETWEEN 0 AND total_count),
            CONSTRAINT ck_recomputation_kept CHECK (kept_count BETWEEN 0 AND difference_count)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_recomputation_under_way ON oversight.recomputation (county_code, id) "
        "WHERE state IN ('asked', 'running')"
    )
    op.execute(
        "COMMENT ON TABLE oversight.recomputation IS 'Each time the county computed again what the contractor settled "
        "and paid.'"
    )
    record("oversight", "recomputation")
    # What a finished run found is never written over; a new run is a new row.
    op.execute(
        "CREATE TRIGGER recomputation_stays_as_it_ended BEFORE UPDATE ON oversight.recomputation FOR EACH ROW "
        "WHEN (OLD.finished_at IS NOT NULL OR (OLD.county_code, OLD.id, OLD.occasion, OLD.asked_at) "
        "IS DISTINCT FROM (NEW.county_code, NEW.id, NEW.occasion, NEW.asked_at) "
        "OR (OLD.asked_by, OLD.batch_id) IS DISTINCT FROM (NEW.asked_by, NEW.batch_id)) "
        "EXECUTE FUNCTION house.refuse_change()"
    )
    op.execute("ALTER TABLE oversight.recomputation ENABLE ALWAYS TRIGGER recomputation_stays_as_it_ended")


def _difference() -> None:
    op.execute(
        """
        CREATE TABLE oversight.recomputation_difference (
            county_code      CHAR(6) NOT NULL,
            recomputation_id BIGINT NOT NULL,
            difference_no    INTEGER NOT NULL,
            kind             TEXT NOT NULL,
            step             TEXT NOT NULL,
            section          TEXT NOT NULL DEFAULT '',
            article          TEXT NOT NULL DEFAULT '',
            claim_id         BIGINT,
            settlement_id    BIGINT,
            entry_id         BIGINT,
            payment_id       BIGINT,
            line_no          INTEGER,
            trail_seq        BIGINT,
            institution_code TEXT,
            member_id        BIGINT,
            year             INTEGER,
            published_fen    BIGINT,
            recomputed_fen   BIGINT,
            published_word   TEXT,
            recomputed_word  TEXT,
            effect_fen       BIGINT NOT NULL,
            follows_earlier  BOOLEAN NOT NULL,
            CONSTRAINT pk_recomputation_difference PRIMARY KEY (county_code, recomputation_id, difference_no),
            CONSTRAINT fk_recomputation_difference_run FOREIGN KEY (county_code, recomputation_id)
                REFERENCES oversight.recomputation (county_code, id),
            CONSTRAINT ck_recomputation_difference_kind CHECK (
                kind IN ('line', 'input', 'law', 'benefit', 'account', 'payment', 'event', 'trail')),
            CONSTRAINT ck_recomputation_difference_says_something
                CHECK (num_nonnulls(published_fen, recomputed_fen, published_word, recomputed_word) > 0),
            CONSTRAINT ck_recomputation_difference_no CHECK (difference_no > 0)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_recomputation_difference_kind ON oversight.recomputation_difference "
        "(county_code, recomputation_id, kind, difference_no)"
    )
    op.execute(
        "CREATE INDEX ix_recomputation_difference_claim ON oversight.recomputation_difference (county_code, claim_id)"
    )
    op.execute(
        "COMMENT ON TABLE oversight.recomputation_difference IS 'Where what was published and what the county computed "
        "do not agree, told by the first step that differs.'"
    )
    append_only("oversight", "recomputation_difference")


def _shown(column: str) -> str:
    name, renamed, source = column.partition("=")
    return f"{source} AS {name}" if renamed else name


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
