"""PostgreSQL from a wheel under our own supervision: private socket, passwords, recovery after any kind of death."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from chassis.launcher.accounts import Account, account_for, identity, place_for, reachable_binaries
from chassis.launcher.binaries import find_postgres
from chassis.launcher.errors import CannotStart
from chassis.launcher.folder_lock import FolderLock
from chassis.launcher.leftovers import clear_leftovers, processes_on, shared_memory_is_small
from chassis.launcher.logs import end_of
from chassis.launcher.processes import send, spawn, wait_until
from chassis.launcher.sockets import SocketFolder, free_port

SUPERUSER = "postgres"
READY_SECONDS = 120
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# A statement's values and the rows of a failed one are personal data: they stay out of the server's log.
QUIET = {
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_timezone": "UTC",
}
ORDINARY = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "jit": "off",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "dynamic_shared_memory_type": "mmap",
}
ARCHIVE_AT_LEAST_EVERY = "300s"
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class PostgresServer:
    """One cluster in `folder`. `tcp_port` also listens on 127.0.0.1 (0: a free port); `durable=False` trades safety
    after a power cut for speed and is for throw-away servers only."""

    def __init__(
        self,
        folder: Path,
        *,
        tcp_port: int | None = None,
        options: Mapping[str, str] = MappingProxyType({}),
        durable: bool = True,
        archives: bool = False,
    ) -> None:
        self.folder = Path(folder).resolve()
        self.durable = durable
        self.archives = archives
        self.options = dict(options)
        self.tcp_port = free_port() if tcp_port == 0 else tcp_port
        self.process: subprocess.Popen[bytes] | None = None
        self._account: Account | None = None
        self._place: Path | None = None
        self._programs: Path | None = None
        self._sockets: SocketFolder | None = None
        self._lock: FolderLock | None = None

    @property
    def data(self) -> Path:
        return self._require_place() / "data"

    @property
    def archive(self) -> Path:
        """Where finished WAL files go, packed, when the server `archives`."""
        return self._require_place() / "wal_archive"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def bin(self, name: str) -> Path:
        """A program of this server's own version, such as `pg_basebackup`."""
        self._require_place()
        assert self._programs is not None
        return self._programs / name

    def start(self, check: Callable[[], None] = lambda: None) -> None:
        """Start and wait until a query is answered. `check` is called while waiting and may raise to give up."""
        if self.is_alive():
            return
        place = self._require_place()
        if self._lock is None:
            self._lock = FolderLock(place / "lock", "The PostgreSQL data")
        self._lock.take()
        try:
            if not self.data.exists():
                self._make_cluster()
            if self.archives:
                self._open_archive()
            clear_leftovers(self.data)
            self._launch()
            self._wait_until_ready(check)
        except BaseException:
            self.stop("immediate")
            raise

    def stop(self, mode: str = "fast") -> None:
        """Stop in the given mode, harder when that does not help; safe to call twice."""
        if self.process is not None:
            if self.process.poll() is None:
                send(self.process.pid, STOP_SIGNALS[mode])
                if not self._ended(60) and not self._quit():
                    self.kill()
            self.process = None
        if self._place and self._lock and self.data.exists():
            clear_leftovers(self.data)
        if self._sockets:
            self._sockets.close()
        if self._lock:
            self._lock.release()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL the postmaster and every child at one moment, as a crash of the machine's memory would."""
        if self.process is None:
            return
        # Stopped first, the postmaster can neither start another child nor clean up after those that die.
        send(self.process.pid, signal.SIGSTOP)
        for pid in processes_on(self.data):
            send(pid, signal.SIGKILL)
        send(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not processes_on(self.data), seconds=10)

    def url(self, user: str, database: str, password: str | None = None) -> str:
        """For psycopg and SQLAlchemy, over the socket unless a TCP port was asked for."""
        if password is None and user == SUPERUSER:
            password = self._superuser_password()
        sign_in = quote(user, safe="") + (f":{quote(password, safe='')}" if password is not None else "")
        if self.tcp_port is not None:
            return f"postgresql://{sign_in}@127.0.0.1:{self.tcp_port}/{quote(database, safe='')}"
        self._require_place()
        assert self._sockets is not None
        return f"postgresql://{sign_in}@/{quote(database, safe='')}?host={quote(str(self._sockets.path), safe='')}"

    def superuser_url(self, database: str = "postgres") -> str:
        return self.url(SUPERUSER, database)

    def ensure_database(self, name: str) -> None:
        """Create an empty database of that name unless it is there."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))

    def _require_place(self) -> Path:
        if self._place is None:
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            owner = self.folder.stat().st_uid
            if os.geteuid() not in (0, owner):
                raise CannotStart(f"{self.folder} belongs to {_name_of(owner)}: start as that account, or elsewhere.")
            self._account = account_for(self.folder / "data")
            place = place_for(self.folder, self._account)
            self._account = account_for(place / "data")
            self._programs = reachable_binaries(find_postgres(), self._account)
            self._sockets = SocketFolder(place, f".s.PGSQL.{self.tcp_port or 5432}", self._account)
            self._place = place
        return self._place

    def _superuser_password(self) -> str:
        secret = self.folder / "superuser.secret"
        if not secret.exists():
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            fd = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(fd, secrets.token_urlsafe(32).encode())
            os.close(fd)
        return secret.read_text()

    def _make_cluster(self) -> None:
        """initdb beside the final name and rename: a set-up killed half-way is simply begun again."""
        unfinished = self.data.with_name("data.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = self.data.with_name("password.once")
        password_file.unlink(missing_ok=True)
        fd = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(fd, self._superuser_password().encode())
        os.close(fd)
        if self._account:
            os.chown(unfinished, self._account.uid, self._account.gid)
            os.chown(password_file, self._account.uid, self._account.gid)
        command = [self.bin("initdb"), "--pgdata", unfinished, "--username", SUPERUSER, "--pwfile", password_file]
        # With --no-locale pg_trgm would not see Chinese at all.
        command += ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=scram-sha-256"]
        command += [] if self.durable else ["--no-sync"]
        try:
            made = subprocess.run(
                command, cwd="/", env=ENVIRONMENT, capture_output=True, text=True, **identity(self._account)
            )
        finally:
            password_file.unlink()
        if made.returncode != 0:
            raise CannotStart(f"initdb failed in {unfinished}: {made.stderr.strip() or made.stdout.strip()}")
        unfinished.rename(self.data)

    def _launch(self) -> None:
        assert self._sockets is not None
        sockets = self._sockets.open()
        settings = {
            "listen_addresses": "127.0.0.1" if self.tcp_port is not None else "",
            "port": str(self.tcp_port or 5432),
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            **ORDINARY,
            **QUIET,
            **({"dynamic_shared_memory_type": "mmap"} if shared_memory_is_small() else {}),
            **({} if self.durable else THROWAWAY),
            **(archiving(self.archive) if self.archives else {}),
            **self.options,
        }
        command: list[str | Path] = [self.bin("postgres"), "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.process = spawn(command, env=ENVIRONMENT, log=self.log, account=self._account, death_signal=signal.SIGINT)

    def adopt(self, base: Path, *, settings: Mapping[str, str]) -> None:
        """Take a base backup as this server's data; it recovers under `settings` when it is started."""
        place = self._require_place()
        if self.data.exists():
            raise CannotStart(f"{self.data} holds data already.")
        unfinished = place / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(base, unfinished, symlinks=True)
        (unfinished / "recovery.signal").touch()
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if self._account:
                os.chown(path, self._account.uid, self._account.gid)
        unfinished.rename(self.data)
        self.options |= settings

    def own_copy(self, folder: Path, name: str) -> Path:
        """A copy of `folder` that the server's account can read, beside its data."""
        copy = self._require_place() / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if self._account:
                os.chown(path, self._account.uid, self._account.gid)
        return copy

    def _open_archive(self) -> None:
        self.archive.mkdir(mode=0o700, exist_ok=True)
        if self._account:
            os.chown(self.archive, self._account.uid, self._account.gid)

    def _wait_until_ready(self, check: Callable[[], None]) -> None:
        import psycopg

        deadline = time.monotonic() + READY_SECONDS
        while True:
            check()
            if not self.is_alive():
                raise CannotStart(f"PostgreSQL ended while starting. The end of {self.log}:\n{end_of(self.log)}")
            try:
                with psycopg.connect(self.superuser_url(), connect_timeout=5) as connection:
                    connection.execute("SELECT 1")
                    return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise CannotStart(
                        f"PostgreSQL did not answer within {READY_SECONDS} s ({error}). "
                        f"The end of {self.log}:\n{end_of(self.log)}"
                    ) from error
            time.sleep(0.05)

    def _ended(self, seconds: float) -> bool:
        assert self.process is not None
        return wait_until(lambda: self.process is None or self.process.poll() is not None, seconds=seconds)

    def _quit(self) -> bool:
        assert self.process is not None
        send(self.process.pid, signal.SIGQUIT)
        return self._ended(10)


def archiving(archive: Path) -> dict[str, str]:
    """Each finished WAL file is packed into `archive`, whole or not at all; never over one that is there."""
    target = f"{archive}/%f.gz"
    pack = f'test ! -e "{target}" && gzip -1 < "%p" > "{target}.part" && mv "{target}.part" "{target}"'
    return {"archive_mode": "on", "archive_timeout": ARCHIVE_AT_LEAST_EVERY, "archive_command": pack}


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
