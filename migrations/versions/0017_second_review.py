"""Second review and corrections, with the law that the database itself holds (decisions 0045 and 0046)."""

from pathlib import Path

from alembic import op

from migrations.grants import append_only, published, record

revision = "0017"
down_revision = "0016"

SQL = Path(__file__).parents[1] / "sql"
RECORDS = ("staff_household", "correction", "appeal")
APPEND_ONLY = (
    "review_policy",
    "review_proposal",
    "review_opinion",
    "correction_line",
    "line_correction",
    "owed_back",
    "set_off",
    "assistance_taken_back",
)
# A reversed claim is reviewed again when an appeal against its reversal is upheld.
MOVES = (
    ("approved", "reversed"),
    ("awaiting_documents", "in_review"),
    ("awaiting_documents", "rejected"),
    ("awaiting_documents", "withdrawn"),
    ("in_review", "approved"),
    ("in_review", "awaiting_documents"),
    ("in_review", "in_second_review"),
    ("in_review", "on_public_notice"),
    ("in_review", "received"),
    ("in_review", "rejected"),
    ("in_review", "withdrawn"),
    ("in_second_review", "approved"),
    ("in_second_review", "awaiting_documents"),
    ("in_second_review", "in_review"),
    ("in_second_review", "on_public_notice"),
    ("in_second_review", "rejected"),
    ("on_public_notice", "approved"),
    ("on_public_notice", "in_review"),
    ("received", "approved"),
    ("received", "in_review"),
    ("received", "on_public_notice"),
    ("received", "rejected"),
    ("received", "withdrawn"),
    ("rejected", "in_review"),
    ("reversed", "in_review"),
)
VIEWS = {
    "published_owed_back": (
        "owed_back",
        "Money that payees hold for decisions that were taken back.",
        "county_code, id AS owed_back_id, claim_id, settlement_id, account_entry_id, fund, payee_kind, "
        "institution_code, member_id, amount_fen, top_up_fen, reason_code, at",
    ),
    "published_set_offs": (
        "set_off",
        "What of it was set off against the same claim''s new decision.",
        "county_code, id AS set_off_id, owed_back_id, claim_id, settlement_id, account_entry_id, fund, amount_fen, "
        "top_up_fen, at",
    ),
    "published_corrections": (
        "correction",
        "Corrections of decided claims, with who proposed and who confirmed them.",
        "county_code, id AS correction_id, kind, reason_code, note, subject, claim_count, before_fen, after_fen, "
        "follows_settlement_id, proposed_at, proposed_by, confirmed_at, confirmed_by, withdrawn_at",
    ),
    "published_appeals": (
        "appeal",
        "Appeals against decisions on claims, and what was answered.",
        "county_code, id AS appeal_id, claim_id, filed_by, filed_on, due_on, recorded_at, outcome, decided_at, first_by, "
        "decided_by",
    ),
}


def upgrade() -> None:
    for part in ("second_tables", "correction_tables", "second_law", "correction_law"):
        # The driver itself takes a file of several statements, and leaves its per cent signs alone.
        op.get_bind().connection.driver_connection.execute((SQL / f"0017_{part}.sql").read_text(encoding="utf-8"))
    for table in RECORDS:
        record("contractor", table)
    for table in APPEND_ONLY:
        append_only("contractor", table)
    for function in (
        "is_too_near(bpchar, bigint, bigint, bigint)",
        "review_policy_on(bpchar, date)",
        "has_had_a_say(bpchar, bigint, integer, bigint)",
        "drawn_ppm(bytea, bigint, integer)",
    ):
        op.execute(f"GRANT EXECUTE ON FUNCTION contractor.{function} TO contractor_rw")
    for view, (table, meaning, columns) in VIEWS.items():
        op.execute(f"CREATE VIEW contractor.{view} AS SELECT {columns} FROM contractor.{table}")
        op.execute(f"COMMENT ON VIEW contractor.{view} IS '{meaning}'")
        published("contractor", view, "county_rw", "auditor_ro")
    listed = ", ".join(f"('{before}', '{after}')" for before, after in MOVES)
    op.execute("DROP TRIGGER claim_keeps_its_life ON contractor.claim")
    op.execute(
        "CREATE TRIGGER claim_keeps_its_life BEFORE UPDATE ON contractor.claim FOR EACH ROW WHEN ("
        "NEW.version NOT IN (OLD.version, OLD.version + 1) OR (OLD.state <> NEW.state AND "
        f"(NEW.version = OLD.version OR (OLD.state, NEW.state) NOT IN ({listed})))) "
        "EXECUTE FUNCTION house.refuse_change()"
    )
    op.execute("ALTER TABLE contractor.claim ENABLE ALWAYS TRIGGER claim_keeps_its_life")
