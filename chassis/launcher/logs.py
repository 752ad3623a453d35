"""Each child writes its own file; the terminal shows only what a person should worry about."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

LARGEST_BYTES = 50 * 2**20
LINES_AT_ONCE = 12
WORRYING = re.compile(
    r'"(?:level|log_level|severity)"\s*:\s*"(?:warning|error|critical|exception)"'
    r"|\b(?:WARNING|ERROR|CRITICAL|FATAL|PANIC)\b|^Traceback |^\w+(?:\.\w+)*(?:Error|Exception): "
)


class LogFollower:
    """Reads what was added to one file since the last look. A child never waits for the terminal this way."""

    def __init__(self, name: str, path: Path, show: Callable[[str], None], *, shows_all: bool = False) -> None:
        self.name, self.path, self._show, self._shows_all = name, path, show, shows_all
        self._position = path.stat().st_size if path.exists() else 0
        self._half_line = b""

    def look(self) -> None:
        """Show new warnings with the child's name before them; more than a dozen at once are only counted."""
        worrying = [line for line in self._new_lines() if self._shows_all or WORRYING.search(line)]
        for line in worrying[:LINES_AT_ONCE]:
            self._show(f"[{self.name}] {line[:500]}")
        if len(worrying) > LINES_AT_ONCE:
            self._show(f"[{self.name}] … and {len(worrying) - LINES_AT_ONCE} more lines like these in {self.path}")

    def cut_when_large(self) -> None:
        """Keep one older file. The child goes on appending to the same one, so nothing has to be restarted."""
        if self.path.exists() and self.path.stat().st_size > LARGEST_BYTES:
            self.look()
            shutil.copyfile(self.path, older := self.path.with_suffix(".1.log"))
            older.chmod(0o600)
            os.truncate(self.path, 0)
            self._position, self._half_line = 0, b""

    def _new_lines(self) -> list[str]:
        if not self.path.exists():
            return []
        with self.path.open("rb") as log:
            log.seek(self._position)
            added = log.read(4 * 2**20)
        self._position += len(added)
        *lines, self._half_line = (self._half_line + added).split(b"\n")
        return [line.decode(errors="replace") for line in lines]


def end_of(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"
