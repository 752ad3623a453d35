"""Which schedule is in force in a county, from when, by which document of its committee (decision 0026)."""

from alembic import op

from migrations.grants import published, record

revision = "0008"
down_revision = "0007"

TABLE = (
    "A county's committee has approved a schedule: which one, from when, by which document. Proposed by one person of "
    "the county, confirmed by another; what was proposed is never changed."
)
COLUMNS = {
    "county_code": "County the schedule is for.",
    "id": "Number of the approval.",
    "scheme_key": "Name of the scheme, which is the name of its folder in rulebook/schedules.",
    "content_hash": "SHA-256 of the canonical text in hexadecimal: what the schedule is known by.",
    "canonical": "The schedule itself in canonical form (decision 0022), kept for as long as a claim refers to it.",
    "in_force_from": "First day it is in force.",
    "in_force_until": "First day it is not in force any more, as the committee set it; null while it set none.",
    "replaces_id": "Approval in force on in_force_from, whose place this one takes; null where there is none.",
    "replaced_on": "First day on which another approval has taken this one's place; null while none has.",
    "replaced_by_id": "That approval.",
    "committee": "Name of the committee that approved it.",
    "approved_on": "Day of the committee's decision.",
    "document": "Number of the committee's document.",
    "document_sha256": "SHA-256 of the document's file; null where it exists on paper alone.",
    "proposed_by": "oversight.staff.id of who entered the decision.",
    "proposed_at": "When it was entered.",
    "confirmed_by": "oversight.staff.id of the second person, who compared it with the document.",
    "confirmed_at": "When it was confirmed; null while it waits.",
    "confirmed_sha256": "SHA-256 of exactly what the second person was shown.",
    "withdrawn_by": "oversight.staff.id of who took it back.",
    "withdrawn_at": "When it was taken back, before it was in force.",
    "withdraw_reason": "Why it was taken back.",
}
PUBLISHED = (
    "county_code, id, scheme_key, content_hash, canonical, in_force_from, in_force_until, replaces_id, replaced_on, "
    "committee, approved_on, document, document_sha256, proposed_by, proposed_at, confirmed_by, confirmed_at, "
    "confirmed_sha256"
)
PROPOSED = (
    "county_code, id, scheme_key, content_hash, canonical, in_force_from, in_force_until, replaces_id, committee, "
    "approved_on, document, document_sha256, proposed_by, proposed_at"
)


def upgrade() -> None:
    _table()
    _law()
    op.execute(
        f"CREATE VIEW registry.published_schedule_approval AS SELECT {PUBLISHED} FROM registry.schedule_approval "
        f"WHERE confirmed_at IS NOT NULL AND withdrawn_at IS NULL"
    )
    op.execute(
        "COMMENT ON VIEW registry.published_schedule_approval IS "
        "'Schedules in force in each county, past, present and to come, with their text.'"
    )
    published("registry", "published_schedule_approval", "contractor_rw", "finance_rw", "claimant_rw", "auditor_ro")


def _table() -> None:
    op.execute(
        """
        CREATE TABLE registry.schedule_approval (
            county_code      CHAR(6) NOT NULL,
            id               BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            scheme_key       TEXT NOT NULL,
            content_hash     TEXT NOT NULL,
            canonical        TEXT NOT NULL,
            in_force_from    DATE NOT NULL,
            in_force_until   DATE,
            replaces_id      BIGINT,
            replaced_on      DATE,
            replaced_by_id   BIGINT,
            committee        TEXT NOT NULL,
            approved_on      DATE NOT NULL,
            document         TEXT NOT NULL,
            document_sha256  TEXT,
            proposed_by      BIGINT NOT NULL,
            proposed_at      TIMESTAMPTZ NOT NULL,
            confirmed_by     BIGINT,
            confirmed_at     TIMESTAMPTZ,
            confirmed_sha256 BYTEA,
            withdrawn_by     BIGINT,
            withdrawn_at     TIMESTAMPTZ,
            withdraw_reason  TEXT,
            CONSTRAINT pk_schedule_approval PRIMARY KEY (county_code, id),
            CONSTRAINT fk_schedule_approval_county_code FOREIGN KEY (county_code)
                REFERENCES registry.division (county_code),
            CONSTRAINT fk_schedule_approval_replaces_id FOREIGN KEY (county_code, replaces_id)
                REFERENCES registry.schedule_approval (county_code, id),
            CONSTRAINT fk_schedule_approval_replaced_by_id FOREIGN KEY (county_code, replaced_by_id)
                REFERENCES registry.schedule_approval (county_code, id),
            CONSTRAINT ck_schedule_approval_scheme_key CHECK (scheme_key ~ '^[a-z][a-z0-9_]{0,59}$'),
            CONSTRAINT ck_schedule_approval_content_hash
                CHECK (content_hash = encode(sha256(convert_to(canonical, 'UTF8')), 'hex')),
            CONSTRAINT ck_schedule_approval_document_sha256 CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
            CONSTRAINT ck_schedule_approval_words
                CHECK (char_length(btrim(committee)) BETWEEN 2 AND 80
                       AND char_length(btrim(document)) BETWEEN 2 AND 80),
            CONSTRAINT ck_schedule_approval_until CHECK (in_force_until > in_force_from),
            CONSTRAINT ck_schedule_approval_replaced
                CHECK (replaced_on > in_force_from AND (in_force_until IS NULL OR replaced_on < in_force_until)),
            CONSTRAINT ck_schedule_approval_replaced_by CHECK ((replaced_on IS NULL) = (replaced_by_id IS NULL)),
            CONSTRAINT ck_schedule_approval_approved_before
                CHECK (approved_on <= (proposed_at AT TIME ZONE 'Asia/Shanghai')::date),
            CONSTRAINT ck_schedule_approval_confirmed
                CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)
                       AND (confirmed_at IS NULL) = (confirmed_sha256 IS NULL)),
            CONSTRAINT ck_schedule_approval_confirmed_sha256 CHECK (octet_length(confirmed_sha256) = 32),
            CONSTRAINT ck_schedule_approval_second_person CHECK (confirmed_by <> proposed_by),
            CONSTRAINT ck_schedule_approval_withdrawn
                CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)
                       AND (withdrawn_at IS NULL) = (withdraw_reason IS NULL)),
            CONSTRAINT ck_schedule_approval_withdrawn_before
                CHECK (confirmed_at IS NULL OR (withdrawn_at AT TIME ZONE 'Asia/Shanghai')::date < in_force_from),
            CONSTRAINT ex_schedule_approval_one_law_a_day EXCLUDE USING gist (
                county_code WITH =,
                daterange(in_force_from, LEAST(in_force_until, replaced_on)) WITH &&
            ) WHERE (confirmed_at IS NOT NULL AND withdrawn_at IS NULL)
        )
        """
    )
    op.execute(f"COMMENT ON TABLE registry.schedule_approval IS {_quoted(TABLE)}")
    for column, meaning in COLUMNS.items():
        op.execute(f"COMMENT ON COLUMN registry.schedule_approval.{column} IS {_quoted(meaning)}")
    record("registry", "schedule_approval")


