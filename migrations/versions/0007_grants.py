"""Roles granted to the people of a desk: proposed by one, decided by another; and which roles no one may hold together.

Decision 0018 says what the database itself refuses here, and what it cannot know.
"""

from alembic import op

from migrations import grants

revision = "0007"
down_revision = "0006"

COUNTY = ("county_code", "CHAR(6) NOT NULL", "GB/T 2260 code of the county, or of the city for the city's people.")
ID = ("id", "BIGINT GENERATED ALWAYS AS IDENTITY", "Number of the row, given by the database.")
STAFF_ID = ("staff_id", "BIGINT NOT NULL", "Whose it is: staff.id.")

THREE = ("administrator", "security_officer", "log_auditor")
OTHER_ROLES = (
    "intake", "reviewer", "senior", "cashier", "checker", "lead", "institution", "township",
    "registrar", "officer", "auditor", "appraiser", "director", "civil_affairs", "city",
    "audit_bureau", "insurance_regulator", "finance_officer", "finance_head", "member",
)  # fmt: skip
BUSINESS_CONFLICTS = (
    ("cashier", "checker"), ("reviewer", "cashier"), ("senior", "cashier"), ("intake", "reviewer"),
    ("intake", "senior"),
    ("institution", "intake"), ("institution", "reviewer"), ("institution", "senior"), ("institution", "cashier"),
    ("institution", "checker"), ("institution", "lead"), ("township", "reviewer"), ("township", "cashier"),
    ("township", "checker"), ("finance_officer", "finance_head"), ("audit_bureau", "officer"),
    ("audit_bureau", "director"), ("insurance_regulator", "officer"), ("insurance_regulator", "director"),
    ("registrar", "auditor"), ("officer", "auditor"),
)  # fmt: skip
LOCK_SPACE = 7_402
"""Key space of `pg_advisory_xact_lock(class, county)`: one installation of a desk's first people at a time."""


def upgrade() -> None:
    _role_conflict()
    for schema in grants.STAFF_SCHEMAS:
        _role_grant(schema)
        grants.record(schema, "role_grant")
        _one_law_for_grants(schema)
        _one_law_for_persons(schema)


def _role_conflict() -> None:
    """The law of the house, so it stands once and without a county; each desk reads it through a view."""
    pairs = {tuple(sorted(pair)) for pair in BUSINESS_CONFLICTS}
    pairs |= {tuple(sorted((one, other))) for one in THREE for other in THREE + OTHER_ROLES if one != other}
    _table(
        "house",
        "role_conflict",
        "Pairs of roles that no one natural person holds together at a desk: config/authorisation.yaml, kept in the "
        "database so that it holds for raw SQL too. A change of the file is a new migration.",
        columns=[
            ("role_a", "TEXT NOT NULL", "Key of one role; the one that sorts first."),
            ("role_b", "TEXT NOT NULL", "Key of the other."),
        ],
        constraints=[
            "CONSTRAINT pk_role_conflict PRIMARY KEY (role_a, role_b)",
            'CONSTRAINT ck_role_conflict_ordered CHECK (role_a COLLATE "C" < role_b COLLATE "C")',
        ],
    )
    _run(
        "INSERT INTO house.role_conflict (role_a, role_b) VALUES "
        + ", ".join(f"({_literal(a)}, {_literal(b)})" for a, b in sorted(pairs))
    )
    grants.kept("house", "role_conflict", is_append_only=True)
    _run("CREATE VIEW house.published_role_conflict AS SELECT role_a, role_b FROM house.role_conflict")
    _run("COMMENT ON VIEW house.published_role_conflict IS 'Pairs of roles that exclude each other'")
    grants.published("house", "published_role_conflict", "contractor_rw", "county_rw", "finance_rw", "auditor_ro")


