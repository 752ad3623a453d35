-- Payments, their batches, the banks files, exceptions, entitlements.

CREATE TABLE contractor.payment_batch (
    county_code CHAR(6) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    fund TEXT NOT NULL,
    payee_kind TEXT NOT NULL,
    institution_code TEXT,
    payment_count INTEGER DEFAULT 0 NOT NULL,
    total_fen BIGINT DEFAULT 0 NOT NULL,
    made_by BIGINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT DEFAULT 'draft' NOT NULL,
    version INTEGER DEFAULT 0 NOT NULL,
    last_event TEXT,
    last_event_at TIMESTAMP WITH TIME ZONE,
    last_event_by BIGINT,
    last_reason TEXT,
    submitted_by BIGINT,
    submitted_at TIMESTAMP WITH TIME ZONE,
    content_sha256 BYTEA,
    approved_by BIGINT,
    approved_at TIMESTAMP WITH TIME ZONE,
    approved_sha256 BYTEA,
    approval_no INTEGER DEFAULT 0 NOT NULL,
    message_id TEXT,
    sending_begun_at TIMESTAMP WITH TIME ZONE,
    taken_at TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_payment_batch PRIMARY KEY (county_code, id),
    CONSTRAINT uq_payment_batch_county_code_message_id UNIQUE (county_code, message_id),
    CONSTRAINT ck_payment_batch_fund CHECK (fund IN ('pooled', 'serious', 'supplementary', 'household_account')),
    CONSTRAINT ck_payment_batch_payee_kind CHECK (payee_kind IN ('institution', 'member')),
    CONSTRAINT ck_payment_batch_institution_code CHECK (institution_code IS NULL OR payee_kind = 'institution'),
    CONSTRAINT ck_payment_batch_totals CHECK (payment_count >= 0 AND total_fen >= 0),
    CONSTRAINT ck_payment_batch_checker_is_not_maker CHECK (approved_by <> made_by),
    CONSTRAINT ck_payment_batch_checker_is_not_submitter CHECK (approved_by <> submitted_by),
    CONSTRAINT ck_payment_batch_approved_as_submitted CHECK (approved_sha256 = content_sha256),
    CONSTRAINT ck_payment_batch_submitted CHECK ((submitted_by IS NULL) = (submitted_at IS NULL) AND (submitted_at IS NULL) = (content_sha256 IS NULL)),
    CONSTRAINT ck_payment_batch_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL) AND (approved_at IS NULL) = (approved_sha256 IS NULL)),
    CONSTRAINT ck_payment_batch_is_submitted CHECK ((state IN ('draft', 'discarded')) = (content_sha256 IS NULL)),
    CONSTRAINT ck_payment_batch_is_approved CHECK ((state IN ('draft', 'discarded', 'submitted')) = (approved_sha256 IS NULL)),
    CONSTRAINT ck_payment_batch_named CHECK (state NOT IN ('sending', 'in_doubt', 'sent', 'settled') OR message_id IS NOT NULL),
    CONSTRAINT ck_payment_batch_message_id CHECK (message_id ~ '^[A-Z0-9]{4,35}$'),
    CONSTRAINT ck_payment_batch_version CHECK (version >= 0 AND (version = 0) = (last_event IS NULL)),
    CONSTRAINT ck_payment_batch_last_reason CHECK (char_length(last_reason) <= 300),
    CONSTRAINT ck_payment_batch_county_code CHECK (county_code ~ '^[0-9]{6}$')
);

CREATE INDEX ix_payment_batch_county_code_state_id ON contractor.payment_batch (county_code, state, id);

