-- The ledger: books, accounts, postings, legs; seals and balances that the database keeps.

CREATE TABLE contractor.book (
    county_code CHAR(6) NOT NULL,
    book TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_book PRIMARY KEY (county_code, book),
    CONSTRAINT ck_book_book CHECK (book IN ('entrusted', 'serious', 'supplementary')),
    CONSTRAINT ck_book_county_code CHECK (county_code ~ '^[0-9]{6}$')
);


COMMENT ON TABLE contractor.book IS 'Books of account: one for each pocket of money that may not be mixed.';
COMMENT ON COLUMN contractor.book.county_code IS 'County whose money it is.';
COMMENT ON COLUMN contractor.book.book IS 'entrusted, serious or supplementary: money that is never mixed.';
COMMENT ON COLUMN contractor.book.name_zh IS 'Name in Chinese.';
COMMENT ON COLUMN contractor.book.name_en IS 'Name in English.';
COMMENT ON COLUMN contractor.book.opened_at IS 'When it was opened.';

CREATE TABLE contractor.account (
    county_code CHAR(6) NOT NULL,
    book TEXT NOT NULL,
    account_code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    normal_side TEXT NOT NULL,
    identity_side TEXT NOT NULL,
    floor_fen BIGINT,
    CONSTRAINT pk_account PRIMARY KEY (county_code, book, account_code),
    CONSTRAINT ck_account_account_code CHECK (account_code ~ '^[A-Z][0-9]{3}(\.[0-9]{1,2})?$'),
    CONSTRAINT ck_account_normal_side CHECK (normal_side IN ('debit', 'credit')),
    CONSTRAINT ck_account_identity_side CHECK (identity_side IN ('held', 'owed')),
    CONSTRAINT fk_account_county_code_book FOREIGN KEY(county_code, book) REFERENCES contractor.book (county_code, book)
);


COMMENT ON TABLE contractor.account IS 'Accounts of a book, as the chart names them.';
COMMENT ON COLUMN contractor.account.county_code IS 'County of the book.';
COMMENT ON COLUMN contractor.account.book IS 'Book the account stands in.';
COMMENT ON COLUMN contractor.account.account_code IS 'Code of the chart: M101, or M101.9 for a part of it.';
COMMENT ON COLUMN contractor.account.name_zh IS 'Name in Chinese.';
COMMENT ON COLUMN contractor.account.name_en IS 'Name in English.';
COMMENT ON COLUMN contractor.account.normal_side IS 'debit or credit: the side its balance stands on.';
COMMENT ON COLUMN contractor.account.identity_side IS 'held or owed: its side of the daily identity.';
COMMENT ON COLUMN contractor.account.floor_fen IS 'Its balance never falls below; null: no floor.';

CREATE TABLE contractor.posting (
    county_code CHAR(6) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    posted_on DATE NOT NULL,
    posted_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    posted_by BIGINT,
    batch_id BIGINT,
    reverses_posting_id BIGINT,
    CONSTRAINT pk_posting PRIMARY KEY (county_code, id),
    CONSTRAINT uq_posting_county_code_idempotency_key UNIQUE (county_code, idempotency_key),
    CONSTRAINT uq_posting_county_code_id_book UNIQUE (county_code, id, book),
    CONSTRAINT uq_posting_county_code_reverses_posting_id UNIQUE (county_code, reverses_posting_id),
    CONSTRAINT ck_posting_idempotency_key CHECK (idempotency_key ~ '^[a-z][a-z0-9_.:/-]{2,119}$'),
    CONSTRAINT ck_posting_kind CHECK (kind ~ '^[a-z][a-z_]{2,39}$'),
    CONSTRAINT ck_posting_reverses_an_earlier CHECK (reverses_posting_id < id),
    CONSTRAINT fk_posting_county_code_book FOREIGN KEY(county_code, book) REFERENCES contractor.book (county_code, book),
    CONSTRAINT fk_posting_county_code_reverses_posting_id FOREIGN KEY(county_code, reverses_posting_id) REFERENCES contractor.posting (county_code, id)
);

