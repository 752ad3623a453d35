"""`python -m tests.bench [name…]`: run the benchmarks of this folder and print their figures."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import time

import tests.bench


def main(wanted: list[str]) -> int:
    names = [m.name for m in pkgutil.iter_modules(tests.bench.__path__) if not m.name.startswith("_")]
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        print(f"no benchmark called {', '.join(unknown)}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start")
    for name in wanted or names:
        started = time.perf_counter()
        print(f"\n{name}")
        importlib.import_module(f"tests.bench.{name}").main()
        print(f"  took {time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
