"""B6: a hundred thousand cases over the OpenAPI document, drawn by schemathesis and from good claims with one thing
spoilt. None may crash a door."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.api.cases import Found, ask_everything, ask_spoilt_claims
from tests.api.programs import make_programs
from tests.conftest import _copy, _drop, migrated_template, running_servers
from tests.soak.record import Result

NAME = "api-cases"
DESCRIPTION = "B6: cases drawn from the OpenAPI document and spoilt claims; 0 answers of 500 and above."
ROUND = 150
"""Examples of each operation in a round; every round draws anew."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--most-seconds", type=int, default=6 * 3600, help="stop after so long and say so")


def run(args: argparse.Namespace) -> Result:
    found, begun, rounds = Found(), time.monotonic(), 0
    with running_servers() as servers:
        template = migrated_template(servers)
        for database in _copy(servers, template):
            with tempfile.TemporaryDirectory(prefix="coopmed-api-") as folder:
                programs = make_programs(database, Path(folder), members=40)
                while found.cases < args.cases and not found.faults and time.monotonic() - begun < args.most_seconds:
                    drawn = ask_everything(programs, examples=ROUND, seed=args.seed + rounds)
                    found.cases += drawn.cases
                    found.statuses += drawn.statuses
                    found.faults += drawn.faults
                    ask_spoilt_claims(programs, found, count=ROUND * 4, seed=args.seed + rounds)
                    rounds += 1
                    print(f"  {found.cases:,} cases, {time.monotonic() - begun:.0f} s", flush=True)
                programs.close()
        _drop(servers, template)
    statuses: Counter[str] = Counter()
    for name, count in found.statuses.items():
        statuses[name.rpartition(" ")[2]] += count
    counts = {"cases": found.cases, "rounds": rounds} | {
        f"answered {status}": statuses[status] for status in sorted(statuses)
    }
    remarks = (
        [] if found.cases >= args.cases else [f"stopped after {args.most_seconds} s, short of {args.cases:,} cases"]
    )
    return Result(counts, found.faults, remarks)
