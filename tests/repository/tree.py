"""The project's own files, as the tests about the house walk them."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("chassis", "contractor", "oversight", "coopmed", "demo", "rulebook", "kpis", "migrations")


def files(*endings: str, under: tuple[str, ...] = PACKAGES) -> list[Path]:
    """Files that git tracks or would track, by ending, below the named folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *under],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return sorted(ROOT / name for name in set(listed) if name.endswith(endings) and (ROOT / name).is_file())
