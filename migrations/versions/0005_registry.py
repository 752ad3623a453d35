"""The registry's minimum (decision 0017): divisions, households, members; and the record of every unmasking."""

from alembic import op

from migrations.grants import READERS, STAFF_SCHEMAS, append_only, published, record

revision = "0005"
down_revision = "0004"

DIVISION = {
    "county_code": "The division's own six-digit code (GB/T 2260); a city's people work under the city's code.",
    "level": "county or city.",
    "city_code": "The city above; a city names itself.",
    "name_zh": "Name in Chinese, as on its seal.",
    "name_en": "Name in English.",
    "name_pinyin": "Name in pinyin, for sorting.",
    "complaint_phone": "The published telephone for complaints; null until the division has published one.",
}
TOWNSHIP = {
    "county_code": "County the township lies in.",
    "code": "Nine digits: the county's six and three of its own (GB/T 10114).",
    "name_zh": "Name in Chinese.",
    "name_en": "Name in English.",
    "name_pinyin": "Name in pinyin, for sorting.",
    "office_phone": "Telephone of the township office that members go to; null when it has none.",
}
VILLAGE = {
    "county_code": "County the village lies in.",
    "code": "Twelve digits: the township's nine and three of its own.",
    "township_code": "Township the village lies in.",
    "name_zh": "Name in Chinese.",
    "name_en": "Name in English.",
    "name_pinyin": "Name in pinyin, for sorting.",
}
HOUSEHOLD = {
    "county_code": "County the household enrols in.",
    "id": "Number of the record; it means nothing to people.",
    "village_code": "Village the household lives in.",
    "household_number": "Number on the household's book, unique in the county.",
    "recorded_at": "When the record was written.",
}
MEMBER = {
    "county_code": "County the member enrols in.",
    "id": "Number of the record; sealed cells are bound to it.",
    "household_id": "Household the member enrols with.",
    "card_number": "Number of the member's card. It begins with the county's code, so no two counties share one.",
    "name": "Name as on the identity card.",
    "name_pinyin": "Name in pinyin, for sorting.",
    "sex": "male or female, as on the identity card.",
    "born_on": "Day of birth.",
    "identity_number_sealed": "Identity number, sealed by the application for this row.",
    "identity_number_index": "Blind index of the identity number: equal numbers have equal digests.",
    "bank_account_sealed": "Account that compensation is paid to, sealed; null when none was given.",
    "bank_account_index": "Blind index of that account.",
    "phone_sealed": "Telephone, sealed; null when none was given.",
    "is_head": "Whether the member is the head of the household.",
    "recorded_at": "When the record was written.",
}
ACTIVATION_SLIP = {
    "county_code": "County of the member.",
    "id": "Number of the slip.",
    "member_id": "Whom it lets in.",
    "card_index": "Keyed digest of the card number, as the member's site computes it.",
    "code_hash": "Keyed digest of the code on the slip; the code itself stands on paper alone.",
    "issued_at": "When it was printed.",
    "issued_by": "Who printed it (oversight.staff).",
    "expires_at": "Last instant it can be used.",
    "withdrawn_at": "When a newer slip took its place or it was called back.",
    "withdrawn_by": "Who did that.",
}
UNMASKING = {
    "county_code": "County or city of whoever looked.",
    "id": "Number of the record.",
    "staff_id": "Who looked.",
    "at": "When.",
    "on": "The local day it counts for: the quota is by day.",
    "subject_kind": "Kind of record looked at, such as member.",
    "subject_county_code": "County of that record.",
    "subject_id": "Number of that record.",
    "field": "What was shown in full, such as identity_number.",
    "reason": "Why, in the words of whoever looked.",
}

DIVISION_TABLE = "Counties and cities of this house."
TOWNSHIP_TABLE = "Townships of a county."
VILLAGE_TABLE = "Villages of a township."
HOUSEHOLD_TABLE = "Households: members enrol by household."
MEMBER_TABLE = "Members of the scheme. Numbers of people are sealed; the keys lie outside the database."
ACTIVATION_SLIP_TABLE = "Slips that let a member choose a PIN for the member's site; each works once."
UNMASKING_TABLE = "Every time a sealed number was shown in full: who, when, whose, why. Never changed."


