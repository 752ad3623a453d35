"""Runs copies of the engine, each in a process of its own. `python planted_engine.py INPUTS`, folders on stdin.

Started as a script, so that the only rulebook it can import is the copy it is given. Takes no module of the house
itself; each copy settles the same settlements and accounts, uncompiled, and leaves `results.npz` in its folder.
"""

import importlib
import json
import os
import signal
import sys
from pathlib import Path

import numba  # noqa: F401 - loaded once here instead of once for every copy
import numpy as np
import yaml  # noqa: F401

SECONDS = 60


def run_copy(folder: Path, inputs: dict[str, np.ndarray], *, traces: bool) -> None:
    executed: dict[str, set[int]] = {}

    def on_call(frame, event, _):
        file = frame.f_code.co_filename
        if not file.startswith(str(folder)):
            return None
        lines = executed.setdefault(str(Path(file).relative_to(folder)), set())

        def on_line(frame, event, _):
            lines.add(frame.f_lineno)
            return on_line

        lines.add(frame.f_lineno)
        return on_line

    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    assessment = importlib.import_module("rulebook.benefits.assessment")
    packing = importlib.import_module("rulebook.benefits.packing")
    accounts = importlib.import_module("rulebook.benefits.accounts")
    registry = importlib.import_module("rulebook.registry")
    files = importlib.import_module("rulebook.schedule_files")
    assert Path(assessment.__file__).is_relative_to(folder), "another rulebook was imported"
    results: dict[str, np.ndarray] = {}
    timelines = {
        scheme: registry.Timeline.unapproved(files.load_schedule(Path(path)))
        for scheme, path in json.loads(str(inputs["schemes"])).items()
    }
    # Only what settles is of interest, not what is read at the start.
    if traces:
        sys.settrace(on_call)
    for scheme, timeline in timelines.items():
        county = {name.partition("/")[2]: column for name, column in inputs.items() if name.startswith(f"{scheme}/")}
        packed = packing.pack(county, [timeline])
        settled = assessment.settle(packed, timeline, is_compiled=False)
        for name in assessment.RESULTS:
            results[f"{scheme}/{name}"] = np.empty(len(packed.order), dtype=np.int64)
            results[f"{scheme}/{name}"][packed.order] = settled[name]
    entries = {name.partition("/")[2]: column for name, column in inputs.items() if name.startswith("accounts/")}
    settled = accounts.settle_accounts(entries, is_compiled=False)
    results |= {f"accounts/{name}": settled[name] for name in ("paid_fen", "balance_fen")}
    sys.settrace(None)
    np.savez(folder / "results.npz", **results)
    if traces:
        (folder / "executed.json").write_text(json.dumps({file: sorted(lines) for file, lines in executed.items()}))


def main() -> None:
    with np.load(sys.argv[1]) as stored:
        inputs = dict(stored)
    for line in sys.stdin:
        folder = Path(line.strip())
        child = os.fork()
        if child == 0:
            # A fault may make a loop endless; the alarm ends the copy and nothing else.
            signal.alarm(SECONDS)
            try:
                run_copy(folder, inputs, traces=folder.name == "without")
            except BaseException as refused:
                (folder / "refused.txt").write_text(f"{type(refused).__name__}: {refused}")
            os._exit(0)
        os.waitpid(child, 0)
        print(folder, flush=True)


if __name__ == "__main__":
    main()
