"""What a backup needs to know of a house on one machine, read from its folder while it runs."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import make_url

from chassis.errors import Misconfigured
from chassis.launcher.house import running_house
from chassis.launcher.keepsakes import secrets_folder
from chassis.launcher.plan import OWNER
from chassis.launcher.postgres import PostgresServer
from chassis.operations.backup.taking import Source


def source_of(folder: Path) -> Source:
    """Refuses a house that is not running: its servers would have to be started under the feet of its owner."""
    note = running_house(folder)
    if note is None:
        raise Misconfigured(f"No house runs in {folder}. Start it, then take the backup.")
    environment = note["environment"]
    server = PostgresServer(folder / "postgres")
    passwords = json.loads((secrets_folder(folder) / "role_passwords.json").read_text(encoding="utf-8"))
    admin_url = environment[OWNER]
    backup_url = make_url(admin_url).set(username="backup", password=passwords["backup"])
    keys = [path for path in sorted(secrets_folder(folder).iterdir()) if path.is_file()]
    return Source(
        backup_url=backup_url.render_as_string(hide_password=False),
        admin_url=admin_url,
        programs=server.bin("pg_basebackup").parent,
        wal_archive=server.archive,
        documents=Path(environment["COOPMED_DATA_DIR"]),
        keys=(*keys, folder / "postgres" / "superuser.secret"),
    )
