"""What a PostgreSQL that was killed leaves behind: living processes, a pid file, sockets, shared memory."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path

from chassis.launcher.processes import is_running, process_table, send, wait_until

IPC_RMID = 0
_libc = ctypes.CDLL(None, use_errno=True)


def clear_leftovers(data: Path, *, patience_seconds: float = 30) -> None:
    """End what still runs on `data` and remove the pid file. Only the holder of the folder's lock may call this.

    PostgreSQL itself only asks whether the recorded pid is alive; in a container that number soon belongs to a
    stranger, and the server would then refuse its own data for ever.
    """
    pid_file = data / "postmaster.pid"
    postmaster = recorded_postmaster(data)
    running = processes_on(data)
    if postmaster in running:
        send(postmaster, signal.SIGINT)
        wait_until(lambda: not is_running(postmaster), seconds=patience_seconds)
    for pid in processes_on(data):
        send(pid, signal.SIGKILL)
    wait_until(lambda: not processes_on(data), seconds=5)
    if pid_file.exists():
        _remove_shared_memory(pid_file)
        pid_file.unlink(missing_ok=True)


def recorded_postmaster(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def processes_on(data: Path) -> list[int]:
    """Living processes whose working folder is `data`: the postmaster and each of its children stand there."""
    found = []
    for pid, _, _, state in process_table():
        if state in "ZX":
            continue
        try:
            if str(Path(f"/proc/{pid}/cwd").readlink()) == str(data) and _is_postgres(pid):
                found.append(pid)
        except OSError:
            continue
    return found


def _is_postgres(pid: int) -> bool:
    return Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)") == "postgres"


def _remove_shared_memory(pid_file: Path) -> None:
    """The small System V segment PostgreSQL uses as an interlock outlives a SIGKILL; line 7 names it."""
    try:
        segment = int(pid_file.read_text().splitlines()[6].split()[1])
    except (OSError, ValueError, IndexError):
        return
    # A segment still attached elsewhere is only marked; one that is gone already answers EINVAL, which is as good.
    _libc.shmctl(ctypes.c_int(segment), IPC_RMID, None)


def shared_memory_is_small() -> bool:
    """Containers often give /dev/shm 64 MB, too little for parallel queries."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 - asked for its size, nothing is written
    except OSError:
        return True
    return room.f_bavail * room.f_frsize < 512 * 2**20 or not os.access("/dev/shm", os.W_OK)  # noqa: S108
