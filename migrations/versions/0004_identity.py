"""Accounts, factors, sessions and sign-in attempts, once per staff desk."""

from alembic import op

from migrations import grants

revision = "0004"
down_revision = "0003"

COUNTY = ("county_code", "CHAR(6) NOT NULL", "GB/T 2260 code of the county, or of the city for the city's people.")
ID = ("id", "BIGINT GENERATED ALWAYS AS IDENTITY", "Number of the row, given by the database.")
STAFF_ID = ("staff_id", "BIGINT NOT NULL", "Whose it is: staff.id.")


def upgrade() -> None:
    for schema in grants.STAFF_SCHEMAS:
        _staff(schema)
        _totp_factor(schema)
        _security_key(schema)
        _recovery_code(schema)
        _invitation(schema)
        _staff_session(schema)
        _pending_sign_in(schema)
        _known_device(schema)
        _sign_in_attempt(schema)
        _approval_proof(schema)
        for table in (
            "staff",
            "totp_factor",
            "security_key",
            "recovery_code",
            "invitation",
            "staff_session",
            "pending_sign_in",
            "known_device",
            "approval_proof",
        ):
            grants.record(schema, table)
        grants.append_only(schema, "sign_in_attempt")


def _staff(schema: str) -> None:
    _table(
        schema,
        "staff",
        "One person's account at this desk. Never deleted.",
        columns=[
            COUNTY,
            ID,
            ("sign_in_name", "TEXT NOT NULL", "What the person types at sign-in; lower case, once per desk."),
            ("name", "TEXT NOT NULL", "The person's name."),
            ("name_pinyin", "TEXT NOT NULL", "The name in pinyin: lists sort by it."),
            ("identity_number_sealed", "BYTEA", "Resident identity number, sealed by the vault."),
            (
                "identity_number_index",
                "BYTEA",
                "Blind index of the identity number: one natural person has one account per county and desk.",
            ),
            ("status", "TEXT DEFAULT 'invited' NOT NULL", "invited, active, suspended or left."),
            ("password_hash", "TEXT", "argon2id, with its parameters."),
            ("password_set_at", "TIMESTAMPTZ", "When the password was chosen."),
            (
                "password_must_change",
                "BOOLEAN DEFAULT false NOT NULL",
                "True when someone else chose the password: it opens nothing but its own change.",
            ),
            ("invited_at", "TIMESTAMPTZ NOT NULL", "When the account was made."),
            ("invited_by", "BIGINT", "staff.id of who made it; null: the server's command line."),
            ("activated_at", "TIMESTAMPTZ", "When the person first took the account over."),
            ("status_changed_at", "TIMESTAMPTZ NOT NULL", "When the status last changed."),
            (
                "status_changed_by",
                "BIGINT",
                "staff.id of who changed it; null: the person themselves or the command line.",
            ),
            ("status_reason", "TEXT", "Why the account was suspended, ended or given back."),
            ("version", "INTEGER DEFAULT 1 NOT NULL", "Grows by one with each change; compared before a change."),
        ],
        constraints=[
            "CONSTRAINT pk_staff PRIMARY KEY (county_code, id)",
            "CONSTRAINT ck_staff_active CHECK (status <> 'active' OR (password_hash IS NOT NULL AND "
            "activated_at IS NOT NULL))",
            "CONSTRAINT ck_staff_ended CHECK (status NOT IN ('suspended', 'left') OR (status_changed_by IS NOT "
            "NULL AND status_reason IS NOT NULL))",
            "CONSTRAINT ck_staff_identity_number CHECK ((identity_number_sealed IS NULL) = "
            "(identity_number_index IS NULL))",
            "CONSTRAINT ck_staff_password CHECK ((password_hash IS NULL) = (password_set_at IS NULL))",
            "CONSTRAINT ck_staff_sign_in_name CHECK (sign_in_name ~ '^[a-z0-9][a-z0-9._-]{2,39}$')",
            "CONSTRAINT ck_staff_status CHECK (status IN ('invited', 'active', 'suspended', 'left'))",
            "CONSTRAINT uq_staff_county_code_identity_number_index UNIQUE (county_code, identity_number_index)",
            "CONSTRAINT uq_staff_sign_in_name UNIQUE (sign_in_name)",
        ],
    )


