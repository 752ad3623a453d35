"""What the county knows beside its members: enrolment, status, deaths, institutions, catalogue, referrals, imports
(decision 0028)."""

from alembic import op

from migrations.grants import append_only, published, record

revision = "0009"
down_revision = "0008"

RECORDED = {
    "recorded_at": "When the record was last written.",
    "recorded_by": "Who wrote it (oversight.staff); null where the server's own command did.",
    "import_id": "Import that last wrote it (registry.registry_import); null where it was entered by hand.",
}
TABLES = {
    "registry_import": (
        "Files that were taken into the registry, one row a file; a file that was refused leaves none.",
        {
            "county_code": "County the file was read for.",
            "id": "Number of the import.",
            "kind": "What the file holds, such as members or enrolment.",
            "file_name": "Name of the file as it was sent.",
            "sha256": "SHA-256 of the file.",
            "row_count": "Rows in the file.",
            "added_count": "Records that were new.",
            "changed_count": "Records that were known and became different.",
            "same_count": "Rows that said what was known already.",
            "at": "When it was taken in.",
            "by": "Who took it in (oversight.staff); null where the server's own command did.",
        },
    ),
    "import_change": (
        "What an import changed in records that were known, old beside new. Never changed itself.",
        {
            "county_code": "County of the import.",
            "import_id": "Import that made the change.",
            "change_no": "Place of the change in the import, from 1.",
            "row_no": "Row of the file, as a spreadsheet counts; the successor's where that ended a period.",
            "subject": "The record, by the numbers that people use for it.",
            "column_name": "What changed.",
            "old_value": "What was known before; masked where the column is sealed, null where nothing was known.",
            "new_value": "What is known now; masked where the column is sealed, null where nothing is.",
        },
    ),
    "enrolment": (
        "Which member belongs to the scheme, or to the supplementary insurance, in which year.",
        {
            "county_code": "County the member enrols in.",
            "member_id": "Who is enrolled.",
            "year": "Calendar year the enrolment is for.",
            "kind": "scheme or supplementary.",
            "household_id": "Household the member enrolled with for that year; it owns the household account.",
            "enrolled_on": "First day of that year the enrolment covers.",
            "premium_fen": "Premium paid for the member, in fen.",
            "paid_by": "Who paid it: member, or civil_affairs for the poor and the five-guarantee.",
        },
    ),
    "member_status": (
        "When a member was poor or five-guarantee, by day. Two periods of a member never overlap.",
        {
            "county_code": "County of the member.",
            "id": "Number of the record.",
            "member_id": "Whose status.",
            "status": "poor or five_guarantee.",
            "from_on": "First day the status holds.",
            "until_on": "First day it does not hold any more; null while it does.",
            "document": "Number of the document that shows it.",
        },
    ),
    "death": (
        "Members who died. A report that proved wrong is withdrawn, not removed.",
        {
            "county_code": "County of the member.",
            "member_id": "Who died.",
            "died_on": "Day of death.",
            "source": "Where the county knows it from, such as a certificate's number.",
            "withdrawn_at": "When the report proved wrong; null while it stands.",
            "withdrawn_by": "Who withdrew it (oversight.staff).",
            "withdraw_reason": "Why.",
        },
    ),
    "institution": (
        "Clinics, health centres and hospitals. Designated is one with an agreement in force on the day.",
        {
            "county_code": "County whose members it treats under an agreement.",
            "institution_code": "The institution's code; text, with its leading zeros.",
            "name_zh": "Name in Chinese, as on its licence.",
            "name_en": "Name in English.",
            "name_pinyin": "Name in pinyin, for sorting.",
            "tier": "1 township, 2 county, 3 above the county.",
            "township_code": "Township it lies in; null where it lies outside the county or serves all of it.",
            "beds": "Registered beds; 0 where it takes no inpatients.",
            "account_name": "Holder of the account that compensation is paid to; null until one was given.",
            "bank_account_sealed": "That account, sealed by the application for this row; null until one was given.",
            "bank_account_index": "Blind index of that account.",
        },
    ),
    "agreement": (
        "When an institution was designated. Two agreements of an institution never overlap.",
        {
            "county_code": "County that made the agreement.",
            "id": "Number of the record.",
            "institution_code": "Institution it was made with.",
            "from_on": "First day it is in force.",
            "until_on": "First day it is not in force any more; null while no end is set.",
            "document": "Number of the agreement.",
        },
    ),
    "catalogue_item": (
        "What the scheme pays for, by class, at what most, from when to when. Periods of an item never overlap.",
        {
            "county_code": "County whose catalogue it is.",
            "id": "Number of the record.",
            "item_code": "Code of the item; text.",
            "name": "Name of the item.",
            "catalogue_class": "1 class A, 2 class B, 3 class C (not paid for).",
            "kind": "drug, service, material, bed, nursing or examination.",
            "from_on": "First day this entry holds.",
            "until_on": "First day it does not hold any more; null while no end is set.",
            "limit_township_e4": "Highest unit price at a township institution, in ten-thousandths of a yuan; null: none.",
            "limit_county_e4": "Highest unit price at a county institution, likewise.",
            "limit_above_e4": "Highest unit price above the county, likewise.",
            "reserved_sex": "male or female where the item is for one sex alone; null otherwise.",
        },
    ),
    "referral": (
        "Slips that send a member from one institution to another.",
        {
            "county_code": "County of the member.",
            "id": "Number of the record.",
            "slip_number": "Number on the slip, unique in the county.",
            "member_id": "Who is referred.",
            "from_institution_code": "Institution that refers.",
            "to_institution_code": "Institution it refers to.",
            "reason": "Why, as on the slip.",
            "valid_from_on": "First day the slip is good.",
            "valid_until_on": "First day it is not good any more.",
        },
    ),
}
VIEWS = {
    "enrolment": "Who is enrolled in which year.",
    "member_status": "Poor and five-guarantee members by day.",
    "death": "Deaths that stand.",
    "institution": "Institutions; the account stays sealed.",
    "agreement": "When an institution is designated.",
    "catalogue_item": "The catalogue by day.",
    "referral": "Referral slips.",
    "registry_import": "Which files were taken into the registry.",
}
ADDED = {  # columns that 0005 did not have yet
    "recorded_by": "Who last wrote it (oversight.staff); null where the server's own command did.",
    "import_id": "Import that last wrote it (registry.registry_import); null where no import did.",
}
RECORDED_COLUMNS = """
            recorded_at           TIMESTAMPTZ NOT NULL,
            recorded_by           BIGINT,
            import_id             BIGINT,
"""


