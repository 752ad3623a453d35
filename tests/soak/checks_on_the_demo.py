"""The checks on the whole demo county: what was planted by independent hands is found, what resembles it is spared."""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from chassis.vault.keys import ensure_key_file
from contractor.law.loading import law_of
from contractor.rules.nightly import STAGES, look_over
from demo.arriving import SMALL_SIZE, WHOLE_SIZE, bring_in
from demo.county import COUNTY
from demo.fill import fill_if_empty
from demo.history import history_of
from demo.lives import LAST_DAY
from rulebook.checks import CHECKS, LIST_CHECKS, YEAR_CHECKS, all_cards
from tests.conftest import _copy, migrated_template, running_servers
from tests.demo.house import AT, LivedIn
from tests.demo.outcome_of_checks import Outcome, outcomes_of
from tests.soak.record import Result

NAME = "checks-on-the-demo"
DESCRIPTION = (
    "The demo county comes in as at its first start, its claims are checked as they come, and the nightly look goes "
    "over its two years. What the checks name is held against the key, which was written without them: irregular "
    "cases found, hard negatives spared, and of all claims named the share that was planted for that rule."
)
NOT_PLANTED = {
    "F11": "nobody of the demo is enrolled in both counties",
    "F31": "the demo's files are sent in office hours",
    "F42": "no institution of the demo has a thousand stays a year",
    "F28_mild": "two to three deviations above others is a trend of ordinary cost, not planted apart from F28",
}
REMARKS = (
    "Precision is of claims, and a demo of planted cases has more irregular claims than a county: it says which rules "
    "name what they were not asked about, not how often a reviewer would agree.",
    "A claim of an irregular pair is counted as named for its rule whichever of the two it is.",
    "F28, F28_mild and F30 hold a stay against its like: by their definition they name some of any county's ordinary "
    "stays, and what was planted to be dear or long for another rule.",
    "F09, F40 and F42 speak of an institution and name a sample of its dearest claims.",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--small", action="store_true", help="the small demo of the tests, for a first look")


def run(args: argparse.Namespace) -> Result:
    size = SMALL_SIZE if args.small else WHOLE_SIZE
    history = history_of(households=size.households, rounds=size.rounds)
    with ExitStack() as stack:
        servers = stack.enter_context(running_servers())
        template = migrated_template(servers)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(_closing(_copy(servers, template)))
        home = LivedIn(database, folder, servers.redis_url, environment="demo")
        stack.callback(home.close)
        ensure_key_file(folder / "keys.json")
        (folder / "secret").write_bytes(b"s" * 48)
        fill_if_empty(home.databases, home.keyring, home.settings, at=AT)
        begun = time.perf_counter()
        bring_in(home.databases, home.keyring, home.settings, at=AT, told=lambda _line: None, size=size)
        came_in = time.perf_counter() - begun
        seconds, added = _nights(home)
        _, again = _nights(home)
        rules_of = _rules_of(home)
    rules = [*CHECKS, *YEAR_CHECKS, *(rule for rule in LIST_CHECKS)]
    outcomes = outcomes_of(history.key, [edge[0] for edge in history.edges], rules_of, dict.fromkeys(rules))
    faults = [f"{one.rule}: missed: {why}" for one in outcomes for why in one.missed]
    faults += [f"{one.rule}: named a hard negative: {why}" for one in outcomes for why in one.suspected]
    faults += [f"the second night added {again} findings"] if again else []
    counts = {
        "claims": len(history.claims),
        "rows of the key": len(history.key),
        "rules with a number of CLAIM_RULES": len({rule for rule in rules if rule[1:].isdigit()}),
        "of these with planted cases": sum(bool(one.found or one.missed) for one in outcomes if one.rule[1:].isdigit()),
        "irregular cases": sum(one.found + len(one.missed) for one in outcomes),
        "of these found": sum(one.found for one in outcomes),
        "hard negatives": sum(one.spared + len(one.suspected) for one in outcomes),
        "of these spared": sum(one.spared for one in outcomes),
        "findings added by the first night": added,
        "findings added by the second night": again,
        "seconds to bring the county in": round(came_in, 1),
        "seconds of the nightly look": round(seconds, 1),
    }
    return Result(counts, faults, REMARKS, ["## Rule by rule", _table(outcomes)])


def _closing(generator):
    """A fixture's generator as a context."""
    from contextlib import contextmanager

    return contextmanager(lambda: generator)()


def _nights(home: LivedIn) -> tuple[float, int]:
    begun, added = time.perf_counter(), 0
    for stage in STAGES:
        with home.databases["contractor"].transaction() as session:
            law = law_of(session, COUNTY)
            given = {"county_code": COUNTY, "law": law, "at": AT + dt.timedelta(hours=20), "on": LAST_DAY}
            added += look_over(session, stage, **given).total()
    return time.perf_counter() - begun, added


def _rules_of(home: LivedIn) -> dict[str, set[str]]:
    with home.databases["contractor"].transaction() as session:
        rows = session.execute(
            text(
                "SELECT c.claim_number, f.rule FROM contractor.claim AS c JOIN contractor.claim_finding AS f "
                "ON (f.county_code, f.claim_id) = (c.county_code, c.id) WHERE c.county_code = :county_code"
            ),
            {"county_code": COUNTY},
        ).all()
    found: dict[str, set[str]] = {}
    for number, rule in rows:
        found.setdefault(number, set()).add(rule)
    return found


def _table(outcomes: Sequence[Outcome]) -> str:
    heads = (
        "rule", "name", "effect", "irregular cases", "found", "recall", "hard negatives", "spared", "claims named",
        "for this rule", "planted for another", "ordinary", "precision",
    )  # fmt: skip
    lines = [heads, ("---",) * len(heads)]
    cards = all_cards()
    for one in sorted(outcomes, key=lambda each: each.rule):
        cases, others = one.found + len(one.missed), one.spared + len(one.suspected)
        recall = f"{one.recall_percent:.0f} %" if cases else f"– ({NOT_PLANTED.get(one.rule, 'not planted')})"
        precision = "–" if one.precision_percent is None else f"{one.precision_percent:.0f} %"
        lines.append(
            (
                one.rule, cards[one.rule].title_en, cards[one.rule].effect, str(cases), str(one.found), recall,
                str(others), str(one.spared), str(one.named), str(one.own_claims), str(one.other_planted),
                str(one.ordinary), precision,
            )
        )  # fmt: skip
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
