"""All the real input along the whole path: Synthea whole, four samples of DE-SynPUF, the overlaps of all eleven."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack

from rulebook.checks import CHECKS, all_cards
from rulebook.money import yuan_text
from tests.conftest import Servers, migrated_template, running_servers
from tests.real_input import desynpuf, overlaps, synthea
from tests.real_input.check_frames import frames_of
from tests.real_input.counts_by_rule import WHY as WHY_SO_MANY
from tests.real_input.counts_by_rule import counts_by_rule
from tests.real_input.county import RealCounty
from tests.real_input.expected import DESYNPUF, ELEVEN, SYNTHEA, WHY, Expected, faults_against, paid_percent
from tests.real_input.sources import SAMPLES, NoRealInput
from tests.real_input.walking import Walked, faults_in, walked
from tests.soak.record import Result

NAME = "real-input"
DESCRIPTION = (
    "Synthea's 18,350 claims and 22,928 stays of DE-SynPUF (samples 1 to 4) from the clerk's lists to the county's "
    "recomputation, every claim's end pinned and every sum equal to the fen; and the zero payments, negative payments "
    "and overlapping stays of all eleven samples, counted from the files and found by the checks."
)
WALKED_SAMPLES = (1, 2, 3, 4)
TIERS = {1: "township", 2: "county", 3: "above the county"}
ODDITIES = (
    "A dollar is taken as a yuan; so prices are those of Massachusetts and of Medicare, and caps of 20,000 yuan a year "
    "bite early.",
    "The law is Balin Zuoqi's for both counties, because it alone begins before 2008; 589 of Synthea's claims lie in "
    "2004 to 2006 and are moved with the 5,037 older ones.",
    "Enrolment is assumed for Synthea (every year from birth to death) and real for DE-SynPUF (a year with at least "
    "one month of hospital coverage).",
    "Tiers follow words in a name or a hash of a number, classes the last digit of a code or a fixed split: shares by "
    "tier show that the law is applied, not what hospitals cost.",
    "Diagnoses are SNOMED or ICD-9. Care that comes again by plan is known by both; what is listed by ICD-10 alone "
    "(sex and age, minor and chronic illness, indications) finds nothing here and is shown by the demo county.",
    "Neither source has households, poor or five-guarantee members, referrals, manual claims, public notices, "
    "supplementary insurance or advances by the institution; identity numbers and accounts are made up.",
    "DE-SynPUF's continuation rows repeat the claim in 13 of 60 cases and contradict it in the others; they are no "
    "claims, and their amounts are not added. Its blood deductible is left out of the total.",
    "Synthea's benefits rise with the tier, against the rates. Until 2015 all tiers come to 25 to 26 %, because the "
    "cap of 20,000 yuan decides; from 2016 serious-illness insurance pays half of what is left above 5,000 yuan "
    "without a cap, and 62 of the 86 stays of 5,000 yuan or more since then lie above the county.",
    "A claim with a total of nothing waits for a person, who approves it here; it pays nothing.",
    "A line of DE-SynPUF is performed on the day of admission, because the source has no lines.",
    "Synthea writes 255 for every medicine, so 567 claims have the person, place, day and total of another; 28 of "
    "them have its lines too, and those alone are named as sent twice (F17).",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-walk", action="store_true", help="only count the odd rows of the files")


def run(args: argparse.Namespace) -> Result:
    try:
        counts, faults, parts = _odd_rows()
        synthea_county = synthea.load()
    except NoRealInput as missing:
        # The record of a run with the data stays; one without is no proof of anything.
        args.no_record = True
        return Result({"NOT RUN": str(missing)})
    if not args.no_walk:
        with ExitStack() as stack:
            servers = stack.enter_context(running_servers())
            template = migrated_template(servers)
            for title, county, expected in (
                ("Synthea", synthea_county, SYNTHEA),
                ("DE-SynPUF, samples 1 to 4", desynpuf.load(WALKED_SAMPLES), DESYNPUF),
            ):
                _walk(servers, template, title, county, expected, counts, faults, parts)
    return Result(counts, faults, ODDITIES, parts)


def _walk(
    servers: Servers,
    template: str,
    title: str,
    county: RealCounty,
    expected: Expected,
    counts: dict[str, object],
    faults: list[str],
    parts: list[str],
) -> None:
    with walked(servers, template, county) as walk:
        faults += [f"{title}: {fault}" for fault in faults_against(expected, walk.outcomes, walk.findings)]
        faults += [f"{title}: {fault}" for fault in faults_in(walk)]
        counts |= {
            f"{title}: claims": len(county.claims),
            f"{title}: people": len(county.people),
            f"{title}: institutions": len(county.institutions),
            f"{title}: claims with a total of nothing": sum(claim.charged_fen == 0 for claim in county.claims),
            f"{title}: rows put aside": len(county.put_aside),
            f"{title}: payments handed over": walk.handed.orders,
            f"{title}: differences of the recomputation": len(walk.recomputed.differences),
        }
        parts += [
            f"## {title}: where every claim ended",
            _outcomes_table(walk),
            f"Paid share of stays: {paid_percent(walk.outcomes):.2f} %, expected {expected.band_percent[0]} to "
            f"{expected.band_percent[1]} %. A run in which everything is refused falls out of the band and fails.",
            f"## {title}: what the checks named",
            _findings_table(walk),
            f"## {title}: stays by tier",
            _tiers_table(walk),
            f"## {title}: the same money at every station",
            _stations_table(walk),
            "Seconds: " + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in walk.seconds.items()) + ".",
        ]


def _outcomes_table(walk: Walked) -> str:
    rows = [
        (
            row.route,
            f"{row.state} ({row.event})",
            row.reason,
            f"{row.claims:,}",
            yuan_text(row.charged_fen),
            yuan_text(row.awarded_fen),
            yuan_text(row.paid_fen),
            WHY.get((row.route, row.state, row.event, row.reason), "NOT EXPLAINED"),
        )
        for row in walk.outcomes
    ]
    heads = ("route", "ended", "reason", "claims", "charged, yuan", "awarded", "paid by the bank", "why")
    return _table(heads, rows)


def _findings_table(walk: Walked) -> str:
    cards = all_cards()
    rows = [
        (rule, cards[rule].title_en, cards[rule].severity, cards[rule].effect, f"{claims:,}")
        for rule, claims in walk.findings.items()
    ]
    return _table(("check", "name", "severity", "effect", "claims"), rows)


def _tiers_table(walk: Walked) -> str:
    rows = [
        (
            TIERS[row.tier],
            f"{row.stays:,}",
            yuan_text(row.cost_fen),
            yuan_text(row.benefits_fen),
            yuan_text(row.serious_fen),
            f"{row.share_ppm / 10_000:.2f} %",
        )
        for row in walk.tiers
    ]
    return _table(("tier", "settled stays", "cost, yuan", "benefits", "of these serious-illness", "share"), rows)


def _stations_table(walk: Walked) -> str:
    """Each line an amount and everywhere it was read; `faults_in` has compared them."""
    owed, answers, ledger, again = walk.owed, walk.in_payments, walk.ledger, walk.recomputed
    rows = [
        ("charged: source, files, claims, lines", walk.charged.in_lines_fen),
        ("owed: settlements", owed.settled_fen),
        ("owed: household accounts", owed.from_accounts_fen),
        ("owed: payments planned, in batches, in the bank's files", owed.planned_fen),
        ("owed: published, recomputed by the county", again.recomputed_fen),
        ("paid: payments, bank, table above", answers.paid_fen),
        ("refused by the bank: payments, bank", answers.refused_fen),
        ("returned: payments, bank, suspense account", answers.returned_fen),
        ("ledger: received", ledger.received_fen),
        ("ledger: left at the bank = received less paid", ledger.at_the_bank_fen),
        ("ledger: in transit", ledger.in_transit_fen),
        ("ledger: all legs together", ledger.sum_of_all_legs_fen),
    ]
    return _table(("station", "yuan"), [(what, yuan_text(fen)) for what, fen in rows])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _odd_rows() -> tuple[dict[str, object], list[str], list[str]]:
    """What is odd in all eleven samples, from the files by pandas and from the claims by the checks."""
    rows = desynpuf.stays(columns=overlaps.COLUMNS)
    told = overlaps.count(rows)
    county = desynpuf.load(SAMPLES)
    numbers = [claim.claim_number for claim in county.claims]
    frames, cards = frames_of(county), all_cards()
    pairs = overlaps.overlapping_pairs(rows[(rows["SEGMENT"] == "1") & rows["CLM_ID"].isin(set(numbers))])
    faults = []
    for rule, identical in (("F13", False), ("same_days", True)):
        found = set()
        for finding in CHECKS[rule](frames, cards[rule]):
            pair = (numbers[finding.claim_row], numbers[finding.other_claim_id - 1])
            found.add((min(pair), max(pair)))
        own = pairs[pairs["is_identical"] == identical]
        if found != set(zip(own["first"], own["second"], strict=True)):
            faults.append(f"{rule} names {len(found)} pairs, the files hold {len(own)}")
    put_aside = [each.why for each in county.put_aside]
    counts: dict[str, object] = {
        "eleven samples: rows": told.rows,
        "continuation rows, put aside": told.continuation_rows,
        "payments of nothing": told.zero_payments,
        "payments below nothing": told.negative_payments,
        "of these with a total below nothing, refused at every door": put_aside.count(desynpuf.NEGATIVE_TOTAL),
        "claims with a total of nothing": sum(claim.charged_fen == 0 for claim in county.claims),
        "stays begun in 2007": told.begun_in_2007,
        "consecutive stays that strictly overlap": told.consecutive_strict,
        "consecutive stays of the very same days": told.consecutive_identical,
        "the same, counting continuation rows": told.rows_identical,
        "overlapping pairs, in the files": told.pairs,
        "of these at one hospital": told.pairs_at_one_hospital,
        "overlapping pairs without a refused total": len(pairs),
        "pairs named by F13": int((~pairs["is_identical"]).sum()),
        "pairs named by same_days": int(pairs["is_identical"].sum()),
    }
    named = counts_by_rule(county)
    for rule in sorted(named.keys() | ELEVEN.keys()):
        if named.get(rule, 0) != ELEVEN.get(rule, 0):
            faults.append(f"eleven samples: {rule} names {named.get(rule, 0)} claims, expected {ELEVEN.get(rule, 0)}")
    rows_told = [
        (rule, cards[rule].title_en, cards[rule].severity, f"{count:,}", WHY_SO_MANY[rule])
        for rule, count in sorted(named.items())
    ]
    part = _table(("check", "name", "severity", "claims", "why so many, or none"), rows_told)
    return counts, faults, ["## DE-SynPUF, all eleven samples: claims named by each check", part]
