"""After a key was rotated: seal every value anew that an older key sealed, table by table, chunk by chunk; then files.

Each chunk is a transaction of its own and each file is exchanged at once, so the command may be stopped at any moment
and run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Table

from chassis.db import Database, house_metadata, make_engine
from chassis.desks import COUNTY, DESKS, Desk
from chassis.identity import tables as _identity  # noqa: F401 – maps the tables whose columns are sealed
from chassis.settings import Settings, read_settings
from chassis.vault.keyring import Keyring
from chassis.vault.keys import load_keys
from chassis.vault.refusals import KeyMissing, SealBroken
from chassis.vault.rotation import Unreadable, reseal
from chassis.vault.sealed_files import reseal_file
from contractor.claims import tables as _claims  # noqa: F401
from contractor.claims.uploads import keeping as uploads
from contractor.documents import keeping as documents
from contractor.payments import tables as _payments  # noqa: F401
from contractor.webhooks import tables as _webhooks  # noqa: F401
from oversight.registry import tables as _registry  # noqa: F401
from oversight.registry.institutions import tables as _institutions  # noqa: F401

SEALED = "_sealed"
PURPOSES = {
    "identity_number_sealed": "identity_number",
    "bank_account_sealed": "bank_account",
    "payee_account_sealed": "bank_account",
    "account_sealed": "bank_account",
    "phone_sealed": "phone",
    "secret_sealed": "totp_secret",
    "signing_key_sealed": "webhook_key",
    "previous_key_sealed": "webhook_key",
}
WRITERS = {desk.schema: desk for desk in DESKS.values()} | {"registry": COUNTY}


@dataclass(frozen=True)
class SealedColumn:
    desk: Desk
    """Whose role may write it."""
    table: Table
    column: str
    purpose: str


@dataclass(frozen=True)
class SealedFolder:
    name: str
    files: str
    purpose: str


FOLDERS = (
    SealedFolder(documents.FOLDER, "*.*", documents.PURPOSE),
    SealedFolder(uploads.FOLDER, "*.sent", uploads.PURPOSE),
)
"""What lies between preview and import goes within the hour, and its key is still there."""


def sealed_columns() -> list[SealedColumn]:
    """Every sealed column of the house; a column sealed for a purpose nobody named is a mistake of ours."""
    found = []
    for table in house_metadata().sorted_tables:
        for column in table.columns:
            if column.name.endswith(SEALED):
                assert table.schema is not None
                found.append(SealedColumn(WRITERS[table.schema], table, column.name, PURPOSES[column.name]))
    return found


def reseal_column(
    database: Database, keyring: Keyring, sealed: SealedColumn, *, chunk: int = 1000
) -> Iterator[tuple[int, tuple[Unreadable, ...]]]:
    """After each committed chunk: how many rows it changed, and what it could not open."""
    after = None
    while True:
        with database.transaction() as session:
            done = reseal(
                session.connection(),
                keyring,
                table=sealed.table,
                id_columns=[column.name for column in sealed.table.primary_key.columns],
                sealed_columns=[sealed.column],
                purpose=sealed.purpose,
                after=after,
                chunk=chunk,
            )
        yield done.changed_rows, done.unreadable
        if done.is_last:
            return
        after = done.cursor


def reseal_all(settings: Settings, keyring: Keyring, say: Callable[[str], None]) -> int:
    """All columns this process has the connection for; returns how many values did not open."""
    unreadable = 0
    for sealed in sealed_columns():
        name = f"{sealed.table.fullname}.{sealed.column}"
        url = getattr(settings, sealed.desk.database_setting)
        if not url:
            say(f"  {name}: passed over, {sealed.desk.database_setting} is not set")
            continue
        database = Database(sealed.desk, make_engine(url, schema=sealed.desk.schema))
        changed = 0
        for rows, broken in reseal_column(database, keyring, sealed):
            changed += rows
            unreadable += len(broken)
            for one in broken:
                say(f"  {name}: row {one.row_id} does not open ({one.key})")
        database.engine.dispose()
        say(f"  {name}: {changed} sealed anew")
    return unreadable + sum(reseal_folder(Path(settings.data_dir), keyring, sealed, say) for sealed in FOLDERS)


def reseal_folder(data_dir: Path, keyring: Keyring, sealed: SealedFolder, say: Callable[[str], None]) -> int:
    """Every sealed file of a folder; returns how many did not open."""
    changed = unreadable = 0
    for path in sorted((data_dir / sealed.name).glob(sealed.files)):
        try:
            changed += reseal_file(path, keyring, sealed.purpose)
        except FileNotFoundError:
            continue  # what was sent was taken in meanwhile and is gone
        except (SealBroken, KeyMissing) as refusal:
            unreadable += 1
            say(f"  {sealed.name}/{path.name} does not open ({refusal.key})")
    say(f"  {sealed.name}: {changed} files sealed anew")
    return unreadable


@click.command("reseal", help="Seal anew what an older key sealed, rows and files: run it after `keys rotate`.")
def reseal_command() -> None:
    settings = read_settings()
    keyring = load_keys(Path(settings.required("key_file")))
    if reseal_all(settings, keyring, click.echo):
        raise SystemExit(1)