def upgrade() -> None:
    _places()
    _people()
    _activation_slip()
    for schema in STAFF_SCHEMAS:
        _unmasking(schema)
    _views()


def _places() -> None:
    op.execute(
        """
        CREATE TABLE registry.division (
            county_code     CHAR(6) NOT NULL,
            level           TEXT NOT NULL,
            city_code       CHAR(6) NOT NULL,
            name_zh         TEXT NOT NULL,
            name_en         TEXT NOT NULL,
            name_pinyin     TEXT NOT NULL,
            complaint_phone TEXT,
            CONSTRAINT pk_division PRIMARY KEY (county_code),
            CONSTRAINT ck_division_county_code CHECK (county_code ~ '^[0-9]{6}$'),
            CONSTRAINT ck_division_level CHECK (level IN ('county', 'city')),
            CONSTRAINT ck_division_city_names_itself CHECK ((level = 'city') = (city_code = county_code)),
            CONSTRAINT fk_division_city_code FOREIGN KEY (city_code) REFERENCES registry.division (county_code)
        )
        """
    )
    op.execute("CREATE INDEX ix_division_city_code ON registry.division (city_code)")
    _comments("registry", "division", DIVISION_TABLE, DIVISION)
    record("registry", "division")
    op.execute(
        """
        CREATE TABLE registry.township (
            county_code  CHAR(6) NOT NULL,
            code         CHAR(9) NOT NULL,
            name_zh      TEXT NOT NULL,
            name_en      TEXT NOT NULL,
            name_pinyin  TEXT NOT NULL,
            office_phone TEXT,
            CONSTRAINT pk_township PRIMARY KEY (county_code, code),
            CONSTRAINT ck_township_code CHECK (code ~ '^[0-9]{9}$' AND left(code, 6) = county_code),
            CONSTRAINT fk_township_county_code FOREIGN KEY (county_code) REFERENCES registry.division (county_code)
        )
        """
    )
    _comments("registry", "township", TOWNSHIP_TABLE, TOWNSHIP)
    record("registry", "township")
    op.execute(
        """
        CREATE TABLE registry.village (
            county_code   CHAR(6) NOT NULL,
            code          CHAR(12) NOT NULL,
            township_code CHAR(9) NOT NULL,
            name_zh       TEXT NOT NULL,
            name_en       TEXT NOT NULL,
            name_pinyin   TEXT NOT NULL,
            CONSTRAINT pk_village PRIMARY KEY (county_code, code),
            CONSTRAINT ck_village_code CHECK (code ~ '^[0-9]{12}$' AND left(code, 9) = township_code),
            CONSTRAINT fk_village_county_code_township_code FOREIGN KEY (county_code, township_code)
                REFERENCES registry.township (county_code, code)
        )
        """
    )
    op.execute("CREATE INDEX ix_village_county_code_township_code ON registry.village (county_code, township_code)")
    _comments("registry", "village", VILLAGE_TABLE, VILLAGE)
    record("registry", "village")