CREATE INDEX ix_posting_county_code_batch_id ON contractor.posting (county_code, batch_id);
CREATE INDEX ix_posting_county_code_book_posted_on ON contractor.posting (county_code, book, posted_on);

COMMENT ON TABLE contractor.posting IS 'Entries of the books. A correction is a reversal and a new entry.';
COMMENT ON COLUMN contractor.posting.county_code IS 'County of the book.';
COMMENT ON COLUMN contractor.posting.id IS 'Number of the posting.';
COMMENT ON COLUMN contractor.posting.book IS 'Book it is entered in; all its legs stand in the same.';
COMMENT ON COLUMN contractor.posting.idempotency_key IS 'What makes it the same posting: entered once.';
COMMENT ON COLUMN contractor.posting.kind IS 'What happened: one of the templates of contractor/ledger.';
COMMENT ON COLUMN contractor.posting.posted_on IS 'Business day it belongs to.';
COMMENT ON COLUMN contractor.posting.posted_at IS 'When, by the database''s clock.';
COMMENT ON COLUMN contractor.posting.posted_by IS 'contractor.staff.id; null: by rule.';
COMMENT ON COLUMN contractor.posting.batch_id IS 'Batch it is about; null where it is about none.';
COMMENT ON COLUMN contractor.posting.reverses_posting_id IS 'Posting it takes back; null: none.';

CREATE TABLE contractor.leg (
    county_code CHAR(6) NOT NULL,
    posting_id BIGINT NOT NULL,
    leg_no INTEGER NOT NULL,
    book TEXT NOT NULL,
    account_code TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    payment_id BIGINT,
    ccy CHAR(3) DEFAULT 'CNY' NOT NULL,
    CONSTRAINT pk_leg PRIMARY KEY (county_code, posting_id, leg_no),
    CONSTRAINT ck_leg_amount_fen CHECK (amount_fen <> 0),
    CONSTRAINT ck_leg_leg_no CHECK (leg_no > 0),
    CONSTRAINT ck_leg_ccy CHECK (ccy = 'CNY'),
    CONSTRAINT fk_leg_posting FOREIGN KEY(county_code, posting_id, book) REFERENCES contractor.posting (county_code, id, book),
    CONSTRAINT fk_leg_account FOREIGN KEY(county_code, book, account_code) REFERENCES contractor.account (county_code, book, account_code)
);

CREATE INDEX ix_leg_county_code_book_account_code_posting_id ON contractor.leg (county_code, book, account_code, posting_id);
CREATE INDEX ix_leg_county_code_payment_id ON contractor.leg (county_code, payment_id) WHERE payment_id IS NOT NULL;

COMMENT ON TABLE contractor.leg IS 'Sides of a posting; together they come to zero.';
COMMENT ON COLUMN contractor.leg.county_code IS 'County of the book.';
COMMENT ON COLUMN contractor.leg.posting_id IS 'Posting it belongs to.';
COMMENT ON COLUMN contractor.leg.leg_no IS 'Its place in the posting, from 1.';
COMMENT ON COLUMN contractor.leg.book IS 'Book of the posting.';
COMMENT ON COLUMN contractor.leg.account_code IS 'Account it moves.';
COMMENT ON COLUMN contractor.leg.amount_fen IS 'Debit above zero, credit below, in fen.';
COMMENT ON COLUMN contractor.leg.payment_id IS 'Payment it is about; null: about none.';
COMMENT ON COLUMN contractor.leg.ccy IS 'Currency; there is one.';

CREATE TABLE contractor.posting_seal (
    county_code CHAR(6) NOT NULL,
    posting_id BIGINT NOT NULL,
    leg_count INTEGER NOT NULL,
    debit_fen BIGINT NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_posting_seal PRIMARY KEY (county_code, posting_id),
    CONSTRAINT ck_posting_seal_is_a_posting CHECK (leg_count >= 2 AND debit_fen > 0),
    CONSTRAINT fk_posting_seal_county_code_posting_id FOREIGN KEY(county_code, posting_id) REFERENCES contractor.posting (county_code, id)
);


