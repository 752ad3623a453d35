"""The house's two servers, embedded or the user's own, and what each process may know of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chassis.launcher.errors import CannotStart
from chassis.launcher.keepsakes import ensure_role_passwords, ensure_secret, secrets_folder
from chassis.launcher.plan import CONNECTIONS, OWNER, REDIS, ROLE_OF, Plan, Site
from chassis.launcher.postgres import PostgresServer
from chassis.launcher.valkey import ValkeyServer

GIVE_UP_AFTER = 5


class HouseServers:
    def __init__(self, folder: Path, plan: Plan, env: dict[str, str], say: Callable[[str], None]) -> None:
        self.folder, self.plan, self._env, self._say = folder, plan, env, say
        self.postgres: PostgresServer | None = None
        self.valkey: ValkeyServer | None = None
        self.connections: dict[str, str] = {}
        self._failures = 0

    @property
    def passwords_file(self) -> Path:
        return secrets_folder(self.folder) / "role_passwords.json"

    def start(self, check: Callable[[], None]) -> None:
        """Embedded servers where no connection is given. Half a set of database connections is refused, by name."""
        self.connections = {name: self._env[name] for name in CONNECTIONS if self._env.get(name)}
        databases = [name for name in self.connections if name != REDIS]
        missing = [name for name in ROLE_OF if name not in self.connections]
        if databases and missing:
            raise CannotStart(f"{databases[0]} is set, so the database is yours; set {', '.join(missing)} too.")
        if not databases:
            self.postgres = PostgresServer(
                self.folder / "postgres", options=self.plan.postgres_options, archives=self.plan.archives
            )
        self._ensure_keys()
        if REDIS not in self.connections:
            self.valkey = ValkeyServer(self.folder / "valkey")
            self.valkey.start(check)
            self.connections[REDIS] = self.valkey.url()
        if self.postgres:
            self._start_postgres(self.postgres, check)
        elif OWNER not in self.connections:
            self._say(f"{OWNER} is not set: nothing is migrated, the database must already be at this version.")

    def common_environment(self) -> dict[str, str]:
        """What every process of the house may know: no connection but the doorbell's."""
        env = {name: value for name, value in self._env.items() if name not in CONNECTIONS and value}
        kept = secrets_folder(self.folder)
        env.setdefault("COOPMED_ENVIRONMENT", "demo")
        if "COOPMED_DATA_DIR" not in env:
            documents = self.folder / "documents"
            documents.mkdir(mode=0o700, exist_ok=True)
            env["COOPMED_DATA_DIR"] = str(documents)
        env.setdefault("COOPMED_SECRET_KEY_FILE", str(kept / "secret.key"))
        env.setdefault("COOPMED_KEY_FILE", str(kept / "vault.key"))
        return {**env, REDIS: self.connections[REDIS]}

    def environment_of(self, site: Site) -> dict[str, str]:
        own = {name: self.connections[name] for name in site.connections}
        return {**self.common_environment(), **own, "COOPMED_SITE": site.name}

    def owner_environment(self) -> dict[str, str]:
        """For `prepare` and for tools the owner of the machine starts: every connection and the roles' passwords."""
        env = {**self.common_environment(), **self.connections}
        return {**env, "COOPMED_ROLE_PASSWORDS_FILE": str(self.passwords_file)} if self.postgres else env

    def look_after(self, check: Callable[[], None]) -> None:
        """Bring back a server that ended unasked; after a few failures in a row the house ends instead."""
        for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)):
            if server is None or server.is_alive():
                continue
            self._say(f"{name} ended unasked; starting it again. Its log: {server.log}")
            try:
                server.start(check)
            except CannotStart as reason:
                self._failures += 1
                if self._failures >= GIVE_UP_AFTER:
                    raise
                self._say(str(reason))
                time.sleep(self._failures)
            else:
                self._failures = 0
                self._say(f"{name} is back.")

    def pids(self) -> set[int]:
        return {server.process.pid for server in (self.postgres, self.valkey) if server and server.process}

    def stop(self) -> None:
        try:
            if self.valkey:
                self.valkey.stop()
        finally:
            if self.postgres:
                self.postgres.stop()

    def _ensure_keys(self) -> None:
        """Keys are made for an empty house only: a new key beside old data would read nothing and hide the loss."""
        from chassis.vault.keys import ensure_key_file

        kept = secrets_folder(self.folder)
        if not self._env.get("COOPMED_SECRET_KEY_FILE"):
            ensure_secret(kept / "secret.key")
        if self._env.get("COOPMED_KEY_FILE"):
            return
        key_file = kept / "vault.key"
        if self._env.get("COOPMED_ENVIRONMENT") == "production":
            raise CannotStart("COOPMED_KEY_FILE is not set. In production the key file is made and kept by hand.")
        has_data = self.postgres is not None and self.postgres.data.exists()
        if has_data and not key_file.exists():
            raise CannotStart(
                f"The database is there but its key file {key_file} is gone. Restore it, or `make reset`."
            )
        ensure_key_file(key_file)

    def _start_postgres(self, postgres: PostgresServer, check: Callable[[], None]) -> None:
        self._say("Starting PostgreSQL …")
        postgres.start(check)
        postgres.ensure_database(self.plan.database)
        passwords = ensure_role_passwords(self.passwords_file, [*ROLE_OF.values(), "backup"])
        for name, role in ROLE_OF.items():
            self.connections[name] = postgres.url(role, self.plan.database, passwords[role])
        self.connections[OWNER] = postgres.superuser_url(self.plan.database)