COMMENT ON TABLE contractor.payment_batch IS 'Batches of payments: one fund, one kind of payee; made by one person, approved by another.';
COMMENT ON COLUMN contractor.payment_batch.county_code IS 'County whose scheme pays.';
COMMENT ON COLUMN contractor.payment_batch.id IS 'Number of the batch.';
COMMENT ON COLUMN contractor.payment_batch.fund IS 'The one fund it pays from.';
COMMENT ON COLUMN contractor.payment_batch.payee_kind IS 'institution or member.';
COMMENT ON COLUMN contractor.payment_batch.institution_code IS 'The one institution it pays; null: all of its kind.';
COMMENT ON COLUMN contractor.payment_batch.payment_count IS 'How many payments, when submitted.';
COMMENT ON COLUMN contractor.payment_batch.total_fen IS 'Their sum, when submitted.';
COMMENT ON COLUMN contractor.payment_batch.made_by IS 'contractor.staff.id of the maker.';
COMMENT ON COLUMN contractor.payment_batch.made_at IS 'When it was made.';
COMMENT ON COLUMN contractor.payment_batch.state IS 'rulebook.lifecycles.batch.';
COMMENT ON COLUMN contractor.payment_batch.version IS 'How often it has moved.';
COMMENT ON COLUMN contractor.payment_batch.last_event IS 'Event of its last move; null before the first.';
COMMENT ON COLUMN contractor.payment_batch.last_event_at IS 'When that happened.';
COMMENT ON COLUMN contractor.payment_batch.last_event_by IS 'contractor.staff.id; null: by rule or bank.';
COMMENT ON COLUMN contractor.payment_batch.last_reason IS 'Why, as the person or the bank said it.';
COMMENT ON COLUMN contractor.payment_batch.submitted_by IS 'contractor.staff.id of who submitted it.';
COMMENT ON COLUMN contractor.payment_batch.submitted_at IS 'When it was last submitted.';
COMMENT ON COLUMN contractor.payment_batch.content_sha256 IS 'SHA-256 of contractor.batch_content, when submitted.';
COMMENT ON COLUMN contractor.payment_batch.approved_by IS 'contractor.staff.id of the checker.';
COMMENT ON COLUMN contractor.payment_batch.approved_at IS 'When it was approved.';
COMMENT ON COLUMN contractor.payment_batch.approved_sha256 IS 'SHA-256 of exactly what the checker was shown.';
COMMENT ON COLUMN contractor.payment_batch.approval_no IS 'How often it was approved; part of message_id.';
COMMENT ON COLUMN contractor.payment_batch.message_id IS 'What the bank calls its file; the same however often it must be handed over.';
COMMENT ON COLUMN contractor.payment_batch.sending_begun_at IS 'When sending was last begun.';
COMMENT ON COLUMN contractor.payment_batch.taken_at IS 'When the bank said it has the file.';
COMMENT ON COLUMN contractor.payment_batch.settled_at IS 'When its last line was answered.';

