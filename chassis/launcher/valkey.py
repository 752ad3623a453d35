"""Valkey from a wheel: the queue's doorbell. Nothing in it is kept; PostgreSQL holds the truth."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from chassis.launcher.binaries import find_valkey
from chassis.launcher.errors import CannotStart
from chassis.launcher.folder_lock import FolderLock
from chassis.launcher.processes import send, spawn, wait_until
from chassis.launcher.sockets import SocketFolder, free_port

READY_SECONDS = 60
SOCKET = "valkey.sock"


class ValkeyServer:
    """One server in `folder`, on a private socket or, with `tcp_port` (0: a free one), on 127.0.0.1."""

    def __init__(self, folder: Path, *, tcp_port: int | None = None) -> None:
        self.folder = Path(folder).resolve()
        self.tcp_port = free_port() if tcp_port == 0 else tcp_port
        self.process: subprocess.Popen[bytes] | None = None
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._sockets = SocketFolder(self.folder, SOCKET, None)
        self._lock = FolderLock(self.folder / "lock", "The Valkey")

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self, check: Callable[[], None] = lambda: None) -> None:
        if self.is_alive():
            return
        self._lock.take()
        try:
            self._launch()
            self._wait_until_ready(check)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self.process is not None:
            if self.process.poll() is None:
                send(self.process.pid, signal.SIGTERM)
                if not wait_until(lambda: not self.is_alive(), seconds=10):
                    self.kill()
            self.process = None
        self._sockets.close()
        self._lock.release()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        if self.process is not None:
            send(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def url(self) -> str:
        """As redis-py and RQ take it."""
        password = quote(self._password(), safe="")
        if self.tcp_port is not None:
            return f"redis://:{password}@127.0.0.1:{self.tcp_port}/0"
        return f"unix://:{password}@{quote(str(self._socket))}?db=0"

    @property
    def _socket(self) -> Path:
        return self._sockets.path / SOCKET

    def _password(self) -> str:
        secret = self.folder / "password.secret"
        if not secret.exists():
            fd = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(fd, secrets.token_urlsafe(32).encode())
            os.close(fd)
        return secret.read_text()

    def _launch(self) -> None:
        self._sockets.open()
        settings = [
            f"unixsocket {_quoted(self._socket)}",
            "unixsocketperm 700",
            f"port {self.tcp_port or 0}",
            "bind 127.0.0.1",
            f"dir {_quoted(self.folder)}",
            f"requirepass {self._password()}",
            'save ""',
            "appendonly no",
            "maxmemory 256mb",
            # A full doorbell must say so; evicting would lose rings without a word.
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        # On standard input the password is in no argument list and in no second file.
        reader, writer = os.pipe()
        os.write(writer, ("\n".join(settings) + "\n").encode())
        os.close(writer)
        try:
            self.process = spawn([find_valkey(), "-"], env={"PATH": "/usr/bin:/bin"}, log=self.log, stdin=reader)
        finally:
            os.close(reader)

    def _wait_until_ready(self, check: Callable[[], None]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            check()
            if not self.is_alive():
                raise CannotStart(f"Valkey ended while starting; see {self.log}.")
            if time.monotonic() > deadline:
                raise CannotStart(f"Valkey did not answer within {READY_SECONDS} s; see {self.log}.")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self._socket))
                line.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    piece = line.recv(256)
                    if not piece:
                        return False
                    answer += piece
                return answer == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
