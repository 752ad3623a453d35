"""`python -m tests.soak`: long runs by name, each with its record in docs/proofs/.

A soak is a module in this folder with NAME, DESCRIPTION, `run(args) -> Result` (or its counts alone; a failed
assertion is a fault) and, if it has options of its own, `arguments(parser)`. `args.seed` is given; a run with the
same seed makes the same choices.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import pkgutil
import secrets
import shlex
import sys
import time
from collections.abc import Mapping
from types import ModuleType

import tests.soak
from tests.soak.record import Result, write_record


def soaks() -> dict[str, ModuleType]:
    found = {}
    for module in pkgutil.iter_modules(tests.soak.__path__, prefix="tests.soak."):
        if module.name.rpartition(".")[2] in ("__main__", "record"):
            continue
        loaded = importlib.import_module(module.name)
        if hasattr(loaded, "NAME"):
            found[loaded.NAME] = loaded
    return dict(sorted(found.items()))


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    known = soaks()
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Long runs, each with its record.")
    parts = parser.add_subparsers(dest="name", metavar="NAME")
    for name, module in known.items():
        part = parts.add_parser(name, help=module.DESCRIPTION, description=module.DESCRIPTION)
        part.add_argument("--seed", type=int, default=None, help="the same seed makes the same choices")
        part.add_argument("--no-record", action="store_true", help="leave docs/proofs/ as it is")
        if hasattr(module, "arguments"):
            module.arguments(part)
    parts.add_parser("all", help="every soak with its defaults, one after the other")
    args = parser.parse_args(arguments)
    if args.name is None:
        parser.print_help()
        return 0
    if args.name == "all":
        return max((main([name]) for name in known), default=0)
    return _run(known[args.name], args, arguments)


def _run(module: ModuleType, args: argparse.Namespace, arguments: list[str]) -> int:
    given = args.seed is not None
    args.seed = args.seed if given else secrets.randbelow(1_000_000)
    command = f"python -m tests.soak {shlex.join(arguments)}" + ("" if given else f" --seed {args.seed}")
    begun_at, begun = dt.datetime.now(dt.UTC), time.monotonic()
    print(f"{module.NAME}: seed {args.seed}", flush=True)
    try:
        result = module.run(args)
    except AssertionError as error:
        result = Result({}, [str(error)[:2000] or "an assertion without words"])
    if isinstance(result, Mapping):
        result = Result(result)
    seconds = time.monotonic() - begun
    for what, count in result.counts.items():
        print(f"  {what}: {count}")
    for fault in result.faults:
        print(f"  FAULT: {fault}")
    print(f"{module.NAME}: {'passed' if result.passed else 'FAILED'} in {seconds:.0f} s", flush=True)
    if not args.no_record:
        record = write_record(
            module.NAME,
            module.DESCRIPTION,
            result,
            seed=args.seed,
            command=command,
            begun_at=begun_at,
            seconds=seconds,
        )
        print(f"  record: {record}")
    return 0 if result.passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
