"""One piece of work beside the house that ends by itself; whatever it says is shown as it is said."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chassis.launcher.logs import LogFollower, end_of
from chassis.launcher.processes import members_of_session, send, spawn, wait_until

GRACE_SECONDS = 10.0


class Errand:
    """Not started again when it fails: the next start of the house goes on where it stopped."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        log: Path,
        cwd: Path,
        say: Callable[[str], None],
    ) -> None:
        self.name, self.log, self._say = name, log, say
        log.unlink(missing_ok=True)
        self._follower = LogFollower(name, log, say, shows_all=True)
        self.process: subprocess.Popen[bytes] | None = spawn(argv, env=env, log=log, cwd=cwd)

    def is_over(self) -> bool:
        """Show what it has said since the last look, and say once how it ended."""
        if self.process is None:
            return True
        code = self.process.poll()
        self._follower.look()
        if code is None:
            return False
        if code:
            self._say(f"{self.name} ended with code {code}; the next start goes on. The end of {self.log}:")
            self._say(end_of(self.log, 15))
        self.process = None
        return True

    def stop(self) -> None:
        """What it has not committed is not there; nothing else is lost."""
        if self.process is None:
            return
        send(self.process.pid, signal.SIGTERM)
        wait_until(lambda: self.process is None or self.process.poll() is not None, seconds=GRACE_SECONDS)
        for pid in members_of_session(self.process.pid):
            send(pid, signal.SIGKILL)
        self.process.wait()
        self._follower.look()
        self.process = None
