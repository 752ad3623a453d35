"""Child processes that cannot outlive the launcher: own session, a death signal, output into a file.

PID 1 of a container may not collect what we leave to it, so nothing is daemonised: the launcher adopts its
grandchildren (`become_subreaper`) and collects them itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chassis.launcher.accounts import Account, identity

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True)
_spawner: ThreadPoolExecutor | None = None


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path | None = None,
    cwd: Path | str = "/",
    account: Account | None = None,
    death_signal: signal.Signals | None = signal.SIGTERM,
    stdin: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in its own session that receives `death_signal` when this process dies, however it dies.

    Without a death signal the child must watch for our end itself.
    """

    def start() -> subprocess.Popen[bytes]:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else subprocess.DEVNULL
        try:
            return subprocess.Popen(
                [str(part) for part in argv],
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT if log else subprocess.DEVNULL,
                env=dict(env),
                cwd=cwd,
                pass_fds=pass_fds,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid(), death_signal),
                **identity(account),
            )
        finally:
            if log:
                os.close(output)

    # The kernel sends the death signal when the *thread* that forked ends, so a passing thread must not fork.
    if threading.current_thread() is threading.main_thread():
        return start()
    return _lasting_thread().submit(start).result()


def become_subreaper() -> None:
    """Orphaned grandchildren become our children, to be collected by `collect_orphans`."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def collect_orphans(known: set[int]) -> None:
    """Collect ended children we did not start; those in `known` are left to their own Popen objects."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in known:
            return
        os.waitpid(ended.si_pid, 0)


def process_table() -> Iterator[tuple[int, int, int, str]]:
    """(pid, parent, session, state) of every process this one may see."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and (line := _process(int(entry.name))):
            yield line


def is_running(pid: int) -> bool:
    """A zombie answers to kill(pid, 0) although nothing runs any more."""
    line = _process(pid)
    return line is not None and line[3] not in "ZX"


def children_of(pid: int) -> list[int]:
    return [child for child, parent, _, state in process_table() if parent == pid and state not in "ZX"]


def members_of_session(session: int) -> list[int]:
    return [pid for pid, _, its_session, state in process_table() if its_session == session and state not in "ZX"]


def send(pid: int, sig: int) -> None:
    """Signal a process that may have ended in the meantime."""
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        return


def wait_until(condition: Callable[[], bool], *, seconds: float, pause_seconds: float = 0.02) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_seconds)
    return True


def _process(pid: int) -> tuple[int, int, int, str] | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in parentheses may hold spaces and parentheses itself.
    state, parent, _group, session = stat.rpartition(")")[2].split()[:4]
    return pid, int(parent), int(session), state


def _die_with(parent: int, death_signal: signal.Signals | None) -> Callable[[], None]:
    def in_child() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal or 0), 0, 0, 0)
        if os.getppid() != parent:
            # The parent died between fork and prctl; nobody would ever send the signal.
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(ignored, signal.SIG_DFL)

    return in_child


def _lasting_thread() -> ThreadPoolExecutor:
    global _spawner
    if _spawner is None:
        _spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")
    return _spawner


def _forget_spawner() -> None:
    # A forked child has the object but not the thread.
    global _spawner
    _spawner = None


os.register_at_fork(after_in_child=_forget_spawner)
