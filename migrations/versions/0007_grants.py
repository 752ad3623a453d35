"""Roles granted to the people of a desk: proposed by one, decided by another."""

from alembic import op

from migrations import grants

revision = "0007"
down_revision = "0006"

COUNTY = ("county_code", "CHAR(6) NOT NULL", "GB/T 2260 code of the county, or of the city for the city's people.")
ID = ("id", "BIGINT GENERATED ALWAYS AS IDENTITY", "Number of the row, given by the database.")
STAFF_ID = ("staff_id", "BIGINT NOT NULL", "Whose it is: staff.id.")


def upgrade() -> None:
    for schema in grants.STAFF_SCHEMAS:
        _role_grant(schema)
        grants.record(schema, "role_grant")


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
            ("proposed_by", "BIGINT NOT NULL", "staff.id of who proposed it."),
            ("proposed_at", "TIMESTAMPTZ NOT NULL", "When it was proposed."),
            ("reason", "TEXT NOT NULL", "Why the person needs it."),
            ("decided_by", "BIGINT", "staff.id of the second person."),
            ("decided_at", "TIMESTAMPTZ", "When the second person decided."),
            ("decision", "TEXT", "approved or refused; null while waiting."),
            ("ended_by", "BIGINT", "staff.id of who ended it."),
            ("ended_at", "TIMESTAMPTZ", "When it ended."),
            ("end_reason", "TEXT", "Why it ended."),
        ],
        constraints=[
            "CONSTRAINT pk_role_grant PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_role_grant_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_role_grant_decided CHECK ((decided_by IS NULL) = (decided_at IS NULL))",
            "CONSTRAINT ck_role_grant_decision CHECK (decision IN ('approved', 'refused'))",
            "CONSTRAINT ck_role_grant_decision_at CHECK ((decided_at IS NULL) = (decision IS NULL))",
            "CONSTRAINT ck_role_grant_ended CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_at IS "
            "NULL) = (end_reason IS NULL))",
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