def upgrade() -> None:
    _imports()
    _of_members()
    _institutions()
    _catalogue()
    _referrals()
    for table, (words, columns) in TABLES.items():
        _comments(table, words, columns)
    _added_to_people()
    for table, words in VIEWS.items():
        _publish(table, words)


def _imports() -> None:
    op.execute(
        """
        CREATE TABLE registry.registry_import (
            county_code   CHAR(6) NOT NULL,
            id            BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            kind          TEXT NOT NULL,
            file_name     TEXT NOT NULL,
            sha256        BYTEA NOT NULL,
            row_count     INTEGER NOT NULL,
            added_count   INTEGER NOT NULL,
            changed_count INTEGER NOT NULL,
            same_count    INTEGER NOT NULL,
            at            TIMESTAMPTZ NOT NULL,
            by            BIGINT,
            CONSTRAINT pk_registry_import PRIMARY KEY (county_code, id),
            CONSTRAINT ck_registry_import_kind CHECK (kind ~ '^[a-z_]{1,40}$'),
            CONSTRAINT ck_registry_import_sha256 CHECK (octet_length(sha256) = 32),
            CONSTRAINT ck_registry_import_counts
                CHECK (row_count >= 0 AND added_count >= 0 AND changed_count >= 0 AND same_count >= 0),
            CONSTRAINT fk_registry_import_county_code FOREIGN KEY (county_code)
                REFERENCES registry.division (county_code)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE registry.import_change (
            county_code CHAR(6) NOT NULL,
            import_id   BIGINT NOT NULL,
            change_no   INTEGER NOT NULL,
            row_no      INTEGER NOT NULL,
            subject     TEXT NOT NULL,
            column_name TEXT NOT NULL,
            old_value   TEXT,
            new_value   TEXT,
            CONSTRAINT pk_import_change PRIMARY KEY (county_code, import_id, change_no),
            CONSTRAINT ck_import_change_numbers CHECK (change_no > 0 AND row_no >= 0),
            CONSTRAINT fk_import_change_county_code_import_id FOREIGN KEY (county_code, import_id)
                REFERENCES registry.registry_import (county_code, id)
        )
        """
    )
    append_only("registry", "registry_import")
    append_only("registry", "import_change")


