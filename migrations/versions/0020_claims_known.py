"""How many claims there are, told to the planner while a file is still on its way in."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Nobody but the transaction that takes a file in sees its claims: to anyone else's ANALYZE the table is empty.

    Then the check that each line has its claim is planned for an empty table, and looks through all claims for each
    line. Its own ANALYZE counts them, and holds others off until it commits; where another file does so, it is left out.
    """
    op.execute(
        "CREATE FUNCTION contractor.know_claims() RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = pg_catalog AS $$ BEGIN ANALYZE (SKIP_LOCKED) contractor.claim (id); END $$"
    )
    op.execute("REVOKE ALL ON FUNCTION contractor.know_claims() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION contractor.know_claims() TO contractor_rw")
    op.execute(
        "COMMENT ON FUNCTION contractor.know_claims() IS "
        "'Counts the claims of the transaction at hand for the planner, so that a large file comes in evenly.'"
    )
