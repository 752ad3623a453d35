"""What a soak hands back and how it is kept in docs/proofs/."""

from __future__ import annotations

import datetime as dt
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROOFS = ROOT / "docs" / "proofs"


@dataclass(frozen=True)
class Result:
    """`counts` are what was done and found; `faults` say what should not be. No faults: the soak passed.

    `parts` are for readers: whole pieces of Markdown, such as a table with its explanation.
    """

    counts: Mapping[str, object]
    faults: Sequence[str] = ()
    remarks: Sequence[str] = field(default=())
    parts: Sequence[str] = field(default=())

    @property
    def passed(self) -> bool:
        return not self.faults


def write_record(
    name: str,
    description: str,
    result: Result,
    *,
    seed: int,
    command: str,
    begun_at: dt.datetime,
    seconds: float,
    folder: Path = PROOFS,
) -> Path:
    """Write `<name>.md`; the newest run replaces the older one, which git keeps."""
    lines = [
        f"# {name}",
        "",
        description,
        "",
        f"Result: **{'passed' if result.passed else 'FAILED'}**",
        "",
        "| | |",
        "| --- | --- |",
        f"| begun at | {begun_at:%Y-%m-%d %H:%M:%S} UTC |",
        f"| duration | {seconds:.0f} s |",
        f"| seed | {seed} |",
        f"| commit | {commit()} |",
        f"| machine | {platform.machine()}, {_cores()} cores, Python {platform.python_version()} |",
        *(f"| {what} | {_figure(count)} |" for what, count in result.counts.items()),
        "",
    ]
    for part in result.parts:
        lines += [part, ""]
    if result.faults:
        lines += ["## What should not be", "", *(f"- {fault}" for fault in result.faults), ""]
    if result.remarks:
        lines += [*(f"- {remark}" for remark in result.remarks), ""]
    lines += ["## To repeat it", "", "```", command, "```", ""]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md"
    path.write_text("\n".join(lines))
    return path


def commit() -> str:
    """The commit the code was at, and whether the tree had changes that are in no commit."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown: not a git working tree"
    return head + (f" with {len(changed.splitlines())} changed files" if changed else "")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _figure(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
