"""Claims, their lines, findings, events and settlements (decisions 0027 and 0029)."""

from alembic import op

from migrations.grants import append_only, record

revision = "0010"
down_revision = "0009"

COMMENTS = {
    "claim_file": (
        "Files and messages of claims; each was taken in whole or not at all.",
        {
            "county_code": "County the claims belong to.",
            "id": "Number of the file.",
            "door": "How it came: page, cli, api, fhir or demo.",
            "file_name": "Name the sender gave it.",
            "sha256": "SHA-256 of its bytes; the same file is taken in once.",
            "byte_count": "Its size.",
            "claim_count": "Claims taken in with it.",
            "line_count": "Lines taken in with it.",
            "charged_fen": "Sum of all its lines as charged, in fen.",
            "received_at": "When it was taken in.",
            "received_by": "contractor.staff.id of who sent it; null where a program did.",
            "institution_code": "Institution that sent it itself; null where the insurer or a township office did.",
        },
    ),
    "claim": (
        "Claims: one hospital stay or outpatient visit each.",
        {
            "county_code": "County the member is enrolled in.",
            "id": "Number of the claim, unique in the county.",
            "claim_number": "The institution's own number, unique there.",
            "file_id": "File it came with.",
            "route": "direct, manual or outpatient.",
            "institution_code": "Where the member was treated.",
            "member_id": "Who was treated (registry.published_member).",
            "household_id": "The member's household at intake.",
            "card_number": "Number of the member's card, as sent.",
            "invoice_number": "Number of the institution's invoice.",
            "admitted_on": "Day of admission; of an outpatient visit its day.",
            "discharged_on": "Day of discharge; of an outpatient visit its day.",
            "diagnosis_code": "Main diagnosis by its code (ICD-10).",
            "diagnosis_name": "Main diagnosis in words; empty where none was sent.",
            "procedure_codes": "Procedures by their codes.",
            "department": "Department; empty where none was sent.",
            "doctor": "Doctor's number; empty where none was sent.",
            "charged_fen": "Sum of its lines as charged, in fen.",
            "institution_reduced_fen": "What the institution's own review took off and bears, in fen.",
            "paid_elsewhere_fen": "What another payer has paid, in fen.",
            "advanced_fen": "What the institution advanced to the member, in fen; direct route only.",
            "receipt_signed_on": "Day the member signed for the advance; null where no receipt was sent.",
            "referral_slip": "Number of the referral slip.",
            "township_code": "Township office that took it in.",
            "payee_name": "Holder of the account to pay to; null where the registry's account is meant.",
            "payee_account_sealed": "That account, sealed for this row.",
            "payee_account_index": "Blind index of that account.",
            "received_at": "When it was taken in.",
            "received_by": "contractor.staff.id; null for a program.",
            "received_on": "Day on which it was taken in; its term runs from there.",
            "submitted_on": "Day of submission as the sender states it.",
            "due_on": "Last day of the term to decide; null while the year's calendar is not loaded.",
            "state": "State by rulebook.lifecycles.claim.",
            "version": "Number of its last event; whoever changes it names the version they saw.",
            "assessed_at": "When the checks last looked at it; null before.",
            "alert_ppm": "Alert score of its findings, parts per million.",
            "is_clean": "Whether no finding asks for a person; null before the checks have looked.",
            "notice_until_on": "First day on which its public notice is over; null where it has none.",
            "documents_due_on": "Last day for the papers that were asked for; null where none were.",
            "held_by": "contractor.staff.id of who has it in hand.",
            "held_until": "Until when it stays in that hand.",
        },
    ),
    "claim_line": (
        "Lines of the bills of claims.",
        {
            "county_code": "County of the claim.",
            "claim_id": "The claim.",
            "line_no": "Place on the bill, from 1.",
            "item_code": "Code of the item in the county's catalogue, as sent.",
            "hospital_item_name": "The institution's own name for it.",
            "performed_on": "Day it was given or done.",
            "quantity_e4": "Quantity in ten-thousandths.",
            "unit_price_e4": "Unit price in ten-thousandths of a yuan.",
            "charged_fen": "Quantity times unit price, half-up to the fen.",
            "catalogue_class": "1 class A, 2 class B, 3 class C, 0 in no class, by the catalogue of that day.",
            "price_limit_e4": "Price limit for the institution's tier on that day, in ten-thousandths; -1 for none.",
            "reduced_fen": "What the reviewer took off, in fen.",
            "reduce_reason": "Why, by its code; null where nothing was.",
        },
    ),
    "claim_finding": (
        "What the checks found: leads, and not yet faults.",
        {
            "county_code": "County of the claim.",
            "claim_id": "The claim.",
            "finding_no": "Place among the claim's findings, from 1.",
            "rule": "Key of the check's card in rulebook.checks, such as F17.",
            "severity": "C critical, H high, M medium, L low.",
            "line_no": "Line it speaks of; null where it is the whole claim.",
            "other_claim_id": "Another claim it speaks of.",
            "expected": "What the rule expects.",
            "found": "What was found instead.",
            "source": "Article or source of the rule.",
            "found_at": "When it was found.",
        },
    ),
    "claim_event": (
        "Events in the lives of claims; replayed, they give the state.",
        {
            "county_code": "County of the claim.",
            "claim_id": "The claim.",
            "event_no": "Place in the claim's life, from 1; the claim's version after it.",
            "event": "Event by rulebook.lifecycles.claim.",
            "state_after": "State that followed.",
            "at": "When.",
            "acted_by": "contractor.staff.id; null where a rule acted.",
            "reason_code": "Why, by its code.",
            "note": "What the person wrote.",
            "documents": "Papers that were asked for, by code.",
        },
    ),
    "member_year": (
        "What each member's year has used up: sums of its settlements.",
        {
            "county_code": "County of the member.",
            "member_id": "The member.",
            "year": "The year whose deductibles, bands and caps are used up.",
            "last_settlement_no": "Last number given.",
            "covered_fen": "Covered above the deductible so far, in fen.",
            "pool_paid_fen": "Paid by the pooled fund so far, in fen.",
            "burden_fen": "Eligible and left to the member so far, in fen.",
            "serious_paid_fen": "Paid by serious-illness insurance so far, in fen.",
            "supplementary_paid_fen": "Paid by supplementary insurance so far, in fen.",
            "assistance_paid_fen": "Proposed as medical assistance so far, in fen.",
        },
    ),
    "settlement": (
        "Decisions in money, and their reversals; each keeps its number for good.",
        {
            "county_code": "County of the member.",
            "id": "Number of the settlement.",
            "claim_id": "The claim it settles or takes back.",
            "reverses_settlement_id": "Settlement it takes back; 0 for a decision.",
            "member_id": "The member.",
            "year": "Year it counts for.",
            "settlement_no": "Its place in the member's year, from 1.",
            "admitted_on": "Day of admission.",
            "discharged_on": "Day of discharge.",
            "tier": "1 township, 2 county, 3 above the county.",
            "status_on_admission": "0 member, 1 poor, 2 five-guarantee.",
            "status_on_discharge": "0 member, 1 poor, 2 five-guarantee.",
            "is_supplemented": "1 where supplementary insurance is held.",
            "cost_fen": "Cost the member bears before compensation, in fen.",
            "class_a_fen": "Class A after price limits and reductions, in fen.",
            "class_b_fen": "Class B after price limits and reductions, in fen.",
            "class_c_fen": "Class C after price limits and reductions, in fen.",
            "schedule_hash": "Content hash of the schedule used.",
            "before_covered_fen": "Covered above the deductible before it, in fen.",
            "before_pool_paid_fen": "Paid by the pooled fund before it, in fen.",
            "before_burden_fen": "Eligible and left to the member before it, in fen.",
            "before_serious_paid_fen": "Paid by serious-illness insurance before it, in fen.",
            "before_supplementary_paid_fen": "Paid by supplementary insurance before it, in fen.",
            "before_assistance_paid_fen": "Proposed as medical assistance before it, in fen.",
            "eligible_fen": "Eligible cost, in fen.",
            "above_deductible_fen": "Above the deductible, in fen.",
            "base_fen": "Pooled fund without the top-up of the poor, in fen.",
            "top_up_fen": "Top-up of the poor, from the pooled fund, in fen.",
            "serious_fen": "Serious-illness insurance, in fen.",
            "supplementary_fen": "Supplementary insurance, in fen.",
            "assistance_fen": "Medical assistance as proposed, in fen.",
            "benefits_fen": "All benefits together, in fen.",
            "member_pays_fen": "Left to the member, in fen.",
            "decided_at": "When it was decided.",
            "decided_by": "contractor.staff.id; null for a rule.",
        },
    ),
    "household_account": (
        "Household accounts: one pool a household for outpatient cost.",
        {
            "county_code": "County of the household.",
            "household_id": "The household.",
            "last_account_no": "Last number given.",
            "balance_fen": "What is left in it, in fen; never below zero.",
        },
    ),
    "account_entry": (
        "Entries of household accounts, in their order.",
        {
            "county_code": "County of the household.",
            "entry_id": "Number of the entry.",
            "household_id": "The household.",
            "account_no": "Its place in the household's account, from 1.",
            "kind": "1 credit, 2 outpatient, 3 premium, 4 reversal.",
            "amount_fen": "The credit, or the cost it is asked to pay, in fen.",
            "paid_fen": "What the account pays, in fen; below zero where a visit is taken back.",
            "balance_fen": "Balance after it, in fen.",
            "claim_id": "The visit it pays; null for a credit.",
            "reverses_entry_id": "Entry it takes back; 0 for none.",
            "year": "Year it belongs to.",
            "at": "When it was entered.",
            "by": "contractor.staff.id; null where a rule acted.",
        },
    ),
}