CREATE TABLE contractor.payment (
    county_code CHAR(6) NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    settlement_id BIGINT,
    account_entry_id BIGINT,
    claim_id BIGINT NOT NULL,
    fund TEXT NOT NULL,
    payee_kind TEXT NOT NULL,
    institution_code TEXT,
    member_id BIGINT,
    account_name TEXT NOT NULL,
    account_sealed BYTEA NOT NULL,
    account_index BYTEA NOT NULL,
    amount_fen BIGINT NOT NULL,
    top_up_fen BIGINT DEFAULT 0 NOT NULL,
    end_to_end_id TEXT NOT NULL,
    replaces_payment_id BIGINT,
    planned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    planned_by BIGINT,
    state TEXT DEFAULT 'planned' NOT NULL,
    version INTEGER DEFAULT 0 NOT NULL,
    batch_id BIGINT,
    last_event TEXT,
    last_event_at TIMESTAMP WITH TIME ZONE,
    last_event_by BIGINT,
    last_reason TEXT,
    CONSTRAINT pk_payment PRIMARY KEY (county_code, id),
    CONSTRAINT uq_payment_county_code_end_to_end_id UNIQUE (county_code, end_to_end_id),
    CONSTRAINT uq_payment_county_code_replaces_payment_id UNIQUE (county_code, replaces_payment_id),
    CONSTRAINT ck_payment_fund CHECK (fund IN ('pooled', 'serious', 'supplementary', 'household_account')),
    CONSTRAINT ck_payment_payee_kind CHECK (payee_kind IN ('institution', 'member')),
    CONSTRAINT ck_payment_amount_fen CHECK (amount_fen > 0),
    CONSTRAINT ck_payment_top_up_fen CHECK (top_up_fen BETWEEN 0 AND amount_fen AND (top_up_fen = 0 OR fund = 'pooled')),
    CONSTRAINT ck_payment_pays_one_thing CHECK (num_nonnulls(settlement_id, account_entry_id) = 1),
    CONSTRAINT ck_payment_fund_of_entry CHECK ((fund = 'household_account') = (account_entry_id IS NOT NULL)),
    CONSTRAINT ck_payment_payee CHECK ((payee_kind = 'institution') = (institution_code IS NOT NULL) AND (payee_kind = 'member') = (member_id IS NOT NULL)),
    CONSTRAINT ck_payment_end_to_end_id CHECK (end_to_end_id ~ '^[A-Z0-9]{4,35}$'),
    CONSTRAINT ck_payment_account_is_sealed CHECK (octet_length(account_sealed) > 34 AND octet_length(account_index) = 32),
    CONSTRAINT ck_payment_account_name CHECK (char_length(btrim(account_name)) BETWEEN 1 AND 140),
    CONSTRAINT ck_payment_batch_id CHECK (CASE state WHEN 'planned' THEN batch_id IS NULL WHEN 'cancelled' THEN true ELSE batch_id IS NOT NULL END),
    CONSTRAINT ck_payment_version CHECK (version >= 0 AND (version = 0) = (last_event IS NULL)),
    CONSTRAINT ck_payment_last_event CHECK ((last_event IS NULL) = (last_event_at IS NULL)),
    CONSTRAINT ck_payment_last_reason CHECK (char_length(last_reason) <= 300),
    CONSTRAINT ck_payment_replaces_an_earlier CHECK (replaces_payment_id < id),
    CONSTRAINT ck_payment_county_code CHECK (county_code ~ '^[0-9]{6}$'),
    CONSTRAINT fk_payment_county_code_replaces_payment_id FOREIGN KEY(county_code, replaces_payment_id) REFERENCES contractor.payment (county_code, id),
    CONSTRAINT fk_payment_county_code_batch_id FOREIGN KEY(county_code, batch_id) REFERENCES contractor.payment_batch (county_code, id)
);

CREATE INDEX ix_payment_county_code_batch_id ON contractor.payment (county_code, batch_id);
CREATE INDEX ix_payment_county_code_claim_id ON contractor.payment (county_code, claim_id);
CREATE INDEX ix_payment_open ON contractor.payment (county_code, state, id) WHERE state IN ('sent', 'in_doubt', 'refused_by_bank', 'returned');
CREATE INDEX ix_payment_planned ON contractor.payment (county_code, fund, institution_code, id) WHERE state = 'planned';
CREATE UNIQUE INDEX uq_payment_account_entry_is_paid_once ON contractor.payment (county_code, account_entry_id) WHERE account_entry_id IS NOT NULL AND replaces_payment_id IS NULL;
CREATE UNIQUE INDEX uq_payment_settlement_is_paid_once_per_fund ON contractor.payment (county_code, settlement_id, fund) WHERE settlement_id IS NOT NULL AND replaces_payment_id IS NULL;

