"""Files of claims on their way in: how far each is, and who asked to stop it."""

from alembic import op

revision = "0019"
down_revision = "0018"

COLUMNS = (
    ("read_ppm", "INTEGER", "How much of the file is read, parts per million; null where its form does not show it."),
    ("stop_asked_at", "TIMESTAMPTZ", "When somebody asked to stop taking it in; null where nobody did."),
    ("stop_asked_by", "BIGINT", "contractor.staff.id of who asked."),
)


def upgrade() -> None:
    for name, kind, comment in COLUMNS:
        op.execute(f"ALTER TABLE contractor.claim_upload ADD COLUMN {name} {kind}")
        op.execute(f"COMMENT ON COLUMN contractor.claim_upload.{name} IS '{comment}'")
    op.execute("COMMENT ON COLUMN contractor.claim_upload.state IS 'waiting, taken, refused or stopped.'")
    op.execute("COMMENT ON COLUMN contractor.claim_upload.finished_at IS 'When it was taken in, refused or stopped.'")
    op.execute("ALTER TABLE contractor.claim_upload DROP CONSTRAINT ck_claim_upload_state")
    op.execute(
        "ALTER TABLE contractor.claim_upload "
        "ADD CONSTRAINT ck_claim_upload_state CHECK (state IN ('waiting', 'taken', 'refused', 'stopped')), "
        "ADD CONSTRAINT ck_claim_upload_read CHECK (read_ppm BETWEEN 0 AND 1000000), "
        "ADD CONSTRAINT ck_claim_upload_stop CHECK ((stop_asked_at IS NULL) = (stop_asked_by IS NULL)), "
        "ADD CONSTRAINT ck_claim_upload_stopped CHECK (state <> 'stopped' OR stop_asked_at IS NOT NULL)"
    )
