"""The schemas of the house, one writer each, and the function that refuses a change of what is kept."""

from alembic import op

revision = "0001"
down_revision = None

WRITERS = {
    "contractor": ("contractor_rw", "The insurer's workspace."),
    "oversight": ("county_rw", "The county's portal."),
    "registry": ("county_rw", "Households, members, institutions, schedules: kept by the county."),
    "finance": ("finance_rw", "The finance desk inside the portal."),
    "claimant": ("claimant_rw", "The member's own site, row by row."),
}
READERS = "contractor_rw, county_rw, finance_rw, claimant_rw, auditor_ro"


def upgrade() -> None:
    op.execute("COMMENT ON SCHEMA house IS 'What belongs to no desk: the history of the database and its guards.'")
    op.execute(f"GRANT USAGE ON SCHEMA house TO {READERS}")
    op.execute(f"GRANT SELECT ON house.alembic_version TO {READERS}")
    op.execute(
        """
        CREATE FUNCTION house.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
        BEGIN
            RAISE EXCEPTION '%.% keeps what it holds: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    for schema, (_writer, words) in WRITERS.items():
        op.execute(f"CREATE SCHEMA {schema}")
        op.execute(f"COMMENT ON SCHEMA {schema} IS '{words.replace(chr(39), chr(39) * 2)}'")
        # Usage is not a right to any table: what a role may read across is granted view by view.
        op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {READERS}")
