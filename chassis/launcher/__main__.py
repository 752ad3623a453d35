"""`python -m chassis.launcher run | status | reset`, what `dev.py` calls once everything is set up."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chassis.launcher.errors import CannotStart

DEMO = Path(__file__).resolve().parents[2] / ".coopmed" / "demo"


def main() -> int:
    parser = argparse.ArgumentParser(prog="chassis.launcher")
    parser.add_argument("act", choices=("run", "status", "reset"))
    parser.add_argument("--folder", type=Path, default=DEMO, help="where the house keeps its data")
    parser.add_argument("--yes", action="store_true", help="reset without asking")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    if asked.act == "run":
        from chassis.launcher.house import run_house

        return run_house(folder)
    from chassis.launcher.housekeeping import reset, tell_status

    try:
        return tell_status(folder) if asked.act == "status" else reset(folder, is_sure=asked.yes)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
