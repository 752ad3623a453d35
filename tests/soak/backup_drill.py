"""D1 at length: back up, lose the house, restore to a random moment, count and verify; again and again."""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from pathlib import Path

import psycopg

from chassis import clock
from chassis.operations.backup.restoring import restore
from chassis.operations.backup.taking import take
from chassis.operations.backup.verifying import verify_restored
from tests.operations.small_house import STREAM, small_house
from tests.operations.test_backup import close_wal, quiet, rows_of
from tests.soak.record import Result

NAME = "backup-drill"
DESCRIPTION = "Back up, wipe, restore to a random moment: the rows of that moment and no others, every link whole."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="houses lost and restored (5)")


def run(args: argparse.Namespace) -> Result:
    rng, faults, rows = random.Random(args.seed), [], 0
    for number in range(args.rounds):
        root = Path(tempfile.mkdtemp(prefix="coopmed-drill-"))
        root.chmod(0o711)
        try:
            moments: list[tuple[object, int]] = []
            with small_house(root / "house") as house:
                total = 0
                for backed_up in (False, True, True, True):
                    if backed_up and not moments:
                        take(house.source(), root / "backups", root / "keys", at=clock.now(), say=quiet)
                    for _ in range(rng.randint(1, 4)):
                        count = rng.randint(1, 500)
                        house.write(count)
                        total += count
                    if backed_up:
                        with psycopg.connect(house.server.superuser_url(), autocommit=True) as connection:
                            moments.append((connection.execute("SELECT clock_timestamp()").fetchone()[0], total))
                house.write(1)
                close_wal(house)
                shutil.copytree(house.server.archive, root / "wal")
            shutil.rmtree(root / "house")
            moment, expected = rng.choice(moments)
            restore(root / "backups", root / "new", to=moment, now=clock.now(), wal_archive=root / "wal", say=quiet)
            found = rows_of(root / "new")
            rows += found
            if found != expected:
                faults.append(f"round {number}: {found} rows at {moment}, expected {expected}")
            broken = [
                v for v in verify_restored(root / "new") if not v.ok or (v.stream == STREAM and v.rows != expected)
            ]
            faults += [f"round {number}: {verdict}" for verdict in broken]
        finally:
            shutil.rmtree(root, ignore_errors=True)
        print(f"  round {number + 1} of {args.rounds}: {expected} rows restored to {moment}", flush=True)
    return Result({"houses lost and restored": args.rounds, "rows counted and verified": rows}, faults)