def _totp_factor(schema: str) -> None:
    _table(
        schema,
        "totp_factor",
        "An authenticator app of a person; at most one is in use.",
        columns=[
            COUNTY,
            STAFF_ID,
            ("number", "INTEGER NOT NULL", "1, 2, 3: the person's first, second, third app."),
            ("secret_sealed", "BYTEA", "The shared secret, sealed by the vault; gone once removed."),
            ("begun_at", "TIMESTAMPTZ NOT NULL", "When the secret was made and shown."),
            ("confirmed_at", "TIMESTAMPTZ", "When a first right code was given; before that it opens nothing."),
            (
                "last_step",
                "BIGINT DEFAULT 0 NOT NULL",
                "The 30-second step of the last code taken: no code of it or of an earlier step is taken again.",
            ),
            ("removed_at", "TIMESTAMPTZ", "When it was taken out of use."),
            ("removed_by", "BIGINT", "staff.id of who took it out of use."),
        ],
        constraints=[
            "CONSTRAINT pk_totp_factor PRIMARY KEY (county_code, staff_id, number)",
            "CONSTRAINT fk_totp_factor_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_totp_factor_removed CHECK ((removed_at IS NULL) = (removed_by IS NULL))",
            "CONSTRAINT ck_totp_factor_secret CHECK ((secret_sealed IS NULL) = (removed_at IS NOT NULL))",
        ],
        indexes=[
            "CREATE UNIQUE INDEX ix_totp_factor_in_use ON {schema}.totp_factor (county_code, staff_id) WHERE "
            "confirmed_at IS NOT NULL AND removed_at IS NULL",
        ],
    )


def _security_key(schema: str) -> None:
    _table(
        schema,
        "security_key",
        "A WebAuthn security key or platform authenticator of a person.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("credential_id", "BYTEA NOT NULL", "The name the key gave itself for this site."),
            ("public_key", "BYTEA NOT NULL", "The key's public half, COSE form."),
            ("sign_count", "BIGINT NOT NULL", "The key's counter; one that goes back betrays a copy."),
            ("label", "TEXT NOT NULL", "What the person calls it."),
            ("added_at", "TIMESTAMPTZ NOT NULL", "When it was registered."),
            ("last_used_at", "TIMESTAMPTZ", "When it last proved the person."),
            ("removed_at", "TIMESTAMPTZ", "When it was taken out of use."),
            ("removed_by", "BIGINT", "staff.id of who took it out of use."),
        ],
        constraints=[
            "CONSTRAINT pk_security_key PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_security_key_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_security_key_removed CHECK ((removed_at IS NULL) = (removed_by IS NULL))",
            "CONSTRAINT uq_security_key_credential_id UNIQUE (credential_id)",
        ],
        indexes=[
            "CREATE INDEX ix_security_key_county_code_staff_id ON {schema}.security_key (county_code, staff_id)",
        ],
    )


def _recovery_code(schema: str) -> None:
    _table(
        schema,
        "recovery_code",
        "One of ten codes for the day the phone is lost. Shown once, used once.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("code_digest", "BYTEA NOT NULL", "SHA-256 of the person's number and the code (80 random bits)."),
            ("made_at", "TIMESTAMPTZ NOT NULL", "When it was made and shown."),
            ("used_at", "TIMESTAMPTZ", "When it let the person in."),
            ("replaced_at", "TIMESTAMPTZ", "When a newer set of codes took its place."),
        ],
        constraints=[
            "CONSTRAINT pk_recovery_code PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_recovery_code_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT uq_recovery_code_county_code_staff_id_code_digest UNIQUE (county_code, staff_id, code_digest)",
        ],
    )


