"""Tokens for programs at the insurer's workspace, and the keys that make a repeated request one."""

from alembic import op

from migrations import grants

revision = "0013"
down_revision = "0012"

SCHEMA = "contractor"
COUNTY = ("county_code", "CHAR(6) NOT NULL", "GB/T 2260 code of the county, or of the city for the city's people.")


def upgrade() -> None:
    _api_token()
    _idempotency_key()


def _api_token() -> None:
    _table(
        "api_token",
        "A secret with which a program acts for one person in one of their roles. Revoked, never deleted.",
        columns=[
            COUNTY,
            ("id", "BIGINT GENERATED ALWAYS AS IDENTITY", "Number of the row, given by the database."),
            ("staff_id", "BIGINT NOT NULL", "Whose it is: staff.id."),
            ("token_sha256", "BYTEA NOT NULL", "SHA-256 of the token, which was shown once and is nowhere else."),
            ("label", "TEXT NOT NULL", "What the person calls it: the program that uses it."),
            (
                "role",
                "TEXT NOT NULL",
                "The one role it acts in; it opens nothing once the person no longer holds that role.",
            ),
            ("created_at", "TIMESTAMPTZ NOT NULL", "When it was made."),
            ("ends_at", "TIMESTAMPTZ NOT NULL", "Until when it opens anything."),
            ("last_used_at", "TIMESTAMPTZ", "When it was last used, to the minute."),
            ("revoked_at", "TIMESTAMPTZ", "When it was revoked before its time."),
            ("revoked_by", "BIGINT", "staff.id of who revoked it."),
        ],
        constraints=[
            "CONSTRAINT pk_api_token PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_api_token_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT uq_api_token_token_sha256 UNIQUE (token_sha256)",
            "CONSTRAINT ck_api_token_token_sha256 CHECK (octet_length(token_sha256) = 32)",
            "CONSTRAINT ck_api_token_label CHECK (char_length(btrim(label)) BETWEEN 1 AND 60)",
            "CONSTRAINT ck_api_token_times CHECK (created_at < ends_at)",
            "CONSTRAINT ck_api_token_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))",
        ],
        indexes=["CREATE INDEX ix_api_token_county_code_staff_id ON {schema}.api_token (county_code, staff_id)"],
    )
    grants.record(SCHEMA, "api_token")


def _idempotency_key() -> None:
    _table(
        "idempotency_key",
        "A program's own name for one request: written with its effect, so that asking again does nothing again.",
        columns=[
            COUNTY,
            ("staff_id", "BIGINT NOT NULL", "Who asked: staff.id. Another person's key of the same name is another."),
            ("endpoint", "TEXT NOT NULL", "What was asked for: the operation's name."),
            ("key", "TEXT NOT NULL", "The name the program gave the request before it sent it."),
            (
                "request_sha256",
                "BYTEA NOT NULL",
                "SHA-256 of what was asked; the same key for something else is refused.",
            ),
            ("asked_at", "TIMESTAMPTZ NOT NULL", "When it was first asked."),
            ("status", "SMALLINT", "HTTP status of the answer; null only inside the transaction that works on it."),
            ("answer", "TEXT", "The answer as it was given, given again word for word."),
        ],
        constraints=[
            "CONSTRAINT pk_idempotency_key PRIMARY KEY (county_code, staff_id, endpoint, key)",
            "CONSTRAINT fk_idempotency_key_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_idempotency_key_request_sha256 CHECK (octet_length(request_sha256) = 32)",
            "CONSTRAINT ck_idempotency_key_key CHECK (char_length(key) BETWEEN 8 AND 100)",
            "CONSTRAINT ck_idempotency_key_answered CHECK ((status IS NULL) = (answer IS NULL))",
            "CONSTRAINT ck_idempotency_key_status CHECK (status BETWEEN 200 AND 299)",
        ],
    )
    grants.record(SCHEMA, "idempotency_key")
    # An answer once given stays as it was given.
    _run(
        f"CREATE TRIGGER idempotency_key_keeps_answer BEFORE UPDATE ON {SCHEMA}.idempotency_key "
        "FOR EACH ROW WHEN (OLD.status IS NOT NULL) EXECUTE FUNCTION house.refuse_change()"
    )
    _run(f"ALTER TABLE {SCHEMA}.idempotency_key ENABLE ALWAYS TRIGGER idempotency_key_keeps_answer")


def _table(name: str, comment: str, *, columns: list, constraints: list, indexes: list | tuple = ()) -> None:
    body = [f"{column} {kind}" for column, kind, _ in columns]
    body += [constraint.replace("{schema}", SCHEMA) for constraint in constraints]
    _run(f"CREATE TABLE {SCHEMA}.{name} ({', '.join(body)})")
    _run(f"COMMENT ON TABLE {SCHEMA}.{name} IS {_literal(comment)}")
    for column, _, words in columns:
        _run(f"COMMENT ON COLUMN {SCHEMA}.{name}.{column} IS {_literal(words)}")
    for index in indexes:
        _run(index.replace("{schema}", SCHEMA))


def _run(statement: str) -> None:
    """As it stands: colons and percent signs in words mean nothing to the driver."""
    op.get_bind().exec_driver_sql(statement)


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