COMMENT ON TABLE contractor.payment IS 'Payments: one approved amount of one fund on its way to one payee.';
COMMENT ON COLUMN contractor.payment.county_code IS 'County whose scheme owes it.';
COMMENT ON COLUMN contractor.payment.id IS 'Number of the payment; its sealed account is bound to it.';
COMMENT ON COLUMN contractor.payment.settlement_id IS 'Settlement it pays; null: an account entry.';
COMMENT ON COLUMN contractor.payment.account_entry_id IS 'Entry of a household account it pays; null: a settlement.';
COMMENT ON COLUMN contractor.payment.claim_id IS 'Claim it belongs to.';
COMMENT ON COLUMN contractor.payment.fund IS 'pooled, serious, supplementary or household_account.';
COMMENT ON COLUMN contractor.payment.payee_kind IS 'institution or member.';
COMMENT ON COLUMN contractor.payment.institution_code IS 'The institution paid; null where a member is.';
COMMENT ON COLUMN contractor.payment.member_id IS 'The member paid, in person or by mandate.';
COMMENT ON COLUMN contractor.payment.account_name IS 'Name the account is held in.';
COMMENT ON COLUMN contractor.payment.account_sealed IS 'Account number, sealed by the application for this row.';
COMMENT ON COLUMN contractor.payment.account_index IS 'Blind index of the account: two payments to one account show.';
COMMENT ON COLUMN contractor.payment.amount_fen IS 'What is paid, in fen.';
COMMENT ON COLUMN contractor.payment.top_up_fen IS 'Part of it that is the top-up of the poor, reported apart.';
COMMENT ON COLUMN contractor.payment.end_to_end_id IS 'What the bank calls it, from file to return.';
COMMENT ON COLUMN contractor.payment.replaces_payment_id IS 'Payment it is issued in place of.';
COMMENT ON COLUMN contractor.payment.planned_at IS 'When it came into being.';
COMMENT ON COLUMN contractor.payment.planned_by IS 'contractor.staff.id of who reissued it to an account; null: by rule, with the decision.';
COMMENT ON COLUMN contractor.payment.state IS 'rulebook.lifecycles.payment.';
COMMENT ON COLUMN contractor.payment.version IS 'How often it has moved.';
COMMENT ON COLUMN contractor.payment.batch_id IS 'Batch it is in; null while it is in none.';
COMMENT ON COLUMN contractor.payment.last_event IS 'Event of its last move; null before the first.';
COMMENT ON COLUMN contractor.payment.last_event_at IS 'When that happened.';
COMMENT ON COLUMN contractor.payment.last_event_by IS 'contractor.staff.id; null: by rule or bank.';
COMMENT ON COLUMN contractor.payment.last_reason IS 'Why, as the person or the bank said it.';

CREATE TABLE contractor.payment_event (
    county_code CHAR(6) NOT NULL,
    payment_id BIGINT NOT NULL,
    event_no INTEGER NOT NULL,
    event TEXT NOT NULL,
    state_after TEXT NOT NULL,
    batch_id BIGINT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    acted_by BIGINT,
    reason TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_payment_event PRIMARY KEY (county_code, payment_id, event_no)
);


COMMENT ON TABLE contractor.payment_event IS 'History of payments, written by the database with each move.';
COMMENT ON COLUMN contractor.payment_event.county_code IS 'County of the payment.';
COMMENT ON COLUMN contractor.payment_event.payment_id IS 'The payment.';
COMMENT ON COLUMN contractor.payment_event.event_no IS 'Its place in the payment''s life, from 1.';
COMMENT ON COLUMN contractor.payment_event.event IS 'What happened: rulebook.lifecycles.payment.';
COMMENT ON COLUMN contractor.payment_event.state_after IS 'State it left the payment in.';
COMMENT ON COLUMN contractor.payment_event.batch_id IS 'Batch it was in afterwards.';
COMMENT ON COLUMN contractor.payment_event.at IS 'When it happened.';
COMMENT ON COLUMN contractor.payment_event.acted_by IS 'contractor.staff.id; null: by rule or bank.';
COMMENT ON COLUMN contractor.payment_event.reason IS 'Why, as the person or the bank said it.';
COMMENT ON COLUMN contractor.payment_event.recorded_at IS 'When it was written down.';

CREATE TABLE contractor.batch_event (
    county_code CHAR(6) NOT NULL,
    batch_id BIGINT NOT NULL,
    event_no INTEGER NOT NULL,
    event TEXT NOT NULL,
    state_after TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    acted_by BIGINT,
    reason TEXT,
    sha256 BYTEA,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_batch_event PRIMARY KEY (county_code, batch_id, event_no)
);


COMMENT ON TABLE contractor.batch_event IS 'History of batches, written by the database with each move.';
COMMENT ON COLUMN contractor.batch_event.county_code IS 'County of the batch.';
COMMENT ON COLUMN contractor.batch_event.batch_id IS 'The batch.';
COMMENT ON COLUMN contractor.batch_event.event_no IS 'Its place in the batch''s life, from 1.';
COMMENT ON COLUMN contractor.batch_event.event IS 'What happened: rulebook.lifecycles.batch.';
COMMENT ON COLUMN contractor.batch_event.state_after IS 'State it left the batch in.';
COMMENT ON COLUMN contractor.batch_event.at IS 'When it happened.';
COMMENT ON COLUMN contractor.batch_event.acted_by IS 'contractor.staff.id; null: by rule or bank.';
COMMENT ON COLUMN contractor.batch_event.reason IS 'Why, as the person or the bank said it.';
COMMENT ON COLUMN contractor.batch_event.sha256 IS 'Fingerprint of the batch as it was shown.';
COMMENT ON COLUMN contractor.batch_event.recorded_at IS 'When it was written down.';

