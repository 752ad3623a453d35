"""`python -m simulated_bank --folder DATA_DIR/bank`: a bank that is none, for the demo and the tests."""

from __future__ import annotations

import argparse
import datetime as dt
import signal
import threading
from pathlib import Path

from simulated_bank.bank import Bank
from simulated_bank.fates import Rates
from simulated_bank.memory import open_memory


def main() -> None:
    parser = argparse.ArgumentParser(prog="simulated_bank", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the exchange folder, with one folder a county")
    parser.add_argument("--memory", type=Path, help="what the bank remembers (default: beside the folder)")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two rounds")
    parser.add_argument("--delay", type=float, default=20.0, help="seconds that a delayed payment takes")
    parser.add_argument("--return-after", type=float, default=30.0, help="seconds until a returned payment is back")
    for name, default in vars(Rates()).items():
        parser.add_argument(f"--{name}", type=int, default=default, help="in ten thousand")
    parser.add_argument("--once", action="store_true", help="one round, then end")
    args = parser.parse_args()
    args.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    rates = Rates(**{name: getattr(args, name) for name in vars(Rates())})
    memory = open_memory(args.memory or args.folder.parent / "simulated-bank" / "memory.sqlite")
    bank = Bank(args.folder, memory, args.seed, rates, args.delay, args.return_after)
    ends = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ends.set())
    if not args.once:
        print(f"The simulated bank (no bank at all) waits at {args.folder}.", flush=True)
    while not ends.is_set():
        bank.round(dt.datetime.now(dt.UTC))
        if args.once:
            break
        ends.wait(args.every)


if __name__ == "__main__":
    main()