def _people() -> None:
    op.execute(
        """
        CREATE TABLE registry.household (
            county_code      CHAR(6) NOT NULL,
            id               BIGINT GENERATED BY DEFAULT AS IDENTITY NOT NULL,
            village_code     CHAR(12) NOT NULL,
            household_number TEXT NOT NULL,
            recorded_at      TIMESTAMPTZ NOT NULL,
            CONSTRAINT pk_household PRIMARY KEY (county_code, id),
            CONSTRAINT uq_household_county_code_household_number UNIQUE (county_code, household_number),
            CONSTRAINT fk_household_county_code_village_code FOREIGN KEY (county_code, village_code)
                REFERENCES registry.village (county_code, code)
        )
        """
    )
    op.execute("CREATE INDEX ix_household_county_code_village_code ON registry.household (county_code, village_code)")
    _comments("registry", "household", HOUSEHOLD_TABLE, HOUSEHOLD)
    record("registry", "household")
    op.execute(
        """
        CREATE TABLE registry.member (
            county_code            CHAR(6) NOT NULL,
            id                     BIGINT GENERATED BY DEFAULT AS IDENTITY NOT NULL,
            household_id           BIGINT NOT NULL,
            card_number            TEXT NOT NULL,
            name                   TEXT NOT NULL,
            name_pinyin            TEXT NOT NULL,
            sex                    TEXT NOT NULL,
            born_on                DATE NOT NULL,
            identity_number_sealed BYTEA NOT NULL,
            identity_number_index  BYTEA NOT NULL,
            bank_account_sealed    BYTEA,
            bank_account_index     BYTEA,
            phone_sealed           BYTEA,
            is_head                BOOLEAN NOT NULL,
            recorded_at            TIMESTAMPTZ NOT NULL,
            CONSTRAINT pk_member PRIMARY KEY (county_code, id),
            CONSTRAINT uq_member_county_code_card_number UNIQUE (county_code, card_number),
            CONSTRAINT uq_member_county_code_identity_number_index UNIQUE (county_code, identity_number_index),
            CONSTRAINT ck_member_card_number
                CHECK (card_number ~ '^[0-9]{10,20}$' AND left(card_number, 6) = county_code),
            CONSTRAINT ck_member_name CHECK (name = btrim(name) AND name <> ''),
            CONSTRAINT ck_member_sex CHECK (sex IN ('male', 'female')),
            CONSTRAINT ck_member_identity_number_is_sealed
                CHECK (octet_length(identity_number_sealed) > 34 AND octet_length(identity_number_index) = 32),
            CONSTRAINT ck_member_bank_account_is_sealed
                CHECK (octet_length(bank_account_sealed) > 34 AND octet_length(bank_account_index) = 32),
            CONSTRAINT ck_member_bank_account_has_index
                CHECK ((bank_account_sealed IS NULL) = (bank_account_index IS NULL)),
            CONSTRAINT ck_member_phone_is_sealed CHECK (octet_length(phone_sealed) > 34),
            CONSTRAINT fk_member_county_code_household_id FOREIGN KEY (county_code, household_id)
                REFERENCES registry.household (county_code, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_member_county_code_household_id ON registry.member (county_code, household_id)")
    op.execute(
        "CREATE INDEX ix_member_county_code_bank_account_index ON registry.member (county_code, bank_account_index)"
    )
    op.execute("CREATE INDEX ix_member_name ON registry.member USING gin (name extensions.gin_trgm_ops)")
    op.execute("CREATE INDEX ix_member_card_number ON registry.member USING gin (card_number extensions.gin_trgm_ops)")
    op.execute("CREATE UNIQUE INDEX uq_member_one_head ON registry.member (county_code, household_id) WHERE is_head")
    _comments("registry", "member", MEMBER_TABLE, MEMBER)
    record("registry", "member")
    # A cell is sealed for its row before the row is written, so its writer draws the number first.
    op.execute("GRANT USAGE ON SEQUENCE registry.household_id_seq, registry.member_id_seq TO county_rw")


def _activation_slip() -> None:
    op.execute(
        """
        CREATE TABLE oversight.activation_slip (
            county_code  CHAR(6) NOT NULL,
            id           BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            member_id    BIGINT NOT NULL,
            card_index   BYTEA NOT NULL,
            code_hash    BYTEA NOT NULL,
            issued_at    TIMESTAMPTZ NOT NULL,
            issued_by    BIGINT NOT NULL,
            expires_at   TIMESTAMPTZ NOT NULL,
            withdrawn_at TIMESTAMPTZ,
            withdrawn_by BIGINT,
            CONSTRAINT pk_activation_slip PRIMARY KEY (county_code, id),
            CONSTRAINT ck_activation_slip_digests
                CHECK (octet_length(card_index) = 32 AND octet_length(code_hash) = 32),
            CONSTRAINT ck_activation_slip_expires CHECK (expires_at > issued_at),
            CONSTRAINT ck_activation_slip_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
            CONSTRAINT fk_activation_slip_county_code_member_id FOREIGN KEY (county_code, member_id)
                REFERENCES registry.member (county_code, id)
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_activation_slip_one_standing ON oversight.activation_slip (county_code, member_id) "
        "WHERE withdrawn_at IS NULL"
    )
    _comments("oversight", "activation_slip", ACTIVATION_SLIP_TABLE, ACTIVATION_SLIP)
    record("oversight", "activation_slip")


def _unmasking(schema: str) -> None:
    op.execute(
        f"""
        CREATE TABLE {schema}.unmasking (
            county_code         CHAR(6) NOT NULL,
            id                  BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            staff_id            BIGINT NOT NULL,
            at                  TIMESTAMPTZ NOT NULL,
            "on"                DATE NOT NULL,
            subject_kind        TEXT NOT NULL,
            subject_county_code CHAR(6) NOT NULL,
            subject_id          BIGINT NOT NULL,
            field               TEXT NOT NULL,
            reason              TEXT NOT NULL,
            CONSTRAINT pk_unmasking PRIMARY KEY (county_code, id),
            CONSTRAINT ck_unmasking_words CHECK (subject_kind ~ '^[a-z_]{{1,40}}$' AND field ~ '^[a-z_]{{1,40}}$'),
            CONSTRAINT ck_unmasking_reason CHECK (char_length(btrim(reason)) BETWEEN 10 AND 500)
        )
        """
    )
    op.execute(f'CREATE INDEX ix_unmasking_county_code_staff_id_on ON {schema}.unmasking (county_code, staff_id, "on")')
    op.execute(
        f"CREATE INDEX ix_unmasking_subject_county_code_subject_kind_subject_id "
        f"ON {schema}.unmasking (subject_county_code, subject_kind, subject_id)"
    )
    _comments(schema, "unmasking", UNMASKING_TABLE, UNMASKING)
    append_only(schema, "unmasking")


def _views() -> None:
    op.execute(
        """
        CREATE VIEW registry.published_division AS
        SELECT county_code, level, city_code, name_zh, name_en, name_pinyin, complaint_phone FROM registry.division
        """
    )
    op.execute("COMMENT ON VIEW registry.published_division IS 'Counties and cities, for every desk.'")
    published("registry", "published_division", *READERS)
    op.execute(
        """
        CREATE VIEW registry.published_member AS
        SELECT m.county_code, m.id, m.household_id, h.household_number, v.township_code, h.village_code, m.card_number,
               m.name, m.name_pinyin, m.sex, m.born_on, m.identity_number_sealed, m.identity_number_index,
               m.bank_account_sealed, m.bank_account_index, m.phone_sealed, m.is_head, m.recorded_at
        FROM registry.member m
        JOIN registry.household h ON h.county_code = m.county_code AND h.id = m.household_id
        JOIN registry.village v ON v.county_code = h.county_code AND v.code = h.village_code
        """
    )
    op.execute(
        "COMMENT ON VIEW registry.published_member IS "
        "'Members for the contractor and the audit bureau. Numbers of people stay sealed.'"
    )
    published("registry", "published_member", "contractor_rw", "auditor_ro")
    op.execute(
        """
        CREATE VIEW oversight.published_activation_slip AS
        SELECT s.county_code, s.id, s.member_id, s.card_index, s.code_hash, s.expires_at, m.born_on
        FROM oversight.activation_slip s
        JOIN registry.member m ON m.county_code = s.county_code AND m.id = s.member_id
        WHERE s.withdrawn_at IS NULL
        """
    )
    op.execute(
        "COMMENT ON VIEW oversight.published_activation_slip IS "
        "'Standing slips. Read by the functions of schema claimant alone; granted to no app.'"
    )


def _comments(schema: str, table: str, words: str, columns: dict[str, str]) -> None:
    op.execute(f"COMMENT ON TABLE {schema}.{table} IS {_quoted(words)}")
    for column, meaning in columns.items():
        op.execute(f'COMMENT ON COLUMN {schema}.{table}."{column}" IS {_quoted(meaning)}')


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