def _invitation(schema: str) -> None:
    _table(
        schema,
        "invitation",
        "A one-time address by which a person takes an account over, or takes it back after losing everything.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("token_sha256", "BYTEA NOT NULL", "SHA-256 of the token in the address."),
            ("purpose", "TEXT NOT NULL", "invitation: the first time; recovery: everything was lost."),
            ("created_at", "TIMESTAMPTZ NOT NULL", "When it was made."),
            ("created_by", "BIGINT", "staff.id of who made it; null: the server's command line."),
            ("ends_at", "TIMESTAMPTZ NOT NULL", "Until when it opens."),
            ("used_at", "TIMESTAMPTZ", "When it was used."),
            ("withdrawn_at", "TIMESTAMPTZ", "When it was withdrawn, or a newer one took its place."),
        ],
        constraints=[
            "CONSTRAINT pk_invitation PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_invitation_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_invitation_ends CHECK (created_at < ends_at)",
            "CONSTRAINT ck_invitation_purpose CHECK (purpose IN ('invitation', 'recovery'))",
            "CONSTRAINT ck_invitation_used CHECK (used_at IS NULL OR withdrawn_at IS NULL)",
            "CONSTRAINT uq_invitation_token_sha256 UNIQUE (token_sha256)",
        ],
        indexes=[
            "CREATE INDEX ix_invitation_county_code_staff_id ON {schema}.invitation (county_code, staff_id)",
        ],
    )


def _staff_session(schema: str) -> None:
    _table(
        schema,
        "staff_session",
        "A signed-in browser. Read on every request; ending the row ends the session on the next one.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("token_sha256", "BYTEA NOT NULL", "SHA-256 of the token in the cookie; new at sign-in and step-up."),
            ("started_at", "TIMESTAMPTZ NOT NULL", "When the person signed in."),
            ("seen_at", "TIMESTAMPTZ NOT NULL", "When it was last used, to the minute."),
            ("ends_at", "TIMESTAMPTZ NOT NULL", "When it ends, however busy."),
            ("revoked_at", "TIMESTAMPTZ", "When it was ended before its time."),
            ("revoked_by", "BIGINT", "staff.id of who ended it."),
            (
                "revoked_why",
                "TEXT",
                "signed_out, revoked, everywhere, password_changed, factor_changed, suspended, left or recovered.",
            ),
            ("stepped_up_until", "TIMESTAMPTZ", "Until when the proof of identity for money and rights holds."),
            ("factor", "TEXT NOT NULL", "What the person proved beside the password; password: nothing."),
            ("network_digest", "BYTEA NOT NULL", "Pseudonym of the network address at sign-in."),
            ("device_words", "TEXT NOT NULL", "Browser and system, in two words, for the person's own list."),
            ("challenge", "BYTEA", "What a security key was asked to sign; used once."),
            ("challenge_at", "TIMESTAMPTZ", "When it was asked."),
        ],
        constraints=[
            "CONSTRAINT pk_staff_session PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_staff_session_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_staff_session_challenge CHECK ((challenge IS NULL) = (challenge_at IS NULL))",
            "CONSTRAINT ck_staff_session_factor CHECK (factor IN ('password', 'totp', 'security_key', "
            "'recovery_code'))",
            "CONSTRAINT ck_staff_session_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND "
            "(revoked_at IS NULL) = (revoked_why IS NULL))",
            "CONSTRAINT ck_staff_session_times CHECK (started_at <= seen_at AND started_at < ends_at)",
            "CONSTRAINT uq_staff_session_token_sha256 UNIQUE (token_sha256)",
        ],
        indexes=[
            "CREATE INDEX ix_staff_session_county_code_staff_id ON {schema}.staff_session (county_code, staff_id)",
        ],
    )


def _pending_sign_in(schema: str) -> None:
    _table(
        schema,
        "pending_sign_in",
        "A sign-in whose password was right and whose second factor is still to come. It opens no page.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("token_sha256", "BYTEA NOT NULL", "SHA-256 of the token in the cookie."),
            ("started_at", "TIMESTAMPTZ NOT NULL", "When the password was given."),
            ("ends_at", "TIMESTAMPTZ NOT NULL", "Until when the second factor may follow."),
            ("ended_at", "TIMESTAMPTZ", "When it was completed or given up."),
            ("tries", "INTEGER DEFAULT 0 NOT NULL", "Second factors tried so far; a few only."),
            ("challenge", "BYTEA", "What a security key was asked to sign; used once."),
            ("challenge_at", "TIMESTAMPTZ", "When it was asked."),
        ],
        constraints=[
            "CONSTRAINT pk_pending_sign_in PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_pending_sign_in_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_pending_sign_in_challenge CHECK ((challenge IS NULL) = (challenge_at IS NULL))",
            "CONSTRAINT ck_pending_sign_in_ends CHECK (started_at < ends_at)",
            "CONSTRAINT uq_pending_sign_in_token_sha256 UNIQUE (token_sha256)",
        ],
    )