COMMENT ON TABLE contractor.posting_seal IS 'Postings found balanced at the end of their transaction; no leg joins one later.';
COMMENT ON COLUMN contractor.posting_seal.county_code IS 'County of the book.';
COMMENT ON COLUMN contractor.posting_seal.posting_id IS 'Posting that is closed.';
COMMENT ON COLUMN contractor.posting_seal.leg_count IS 'How many legs it had when it was closed.';
COMMENT ON COLUMN contractor.posting_seal.debit_fen IS 'Sum of its debits, which is that of its credits.';
COMMENT ON COLUMN contractor.posting_seal.sealed_at IS 'When the database closed it.';

CREATE TABLE contractor.account_balance (
    county_code CHAR(6) NOT NULL,
    book TEXT NOT NULL,
    account_code TEXT NOT NULL,
    balance_fen BIGINT DEFAULT 0 NOT NULL,
    floor_fen BIGINT,
    leg_count BIGINT DEFAULT 0 NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_account_balance PRIMARY KEY (county_code, book, account_code),
    CONSTRAINT ck_account_balance_floor_fen CHECK (balance_fen >= floor_fen),
    CONSTRAINT fk_account_balance_account FOREIGN KEY(county_code, book, account_code) REFERENCES contractor.account (county_code, book, account_code)
);


COMMENT ON TABLE contractor.account_balance IS 'Balances, kept by the database with every leg; whoever posts locks them in order.';
COMMENT ON COLUMN contractor.account_balance.county_code IS 'County of the book.';
COMMENT ON COLUMN contractor.account_balance.book IS 'Book of the account.';
COMMENT ON COLUMN contractor.account_balance.account_code IS 'The account.';
COMMENT ON COLUMN contractor.account_balance.balance_fen IS 'Sum of its legs, above zero on its normal side.';
COMMENT ON COLUMN contractor.account_balance.floor_fen IS 'As the account has it.';
COMMENT ON COLUMN contractor.account_balance.leg_count IS 'How many legs moved it.';
COMMENT ON COLUMN contractor.account_balance.moved_at IS 'When it last moved.';

CREATE TABLE contractor.ledger_check (
    county_code CHAR(6) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    book TEXT NOT NULL,
    checked_on DATE NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    held_fen BIGINT NOT NULL,
    owed_fen BIGINT NOT NULL,
    drifted_count INTEGER NOT NULL,
    unbalanced_count INTEGER NOT NULL,
    CONSTRAINT pk_ledger_check PRIMARY KEY (county_code, id),
    CONSTRAINT ck_ledger_check_counts CHECK (drifted_count >= 0 AND unbalanced_count >= 0),
    CONSTRAINT fk_ledger_check_county_code_book FOREIGN KEY(county_code, book) REFERENCES contractor.book (county_code, book)
);

CREATE INDEX ix_ledger_check_county_code_book_checked_at ON contractor.ledger_check (county_code, book, checked_at);

COMMENT ON TABLE contractor.ledger_check IS 'Each day''s check of a book: its identity, its balances, its postings.';
COMMENT ON COLUMN contractor.ledger_check.county_code IS 'County of the book.';
COMMENT ON COLUMN contractor.ledger_check.id IS 'Number of the check.';
COMMENT ON COLUMN contractor.ledger_check.book IS 'Book that was checked.';
COMMENT ON COLUMN contractor.ledger_check.checked_on IS 'Business day of the check.';
COMMENT ON COLUMN contractor.ledger_check.checked_at IS 'When it was done.';
COMMENT ON COLUMN contractor.ledger_check.held_fen IS 'Left side of the identity: held, and paid unreported.';
COMMENT ON COLUMN contractor.ledger_check.owed_fen IS 'Right side of the identity: owed to the county.';
COMMENT ON COLUMN contractor.ledger_check.drifted_count IS 'Accounts whose balance is not the sum of their legs.';
COMMENT ON COLUMN contractor.ledger_check.unbalanced_count IS 'Postings that do not come to zero or lack a seal.';
