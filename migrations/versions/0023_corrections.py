"""A wrong schedule is corrected at the county, recovered money is booked, appeals keep papers, sums hold at decision.

Decisions 0050 and 0051.
"""

from pathlib import Path

from alembic import op

from migrations.grants import append_only, published, record

revision = "0023"
down_revision = "0022"

SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    for part in ("schedule_corrections", "recoveries", "recovery_law", "second_law"):
        op.get_bind().connection.driver_connection.execute((SQL / f"0023_{part}.sql").read_text(encoding="utf-8"))
    record("contractor", "repayment")
    append_only("contractor", "appeal_document")
    for function in (
        "claim_weight_fen(bpchar, bigint, timestamptz)",
        "is_one_persons(bpchar, bigint)",
        "asks_for_two(bpchar, bigint, bigint, timestamptz)",
    ):
        op.execute(f"GRANT EXECUTE ON FUNCTION contractor.{function} TO contractor_rw")
    op.execute(
        "CREATE VIEW contractor.published_repayments AS SELECT county_code, id AS repayment_id, owed_back_id, amount_fen, "
        "way, arrived_on, confirmed_at FROM contractor.repayment WHERE confirmed_at IS NOT NULL"
    )
    op.execute(
        "COMMENT ON VIEW contractor.published_repayments IS 'What payees paid back of money they held, once confirmed.'"
    )
    published("contractor", "published_repayments", "county_rw", "auditor_ro")