# What was received is never changed; a correction is a new claim that takes the place of a withdrawn one.
RECEIVED = (
    "county_code, id, claim_number, file_id, route, institution_code, member_id, household_id, card_number, "
    "invoice_number, admitted_on, discharged_on, diagnosis_code, diagnosis_name, procedure_codes, department, "
    "doctor, charged_fen, institution_reduced_fen, paid_elsewhere_fen, advanced_fen, receipt_signed_on, "
    "referral_slip, township_code, received_at, received_by, received_on, submitted_on"
)
LINE_AS_SENT = (
    "county_code, claim_id, line_no, item_code, hospital_item_name, performed_on, quantity_e4, unit_price_e4, "
    "charged_fen"
)

FILE_AS_SENT = "county_code, id, door, file_name, sha256, byte_count, received_at, received_by, institution_code"
# The moves of rulebook.lifecycles.claim between two states, as they stood when this was written.
MOVES = (
    ("approved", "reversed"),
    ("awaiting_documents", "in_review"),
    ("awaiting_documents", "rejected"),
    ("awaiting_documents", "withdrawn"),
    ("in_review", "approved"),
    ("in_review", "awaiting_documents"),
    ("in_review", "in_second_review"),
    ("in_review", "on_public_notice"),
    ("in_review", "received"),
    ("in_review", "rejected"),
    ("in_review", "withdrawn"),
    ("in_second_review", "approved"),
    ("in_second_review", "awaiting_documents"),
    ("in_second_review", "in_review"),
    ("in_second_review", "on_public_notice"),
    ("in_second_review", "rejected"),
    ("on_public_notice", "approved"),
    ("on_public_notice", "in_review"),
    ("received", "approved"),
    ("received", "in_review"),
    ("received", "on_public_notice"),
    ("received", "rejected"),
    ("received", "withdrawn"),
    ("rejected", "in_review"),
)
APPEND_ONLY = ("claim_finding", "claim_event", "settlement", "account_entry")
RECORDS = ("claim_file", "claim", "claim_line", "member_year", "household_account")
# Numbers are reserved before the rows that carry them are copied in.
NUMBERED = (("claim", "id"), ("settlement", "id"), ("account_entry", "entry_id"))


