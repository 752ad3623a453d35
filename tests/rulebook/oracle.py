"""The slow oracle: `docs/law/benefit_order.md` in Decimal yuan, read sentence by sentence. It imports nothing of ours.

It reads the files of a schedule itself, so that a fault of the loader shows too.
"""

from collections import defaultdict
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from pathlib import Path

import yaml

STATUSES = {0: "member", 1: "poor", 2: "five_guarantee"}
TIERS = {1: "township", 2: "county", 3: "above_county"}
BANDS = ("band_1", "band_2", "band_3")
RESULTS = ("eligible", "above", "base", "top_up", "serious", "supplementary", "assistance")
FEN = Decimal("0.01")
ZERO = Decimal(0)
REQUIRED = (
    "decisive_day",
    "catalogue_class_share",
    "inpatient_deductible",
    "inpatient_bands",
    "inpatient_rate",
    "inpatient_cap",
)


class NoLaw(Exception):
    pass


def rounded(yuan):
    """Half-up to the fen: the nearest fen below the amount and half a fen."""
    return (yuan + FEN / 2).quantize(FEN, rounding=ROUND_FLOOR)


@cache
def pages(folder):
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in Path(folder).glob("*.yaml")}


@cache
def stated(folder, rule, day):
    """Section 2: the value with the latest date not after the day; None before the first and after a null."""
    if rule not in pages(folder):
        return None
    latest = None
    for first_day, value in pages(folder)[rule]["values"].items():
        if first_day <= day and (latest is None or first_day > latest[0]):
            latest = (first_day, value)
    return latest[1] if latest else None


@cache
def law(folder, day, status, tier):
    """The numbers of the law for one status and tier on one day; a limit of None does not exist."""
    for rule in REQUIRED:
        if stated(folder, rule, day) is None:
            raise NoLaw(rule, day)

    def percent(rule, *path, otherwise=None):
        value = stated(folder, rule, day)
        if value is None:
            return otherwise
        for name in path:
            value = value[name]
        return Decimal(value) / 100

    def yuan(rule, name):
        value = stated(folder, rule, day)
        return None if value is None or value[name] == "none" else Decimal(value[name])

    waived = stated(folder, "deductible_waived", day)
    return {
        "classes": [percent("catalogue_class_share", name, tier) for name in ("class_a", "class_b", "class_c")],
        "deductible": ZERO if waived and waived[status] == "yes" else yuan("inpatient_deductible", tier),
        "bands": [yuan("inpatient_bands", "band_1_up_to"), yuan("inpatient_bands", "band_2_up_to")],
        "rates": [percent("inpatient_rate", tier, band) for band in BANDS],
        "top_up": percent("poor_top_up", status, otherwise=ZERO),
        "cap": yuan("inpatient_cap", "a_year"),
        "is_serious": stated(folder, "serious_illness_rate", day) is not None,
        "threshold": yuan("serious_illness_threshold", status),
        "serious_bands": [
            yuan("serious_illness_bands", "band_1_up_to"),
            yuan("serious_illness_bands", "band_2_up_to"),
        ],
        "serious_rates": [percent("serious_illness_rate", band, otherwise=ZERO) for band in BANDS],
        "serious_extra": percent("serious_illness_extra", status, otherwise=ZERO),
        "serious_cap": yuan("serious_illness_cap", "a_year"),
        "supplementary_share": percent("supplementary_share", "of_the_cut"),
        "supplementary_cap": yuan("supplementary_cap", "a_year"),
        "assistance_rate": percent("medical_assistance_rate", status),
        "assistance_cap": yuan("medical_assistance_cap", status),
    }


def split(before, after, edges):
    """How much of the stretch lies in each band."""
    first, second = edges
    parts = []
    low = ZERO
    for high in (first, second, None):
        top = after if high is None else min(after, high)
        parts.append(max(top - max(before, low), ZERO))
        if high is None:
            break
        low = high
    return parts + [ZERO] * (3 - len(parts))


