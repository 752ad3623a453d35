"""A house's folder with a real server, keys and documents, but no sites: what a backup is taken of in tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis import clock
from chassis.db import Database, make_engine
from chassis.desks import DESKS
from chassis.launcher.keepsakes import ensure_role_passwords, secrets_folder
from chassis.launcher.plan import ROLE_OF
from chassis.launcher.postgres import PostgresServer
from chassis.operations.backup.restoring import DATABASE
from chassis.operations.backup.taking import Source
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keys import ensure_key_file
from migrations.apply import ensure_roles, upgrade

COUNTY_CODE, STREAM = "990121", "drill"


@dataclass
class SmallHouse:
    folder: Path
    server: PostgresServer
    passwords: dict[str, str]

    def database(self, desk_key: str) -> Database:
        desk = DESKS[desk_key]
        url = self.server.url(desk.database_role, DATABASE, self.passwords[desk.database_role])
        return Database(desk, make_engine(url, schema=desk.schema))

    def source(self) -> Source:
        keys = [path for path in sorted(secrets_folder(self.folder).iterdir()) if path.is_file()]
        return Source(
            backup_url=self.server.url("backup", DATABASE, self.passwords["backup"]),
            admin_url=self.server.superuser_url(DATABASE),
            programs=self.server.bin("pg_basebackup").parent,
            wal_archive=self.server.archive,
            documents=self.folder / "documents",
            keys=(*keys, self.folder / "postgres" / "superuser.secret"),
        )

    def write(self, count: int) -> None:
        """So many entries at the end of the drill's chain, committed."""
        database = self.database("contractor")
        by = Actor(ActorKind.SYSTEM, "drill")
        with database.transaction() as session:
            entries = [Entry("drill.written", "number", str(n + 1), by=by, facts={"n": n}) for n in range(count)]
            append(session, county_code=COUNTY_CODE, stream=STREAM, entries=entries, at=clock.now())
        database.engine.dispose()


@contextmanager
def small_house(folder: Path) -> Iterator[SmallHouse]:
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    (folder / "documents").mkdir()
    ensure_key_file(secrets_folder(folder) / "vault.key")
    passwords = ensure_role_passwords(secrets_folder(folder) / "role_passwords.json", [*ROLE_OF.values(), "backup"])
    server = PostgresServer(folder / "postgres", archives=True)
    server.start()
    try:
        server.ensure_database(DATABASE)
        ensure_roles(server.superuser_url(DATABASE), passwords)
        upgrade(server.superuser_url(DATABASE))
        yield SmallHouse(folder, server, passwords)
    finally:
        server.stop()
