"""The hash-chained trail of each desk, its head, and the heads of the others as the desk last saw them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from migrations import grants

revision = "0003"
down_revision = "0002"

ACTORS = "'staff', 'member', 'system', 'institution'"
DESKS = "'contractor', 'county', 'finance', 'claimant'"
FAULTS = "'sound', 'changed', 'missing', 'swapped', 'rewritten', 'forged', 'head', 'cut', 'rebuilt'"

# Who may read what of whom; decision 0014 says why.
HEAD_READERS = {
    "contractor": ("county_rw", "auditor_ro"),
    "oversight": ("contractor_rw", "finance_rw", "auditor_ro"),
    "finance": ("county_rw", "auditor_ro"),
    "claimant": ("county_rw", "auditor_ro"),
}
ENTRY_READERS = {
    "contractor": ("county_rw", "auditor_ro"),
    "oversight": ("auditor_ro",),
    "finance": ("auditor_ro",),
    "claimant": ("auditor_ro",),
}
ANCHOR_READERS = {
    "contractor": ("county_rw", "auditor_ro"),
    "oversight": ("contractor_rw", "finance_rw", "claimant_rw", "auditor_ro"),
    "finance": ("county_rw", "auditor_ro"),
}


def upgrade() -> None:
    for schema in grants.DESK_SCHEMAS:
        _entries(schema)
        _heads(schema)
        if schema in grants.STAFF_SCHEMAS:
            _anchors(schema)
        _views(schema)


def _entries(schema: str) -> None:
    op.create_table(
        "trail_entry",
        sa.Column("county_code", sa.CHAR(6), nullable=False, comment="County the act belongs to (GB/T 2260)"),
        sa.Column("stream", sa.Text, nullable=False, comment="Which chain of the desk: claims, payments, people"),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="Place in the chain: 1, 2, 3 without a gap"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was written down, by the clock of the database",
        ),
        sa.Column("acted_on", sa.Date, nullable=False, comment="Business day of the act, Asia/Shanghai"),
        sa.Column("actor_kind", sa.Text, nullable=False, comment="staff, member, system or institution"),
        sa.Column("actor_id", sa.Text, nullable=False, comment="Who acted: an id, never a name"),
        sa.Column("act", sa.Text, nullable=False, comment="What was done, a past participle: claim.approved"),
        sa.Column("subject_kind", sa.Text, nullable=False, comment="What it was done to: claim, batch, person"),
        sa.Column("subject_id", sa.Text, nullable=False, comment="Id of what it was done to"),
        sa.Column(
            "facts",
            pg.JSON,
            nullable=False,
            comment="Ids, amounts in fen and hashes, in the exact text that was hashed; no name or number of a person",
        ),
        sa.Column(
            "prev_hash", pg.BYTEA, nullable=False, comment="Hash of the entry before, or the genesis of the chain"
        ),
        sa.Column("hash", pg.BYTEA, nullable=False, comment="SHA-256 of prev_hash and the entry in canonical form 1"),
        sa.PrimaryKeyConstraint("county_code", "stream", "seq", name=op.f("pk_trail_entry")),
        sa.CheckConstraint("county_code ~ '^[0-9]{6}$'", name=op.f("ck_trail_entry_county_code_is_six_digits")),
        sa.CheckConstraint("stream ~ '^[a-z][a-z_]{0,39}$'", name=op.f("ck_trail_entry_stream_is_a_plain_word")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_trail_entry_seq_counts_from_one")),
        sa.CheckConstraint(f"actor_kind IN ({ACTORS})", name=op.f("ck_trail_entry_actor_kind_is_known")),
        sa.CheckConstraint("act ~ '^[a-z][a-z_.]{0,79}$'", name=op.f("ck_trail_entry_act_is_a_plain_word")),
        sa.CheckConstraint(
            "subject_kind ~ '^[a-z][a-z_]{0,39}$'", name=op.f("ck_trail_entry_subject_kind_is_a_plain_word")
        ),
        # An id is ASCII: as many bytes as letters. A Chinese name cannot be one.
        sa.CheckConstraint(
            "octet_length(actor_id) BETWEEN 1 AND 120 AND octet_length(actor_id) = char_length(actor_id)",
            name=op.f("ck_trail_entry_actor_id_is_an_id"),
        ),
        sa.CheckConstraint(
            "octet_length(subject_id) BETWEEN 1 AND 120 AND octet_length(subject_id) = char_length(subject_id)",
            name=op.f("ck_trail_entry_subject_id_is_an_id"),
        ),
        sa.CheckConstraint(
            "json_typeof(facts) = 'object' AND octet_length(facts::text) <= 8192 "
            "AND octet_length(facts::text) = char_length(facts::text) AND position('\\u' IN facts::text) = 0",
            name=op.f("ck_trail_entry_facts_are_a_small_plain_object"),
        ),
        sa.CheckConstraint(
            "octet_length(prev_hash) = 32 AND octet_length(hash) = 32", name=op.f("ck_trail_entry_hashes_are_sha256")
        ),
        schema=schema,
        comment="What was done at this desk, by whom, when: a hash chain per county and stream, only added to",
    )
    grants.append_only(schema, "trail_entry")
    # Gap-free and without forks even for a writer that forgets chassis.trail.appending: one check a statement.
    op.execute(
        f"""
        CREATE FUNCTION {schema}.trail_entry_follows_head() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        DECLARE
            astray record;
        BEGIN
            SELECT written.county_code, written.stream, written.first INTO astray
            FROM (SELECT county_code, stream, min(seq) AS first, max(seq) AS last, count(*) AS rows,
                         min(recorded_at) AS earliest, max(recorded_at) AS latest
                  FROM new_rows GROUP BY county_code, stream) AS written
            LEFT JOIN {schema}.trail_head AS head
                   ON head.county_code = written.county_code AND head.stream = written.stream
            WHERE head.seq IS NULL
               OR written.last <> head.seq + written.rows
               OR written.earliest < transaction_timestamp() - interval '5 s'
               OR written.latest > clock_timestamp() + interval '5 s'
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION '%.trail_entry: % of % at % does not follow the head, or not now',
                    TG_TABLE_SCHEMA, astray.stream, astray.county_code, astray.first
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        f"CREATE TRIGGER trail_entry_follows_head AFTER INSERT ON {schema}.trail_entry "
        f"REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {schema}.trail_entry_follows_head()"
    )


