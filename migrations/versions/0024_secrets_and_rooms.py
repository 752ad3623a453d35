"""A webhook's secret is changed while the old one still signs; a program's token opens the rooms it was made for."""

from alembic import op

revision = "0024"
down_revision = "0023"

COMMENTS = {
    "webhook_subscription": {
        "secret_no": "Which secret it signs with, from 1; whoever changes it says which one they saw.",
        "previous_key_sealed": "Secret before this one, sealed, while both are good; null where there was none.",
        "previous_until": "Until when deliveries carry the signature of the secret before as well.",
        "rotated_at": "When the secret was last changed.",
        "rotated_by": "contractor.staff.id of who changed it, or whose token did.",
    },
    "api_token": {
        "rooms": "Rooms of the API that it opens, among those its role may enter.",
        "is_read_only": "Whether it reads alone: no act, whatever the role may do.",
    },
}
# What every token could open before rooms were chosen; a room that came later is not among them.
ROOMS_BEFORE = "ARRAY['claims', 'desk', 'fhir', 'statements']"

OUTCOMES = "outcome IN ('answered', 'refused_target', 'unreachable', 'untrusted', 'timeout', 'redirected', 'too_long')"


def upgrade() -> None:
    _run(
        "ALTER TABLE contractor.webhook_subscription ADD secret_no INTEGER DEFAULT 1 NOT NULL, "
        "ADD previous_key_sealed BYTEA, ADD previous_until TIMESTAMPTZ, ADD rotated_at TIMESTAMPTZ, "
        "ADD rotated_by BIGINT, "
        "ADD CONSTRAINT ck_webhook_subscription_secret_no CHECK (secret_no >= 1), "
        "ADD CONSTRAINT ck_webhook_subscription_previous CHECK "
        "((previous_key_sealed IS NULL) = (previous_until IS NULL)), "
        "ADD CONSTRAINT ck_webhook_subscription_rotated CHECK ((secret_no > 1) = (rotated_at IS NOT NULL) "
        "AND (rotated_at IS NULL) = (rotated_by IS NULL))"
    )
    # A secret is never put back: it is changed for a new one, and its number grows by one.
    _run(
        "CREATE TRIGGER webhook_subscription_counts_secrets BEFORE UPDATE ON contractor.webhook_subscription "
        "FOR EACH ROW WHEN (NEW.secret_no NOT IN (OLD.secret_no, OLD.secret_no + 1)) "
        "EXECUTE FUNCTION house.refuse_change()"
    )
    _run("ALTER TABLE contractor.webhook_subscription ENABLE ALWAYS TRIGGER webhook_subscription_counts_secrets")
    # A listener whose certificate is not to be trusted is named as such: it can be reached, and was told nothing.
    _run("ALTER TABLE contractor.webhook_attempt DROP CONSTRAINT ck_webhook_attempt_outcome")
    _run(f"ALTER TABLE contractor.webhook_attempt ADD CONSTRAINT ck_webhook_attempt_outcome CHECK ({OUTCOMES})")
    _run(
        f"ALTER TABLE contractor.api_token ADD rooms TEXT[] DEFAULT {ROOMS_BEFORE} NOT NULL, "
        "ADD is_read_only BOOLEAN DEFAULT false NOT NULL, "
        "ADD CONSTRAINT ck_api_token_rooms CHECK (cardinality(rooms) > 0)"
    )
    _run("ALTER TABLE contractor.api_token ALTER rooms DROP DEFAULT, ALTER is_read_only DROP DEFAULT")
    # Whose a token is, in which role, and what it opens, is settled when it is made.
    _run(
        "CREATE TRIGGER api_token_keeps_itself BEFORE UPDATE ON contractor.api_token FOR EACH ROW "
        "WHEN ((NEW.staff_id, NEW.token_sha256, NEW.role, NEW.rooms, NEW.is_read_only) IS DISTINCT FROM "
        "(OLD.staff_id, OLD.token_sha256, OLD.role, OLD.rooms, OLD.is_read_only)) "
        "EXECUTE FUNCTION house.refuse_change()"
    )
    _run("ALTER TABLE contractor.api_token ENABLE ALWAYS TRIGGER api_token_keeps_itself")
    _run(
        "COMMENT ON COLUMN contractor.webhook_attempt.outcome IS 'answered, refused_target, unreachable, untrusted "
        "certificate, timeout, redirected, or too_long an answer.'"
    )
    for table, columns in COMMENTS.items():
        for column, words in columns.items():
            _run(f"COMMENT ON COLUMN contractor.{table}.{column} IS '{words}'")


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)
