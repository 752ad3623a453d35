"""Keeps children alive: one that dies is started again, each time a little later, and it is said so."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.launcher.logs import LogFollower
from chassis.launcher.processes import collect_orphans, members_of_session, send, spawn, wait_until

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
SETTLED_SECONDS = 60.0


@dataclass
class Child:
    name: str
    argv: Sequence[str | Path]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    grace_seconds: float
    """How long it may take to finish what it is doing when asked to stop."""
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started: float = 0.0
    next_start: float = 0.0
    former_session: int | None = None

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._children: list[Child] = []
        self._followers: list[LogFollower] = []

    def start(self, child: Child) -> None:
        self._children.append(child)
        self.follow(child.name, child.log)
        self._spawn(child)

    def follow(self, name: str, log: Path) -> None:
        self._followers.append(LogFollower(name, log, self._say))

    def tick(self, also_known: Iterable[int] = ()) -> None:
        """Show warnings, bring back the dead, collect orphans. Processes in `also_known` are waited for elsewhere."""
        for follower in self._followers:
            follower.look()
            follower.cut_when_large()
        for child in self._children:
            self._look_after(child)
        known = {child.process.pid for child in self._children if child.process}
        collect_orphans(known | set(also_known))

    def stop(self, children: Iterable[Child], is_impatient: Callable[[], bool]) -> None:
        """Ask all of them at once, wait for each its own time, then end what is left of their sessions."""
        stopping = [child for child in children if child in self._children]
        for child in stopping:
            self._children.remove(child)
            if child.is_alive():
                send(child.process.pid, signal.SIGTERM)  # type: ignore[union-attr]
        asked = time.monotonic()
        for child in stopping:
            left = child.grace_seconds - (time.monotonic() - asked)
            ended = wait_until(lambda child=child: is_impatient() or not child.is_alive(), seconds=max(left, 0))
            if not ended:
                self._say(f"{child.name} did not stop within {child.grace_seconds:.0f} s and is killed.")
            self._end_session(child)
        for follower in self._followers:
            follower.look()

    def _look_after(self, child: Child) -> None:
        if child.is_alive():
            if child.deaths and time.monotonic() - child.started > SETTLED_SECONDS:
                child.deaths = 0
            return
        if child.process is not None:
            code = child.process.returncode
            how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
            pause = min(FIRST_PAUSE_SECONDS * 2**child.deaths, LONGEST_PAUSE_SECONDS)
            child.deaths += 1
            child.next_start = time.monotonic() + pause
            self._say(f"{child.name} ended {how}; starting it again in {pause:g} s. Its log: {child.log}")
            child.former_session, child.process = child.process.pid, None
            _signal_session(child.former_session, signal.SIGTERM)
        elif time.monotonic() >= child.next_start:
            self._spawn(child)

    def _spawn(self, child: Child) -> None:
        if child.former_session is not None:
            # What the dead one left running had the pause to finish; two generations must not work side by side.
            _signal_session(child.former_session, signal.SIGKILL)
        child.started = time.monotonic()
        child.process = spawn(child.argv, env=child.env, log=child.log, cwd=child.cwd, pass_fds=child.pass_fds)

    def _end_session(self, child: Child) -> None:
        if child.process is None:
            return
        _signal_session(child.process.pid, signal.SIGKILL)
        child.process.wait()
        child.process = None


def _signal_session(session: int, sig: signal.Signals) -> None:
    for pid in members_of_session(session):
        send(pid, sig)