def _heads(schema: str) -> None:
    op.create_table(
        "trail_head",
        sa.Column("county_code", sa.CHAR(6), nullable=False, comment="County of the chain (GB/T 2260)"),
        sa.Column("stream", sa.Text, nullable=False, comment="Which chain of the desk"),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="Place of the last entry; 0 before the first"),
        sa.Column("hash", pg.BYTEA, nullable=False, comment="Hash of the last entry, or the genesis of the chain"),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
            comment="When the head last moved, by the clock of the database",
        ),
        sa.PrimaryKeyConstraint("county_code", "stream", name=op.f("pk_trail_head")),
        sa.CheckConstraint("county_code ~ '^[0-9]{6}$'", name=op.f("ck_trail_head_county_code_is_six_digits")),
        sa.CheckConstraint("stream ~ '^[a-z][a-z_]{0,39}$'", name=op.f("ck_trail_head_stream_is_a_plain_word")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_trail_head_seq_counts_from_zero")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_trail_head_hash_is_sha256")),
        schema=schema,
        comment="The last link of each chain; a writer locks this row, so that no chain forks",
    )
    grants.record(schema, "trail_head")
    op.execute(
        f"""
        CREATE FUNCTION {schema}.trail_head_moves_forward() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.seq = 0 AND NEW.hash = sha256(
                    int4send(15) || convert_to('coopmed trail 1', 'UTF8')
                    || int4send(octet_length(TG_TABLE_SCHEMA::text)) || convert_to(TG_TABLE_SCHEMA::text, 'UTF8')
                    || int4send(6) || convert_to(NEW.county_code::text, 'UTF8')
                    || int4send(octet_length(NEW.stream)) || convert_to(NEW.stream, 'UTF8')) THEN
                    RETURN NEW;
                END IF;
            ELSIF NEW.county_code = OLD.county_code AND NEW.stream = OLD.stream AND NEW.seq > OLD.seq AND EXISTS (
                SELECT FROM {schema}.trail_entry AS entry
                WHERE entry.county_code = NEW.county_code AND entry.stream = NEW.stream
                  AND entry.seq = NEW.seq AND entry.hash = NEW.hash) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '%.trail_head only moves forward, to an entry that is there', TG_TABLE_SCHEMA
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    op.execute(
        f"CREATE TRIGGER trail_head_moves_forward BEFORE INSERT OR UPDATE ON {schema}.trail_head "
        f"FOR EACH ROW EXECUTE FUNCTION {schema}.trail_head_moves_forward()"
    )
    op.execute(f"ALTER TABLE {schema}.trail_head ENABLE ALWAYS TRIGGER trail_head_moves_forward")


def _anchors(schema: str) -> None:
    op.create_table(
        "trail_anchor",
        sa.Column("county_code", sa.CHAR(6), nullable=False, comment="County of the chain that was looked at"),
        sa.Column("desk", sa.Text, nullable=False, comment="The other desk, whose chain it is"),
        sa.Column("stream", sa.Text, nullable=False, comment="Which chain of the other desk"),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
            comment="When this desk saw that head, by the clock of the database",
        ),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="Place of the head that was seen; 0 where it was gone"),
        sa.Column("hash", pg.BYTEA, nullable=False, comment="Hash of the head that was seen"),
        sa.Column("verdict", sa.Text, nullable=False, comment="sound, or the first fault found since the last anchor"),
        sa.Column("bad_seq", sa.BigInteger, nullable=True, comment="Place of the first fault; empty where sound"),
        sa.Column(
            "checked_entries",
            sa.BigInteger,
            nullable=False,
            comment="How many links were recomputed; 0 where only heads may be read",
        ),
        sa.PrimaryKeyConstraint("county_code", "desk", "stream", "seen_at", name=op.f("pk_trail_anchor")),
        sa.CheckConstraint("county_code ~ '^[0-9]{6}$'", name=op.f("ck_trail_anchor_county_code_is_six_digits")),
        sa.CheckConstraint(f"desk IN ({DESKS})", name=op.f("ck_trail_anchor_desk_is_known")),
        sa.CheckConstraint("seq >= 0 AND checked_entries >= 0", name=op.f("ck_trail_anchor_counts_are_not_negative")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_trail_anchor_hash_is_sha256")),
        sa.CheckConstraint(f"verdict IN ({FAULTS})", name=op.f("ck_trail_anchor_verdict_is_known")),
        sa.CheckConstraint("(verdict = 'sound') = (bad_seq IS NULL)", name=op.f("ck_trail_anchor_a_fault_has_a_place")),
        schema=schema,
        comment="Heads of the other desks as this desk saw and checked them: what a superuser elsewhere cannot rewrite",
    )
    grants.append_only(schema, "trail_anchor")


def _views(schema: str) -> None:
    op.execute(
        f"CREATE VIEW {schema}.published_trail_head AS "
        f"SELECT county_code, stream, seq, hash, updated_at FROM {schema}.trail_head"
    )
    op.execute(f"COMMENT ON VIEW {schema}.published_trail_head IS 'The last link of each chain of this desk'")
    grants.published(schema, "published_trail_head", *HEAD_READERS[schema])

    # `canonical` lets anyone with psql recompute the chain; it costs nothing where it is not selected.
    texts = ("stream", "actor_kind", "actor_id", "act", "subject_kind", "subject_id", "facts::text")
    canonical = (
        r"'\x000000020001'::bytea || '\x00000006'::bytea || convert_to(county_code::text, 'UTF8') "
        r"|| '\x00000008'::bytea || int8send(seq) || '\x00000008'::bytea || timestamptz_send(recorded_at) "
        r"|| '\x00000004'::bytea || date_send(acted_on) || "
    ) + " || ".join(f"int4send(octet_length({name})) || convert_to({name}, 'UTF8')" for name in texts)
    op.execute(
        f"CREATE VIEW {schema}.published_trail_entry AS SELECT county_code, stream, seq, recorded_at, acted_on, "
        f"actor_kind, actor_id, act, subject_kind, subject_id, facts, prev_hash, hash, {canonical} AS canonical "
        f"FROM {schema}.trail_entry"
    )
    op.execute(
        f"COMMENT ON VIEW {schema}.published_trail_entry IS 'The chains of this desk, each entry with its canonical "
        rf"form: hash = sha256(''\x000e00000020''::bytea || prev_hash || canonical)'"
    )
    grants.published(schema, "published_trail_entry", *ENTRY_READERS[schema])

    if schema in ANCHOR_READERS:
        op.execute(
            f"CREATE VIEW {schema}.published_trail_anchor AS SELECT county_code, desk, stream, seen_at, seq, hash, "
            f"verdict, bad_seq, checked_entries FROM {schema}.trail_anchor"
        )
        op.execute(
            f"COMMENT ON VIEW {schema}.published_trail_anchor IS 'Heads of the other desks as this desk saw them'"
        )
        grants.published(schema, "published_trail_anchor", *ANCHOR_READERS[schema])