def upgrade() -> None:
    _tables()
    for table, (meaning, columns) in COMMENTS.items():
        op.execute(f"COMMENT ON TABLE contractor.{table} IS {_quoted(meaning)}")
        for column, words in columns.items():
            op.execute(f"COMMENT ON COLUMN contractor.{table}.{column} IS {_quoted(words)}")
    for table in APPEND_ONLY:
        append_only("contractor", table)
    for table in RECORDS:
        record("contractor", table)
    for table, column in NUMBERED:
        op.execute(f"GRANT USAGE ON SEQUENCE contractor.{table}_{column}_seq TO contractor_rw")
    _what_a_claim_may_become()


def _what_a_claim_may_become() -> None:
    """A change of state is one listed move and the next version; the conditions are native, so a chunk stays cheap."""
    listed = ", ".join(f"('{before}', '{after}')" for before, after in MOVES)
    _refused_when(
        "claim",
        "keeps_its_life",
        f"NEW.version NOT IN (OLD.version, OLD.version + 1) OR (OLD.state <> NEW.state AND "
        f"(NEW.version = OLD.version OR (OLD.state, NEW.state) NOT IN ({listed})))",
    )
    _refused_when(
        "claim", "keeps_what_was_received", f"({_of('OLD', RECEIVED)}) IS DISTINCT FROM ({_of('NEW', RECEIVED)})"
    )
    _refused_when(
        "claim_line",
        "keeps_what_was_received",
        f"({_of('OLD', LINE_AS_SENT)}) IS DISTINCT FROM ({_of('NEW', LINE_AS_SENT)})",
    )
    _refused_when(
        "claim_file",
        "keeps_what_was_received",
        f"({_of('OLD', FILE_AS_SENT)}) IS DISTINCT FROM ({_of('NEW', FILE_AS_SENT)}) "
        f"OR NEW.claim_count < OLD.claim_count OR NEW.line_count < OLD.line_count OR NEW.charged_fen < OLD.charged_fen",
    )
    # A year's numbers and an account's numbers grow one by one with the rows that take them.
    _refused_when("member_year", "only_goes_on", "NEW.last_settlement_no < OLD.last_settlement_no")
    _refused_when("household_account", "only_goes_on", "NEW.last_account_no < OLD.last_account_no")