def _of_members() -> None:
    op.execute(
        f"""
        CREATE TABLE registry.enrolment (
            county_code           CHAR(6) NOT NULL,
            member_id             BIGINT NOT NULL,
            year                  SMALLINT NOT NULL,
            kind                  TEXT NOT NULL,
            household_id          BIGINT NOT NULL,
            enrolled_on           DATE NOT NULL,
            premium_fen           BIGINT NOT NULL,
            paid_by               TEXT NOT NULL,
            {RECORDED_COLUMNS}
            CONSTRAINT pk_enrolment PRIMARY KEY (county_code, member_id, year, kind),
            CONSTRAINT ck_enrolment_year CHECK (year BETWEEN 2003 AND 2100),
            CONSTRAINT ck_enrolment_kind CHECK (kind IN ('scheme', 'supplementary')),
            CONSTRAINT ck_enrolment_enrolled_on CHECK (date_part('year', enrolled_on) = year),
            CONSTRAINT ck_enrolment_premium_fen CHECK (premium_fen >= 0),
            CONSTRAINT ck_enrolment_paid_by CHECK (paid_by IN ('member', 'civil_affairs')),
            CONSTRAINT fk_enrolment_county_code_member_id FOREIGN KEY (county_code, member_id)
                REFERENCES registry.member (county_code, id),
            CONSTRAINT fk_enrolment_county_code_household_id FOREIGN KEY (county_code, household_id)
                REFERENCES registry.household (county_code, id),
            {_import_key("enrolment")}
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_enrolment_county_code_household_id_year "
        "ON registry.enrolment (county_code, household_id, year)"
    )
    op.execute(
        f"""
        CREATE TABLE registry.member_status (
            county_code           CHAR(6) NOT NULL,
            id                    BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            member_id             BIGINT NOT NULL,
            status                TEXT NOT NULL,
            from_on               DATE NOT NULL,
            until_on              DATE,
            document              TEXT NOT NULL,
            {RECORDED_COLUMNS}
            CONSTRAINT pk_member_status PRIMARY KEY (county_code, id),
            CONSTRAINT uq_member_status_county_code_member_id_from_on UNIQUE (county_code, member_id, from_on),
            CONSTRAINT ck_member_status_status CHECK (status IN ('poor', 'five_guarantee')),
            CONSTRAINT ck_member_status_until_on CHECK (until_on > from_on),
            CONSTRAINT ck_member_status_document CHECK (document = btrim(document) AND document <> ''),
            CONSTRAINT ex_member_status_one_a_day EXCLUDE USING gist (
                county_code WITH =, member_id WITH =, daterange(from_on, until_on) WITH &&
            ),
            CONSTRAINT fk_member_status_county_code_member_id FOREIGN KEY (county_code, member_id)
                REFERENCES registry.member (county_code, id),
            {_import_key("member_status")}
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE registry.death (
            county_code           CHAR(6) NOT NULL,
            member_id             BIGINT NOT NULL,
            died_on               DATE NOT NULL,
            source                TEXT NOT NULL,
            withdrawn_at          TIMESTAMPTZ,
            withdrawn_by          BIGINT,
            withdraw_reason       TEXT,
            {RECORDED_COLUMNS}
            CONSTRAINT pk_death PRIMARY KEY (county_code, member_id),
            CONSTRAINT ck_death_source CHECK (source = btrim(source) AND source <> ''),
            CONSTRAINT ck_death_died_before
                CHECK (died_on <= (recorded_at AT TIME ZONE 'Asia/Shanghai')::date),
            CONSTRAINT ck_death_withdrawn
                CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)
                       AND (withdrawn_at IS NULL) = (withdraw_reason IS NULL)),
            CONSTRAINT fk_death_county_code_member_id FOREIGN KEY (county_code, member_id)
                REFERENCES registry.member (county_code, id),
            {_import_key("death")}
        )
        """
    )
    for table in ("enrolment", "member_status", "death"):
        record("registry", table)


def _institutions() -> None:
    op.execute(
        f"""
        CREATE TABLE registry.institution (
            county_code           CHAR(6) NOT NULL,
            institution_code      TEXT NOT NULL,
            name_zh               TEXT NOT NULL,
            name_en               TEXT NOT NULL,
            name_pinyin           TEXT NOT NULL,
            tier                  SMALLINT NOT NULL,
            township_code         CHAR(9),
            beds                  INTEGER NOT NULL,
            account_name          TEXT,
            bank_account_sealed   BYTEA,
            bank_account_index    BYTEA,
            {RECORDED_COLUMNS}
            CONSTRAINT pk_institution PRIMARY KEY (county_code, institution_code),
            CONSTRAINT ck_institution_institution_code CHECK (institution_code ~ '^[0-9A-Z]{{4,20}}$'),
            CONSTRAINT ck_institution_name CHECK (name_zh = btrim(name_zh) AND name_zh <> ''),
            CONSTRAINT ck_institution_tier CHECK (tier IN (1, 2, 3)),
            CONSTRAINT ck_institution_beds CHECK (beds >= 0),
            CONSTRAINT ck_institution_bank_account_is_sealed
                CHECK (octet_length(bank_account_sealed) > 34 AND octet_length(bank_account_index) = 32),
            CONSTRAINT ck_institution_bank_account_has_index
                CHECK ((bank_account_sealed IS NULL) = (bank_account_index IS NULL)
                       AND (bank_account_sealed IS NULL) = (account_name IS NULL)),
            CONSTRAINT fk_institution_county_code FOREIGN KEY (county_code)
                REFERENCES registry.division (county_code),
            CONSTRAINT fk_institution_county_code_township_code FOREIGN KEY (county_code, township_code)
                REFERENCES registry.township (county_code, code),
            {_import_key("institution")}
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE registry.agreement (
            county_code           CHAR(6) NOT NULL,
            id                    BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            institution_code      TEXT NOT NULL,
            from_on               DATE NOT NULL,
            until_on              DATE,
            document              TEXT NOT NULL,
            {RECORDED_COLUMNS}
            CONSTRAINT pk_agreement PRIMARY KEY (county_code, id),
            CONSTRAINT uq_agreement_county_code_institution_code_from_on
                UNIQUE (county_code, institution_code, from_on),
            CONSTRAINT ck_agreement_until_on CHECK (until_on > from_on),
            CONSTRAINT ck_agreement_document CHECK (document = btrim(document) AND document <> ''),
            CONSTRAINT ex_agreement_one_a_day EXCLUDE USING gist (
                county_code WITH =, institution_code WITH =, daterange(from_on, until_on) WITH &&
            ),
            CONSTRAINT fk_agreement_county_code_institution_code FOREIGN KEY (county_code, institution_code)
                REFERENCES registry.institution (county_code, institution_code),
            {_import_key("agreement")}
        )
        """
    )
    for table in ("institution", "agreement"):
        record("registry", table)


def _catalogue() -> None:
    op.execute(
        f"""
        CREATE TABLE registry.catalogue_item (
            county_code           CHAR(6) NOT NULL,
            id                    BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            item_code             TEXT NOT NULL,
            name                  TEXT NOT NULL,
            catalogue_class       SMALLINT NOT NULL,
            kind                  TEXT NOT NULL,
            from_on               DATE NOT NULL,
            until_on              DATE,
            limit_township_e4     BIGINT,
            limit_county_e4       BIGINT,
            limit_above_e4        BIGINT,
            reserved_sex          TEXT,
            {RECORDED_COLUMNS}
            CONSTRAINT pk_catalogue_item PRIMARY KEY (county_code, id),
            CONSTRAINT uq_catalogue_item_county_code_item_code_from_on UNIQUE (county_code, item_code, from_on),
            CONSTRAINT ck_catalogue_item_item_code CHECK (item_code ~ '^[0-9A-Za-z._-]{{1,40}}$'),
            CONSTRAINT ck_catalogue_item_name CHECK (name = btrim(name) AND name <> ''),
            CONSTRAINT ck_catalogue_item_catalogue_class CHECK (catalogue_class IN (1, 2, 3)),
            CONSTRAINT ck_catalogue_item_kind
                CHECK (kind IN ('drug', 'service', 'material', 'bed', 'nursing', 'examination')),
            CONSTRAINT ck_catalogue_item_until_on CHECK (until_on > from_on),
            CONSTRAINT ck_catalogue_item_limits
                CHECK (limit_township_e4 >= 0 AND limit_county_e4 >= 0 AND limit_above_e4 >= 0),
            CONSTRAINT ck_catalogue_item_reserved_sex CHECK (reserved_sex IN ('male', 'female')),
            CONSTRAINT ex_catalogue_item_one_a_day EXCLUDE USING gist (
                county_code WITH =, item_code WITH =, daterange(from_on, until_on) WITH &&
            ),
            CONSTRAINT fk_catalogue_item_county_code FOREIGN KEY (county_code)
                REFERENCES registry.division (county_code),
            {_import_key("catalogue_item")}
        )
        """
    )
    op.execute(
        "CREATE INDEX ix_catalogue_item_county_code_catalogue_class_item_code "
        "ON registry.catalogue_item (county_code, catalogue_class, item_code)"
    )
    record("registry", "catalogue_item")


def _referrals() -> None:
    op.execute(
        f"""
        CREATE TABLE registry.referral (
            county_code           CHAR(6) NOT NULL,
            id                    BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            slip_number           TEXT NOT NULL,
            member_id             BIGINT NOT NULL,
            from_institution_code TEXT NOT NULL,
            to_institution_code   TEXT NOT NULL,
            reason                TEXT NOT NULL,
            valid_from_on         DATE NOT NULL,
            valid_until_on        DATE NOT NULL,
            {RECORDED_COLUMNS}
            CONSTRAINT pk_referral PRIMARY KEY (county_code, id),
            CONSTRAINT uq_referral_county_code_slip_number UNIQUE (county_code, slip_number),
            CONSTRAINT ck_referral_slip_number CHECK (slip_number ~ '^[0-9A-Za-z-]{{1,40}}$'),
            CONSTRAINT ck_referral_reason CHECK (reason = btrim(reason) AND reason <> ''),
            CONSTRAINT ck_referral_valid_until_on CHECK (valid_until_on > valid_from_on),
            CONSTRAINT ck_referral_elsewhere CHECK (from_institution_code <> to_institution_code),
            CONSTRAINT fk_referral_county_code_member_id FOREIGN KEY (county_code, member_id)
                REFERENCES registry.member (county_code, id),
            CONSTRAINT fk_referral_from FOREIGN KEY (county_code, from_institution_code)
                REFERENCES registry.institution (county_code, institution_code),
            CONSTRAINT fk_referral_to FOREIGN KEY (county_code, to_institution_code)
                REFERENCES registry.institution (county_code, institution_code),
            {_import_key("referral")}
        )
        """
    )
    for columns in ("member_id", "valid_from_on", "from_institution_code", "to_institution_code"):
        op.execute(f"CREATE INDEX ix_referral_county_code_{columns} ON registry.referral (county_code, {columns})")
    record("registry", "referral")


def _added_to_people() -> None:
    for table in ("household", "member"):
        op.execute(
            f"ALTER TABLE registry.{table} ADD COLUMN recorded_by BIGINT, ADD COLUMN import_id BIGINT, "
            f"ADD {_import_key(table)}"
        )
        for column, meaning in ADDED.items():
            op.execute(f"COMMENT ON COLUMN registry.{table}.{column} IS {_quoted(meaning)}")


def _publish(table: str, words: str) -> None:
    _words, columns = TABLES[table]
    shown = [column for column in columns if not column.startswith("withdraw")]
    if table != "registry_import":
        shown += RECORDED
    where = "WHERE withdrawn_at IS NULL" if table == "death" else ""
    op.execute(f"CREATE VIEW registry.published_{table} AS SELECT {', '.join(shown)} FROM registry.{table} {where}")
    op.execute(f"COMMENT ON VIEW registry.published_{table} IS {_quoted(words)}")
    published("registry", f"published_{table}", "contractor_rw", "county_rw", "auditor_ro")


def _import_key(table: str) -> str:
    return (
        f"CONSTRAINT fk_{table}_county_code_import_id FOREIGN KEY (county_code, import_id) "
        f"REFERENCES registry.registry_import (county_code, id)"
    )


def _comments(table: str, words: str, columns: dict[str, str]) -> None:
    op.execute(f"COMMENT ON TABLE registry.{table} IS {_quoted(words)}")
    if table not in ("registry_import", "import_change"):
        columns = columns | RECORDED
    for column, meaning in columns.items():
        op.execute(f"COMMENT ON COLUMN registry.{table}.{column} IS {_quoted(meaning)}")


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
