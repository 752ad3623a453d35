"""Plants faults in copies of the engine and asks the second method to find them. `python -m tests.audits.planted`."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from oversight.audits.differences import account_differences, differences
from oversight.audits.household_accounts import recompute_accounts
from oversight.audits.recomputation import RESULTS, recompute
from rulebook.registry import Timeline
from rulebook.schedule_files import load_schedule
from tests.audits.mutations import Mutation, mutations, plant
from tests.audits.random_accounts import random_accounts
from tests.rulebook.hand_cases import FOLDERS
from tests.rulebook.random_county import random_county

SPANS = {
    "balin_zuoqi": (date(2015, 1, 1), date(2018, 12, 31)),
    "zhengzhou": (date(2011, 1, 1), date(2018, 12, 31)),
    "river_county": (date(2020, 1, 1), date(2021, 12, 31)),
}
ACCOUNT_RESULTS = ("paid_fen", "balance_fen")


@dataclass(frozen=True)
class Found:
    """A planted fault that changed results, and what the comparison told of it."""

    mutation: Mutation
    changed: set[tuple[str, int]]
    named: set[tuple[str, int]]
    first: str


@dataclass
class Planting:
    """What came of planting.

    Args:
        twins: faults whose results are those of one already found.
        silent: faults that change no result here.
        refusing: faults with which the engine does not run.
    """

    found: list[Found] = field(default_factory=list)
    twins: list[Mutation] = field(default_factory=list)
    silent: list[Mutation] = field(default_factory=list)
    refusing: list[Mutation] = field(default_factory=list)
    named_without_a_fault: int = -1


def plant_until(wanted: int, *, seed: int, decisions: int = 2_500) -> Planting:
    """Plants faults, in an order the seed decides, until so many different ones have changed a result."""
    counties = {
        scheme: random_county(decisions, seed=seed, first=first, last=last, members=decisions // 4, reversed_share=0.04)
        for scheme, (first, last) in SPANS.items()
    }
    accounts = random_accounts(decisions, seed=seed, households=decisions // 12)
    recomputed = {
        scheme: recompute(county, Timeline.unapproved(load_schedule(FOLDERS[scheme])))
        for scheme, county in counties.items()
    }
    recomputed["accounts"] = recompute_accounts(accounts)
    published = {name: pd.DataFrame(columns) for name, columns in {**counties, "accounts": accounts}.items()}
    with tempfile.TemporaryDirectory(prefix="planted-") as folder, _Engines(Path(folder), published) as engines:
        original = engines.run(None)
        assert original is not None, "the engine without a fault does not run"
        seen: set[bytes] = set()
        planting = Planting(named_without_a_fault=len(_told(published, original, recomputed)[0]))
        for mutation in _in_turns(engines.executed(), seed):
            if len(planting.found) == wanted:
                break
            results = engines.run(mutation)
            if results is None:
                planting.refusing.append(mutation)
                continue
            changed = _changed(published, original, results)
            if not changed:
                planting.silent.append(mutation)
                continue
            results_as_bytes = b"".join(results[key].tobytes() for key in sorted(results))
            if results_as_bytes in seen:
                planting.twins.append(mutation)
                continue
            seen.add(results_as_bytes)
            planting.found.append(Found(mutation, changed, *_told(published, results, recomputed)))
    return planting


class _Engines:
    """Copies of the engine, run one after another beside this process."""

    def __init__(self, folder: Path, published: dict[str, pd.DataFrame]) -> None:
        self.folder, self.count = folder, 0
        columns = {
            f"{name}/{column}": frame[column].to_numpy() for name, frame in published.items() for column in frame
        }
        for name in list(columns):
            if columns[name].dtype.kind == "M":
                columns[name] = columns[name].astype("datetime64[D]")
        schemes = json.dumps({scheme: str(FOLDERS[scheme]) for scheme in SPANS})
        np.savez(folder / "inputs.npz", schemes=np.array(schemes), **columns)

    def __enter__(self) -> "_Engines":
        script = Path(__file__).with_name("planted_engine.py")
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(script), str(self.folder / "inputs.npz")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def run(self, mutation: Mutation | None) -> dict[str, np.ndarray] | None:
        """The results with this fault planted; None where the engine refuses or does not come to an end."""
        self.count += 1
        copy = self.folder / ("without" if mutation is None else str(self.count))
        plant(mutation, copy)
        self.process.stdin.write(f"{copy}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == str(copy), "the engines have stopped"
        if not (copy / "results.npz").exists():
            return None
        with np.load(copy / "results.npz") as stored:
            return dict(stored)

    def executed(self) -> dict[str, set[int]]:
        """The lines that ran in the copy without a fault, by file of the law and of its rounding."""
        told = json.loads((self.folder / "without" / "executed.json").read_text())
        return {
            file: set(lines)
            for file, lines in sorted(told.items())
            if file.startswith("rulebook/benefits/") or file == "rulebook/money.py"
        }


def _in_turns(executed: dict[str, set[int]], seed: int) -> list[Mutation]:
    """All faults, the kinds taking turns, so that twenty are not twenty of one kind."""
    rng = random.Random(seed)
    by_kind: dict[str, list[Mutation]] = defaultdict(list)
    for file, lines in executed.items():
        for mutation in mutations(file, lines):
            by_kind[mutation.kind].append(mutation)
    for group in by_kind.values():
        rng.shuffle(group)
    longest = max(map(len, by_kind.values()))
    return [group[turn] for turn in range(longest) for _, group in sorted(by_kind.items()) if turn < len(group)]


def _changed(
    published: dict[str, pd.DataFrame], original: dict[str, np.ndarray], results: dict[str, np.ndarray]
) -> set[tuple[str, int]]:
    """The settlements and entries whose published amounts the fault has changed."""
    changed = set()
    for key, column in results.items():
        name = key.partition("/")[0]
        ids = published[name]["entry_id" if name == "accounts" else "settlement_id"].to_numpy()
        changed |= {(name, identity) for identity in ids[column != original[key]].tolist()}
    return changed


def _told(
    published: dict[str, pd.DataFrame], results: dict[str, np.ndarray], recomputed: dict[str, pd.DataFrame]
) -> tuple[set[tuple[str, int]], str]:
    """The settlements and entries the comparison names, and its first row as a sentence."""
    named, first = set(), ""
    for name, frame in published.items():
        is_account = name == "accounts"
        columns = ACCOUNT_RESULTS if is_account else RESULTS
        frame = frame.assign(**{column: results[f"{name}/{column}"] for column in columns})
        rows = (account_differences if is_account else differences)(frame, recomputed[name])
        named |= {(name, identity) for identity in rows.iloc[:, 0].tolist()}
        if not first and len(rows):
            row = rows.iloc[0]
            first = (
                f"{name}: {row.iloc[0]} differs first in {row['step']}: "
                f"{row['published_fen']} fen, recomputed {row['recomputed_fen']}"
            )
    return named, first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wanted", type=int, default=20)
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    planting = plant_until(args.wanted, seed=args.seed)
    print(f"without a fault {planting.named_without_a_fault} differences are told")
    for found in planting.found:
        print(f"found   {found.mutation}\n        {len(found.named)} of {len(found.changed)} changed; {found.first}")
    for kind, listed in (("twin", planting.twins), ("silent", planting.silent), ("refuses", planting.refusing)):
        for mutation in listed:
            print(f"{kind:8}{mutation}")


if __name__ == "__main__":
    main()
