"""The queue: one table `task` at every desk, written with the effect that asks for it, taken with SKIP LOCKED."""

from alembic import op

from migrations.grants import DESK_SCHEMAS, record

revision = "0002"
down_revision = "0001"

TABLE_COMMENT = (
    "Work that waits, runs, is done or is dead. A row commits with the effect that asks for it (decision 0013)."
)
COLUMN_COMMENTS = {
    "county_code": "County or city the work is for (GB/T 2260); 000000 is the house itself.",
    "id": "The number Redis carries; it means nothing outside this table.",
    "kind": "What is to be done; a handler of that name does it.",
    "payload": "Ids the handler starts from. Never a name or a number of a person.",
    "natural_key": "What makes this work the same work: posted once for its county and kind.",
    "state": "waiting, running, done, dead, or given up by a person for good.",
    "attempts": "How often it was taken since it was posted, retried by a person or last made progress.",
    "next_at": "Not to be taken before this instant.",
    "leased_by": "The worker that holds it.",
    "leased_until": "Until when that worker may be silent before the task is given to another.",
    "fence": "Grows by one with every lease; only the holder of the newest number may finish.",
    "created_at": "When it was posted.",
    "done_at": "When its effect was committed.",
    "dead_at": "When it was given up; people may retry it.",
    "last_error": "What went wrong last: kind of error and place, never its text, which may hold personal data.",
    "cursor": "Where the next step of a long task begins.",
    "progress_done": "How much of a long task is done.",
    "progress_all": "How much there is to do, once known.",
    "retried_by": "The person who had a dead task tried again, last time.",
    "retried_at": "When they did.",
    "given_up_by": "The person who decided that a dead task is not to be done any more.",
    "given_up_at": "When they did.",
}


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION house.task_moves_legally() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.state <> 'waiting' OR NEW.fence <> 0 OR NEW.attempts <> 0 THEN
                    RAISE EXCEPTION 'a task begins waiting, untried and never leased'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF (OLD.state, NEW.state) NOT IN (
                ('waiting', 'waiting'), ('waiting', 'running'),
                ('running', 'running'), ('running', 'waiting'), ('running', 'done'), ('running', 'dead'),
                ('dead', 'waiting'), ('dead', 'given_up')
            ) THEN
                RAISE EXCEPTION 'a % task does not become %', OLD.state, NEW.state
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF NEW.fence <> OLD.fence + (OLD.state = 'waiting' AND NEW.state = 'running')::int THEN
                RAISE EXCEPTION 'the fence grows by one with every lease and otherwise stays'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            IF (OLD.county_code, OLD.id, OLD.kind, OLD.payload, OLD.natural_key, OLD.created_at)
                IS DISTINCT FROM (NEW.county_code, NEW.id, NEW.kind, NEW.payload, NEW.natural_key, NEW.created_at)
            THEN
                RAISE EXCEPTION 'what a task is asked to do is not changed' USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    for schema in DESK_SCHEMAS:
        _task(schema)


def _task(schema: str) -> None:
    op.execute(
        f"""
        CREATE TABLE {schema}.task (
            county_code   CHAR(6) NOT NULL,
            id            BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
            kind          TEXT NOT NULL,
            payload       JSONB NOT NULL,
            natural_key   TEXT,
            state         TEXT NOT NULL DEFAULT 'waiting',
            attempts      INTEGER NOT NULL DEFAULT 0,
            next_at       TIMESTAMPTZ NOT NULL,
            leased_by     TEXT,
            leased_until  TIMESTAMPTZ,
            fence         BIGINT NOT NULL DEFAULT 0,
            created_at    TIMESTAMPTZ NOT NULL,
            done_at       TIMESTAMPTZ,
            dead_at       TIMESTAMPTZ,
            last_error    TEXT,
            cursor        JSONB,
            progress_done BIGINT NOT NULL DEFAULT 0,
            progress_all  BIGINT,
            retried_by    BIGINT,
            retried_at    TIMESTAMPTZ,
            given_up_by   BIGINT,
            given_up_at   TIMESTAMPTZ,
            CONSTRAINT pk_task PRIMARY KEY (county_code, id),
            CONSTRAINT uq_task_county_code_kind_natural_key UNIQUE (county_code, kind, natural_key),
            CONSTRAINT ck_task_county_code CHECK (county_code ~ '^[0-9]{{6}}$'),
            CONSTRAINT ck_task_kind CHECK (kind ~ '^[a-z][a-z0-9_.]{{0,79}}$'),
            CONSTRAINT ck_task_payload CHECK (jsonb_typeof(payload) = 'object' AND octet_length(payload::text) <= 65536),
            CONSTRAINT ck_task_natural_key CHECK (octet_length(natural_key) BETWEEN 1 AND 200),
            CONSTRAINT ck_task_state CHECK (state IN ('waiting', 'running', 'done', 'dead', 'given_up')),
            CONSTRAINT ck_task_attempts CHECK (attempts >= 0),
            CONSTRAINT ck_task_fence CHECK (fence >= attempts),
            CONSTRAINT ck_task_running_is_leased CHECK (
                (state = 'running') = (leased_by IS NOT NULL) AND (state = 'running') = (leased_until IS NOT NULL)),
            CONSTRAINT ck_task_done_has_instant CHECK ((state = 'done') = (done_at IS NOT NULL)),
            CONSTRAINT ck_task_dead_has_instant CHECK ((state = 'dead') = (dead_at IS NOT NULL)),
            CONSTRAINT ck_task_dead_has_reason CHECK (state <> 'dead' OR last_error IS NOT NULL),
            CONSTRAINT ck_task_last_error CHECK (octet_length(last_error) <= 400),
            CONSTRAINT ck_task_progress CHECK (progress_done >= 0 AND progress_all >= progress_done),
            CONSTRAINT ck_task_retried CHECK ((retried_by IS NULL) = (retried_at IS NULL)),
            CONSTRAINT ck_task_given_up CHECK (
                (state = 'given_up') = (given_up_by IS NOT NULL) AND (state = 'given_up') = (given_up_at IS NOT NULL))
        )
        """
    )
    # The worker's question "what is due next?" and the sweeper's "whose lease is over?" read only open tasks.
    op.execute(f"CREATE INDEX ix_task_next_at_id ON {schema}.task (next_at, id) WHERE state = 'waiting'")
    op.execute(f"CREATE INDEX ix_task_leased_until ON {schema}.task (leased_until) WHERE state = 'running'")
    op.execute(
        f"CREATE INDEX ix_task_county_code_dead_at_id ON {schema}.task (county_code, dead_at, id) WHERE state = 'dead'"
    )
    op.execute(
        f"CREATE INDEX ix_task_county_code_kind ON {schema}.task (county_code, kind) WHERE state IN ('waiting', 'running')"
    )
    op.execute(f"COMMENT ON TABLE {schema}.task IS '{TABLE_COMMENT}'")
    for column, words in COLUMN_COMMENTS.items():
        op.execute(f"COMMENT ON COLUMN {schema}.task.{column} IS '{words}'")
    op.execute(
        f"CREATE TRIGGER task_moves_legally BEFORE INSERT OR UPDATE ON {schema}.task "
        f"FOR EACH ROW EXECUTE FUNCTION house.task_moves_legally()"
    )
    op.execute(f"ALTER TABLE {schema}.task ENABLE ALWAYS TRIGGER task_moves_legally")
    record(schema, "task")
