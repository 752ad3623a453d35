"""Spoiled files of every format, by the hundred thousand."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from tests.reading.mutating import FORMATS, fuzz
from tests.soak.record import Result

NAME = "reading-fuzz"
DESCRIPTION = (
    "Good files of claims, spoiled at random: bits, slices, cells from lists of bad ones, parts inside a workbook. "
    "Each must end as a refusal with a reason that has words, or as claims whose sums, days and texts are sound; a "
    "traceback, a batch that breaks a rule and a reason without words are faults."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=100_000, help="inputs per format")
    parser.add_argument("--formats", nargs="*", default=list(FORMATS), choices=list(FORMATS))


def run(args: argparse.Namespace) -> Result:
    counts: dict[str, object] = {}
    faults, parts = [], []
    with tempfile.TemporaryDirectory(prefix="coopmed-fuzz-", dir=_in_memory()) as folder:
        for form in args.formats:
            try:
                ends = fuzz(form, args.count, seed=args.seed, path=Path(folder, "sent"))
            except Exception as error:
                faults.append(f"{form}: {type(error).__name__}: {error} ({'; '.join(error.__notes__)})")
                continue
            counts[f"{form}: spoiled files"] = ends.total()
            counts[f"{form}: of them still sound and taken in"] = ends["taken in"]
            parts.append(_table(form, ends))
    return Result(counts, faults, REMARKS, parts)


REMARKS = (
    "The first reason of each refusal is counted; a file may have more.",
    "In one of 25 workbooks a part is spoiled inside a zip that is whole; these reach the parser, a process each.",
)


def _in_memory() -> str | None:
    """A folder that no disk stands behind, where there is one: each input is a file."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _table(form: str, ends: Counter[str]) -> str:
    rows = "\n".join(f"| {end} | {count} |" for end, count in ends.most_common())
    return f"## {form}\n\n| how it ended | files |\n| --- | --- |\n{rows}"