def _refused_when(table: str, name: str, condition: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{name} BEFORE UPDATE ON contractor.{table} FOR EACH ROW WHEN ({condition}) "
        f"EXECUTE FUNCTION house.refuse_change()"
    )
    op.execute(f"ALTER TABLE contractor.{table} ENABLE ALWAYS TRIGGER {table}_{name}")


def _of(row: str, columns: str) -> str:
    return ", ".join(f"{row}.{column}" for column in columns.split(", "))


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _tables() -> None:
    op.execute(
        """
        CREATE TABLE contractor.claim_file (
            county_code CHAR(6) NOT NULL,
            id BIGINT GENERATED BY DEFAULT AS IDENTITY,
            door TEXT NOT NULL,
            file_name TEXT NOT NULL,
            sha256 BYTEA NOT NULL,
            byte_count BIGINT NOT NULL,
            claim_count BIGINT NOT NULL,
            line_count BIGINT NOT NULL,
            charged_fen BIGINT NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_by BIGINT,
            institution_code TEXT,
            CONSTRAINT pk_claim_file PRIMARY KEY (county_code, id),
            CONSTRAINT uq_claim_file_county_code_sha256 UNIQUE (county_code, sha256),
            CONSTRAINT fk_claim_file_county_code FOREIGN KEY(county_code) REFERENCES registry.division (county_code),
            CONSTRAINT ck_claim_file_door CHECK (door IN ('page', 'cli', 'api', 'fhir', 'demo')),
            CONSTRAINT ck_claim_file_sha256 CHECK (octet_length(sha256) = 32),
            CONSTRAINT ck_claim_file_counts CHECK (byte_count >= 0 AND claim_count >= 0 AND line_count >= 0 AND charged_fen >= 0)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE contractor.claim (
            county_code CHAR(6) NOT NULL,
            id BIGINT GENERATED BY DEFAULT AS IDENTITY,
            claim_number TEXT NOT NULL,
            file_id BIGINT NOT NULL,
            route TEXT NOT NULL,
            institution_code TEXT NOT NULL,
            member_id BIGINT NOT NULL,
            household_id BIGINT NOT NULL,
            card_number TEXT NOT NULL,
            invoice_number TEXT NOT NULL,
            admitted_on DATE NOT NULL,
            discharged_on DATE NOT NULL,
            diagnosis_code TEXT NOT NULL,
            diagnosis_name TEXT NOT NULL,
            procedure_codes TEXT[] DEFAULT '{}' NOT NULL,
            department TEXT NOT NULL,
            doctor TEXT NOT NULL,
            charged_fen BIGINT NOT NULL,
            institution_reduced_fen BIGINT NOT NULL,
            paid_elsewhere_fen BIGINT NOT NULL,
            advanced_fen BIGINT NOT NULL,
            receipt_signed_on DATE,
            referral_slip TEXT,
            township_code CHAR(9),
            payee_name TEXT,
            payee_account_sealed BYTEA,
            payee_account_index BYTEA,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            received_by BIGINT,
            received_on DATE NOT NULL,
            submitted_on DATE NOT NULL,
            due_on DATE,
            state TEXT DEFAULT 'received' NOT NULL,
            version INTEGER DEFAULT 0 NOT NULL,
            assessed_at TIMESTAMP WITH TIME ZONE,
            alert_ppm INTEGER DEFAULT 0 NOT NULL,
            is_clean BOOLEAN,
            notice_until_on DATE,
            documents_due_on DATE,
            held_by BIGINT,
            held_until TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_claim PRIMARY KEY (county_code, id),
            CONSTRAINT uq_claim_county_code_institution_code_claim_number UNIQUE (county_code, institution_code, claim_number),
            CONSTRAINT fk_claim_county_code_file_id FOREIGN KEY(county_code, file_id) REFERENCES contractor.claim_file (county_code, id),
            CONSTRAINT ck_claim_route CHECK (route IN ('direct', 'manual', 'outpatient')),
            CONSTRAINT ck_claim_state CHECK (state IN ('received', 'in_review', 'awaiting_documents', 'in_second_review', 'on_public_notice', 'approved', 'rejected', 'withdrawn', 'reversed')),
            CONSTRAINT ck_claim_days CHECK (discharged_on >= admitted_on),
            CONSTRAINT ck_claim_visit_is_a_day CHECK (route <> 'outpatient' OR discharged_on = admitted_on),
            CONSTRAINT ck_claim_amounts CHECK (charged_fen >= 0 AND institution_reduced_fen >= 0 AND paid_elsewhere_fen >= 0 AND advanced_fen >= 0 AND institution_reduced_fen + paid_elsewhere_fen <= charged_fen AND advanced_fen <= charged_fen),
            CONSTRAINT ck_claim_advance_is_direct CHECK (route = 'direct' OR advanced_fen = 0),
            CONSTRAINT ck_claim_payee CHECK ((payee_account_sealed IS NULL) = (payee_account_index IS NULL) AND (payee_account_sealed IS NULL) = (payee_name IS NULL)),
            CONSTRAINT ck_claim_payee_account_is_sealed CHECK (octet_length(payee_account_sealed) > 34 AND octet_length(payee_account_index) = 32),
            CONSTRAINT ck_claim_numbers CHECK (version >= 0 AND alert_ppm BETWEEN 0 AND 1000000),
            CONSTRAINT ck_claim_assessed CHECK ((assessed_at IS NULL) = (is_clean IS NULL)),
            CONSTRAINT ck_claim_held CHECK ((held_by IS NULL) = (held_until IS NULL)),
            CONSTRAINT ck_claim_notice CHECK (state <> 'on_public_notice' OR notice_until_on IS NOT NULL),
            CONSTRAINT ck_claim_documents CHECK (state <> 'awaiting_documents' OR documents_due_on IS NOT NULL)
        )
        """
    )
    op.execute("CREATE INDEX ix_claim_county_code_file_id ON contractor.claim (county_code, file_id)")
    op.execute(
        "CREATE INDEX ix_claim_county_code_institution_code_invoice_number ON contractor.claim (county_code, institution_code, invoice_number)"
    )
    op.execute("CREATE INDEX ix_claim_county_code_member_id ON contractor.claim (county_code, member_id)")
    op.execute("CREATE INDEX ix_claim_county_code_state_id ON contractor.claim (county_code, state, id)")
    op.execute(
        """
        CREATE TABLE contractor.claim_line (
            county_code CHAR(6) NOT NULL,
            claim_id BIGINT NOT NULL,
            line_no INTEGER NOT NULL,
            item_code TEXT NOT NULL,
            hospital_item_name TEXT NOT NULL,
            performed_on DATE NOT NULL,
            quantity_e4 BIGINT NOT NULL,
            unit_price_e4 BIGINT NOT NULL,
            charged_fen BIGINT NOT NULL,
            catalogue_class SMALLINT NOT NULL,
            price_limit_e4 BIGINT NOT NULL,
            reduced_fen BIGINT DEFAULT 0 NOT NULL,
            reduce_reason TEXT,
            CONSTRAINT pk_claim_line PRIMARY KEY (county_code, claim_id, line_no),
            CONSTRAINT fk_claim_line_county_code_claim_id FOREIGN KEY(county_code, claim_id) REFERENCES contractor.claim (county_code, id),
            CONSTRAINT ck_claim_line_numbers CHECK (line_no > 0 AND quantity_e4 > 0 AND unit_price_e4 >= 0),
            CONSTRAINT ck_claim_line_charged CHECK (charged_fen = (quantity_e4 * unit_price_e4 + 500000) / 1000000),
            CONSTRAINT ck_claim_line_catalogue CHECK (catalogue_class BETWEEN 0 AND 3 AND price_limit_e4 >= -1),
            CONSTRAINT ck_claim_line_reduced CHECK (reduced_fen BETWEEN 0 AND charged_fen AND (reduced_fen = 0) = (reduce_reason IS NULL))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE contractor.claim_finding (
            county_code CHAR(6) NOT NULL,
            claim_id BIGINT NOT NULL,
            finding_no INTEGER NOT NULL,
            rule TEXT NOT NULL,
            severity CHAR(1) NOT NULL,
            line_no INTEGER,
            other_claim_id BIGINT,
            expected TEXT NOT NULL,
            found TEXT NOT NULL,
            source TEXT NOT NULL,
            found_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_claim_finding PRIMARY KEY (county_code, claim_id, finding_no),
            CONSTRAINT fk_claim_finding_county_code_claim_id FOREIGN KEY(county_code, claim_id) REFERENCES contractor.claim (county_code, id),
            CONSTRAINT ck_claim_finding_severity CHECK (severity IN ('C', 'H', 'M', 'L')),
            CONSTRAINT ck_claim_finding_numbers CHECK (finding_no > 0)
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_claim_finding_county_code_rule_claim_id ON contractor.claim_finding (county_code, rule, claim_id)"
    )
    op.execute(
        """
        CREATE TABLE contractor.claim_event (
            county_code CHAR(6) NOT NULL,
            claim_id BIGINT NOT NULL,
            event_no INTEGER NOT NULL,
            event TEXT NOT NULL,
            state_after TEXT NOT NULL,
            at TIMESTAMP WITH TIME ZONE NOT NULL,
            acted_by BIGINT,
            reason_code TEXT,
            note TEXT,
            documents TEXT[],
            CONSTRAINT pk_claim_event PRIMARY KEY (county_code, claim_id, event_no),
            CONSTRAINT fk_claim_event_county_code_claim_id FOREIGN KEY(county_code, claim_id) REFERENCES contractor.claim (county_code, id),
            CONSTRAINT ck_claim_event_numbers CHECK (event_no > 0),
            CONSTRAINT ck_claim_event_state_after CHECK (state_after IN ('received', 'in_review', 'awaiting_documents', 'in_second_review', 'on_public_notice', 'approved', 'rejected', 'withdrawn', 'reversed'))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE contractor.member_year (
            county_code CHAR(6) NOT NULL,
            member_id BIGINT NOT NULL,
            year INTEGER NOT NULL,
            last_settlement_no INTEGER DEFAULT 0 NOT NULL,
            covered_fen BIGINT DEFAULT 0 NOT NULL,
            pool_paid_fen BIGINT DEFAULT 0 NOT NULL,
            burden_fen BIGINT DEFAULT 0 NOT NULL,
            serious_paid_fen BIGINT DEFAULT 0 NOT NULL,
            supplementary_paid_fen BIGINT DEFAULT 0 NOT NULL,
            assistance_paid_fen BIGINT DEFAULT 0 NOT NULL,
            CONSTRAINT pk_member_year PRIMARY KEY (county_code, member_id, year),
            CONSTRAINT ck_member_year_numbers CHECK (last_settlement_no >= 0 AND covered_fen >= 0 AND pool_paid_fen >= 0 AND burden_fen >= 0 AND serious_paid_fen >= 0 AND supplementary_paid_fen >= 0 AND assistance_paid_fen >= 0)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE contractor.settlement (
            county_code CHAR(6) NOT NULL,
            id BIGINT GENERATED BY DEFAULT AS IDENTITY,
            claim_id BIGINT NOT NULL,
            reverses_settlement_id BIGINT DEFAULT 0 NOT NULL,
            member_id BIGINT NOT NULL,
            year INTEGER NOT NULL,
            settlement_no INTEGER NOT NULL,
            admitted_on DATE NOT NULL,
            discharged_on DATE NOT NULL,
            tier SMALLINT NOT NULL,
            status_on_admission SMALLINT NOT NULL,
            status_on_discharge SMALLINT NOT NULL,
            is_supplemented SMALLINT NOT NULL,
            cost_fen BIGINT NOT NULL,
            class_a_fen BIGINT NOT NULL,
            class_b_fen BIGINT NOT NULL,
            class_c_fen BIGINT NOT NULL,
            schedule_hash TEXT NOT NULL,
            before_covered_fen BIGINT NOT NULL,
            before_pool_paid_fen BIGINT NOT NULL,
            before_burden_fen BIGINT NOT NULL,
            before_serious_paid_fen BIGINT NOT NULL,
            before_supplementary_paid_fen BIGINT NOT NULL,
            before_assistance_paid_fen BIGINT NOT NULL,
            eligible_fen BIGINT NOT NULL,
            above_deductible_fen BIGINT NOT NULL,
            base_fen BIGINT NOT NULL,
            top_up_fen BIGINT NOT NULL,
            serious_fen BIGINT NOT NULL,
            supplementary_fen BIGINT NOT NULL,
            assistance_fen BIGINT NOT NULL,
            benefits_fen BIGINT NOT NULL,
            member_pays_fen BIGINT NOT NULL,
            decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
            decided_by BIGINT,
            CONSTRAINT pk_settlement PRIMARY KEY (county_code, id),
            CONSTRAINT uq_settlement_county_code_member_id_year_settlement_no UNIQUE (county_code, member_id, year, settlement_no),
            CONSTRAINT fk_settlement_county_code_claim_id FOREIGN KEY(county_code, claim_id) REFERENCES contractor.claim (county_code, id),
            CONSTRAINT ck_settlement_numbers CHECK (settlement_no > 0 AND tier BETWEEN 1 AND 3),
            CONSTRAINT ck_settlement_person CHECK (status_on_admission BETWEEN 0 AND 2 AND status_on_discharge BETWEEN 0 AND 2 AND is_supplemented BETWEEN 0 AND 1),
            CONSTRAINT ck_settlement_input_amounts CHECK (cost_fen >= 0 AND class_a_fen >= 0 AND class_b_fen >= 0 AND class_c_fen >= 0),
            CONSTRAINT ck_settlement_benefits CHECK (benefits_fen = base_fen + top_up_fen + serious_fen + supplementary_fen + assistance_fen),
            CONSTRAINT ck_settlement_never_more_than_the_cost CHECK (CASE WHEN reverses_settlement_id = 0 THEN benefits_fen + member_pays_fen = cost_fen AND least(base_fen, top_up_fen, serious_fen, supplementary_fen, assistance_fen, member_pays_fen) >= 0 ELSE benefits_fen + member_pays_fen = - cost_fen AND greatest(base_fen, top_up_fen, serious_fen, supplementary_fen, assistance_fen, member_pays_fen) <= 0 END)
        )
        """
    )
    op.execute("CREATE INDEX ix_settlement_county_code_claim_id ON contractor.settlement (county_code, claim_id)")
    op.execute(
        "CREATE UNIQUE INDEX uq_settlement_one_reversal ON contractor.settlement (county_code, reverses_settlement_id) WHERE reverses_settlement_id <> 0"
    )
    op.execute(
        """
        CREATE TABLE contractor.household_account (
            county_code CHAR(6) NOT NULL,
            household_id BIGINT NOT NULL,
            last_account_no INTEGER DEFAULT 0 NOT NULL,
            balance_fen BIGINT DEFAULT 0 NOT NULL,
            CONSTRAINT pk_household_account PRIMARY KEY (county_code, household_id),
            CONSTRAINT ck_household_account_never_overdrawn CHECK (last_account_no >= 0 AND balance_fen >= 0)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE contractor.account_entry (
            county_code CHAR(6) NOT NULL,
            entry_id BIGINT GENERATED BY DEFAULT AS IDENTITY,
            household_id BIGINT NOT NULL,
            account_no INTEGER NOT NULL,
            kind SMALLINT NOT NULL,
            amount_fen BIGINT NOT NULL,
            paid_fen BIGINT NOT NULL,
            balance_fen BIGINT NOT NULL,
            claim_id BIGINT,
            reverses_entry_id BIGINT DEFAULT 0 NOT NULL,
            year INTEGER NOT NULL,
            at TIMESTAMP WITH TIME ZONE NOT NULL,
            by BIGINT,
            CONSTRAINT pk_account_entry PRIMARY KEY (county_code, entry_id),
            CONSTRAINT uq_account_entry_county_code_household_id_account_no UNIQUE (county_code, household_id, account_no),
            CONSTRAINT fk_account_entry_county_code_household_id FOREIGN KEY(county_code, household_id) REFERENCES contractor.household_account (county_code, household_id),
            CONSTRAINT fk_account_entry_county_code_claim_id FOREIGN KEY(county_code, claim_id) REFERENCES contractor.claim (county_code, id),
            CONSTRAINT ck_account_entry_numbers CHECK (kind BETWEEN 1 AND 4 AND amount_fen >= 0 AND balance_fen >= 0),
            CONSTRAINT ck_account_entry_visit CHECK ((kind IN (2, 4)) = (claim_id IS NOT NULL)),
            CONSTRAINT ck_account_entry_reversal CHECK ((kind = 4) = (reverses_entry_id <> 0)),
            CONSTRAINT ck_account_entry_never_more_than_asked CHECK (paid_fen <= amount_fen AND (kind = 4 OR paid_fen >= 0))
        )
        """
    )
    op.execute("CREATE INDEX ix_account_entry_county_code_claim_id ON contractor.account_entry (county_code, claim_id)")
    op.execute(
        "CREATE UNIQUE INDEX uq_account_entry_one_credit_a_year ON contractor.account_entry (county_code, household_id, year) WHERE kind = 1"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_account_entry_one_reversal ON contractor.account_entry (county_code, reverses_entry_id) WHERE reverses_entry_id <> 0"
    )