CREATE TABLE contractor.bank_message (
    county_code CHAR(6) NOT NULL,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    direction TEXT NOT NULL,
    kind TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    content BYTEA NOT NULL,
    line_count INTEGER NOT NULL,
    total_fen BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    batch_id BIGINT,
    CONSTRAINT pk_bank_message PRIMARY KEY (county_code, id),
    CONSTRAINT uq_bank_message_county_code_direction_message_id UNIQUE (county_code, direction, message_id),
    CONSTRAINT ck_bank_message_direction CHECK (direction IN ('out', 'in')),
    CONSTRAINT ck_bank_message_kind CHECK (kind IN ('pain001', 'csv') AND direction = 'out' OR kind IN ('pain002', 'camt053', 'answer_csv', 'taken') AND direction = 'in'),
    CONSTRAINT ck_bank_message_sha256 CHECK (octet_length(sha256) = 32),
    CONSTRAINT ck_bank_message_message_id CHECK (char_length(message_id) BETWEEN 1 AND 35),
    CONSTRAINT ck_bank_message_controls CHECK (line_count >= 0 AND total_fen >= 0),
    CONSTRAINT fk_bank_message_county_code_batch_id FOREIGN KEY(county_code, batch_id) REFERENCES contractor.payment_batch (county_code, id)
);

CREATE INDEX ix_bank_message_county_code_batch_id ON contractor.bank_message (county_code, batch_id);
CREATE INDEX ix_bank_message_county_code_sha256 ON contractor.bank_message (county_code, sha256);

COMMENT ON TABLE contractor.bank_message IS 'Files to and from the bank, each kept as it was.';
COMMENT ON COLUMN contractor.bank_message.county_code IS 'County whose account it is about.';
COMMENT ON COLUMN contractor.bank_message.id IS 'Number of the message; its content is sealed for it.';
COMMENT ON COLUMN contractor.bank_message.direction IS 'out: to the bank; in: from it.';
COMMENT ON COLUMN contractor.bank_message.kind IS 'out: pain001 or csv; in: pain002, camt053, answer_csv or taken (the bank''s receipt).';
COMMENT ON COLUMN contractor.bank_message.message_id IS 'The message''s own name.';
COMMENT ON COLUMN contractor.bank_message.sha256 IS 'SHA-256 of the message as it was written or received.';
COMMENT ON COLUMN contractor.bank_message.content IS 'The message itself, sealed: it holds names and accounts.';
COMMENT ON COLUMN contractor.bank_message.line_count IS 'Its control count.';
COMMENT ON COLUMN contractor.bank_message.total_fen IS 'Its control sum.';
COMMENT ON COLUMN contractor.bank_message.at IS 'When it was written or read.';
COMMENT ON COLUMN contractor.bank_message.batch_id IS 'Batch it is about; null: several or none.';

CREATE TABLE contractor.bank_line (
    county_code CHAR(6) NOT NULL,
    message_id BIGINT NOT NULL,
    line_no INTEGER NOT NULL,
    says TEXT NOT NULL,
    end_to_end_id TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    booked_on DATE,
    reason TEXT,
    CONSTRAINT pk_bank_line PRIMARY KEY (county_code, message_id, line_no),
    CONSTRAINT ck_bank_line_says CHECK (says IN ('ordered', 'paid', 'refused', 'pending', 'returned')),
    CONSTRAINT ck_bank_line_amount_fen CHECK (amount_fen > 0 AND line_no > 0),
    CONSTRAINT ck_bank_line_reason CHECK (char_length(reason) <= 140),
    CONSTRAINT fk_bank_line_county_code_message_id FOREIGN KEY(county_code, message_id) REFERENCES contractor.bank_message (county_code, id)
);

