"""The few ways a table of the house is granted. Used by migrations only, and never changed for an old one."""

from __future__ import annotations

from alembic import op

WRITER = {
    "contractor": "contractor_rw",
    "oversight": "county_rw",
    "registry": "county_rw",
    "finance": "finance_rw",
    "claimant": "claimant_rw",
}
STAFF_SCHEMAS = ("contractor", "oversight", "finance")
DESK_SCHEMAS = ("contractor", "oversight", "finance", "claimant")
READERS = ("contractor_rw", "county_rw", "finance_rw", "claimant_rw", "auditor_ro")


def record(schema: str, table: str) -> None:
    """A record: its desk may add to it and change it, nobody may delete it."""
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {schema}.{table} TO {WRITER[schema]}")
    _forbid(schema, table, "DELETE", "TRUNCATE")


def append_only(schema: str, table: str) -> None:
    """A record that is never changed. Triggers hold even where a grant would not, in replica mode too."""
    op.execute(f"GRANT SELECT, INSERT ON {schema}.{table} TO {WRITER[schema]}")
    _forbid(schema, table, "UPDATE", "DELETE", "TRUNCATE")


def kept(schema: str, table: str, *, is_append_only: bool = False) -> None:
    """Rows stay, whoever asks. What may be written is granted by the caller, where it is less than a record's."""
    _forbid(schema, table, *(("UPDATE",) if is_append_only else ()), "DELETE", "TRUNCATE")


def published(schema: str, view: str, *readers: str) -> None:
    """A view is the only way across; it belongs to the owner and shows what its text says, to whom it says."""
    for reader in readers:
        op.execute(f"GRANT SELECT ON {schema}.{view} TO {reader}")


def _forbid(schema: str, table: str, *acts: str) -> None:
    rows = [act for act in acts if act != "TRUNCATE"]
    op.execute(
        f"CREATE TRIGGER {table}_keeps_rows BEFORE {' OR '.join(rows)} ON {schema}.{table} "
        f"FOR EACH ROW EXECUTE FUNCTION house.refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_keeps_all BEFORE TRUNCATE ON {schema}.{table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION house.refuse_change()"
    )
    op.execute(f"ALTER TABLE {schema}.{table} ENABLE ALWAYS TRIGGER {table}_keeps_rows")
    op.execute(f"ALTER TABLE {schema}.{table} ENABLE ALWAYS TRIGGER {table}_keeps_all")