def at_most(amount, limit, used):
    """What a yearly limit leaves of an amount."""
    return amount if limit is None else min(amount, max(limit - used, ZERO))


def decided(row, numbers, year):
    """Section 4. `year` is section 3's memory."""
    cost = row["cost"]
    counted = [rounded(row[name] * share) for name, share in zip(("a", "b", "c"), numbers["classes"], strict=True)]
    eligible = min(sum(counted), cost)
    above = max(eligible - numbers["deductible"], ZERO)
    parts = split(year["covered"], year["covered"] + above, numbers["bands"])
    base_share = rounded(sum(part * rate for part, rate in zip(parts, numbers["rates"], strict=True)))
    top_up_share = min(rounded(above * numbers["top_up"]), above - base_share)
    base = at_most(base_share, numbers["cap"], year["pool"])
    top_up = at_most(top_up_share, numbers["cap"], year["pool"] + base)
    cut = base_share + top_up_share - base - top_up
    burden = eligible - base - top_up

    serious = ZERO
    if numbers["is_serious"]:
        over_before = max(year["burden"] - numbers["threshold"], ZERO)
        over_after = max(year["burden"] + burden - numbers["threshold"], ZERO)
        parts = split(over_before, over_after, numbers["serious_bands"])
        rates = [rate + numbers["serious_extra"] for rate in numbers["serious_rates"]]
        share = rounded(sum(part * rate for part, rate in zip(parts, rates, strict=True)))
        serious = at_most(share, numbers["serious_cap"], year["serious"])

    supplementary = ZERO
    if row["is_supplemented"] and numbers["supplementary_share"] is not None:
        share = rounded(cut * numbers["supplementary_share"])
        supplementary = min(at_most(share, numbers["supplementary_cap"], year["supplementary"]), burden - serious)

    assistance = ZERO
    if numbers["assistance_rate"] is not None:
        left = burden - serious - supplementary
        assistance = at_most(rounded(left * numbers["assistance_rate"]), numbers["assistance_cap"], year["assistance"])
    return dict(zip(RESULTS, (eligible, above, base, top_up, serious, supplementary, assistance), strict=True))


def deciding(row, folder):
    """Section 2: the day for year and law, and the status."""
    rule = stated(folder, "decisive_day", row["discharged_on"])
    if rule is None:
        raise NoLaw("decisive_day", row["discharged_on"])
    day = row["admitted_on"] if rule["year_and_schedule"] == "admission" else row["discharged_on"]
    name = "status_on_admission" if rule["status"] == "admission" else "status_on_discharge"
    return day, STATUSES[row[name]]


def settle(rows, folder):
    """Every settlement's results in fen, by settlement_id.

    Args:
        rows: dicts named as the published columns, amounts in fen, days as `date`, in any order.
    """
    years = defaultdict(list)
    for given in rows:
        row = dict(given)
        for short, long in (("cost", "cost_fen"), ("a", "class_a_fen"), ("b", "class_b_fen"), ("c", "class_c_fen")):
            row[short] = Decimal(int(row[long])) / 100
        row["day"], row["status"] = deciding(row, folder)
        years[row["member_id"], row["day"].year].append(row)
    results = {}
    for year_rows in years.values():
        year = dict.fromkeys(("covered", "pool", "burden", "serious", "supplementary", "assistance"), ZERO)
        for row in sorted(year_rows, key=lambda row: row["settlement_no"]):
            if row["reverses_settlement_id"]:
                result = {name: -amount for name, amount in results[row["reverses_settlement_id"]].items()}
            else:
                result = decided(row, law(folder, row["day"], row["status"], TIERS[row["tier"]]), year)
            results[row["settlement_id"]] = result
            year["covered"] += result["above"]
            year["pool"] += result["base"] + result["top_up"]
            year["burden"] += result["eligible"] - result["base"] - result["top_up"]
            year["serious"] += result["serious"]
            year["supplementary"] += result["supplementary"]
            year["assistance"] += result["assistance"]
    return {
        settlement_id: tuple(int(result[name] * 100) for name in RESULTS) for settlement_id, result in results.items()
    }
