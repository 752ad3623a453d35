"""What like stays cost is kept in one place; a draft keeps what was said of findings (decision 0049)."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    _one_measure_of_peers()
    _verdicts_in_drafts()


def _one_measure_of_peers() -> None:
    """The screen's percentiles come into the checks' table. They are empty until the next night measures them."""
    op.execute("ALTER TABLE contractor.peer_statistic ADD COLUMN percentiles_fen BIGINT[] DEFAULT '{}' NOT NULL")
    op.execute(
        "ALTER TABLE contractor.peer_statistic ADD CONSTRAINT ck_peer_statistic_percentiles "
        "CHECK (cardinality(percentiles_fen) IN (0, 99)) NOT VALID"
    )
    op.execute("ALTER TABLE contractor.peer_statistic VALIDATE CONSTRAINT ck_peer_statistic_percentiles")
    op.execute(
        "COMMENT ON COLUMN contractor.peer_statistic.percentiles_fen IS "
        "'What they cost, in fen: the first to the ninety-ninth percentile; empty until a night measures them.'"
    )
    op.execute("DROP TABLE contractor.peer_cost")


def _verdicts_in_drafts() -> None:
    """A draft of before says nothing of any finding, and no window of before is open any more."""
    op.execute("ALTER TABLE contractor.review_draft ADD COLUMN verdicts JSONB DEFAULT '{}' NOT NULL")
    op.execute("ALTER TABLE contractor.review_draft ADD COLUMN saved_from TEXT DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE contractor.review_draft DROP CONSTRAINT ck_review_draft_discarded_is_empty")
    for name, held in (
        ("verdicts", "jsonb_typeof(verdicts) = 'object'"),
        (
            "discarded_is_empty",
            "discarded_at IS NULL OR (note = '' AND jsonb_array_length(reductions) = 0 AND verdicts = '{}')",
        ),
    ):
        op.execute(
            f"ALTER TABLE contractor.review_draft ADD CONSTRAINT ck_review_draft_{name} CHECK ({held}) NOT VALID"
        )
        op.execute(f"ALTER TABLE contractor.review_draft VALIDATE CONSTRAINT ck_review_draft_{name}")
    op.execute(
        "COMMENT ON COLUMN contractor.review_draft.saved_from IS "
        "'Window it was last saved from; another one that has not seen it does not write over it.'"
    )
    op.execute(
        "COMMENT ON COLUMN contractor.review_draft.verdicts IS "
        "'What the reviewer says of findings, by their number: confirmed, false_alarm or unclear.'"
    )