CREATE INDEX ix_bank_line_county_code_end_to_end_id ON contractor.bank_line (county_code, end_to_end_id);

COMMENT ON TABLE contractor.bank_line IS 'Lines of the bank''s files: what was ordered and what the bank says became of it.';
COMMENT ON COLUMN contractor.bank_line.county_code IS 'County whose account it is about.';
COMMENT ON COLUMN contractor.bank_line.message_id IS 'bank_message.id of the message it stands in.';
COMMENT ON COLUMN contractor.bank_line.line_no IS 'Its place in the message, from 1.';
COMMENT ON COLUMN contractor.bank_line.says IS 'ordered (by us), or paid, refused, pending, returned (by the bank).';
COMMENT ON COLUMN contractor.bank_line.end_to_end_id IS 'Payment it names.';
COMMENT ON COLUMN contractor.bank_line.amount_fen IS 'Amount it names.';
COMMENT ON COLUMN contractor.bank_line.booked_on IS 'Day the bank booked it; null where it says none.';
COMMENT ON COLUMN contractor.bank_line.reason IS 'The bank''s reason for a refusal or return.';

CREATE TABLE contractor.payment_exception (
    county_code CHAR(6) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    batch_id BIGINT,
    payment_id BIGINT,
    bank_message_id BIGINT,
    expected TEXT NOT NULL,
    found TEXT NOT NULL,
    noticed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolved_by BIGINT,
    resolution TEXT,
    CONSTRAINT pk_payment_exception PRIMARY KEY (county_code, id),
    CONSTRAINT ck_payment_exception_kind CHECK (kind ~ '^[a-z][a-z_]{2,39}$'),
    CONSTRAINT ck_payment_exception_subject CHECK (char_length(subject) BETWEEN 1 AND 120),
    CONSTRAINT ck_payment_exception_resolved CHECK ((resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_by IS NULL) = (resolution IS NULL)),
    CONSTRAINT ck_payment_exception_resolution CHECK (char_length(btrim(resolution)) BETWEEN 4 AND 300),
    CONSTRAINT fk_payment_exception_county_code_payment_id FOREIGN KEY(county_code, payment_id) REFERENCES contractor.payment (county_code, id),
    CONSTRAINT fk_payment_exception_county_code_batch_id FOREIGN KEY(county_code, batch_id) REFERENCES contractor.payment_batch (county_code, id)
);

CREATE UNIQUE INDEX uq_payment_exception_open ON contractor.payment_exception (county_code, kind, subject) WHERE resolved_at IS NULL;

COMMENT ON TABLE contractor.payment_exception IS 'What needs a person: answers that fit nothing, money that did not arrive.';
COMMENT ON COLUMN contractor.payment_exception.county_code IS 'County whose money it is.';
COMMENT ON COLUMN contractor.payment_exception.id IS 'Number of the exception.';
COMMENT ON COLUMN contractor.payment_exception.kind IS 'What is wrong: one of contractor.payments.exceptions.';
COMMENT ON COLUMN contractor.payment_exception.subject IS 'What it is about, so that it is noted once while it is open.';
COMMENT ON COLUMN contractor.payment_exception.batch_id IS 'Batch it concerns; null: none known.';
COMMENT ON COLUMN contractor.payment_exception.payment_id IS 'Payment it concerns; null: none known.';
COMMENT ON COLUMN contractor.payment_exception.bank_message_id IS 'bank_message.id that showed it.';
COMMENT ON COLUMN contractor.payment_exception.expected IS 'What should have been, in fen or a state.';
COMMENT ON COLUMN contractor.payment_exception.found IS 'What was found, in fen or a state.';
COMMENT ON COLUMN contractor.payment_exception.noticed_at IS 'When it was noticed.';
COMMENT ON COLUMN contractor.payment_exception.resolved_at IS 'When a person closed it; null: open.';
COMMENT ON COLUMN contractor.payment_exception.resolved_by IS 'contractor.staff.id of who closed it.';
COMMENT ON COLUMN contractor.payment_exception.resolution IS 'What they found and did.';