def _one_law_for_grants(schema: str) -> None:
    """Proposed, decided once, ended once; and never beside a role it excludes."""
    op.execute(
        f"""
        CREATE FUNCTION {schema}.role_grant_keeps_the_law() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        DECLARE
            excluding text;
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF (OLD.county_code, OLD.id, OLD.staff_id, OLD.role, OLD.scope, OLD.proposed_by, OLD.proposed_at,
                    OLD.reason)
                   IS DISTINCT FROM
                   (NEW.county_code, NEW.id, NEW.staff_id, NEW.role, NEW.scope, NEW.proposed_by, NEW.proposed_at,
                    NEW.reason) THEN
                    RAISE EXCEPTION 'what was proposed is not changed; propose anew'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                IF (OLD.decision IS NOT NULL OR OLD.ended_at IS NOT NULL)
                   AND (OLD.decided_by, OLD.decided_at, OLD.decision, OLD.decision_reason)
                       IS DISTINCT FROM (NEW.decided_by, NEW.decided_at, NEW.decision, NEW.decision_reason) THEN
                    RAISE EXCEPTION 'a grant is decided once, and not after its end'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                IF (OLD.ended_at IS NOT NULL OR OLD.decision IS NOT DISTINCT FROM 'refused')
                   AND (OLD.ended_by, OLD.ended_at, OLD.end_reason)
                       IS DISTINCT FROM (NEW.ended_by, NEW.ended_at, NEW.end_reason) THEN
                    RAISE EXCEPTION 'a grant is ended once, and a refused one has no end'
                        USING ERRCODE = 'restrict_violation';
                END IF;
            END IF;
            -- An end that lies ahead is no end yet: the role is in force until then.
            IF NEW.decision IS NOT DISTINCT FROM 'refused'
               OR (NEW.ended_at IS NOT NULL AND NEW.ended_at <= clock_timestamp()) THEN
                RETURN NEW;
            END IF;

            -- Everyone who grants to this person waits here, also where they have an account in another county. The
            -- questions below are statements of their own, so that they see what was committed meanwhile.
            PERFORM FROM {schema}.staff AS person
            WHERE (person.county_code = NEW.county_code AND person.id = NEW.staff_id)
               OR person.identity_number_index = (
                   SELECT identity_number_index FROM {schema}.staff
                   WHERE county_code = NEW.county_code AND id = NEW.staff_id)
            ORDER BY person.county_code, person.id
            FOR UPDATE;

            IF TG_OP = 'INSERT' AND NEW.proposed_by IS NULL THEN
                PERFORM pg_advisory_xact_lock({LOCK_SPACE}, NEW.county_code::int);
                IF EXISTS (SELECT FROM {schema}.staff
                           WHERE county_code = NEW.county_code AND activated_at IS NOT NULL)
                   OR EXISTS (SELECT FROM {schema}.role_grant
                              WHERE county_code = NEW.county_code AND proposed_by IS NOT NULL)
                   OR (SELECT count(*) FROM {schema}.role_grant
                       WHERE county_code = NEW.county_code AND role = NEW.role)
                      > (NEW.role = 'security_officer')::int THEN
                    RAISE EXCEPTION 'this desk has people; a role is proposed by one and decided by another'
                        USING ERRCODE = 'restrict_violation';
                END IF;
            END IF;

            SELECT held.role INTO excluding
            FROM {schema}.role_grant AS held
            JOIN {schema}.staff AS holder ON holder.county_code = held.county_code AND holder.id = held.staff_id
            JOIN house.published_role_conflict AS pair
              ON (pair.role_a = held.role AND pair.role_b = NEW.role)
              OR (pair.role_a = NEW.role AND pair.role_b = held.role)
            WHERE held.decision IS DISTINCT FROM 'refused'
              AND (held.ended_at IS NULL OR held.ended_at > clock_timestamp())
              AND ((holder.county_code = NEW.county_code AND holder.id = NEW.staff_id)
                   OR holder.identity_number_index = (
                       SELECT identity_number_index FROM {schema}.staff
                       WHERE county_code = NEW.county_code AND id = NEW.staff_id))
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION '% and % are not held by one person', NEW.role, excluding
                    USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'role_conflict';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    _run(
        f"CREATE TRIGGER role_grant_keeps_the_law BEFORE INSERT OR UPDATE ON {schema}.role_grant "
        f"FOR EACH ROW EXECUTE FUNCTION {schema}.role_grant_keeps_the_law()"
    )
    _run(f"ALTER TABLE {schema}.role_grant ENABLE ALWAYS TRIGGER role_grant_keeps_the_law")


def _one_law_for_persons(schema: str) -> None:
    """Two accounts that turn out to be one natural person must not hold what excludes each other."""
    op.execute(
        f"""
        CREATE FUNCTION {schema}.staff_is_one_person() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        DECLARE
            clash record;
        BEGIN
            IF NEW.identity_number_index IS NULL
               OR NEW.identity_number_index IS NOT DISTINCT FROM OLD.identity_number_index THEN
                RETURN NEW;
            END IF;
            PERFORM FROM {schema}.staff AS other
            WHERE other.identity_number_index = NEW.identity_number_index
              AND (other.county_code, other.id) <> (NEW.county_code, NEW.id)
            ORDER BY other.county_code, other.id
            FOR UPDATE;
            SELECT mine.role AS role, theirs.role AS other_role INTO clash
            FROM {schema}.role_grant AS mine
            JOIN {schema}.staff AS other
              ON other.identity_number_index = NEW.identity_number_index
             AND (other.county_code, other.id) <> (NEW.county_code, NEW.id)
            JOIN {schema}.role_grant AS theirs
              ON theirs.county_code = other.county_code AND theirs.staff_id = other.id
            JOIN house.published_role_conflict AS pair
              ON (pair.role_a = mine.role AND pair.role_b = theirs.role)
              OR (pair.role_a = theirs.role AND pair.role_b = mine.role)
            WHERE mine.county_code = NEW.county_code AND mine.staff_id = NEW.id
              AND mine.decision IS DISTINCT FROM 'refused'
              AND (mine.ended_at IS NULL OR mine.ended_at > clock_timestamp())
              AND theirs.decision IS DISTINCT FROM 'refused'
              AND (theirs.ended_at IS NULL OR theirs.ended_at > clock_timestamp())
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION '% and % are not held by one person', clash.role, clash.other_role
                    USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'role_conflict';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    _run(
        f"CREATE TRIGGER staff_is_one_person BEFORE UPDATE ON {schema}.staff "
        f"FOR EACH ROW EXECUTE FUNCTION {schema}.staff_is_one_person()"
    )
    _run(f"ALTER TABLE {schema}.staff ENABLE ALWAYS TRIGGER staff_is_one_person")


def _role_grant(schema: str) -> None:
    _table(
        schema,
        "role_grant",
        "A role proposed for a person by one, decided by another. In force while approved and not ended.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("role", "TEXT NOT NULL", "Key of the role in config/authorisation.yaml."),
            ("scope", "TEXT", "Code of the institution, township or department it is limited to."),
            (
                "proposed_by",
                "BIGINT",
                "staff.id of who proposed it; null: the command line, for the first people of a desk alone.",
            ),
            ("proposed_at", "TIMESTAMPTZ NOT NULL", "When it was proposed."),
            ("reason", "TEXT NOT NULL", "Why the person needs it."),
            ("decided_by", "BIGINT", "staff.id of the second person; null too where the command line granted it."),
            ("decided_at", "TIMESTAMPTZ", "When the second person decided."),
            ("decision", "TEXT", "approved or refused; null while waiting."),
            ("decision_reason", "TEXT", "Why it was refused, for who proposed it; null where approved."),
            ("ended_by", "BIGINT", "staff.id of who ended it."),
            ("ended_at", "TIMESTAMPTZ", "When it ended."),
            ("end_reason", "TEXT", "Why it ended."),
        ],
        constraints=[
            "CONSTRAINT pk_role_grant PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_role_grant_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_role_grant_decided CHECK (proposed_by IS NULL OR "
            "(decided_by IS NULL) = (decided_at IS NULL))",
            "CONSTRAINT ck_role_grant_decision CHECK (decision IN ('approved', 'refused'))",
            "CONSTRAINT ck_role_grant_decision_reason CHECK ((decision_reason IS NOT NULL) = "
            "(decision IS NOT DISTINCT FROM 'refused'))",
            "CONSTRAINT ck_role_grant_decision_at CHECK ((decided_at IS NULL) = (decision IS NULL))",
            "CONSTRAINT ck_role_grant_ended CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_at IS "
            "NULL) = (end_reason IS NULL))",
            "CONSTRAINT ck_role_grant_installed CHECK (proposed_by IS NOT NULL OR (decided_by IS NULL "
            "AND decision IS NOT DISTINCT FROM 'approved' "
            "AND role IN ('administrator', 'security_officer', 'log_auditor')))",
            "CONSTRAINT ck_role_grant_not_oneself CHECK (proposed_by <> staff_id AND decided_by <> staff_id)",
            "CONSTRAINT ck_role_grant_second_person CHECK (decided_by <> proposed_by)",
        ],
        indexes=[
            "CREATE UNIQUE INDEX ix_role_grant_in_force ON {schema}.role_grant (county_code, staff_id, role) "
            "WHERE ended_at IS NULL AND decision IS DISTINCT FROM 'refused'",
        ],
    )


def _table(
    schema: str, name: str, comment: str, *, columns: list, constraints: list, indexes: tuple | list = ()
) -> None:
    body = [f"{column} {kind}" for column, kind, _ in columns]
    body += [constraint.replace("{schema}", schema) for constraint in constraints]
    _run(f"CREATE TABLE {schema}.{name} ({', '.join(body)})")
    _run(f"COMMENT ON TABLE {schema}.{name} IS {_literal(comment)}")
    for column, _, words in columns:
        _run(f"COMMENT ON COLUMN {schema}.{name}.{column} IS {_literal(words)}")
    for index in indexes:
        _run(index.replace("{schema}", schema))


def _run(statement: str) -> None:
    """As it stands: colons and percent signs in words mean nothing to the driver."""
    op.get_bind().exec_driver_sql(statement)


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
