"""A million settlements of each real scheme, by the engine and by the county's second method: equal to the fen."""

from __future__ import annotations

import argparse
from datetime import date

import numpy as np
import pandas as pd

from oversight.audits.differences import account_differences, differences
from oversight.audits.household_accounts import recompute_accounts
from oversight.audits.recomputation import RESULTS, recompute
from rulebook.benefits.accounts import settle_accounts
from rulebook.benefits.assessment import assess
from rulebook.registry import Timeline
from rulebook.schedule_files import load_schedule
from tests.audits.planted import plant_until
from tests.audits.random_accounts import random_accounts
from tests.rulebook.hand_cases import FOLDERS
from tests.rulebook.random_county import random_county
from tests.soak.record import Result

NAME = "second-method"
DESCRIPTION = (
    "A million settlements of each scheme over every change of its law, engine against second method, to the fen; "
    "then faults planted in the engine, each of which the second method must find."
)
SPANS = {
    "balin_zuoqi": (date(2007, 1, 1), date(2019, 12, 31)),
    "zhengzhou": (date(2011, 1, 1), date(2019, 12, 31)),
    "river_county": (date(2020, 1, 1), date(2021, 12, 31)),
}
# Years with a few settlements, as a county has them, and years of hundreds in which every limit is reached again.
SETTLEMENTS_A_MEMBER = (1.5, 40)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=1_000_000, help="settlements of each scheme (1,000,000)")
    parser.add_argument("--faults", type=int, default=60, help="faults planted in the engine, each to be found (60)")


def run(args: argparse.Namespace) -> Result:
    counts: dict[str, int] = {}
    faults: list[str] = []
    for number, (scheme, (first, last)) in enumerate(SPANS.items()):
        law = Timeline.unapproved(load_schedule(FOLDERS[scheme]))
        for a_member in SETTLEMENTS_A_MEMBER:
            county = random_county(
                args.count // len(SETTLEMENTS_A_MEMBER),
                seed=args.seed + number,
                first=first,
                last=last,
                members=max(int(args.count / len(SETTLEMENTS_A_MEMBER) / a_member), 1),
                reversed_share=0.03,
            )
            published = pd.DataFrame({**county, **assess(county, law)})
            told = differences(published, recompute(county, law))
            counts[f"{scheme}, {a_member} a member"] = len(published)
            counts[f"{scheme}, {a_member} a member: differences"] = len(told)
            faults += [f"{scheme}: {row}" for row in told.head(3).to_dict("records")]
            absent = [name for name in RESULTS if not np.any(published[name])]
            if absent and scheme != "balin_zuoqi":
                faults.append(f"{scheme}: {', '.join(absent)} never occur, so nothing is shown about them")
    accounts = random_accounts(args.count, seed=args.seed, households=max(args.count // 12, 1))
    published = pd.DataFrame({**accounts, **settle_accounts(accounts)})
    told = account_differences(published, recompute_accounts(accounts))
    counts |= {"entries of household accounts": len(published), "entries of household accounts: differences": len(told)}
    faults += [str(row) for row in told.head(3).to_dict("records")]
    planting = plant_until(args.faults, seed=args.seed)
    counts |= {
        "differences without a planted fault": planting.named_without_a_fault,
        "planted faults that change a result": len(planting.found),
        "of these found, with every settlement they changed": sum(one.named == one.changed for one in planting.found),
        "faults with the results of one already found, not counted": len(planting.twins),
        "faults that change no result of this county, not counted": len(planting.silent),
        "faults with which the engine does not run, not counted": len(planting.refusing),
    }
    if planting.named_without_a_fault:
        faults.append("differences are told although no fault is planted")
    faults += [f"not found whole: {found.mutation}" for found in planting.found if found.named != found.changed]
    if len(planting.found) < args.faults:
        faults.append(f"only {len(planting.found)} faults changed a result")
    remarks = [f"found: `{found.mutation}` – {found.first}" for found in planting.found]
    return Result(counts, faults, remarks + [f"changes no result: `{mutation}`" for mutation in planting.silent])