def _law() -> None:
    """What a row may still become: confirmed once, withdrawn once, and replaced by a successor that names it."""
    op.execute(
        f"""
        CREATE FUNCTION registry.schedule_approval_keeps_the_law() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF num_nonnulls(NEW.confirmed_at, NEW.withdrawn_at, NEW.replaced_on) > 0 THEN
                    RAISE EXCEPTION 'a schedule is proposed first' USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF ({_of("OLD", PROPOSED)}) IS DISTINCT FROM ({_of("NEW", PROPOSED)}) THEN
                RAISE EXCEPTION 'what was proposed is not changed; withdraw it and propose anew'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF (OLD.confirmed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL)
               AND (OLD.confirmed_by, OLD.confirmed_at, OLD.confirmed_sha256)
                   IS DISTINCT FROM (NEW.confirmed_by, NEW.confirmed_at, NEW.confirmed_sha256) THEN
                RAISE EXCEPTION 'a schedule is confirmed once, and not after it was withdrawn'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF OLD.withdrawn_at IS NOT NULL
               AND (OLD.withdrawn_by, OLD.withdrawn_at, OLD.withdraw_reason)
                   IS DISTINCT FROM (NEW.withdrawn_by, NEW.withdrawn_at, NEW.withdraw_reason) THEN
                RAISE EXCEPTION 'a schedule is withdrawn once' USING ERRCODE = 'restrict_violation';
            END IF;
            IF (OLD.replaced_on, OLD.replaced_by_id) IS DISTINCT FROM (NEW.replaced_on, NEW.replaced_by_id) THEN
                IF OLD.replaced_by_id IS NOT NULL AND EXISTS (
                    SELECT FROM registry.schedule_approval AS successor
                    WHERE successor.county_code = OLD.county_code AND successor.id = OLD.replaced_by_id
                      AND successor.withdrawn_at IS NULL) THEN
                    RAISE EXCEPTION 'the successor of this schedule stands' USING ERRCODE = 'restrict_violation';
                END IF;
                IF NEW.replaced_by_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM registry.schedule_approval AS successor
                    WHERE successor.county_code = NEW.county_code AND successor.id = NEW.replaced_by_id
                      AND successor.replaces_id = NEW.id AND successor.in_force_from = NEW.replaced_on
                      AND successor.withdrawn_at IS NULL) THEN
                    RAISE EXCEPTION 'no successor takes the place of this schedule on that day'
                        USING ERRCODE = 'restrict_violation';
                END IF;
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER schedule_approval_keeps_the_law BEFORE INSERT OR UPDATE ON registry.schedule_approval "
        "FOR EACH ROW EXECUTE FUNCTION registry.schedule_approval_keeps_the_law()"
    )
    op.execute("ALTER TABLE registry.schedule_approval ENABLE ALWAYS TRIGGER schedule_approval_keeps_the_law")
    # A version may end before its successor begins only within one transaction: at its end both stand, or neither.
    op.execute(
        """
        CREATE FUNCTION registry.schedule_approval_leaves_no_gap() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM registry.schedule_approval AS ended
                LEFT JOIN registry.schedule_approval AS successor
                  ON successor.county_code = ended.county_code AND successor.id = ended.replaced_by_id
                 AND successor.confirmed_at IS NOT NULL AND successor.withdrawn_at IS NULL
                WHERE ended.county_code = NEW.county_code AND ended.replaced_on IS NOT NULL
                  AND ended.withdrawn_at IS NULL AND successor.id IS NULL) THEN
                RAISE EXCEPTION 'a schedule has ended and its successor is not in force'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER schedule_approval_leaves_no_gap AFTER UPDATE ON registry.schedule_approval "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "EXECUTE FUNCTION registry.schedule_approval_leaves_no_gap()"
    )
    op.execute("ALTER TABLE registry.schedule_approval ENABLE ALWAYS TRIGGER schedule_approval_leaves_no_gap")


def _of(row: str, columns: str) -> str:
    return ", ".join(f"{row}.{column}" for column in columns.split(", "))


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