CREATE TABLE contractor.assistance_entitlement (
    county_code CHAR(6) NOT NULL,
    settlement_id BIGINT NOT NULL,
    claim_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    planned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_assistance_entitlement PRIMARY KEY (county_code, settlement_id),
    CONSTRAINT ck_assistance_entitlement_amount_fen CHECK (amount_fen > 0)
);

CREATE INDEX ix_assistance_entitlement_county_code_member_id ON contractor.assistance_entitlement (county_code, member_id);

COMMENT ON TABLE contractor.assistance_entitlement IS 'Medical assistance as computed: civil affairs'' money, which this desk never pays.';
COMMENT ON COLUMN contractor.assistance_entitlement.county_code IS 'County of the member.';
COMMENT ON COLUMN contractor.assistance_entitlement.settlement_id IS 'Settlement that computed it.';
COMMENT ON COLUMN contractor.assistance_entitlement.claim_id IS 'Claim it belongs to.';
COMMENT ON COLUMN contractor.assistance_entitlement.member_id IS 'Who is entitled.';
COMMENT ON COLUMN contractor.assistance_entitlement.amount_fen IS 'What civil affairs is proposed to pay, in fen.';
COMMENT ON COLUMN contractor.assistance_entitlement.planned_at IS 'When the claim was decided.';

CREATE TABLE contractor.sending_permit (
    county_code CHAR(6) NOT NULL,
    timeline INTEGER NOT NULL,
    permitted_by BIGINT,
    permitted_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    reason TEXT,
    CONSTRAINT pk_sending_permit PRIMARY KEY (county_code, timeline),
    CONSTRAINT ck_sending_permit_reason CHECK ((permitted_by IS NULL) = (reason IS NULL)),
    CONSTRAINT ck_sending_permit_reason_length CHECK (char_length(btrim(reason)) BETWEEN 4 AND 300)
);


COMMENT ON TABLE contractor.sending_permit IS 'Timelines of the server on which batches may leave: a restored house waits for a person.';
COMMENT ON COLUMN contractor.sending_permit.county_code IS 'County whose batches may leave.';
COMMENT ON COLUMN contractor.sending_permit.timeline IS 'The server''s timeline: it grows whenever a backup was restored.';
COMMENT ON COLUMN contractor.sending_permit.permitted_by IS 'contractor.staff.id of who compared with the bank; null: the first, with the books.';
COMMENT ON COLUMN contractor.sending_permit.permitted_at IS 'When it was given.';
COMMENT ON COLUMN contractor.sending_permit.reason IS 'What the person compared; null for the first.';

CREATE TABLE contractor.parity_check (
    county_code CHAR(6) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settlement_count BIGINT NOT NULL,
    payment_count BIGINT NOT NULL,
    leg_count BIGINT NOT NULL,
    bank_line_count BIGINT NOT NULL,
    discrepancy_count BIGINT NOT NULL,
    CONSTRAINT pk_parity_check PRIMARY KEY (county_code, id),
    CONSTRAINT ck_parity_check_discrepancy_count CHECK (discrepancy_count >= 0),
    CONSTRAINT ck_parity_check_county_code CHECK (county_code ~ '^[0-9]{6}$')
);


COMMENT ON TABLE contractor.parity_check IS 'Each night''s comparison of claims, payments, ledger and bank.';
COMMENT ON COLUMN contractor.parity_check.county_code IS 'County that was checked.';
COMMENT ON COLUMN contractor.parity_check.id IS 'Number of the check.';
COMMENT ON COLUMN contractor.parity_check.checked_at IS 'When it was done.';
COMMENT ON COLUMN contractor.parity_check.settlement_count IS 'Settlements and account entries compared.';
COMMENT ON COLUMN contractor.parity_check.payment_count IS 'Payments compared.';
COMMENT ON COLUMN contractor.parity_check.leg_count IS 'Legs of the ledger compared.';
COMMENT ON COLUMN contractor.parity_check.bank_line_count IS 'Lines of the bank''s files compared.';
COMMENT ON COLUMN contractor.parity_check.discrepancy_count IS 'How many did not agree; each is an exception.';