def _known_device(schema: str) -> None:
    _table(
        schema,
        "known_device",
        "A browser the person signed in from before: it stays open to them while strangers guess at their name.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("token_sha256", "BYTEA NOT NULL", "SHA-256 of the token in the device's cookie."),
            ("first_seen_at", "TIMESTAMPTZ NOT NULL", "When the person first signed in from it."),
            ("seen_at", "TIMESTAMPTZ NOT NULL", "When the person last signed in from it."),
            ("ends_at", "TIMESTAMPTZ NOT NULL", "Until when it counts as known."),
            ("forgotten_at", "TIMESTAMPTZ", "When it stopped being known: signed out everywhere, recovery."),
        ],
        constraints=[
            "CONSTRAINT pk_known_device PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_known_device_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT uq_known_device_token_sha256 UNIQUE (token_sha256)",
        ],
        indexes=[
            "CREATE INDEX ix_known_device_county_code_staff_id ON {schema}.known_device (county_code, staff_id)",
        ],
    )


def _sign_in_attempt(schema: str) -> None:
    _table(
        schema,
        "sign_in_attempt",
        "Every try to prove who one is, counted before it is examined. Append-only.",
        columns=[
            ("county_code", "CHAR(6) NOT NULL", "County of the account; 000000 when nobody has the name."),
            ID,
            ("at", "TIMESTAMPTZ NOT NULL", "When."),
            ("stage", "TEXT NOT NULL", "password, second_factor or step_up."),
            (
                "outcome",
                "TEXT NOT NULL",
                "begun: counted, not yet examined; passed; failed; throttled: refused without being examined.",
            ),
            ("name_digest", "BYTEA NOT NULL", "Pseudonym of the name that was typed."),
            ("network_digest", "BYTEA NOT NULL", "Pseudonym of the network address."),
            (
                "device_digest",
                "BYTEA",
                "known_device.token_sha256 when the try came from a device known for that name.",
            ),
        ],
        constraints=[
            "CONSTRAINT pk_sign_in_attempt PRIMARY KEY (county_code, id)",
            "CONSTRAINT ck_sign_in_attempt_outcome CHECK (outcome IN ('begun', 'passed', 'failed', 'throttled'))",
            "CONSTRAINT ck_sign_in_attempt_stage CHECK (stage IN ('password', 'second_factor', 'step_up'))",
        ],
        indexes=[
            "CREATE INDEX ix_sign_in_attempt_name_digest_at ON {schema}.sign_in_attempt (name_digest, at)",
            "CREATE INDEX ix_sign_in_attempt_network_digest_at ON {schema}.sign_in_attempt (network_digest, at)",
        ],
    )


def _approval_proof(schema: str) -> None:
    _table(
        schema,
        "approval_proof",
        "A proof of identity given for one act: bound to the session and to the SHA-256 of what was shown. Used once.",
        columns=[
            COUNTY,
            ID,
            STAFF_ID,
            ("session_id", "BIGINT NOT NULL", "staff_session.id in which it was given."),
            ("shown_sha256", "BYTEA NOT NULL", "SHA-256 of exactly what the person was shown."),
            ("proved_at", "TIMESTAMPTZ NOT NULL", "When it was given."),
            ("ends_at", "TIMESTAMPTZ NOT NULL", "Until when it may be used."),
            ("used_at", "TIMESTAMPTZ", "When the act was done with it."),
        ],
        constraints=[
            "CONSTRAINT pk_approval_proof PRIMARY KEY (county_code, id)",
            "CONSTRAINT fk_approval_proof_county_code_session_id FOREIGN KEY (county_code, session_id) "
            "REFERENCES {schema}.staff_session (county_code, id)",
            "CONSTRAINT fk_approval_proof_county_code_staff_id FOREIGN KEY (county_code, staff_id) REFERENCES "
            "{schema}.staff (county_code, id)",
            "CONSTRAINT ck_approval_proof_ends CHECK (proved_at < ends_at)",
            "CONSTRAINT ck_approval_proof_shown CHECK (octet_length(shown_sha256) = 32)",
        ],
        indexes=[
            "CREATE INDEX ix_approval_proof_county_code_staff_id ON {schema}.approval_proof (county_code, staff_id)",
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
