"""What was done day by day: empty days, beds alone, what excludes what, too many of one thing, tests without a reason.

NOT MODELLED: an order that explains a repeat, a modifier, the hour of a test. The bill names days, so a day is a day.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import ONE_E4, OUTPATIENT, Frames
from rulebook.checks.lists import is_one_of, listed

DAILY = ("bed", "nursing")
HALF_UP_E6 = 500_000
MILLION = 1_000_000


def empty_days(frames: Frames, card: Card) -> Iterator[Finding]:
    """Whole days of a stay on which nothing at all was billed.

    A bed or nursing of several days may stand on one line; it covers as many days from its own. A bill whose lines
    all bear one day was not written day by day, and says nothing about the others.
    """
    claims, lines = frames.claims, frames.lines
    stayed = (claims["discharged_on"] - claims["admitted_on"]).astype(np.int64)
    asked = (claims["route"] != OUTPATIENT) & (stayed >= card.number("least_days", claims["decisive_on"]))
    of = np.flatnonzero(asked[lines["claim_row"]])
    row, last = lines["claim_row"][of], stayed[lines["claim_row"][of]]
    first = (lines["performed_on"][of] - claims["admitted_on"][row]).astype(np.int64)
    is_daily = np.isin(frames.items["kind"], DAILY)[lines["item_row"][of]]
    # No line covers more days than its stay has, however large a quantity is written.
    count = np.where(is_daily, np.clip(lines["quantity_e4"][of] // ONE_E4, 1, last + 1), 1)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    row, day = np.repeat(row, count), np.repeat(first, count) + within
    is_whole = (day > 0) & (day < stayed[row])
    covered = np.bincount(np.unique(row[is_whole] << 20 | day[is_whole]) >> 20, minlength=len(stayed))
    dated = np.bincount(np.unique(lines["claim_row"][of] << 20 | (first + (1 << 19))) >> 20, minlength=len(stayed))
    for claim in np.flatnonzero(asked & (dated > 1) & (covered < stayed - 1)):
        missing = stayed[claim] - 1 - covered[claim]
        yield Finding(card.key, int(claim), f"something billed on each of {stayed[claim] - 1} days", f"{missing} days")


def beds_alone(frames: Frames, card: Card) -> Iterator[Finding]:
    """Bed and nursing make up most of the bill of a stay that was not short."""
    claims, lines = frames.claims, frames.lines
    stayed = (claims["discharged_on"] - claims["admitted_on"]).astype(np.int64)
    is_fixed = np.isin(frames.items["kind"], DAILY)[lines["item_row"]]
    fixed = np.zeros(len(stayed), dtype=np.int64)
    np.add.at(fixed, lines["claim_row"][is_fixed], charged_fen(frames)[is_fixed])
    most = card.number("percent", claims["decisive_on"])
    asked = (claims["route"] != OUTPATIENT) & (stayed >= card.number("least_days", claims["decisive_on"]))
    for row in np.flatnonzero(asked & (fixed * 100 > claims["charged_fen"] * np.minimum(most, 10**6))):
        found = f"{fixed[row] * 100 // claims['charged_fen'][row]} %"
        yield Finding(card.key, int(row), f"{most[row]} % at most", found)


def unbundled(frames: Frames, card: Card) -> Iterator[Finding]:
    """Two items on one day of which a day has one; the later line is named."""
    lines, names = frames.lines, frames.items["name"]
    for group in listed("exclusions").rows["one_a_day"]:
        members = np.flatnonzero(np.isin(names, group))
        if len(set(names[members])) < 2:
            continue
        first: dict[tuple[int, int], tuple[int, str]] = {}
        days = lines["performed_on"].astype(np.int64)
        for line in np.flatnonzero(np.isin(lines["item_row"], members)):
            row, name = int(lines["claim_row"][line]), names[lines["item_row"][line]]
            line_no, one = first.setdefault((row, int(days[line])), (int(lines["line_no"][line]), name))
            if one != name:
                found = f"lines {line_no} and {lines['line_no'][line]}"
                expected = f"{one} or {name} on {lines['performed_on'][line]}"
                yield Finding(card.key, row, expected, found, line_no=int(lines["line_no"][line]))


def too_many_units(frames: Frames, card: Card) -> Iterator[Finding]:
    """More of an item on one day than a day has.

    A line that stands for several days is no day's: where the item bears one day only, a bed or a nursing level may
    be written there for the whole stay, and bed days have a rule of their own.
    """
    lines, claims, names = frames.lines, frames.claims, frames.items["name"]
    rows = listed("units").rows
    kinds = [rows["kinds"].get(kind, 0) for kind in frames.items["kind"]]
    most_of_item = np.array(
        [rows["items"].get(name, of_kind) for name, of_kind in zip(names, kinds, strict=True)], dtype=np.int64
    )
    of = np.flatnonzero(most_of_item[lines["item_row"]] > 0)
    if not len(of):
        return
    # One number for claim and item, and one for claim, item and day.
    item_key = lines["claim_row"][of] * len(names) + lines["item_row"][of]
    day = lines["performed_on"][of].astype(np.int64)
    _, first, place = np.unique(item_key * (1 << 20) + day, return_index=True, return_inverse=True)
    units = np.bincount(place, weights=lines["quantity_e4"][of]).astype(np.int64)
    _, item_place = np.unique(item_key[first], return_inverse=True)
    is_dated = np.bincount(item_place)[item_place] > 1
    line = of[first]
    row = lines["claim_row"][line]
    is_daily = np.isin(frames.items["kind"], DAILY)[lines["item_row"][line]]
    is_long = claims["discharged_on"][row] > claims["admitted_on"][row] + 1
    most = most_of_item[lines["item_row"][line]]
    over = (units > most * ONE_E4) & ~(is_daily & ~is_dated & is_long) & card.is_in_force(claims["decisive_on"][row])
    for each in np.flatnonzero(over):
        item = frames.items["item"][lines["item_row"][line[each]]]
        expected = f"{most[each]} of {item} at most on {lines['performed_on'][line[each]]}"
        line_no = int(lines["line_no"][line[each]])
        yield Finding(card.key, int(row[each]), expected, f"{units[each] / ONE_E4:g}", line_no=line_no)


def over_supply(frames: Frames, card: Card) -> Iterator[Finding]:
    """A visit's drugs for longer than a week, or a month where the illness is chronic.

    ASSUMPTION: a box lasts three days, a box of what is taken for months seven. What is injected is given there and
    then and supplies nobody.
    """
    lines, claims, items = frames.lines, frames.claims, frames.items
    lasting = np.array(
        [kind == "drug" and "注射" not in name for name, kind in zip(items["name"], items["kind"], strict=True)],
        dtype=bool,
    )
    of = np.flatnonzero((claims["route"] == OUTPATIENT)[lines["claim_row"]] & lasting[lines["item_row"]])
    if not len(of):
        return
    key = lines["claim_row"][of] * len(items["item"]) + lines["item_row"][of]
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    units = np.bincount(place, weights=lines["quantity_e4"][of]).astype(np.int64)
    line = of[first]
    row = lines["claim_row"][line]
    decisive = claims["decisive_on"][row]
    chronic = np.array([is_one_of(code, "chronic", "diagnoses") for code in claims["diagnosis"][row]], dtype=bool)
    box_days = np.where(chronic, card.number("chronic_days_a_box", decisive), card.number("days_a_box", decisive))
    most = np.where(chronic, card.number("chronic_days", decisive), card.number("days", decisive))
    supplied = units * np.minimum(box_days, 10**6) // ONE_E4
    for each in np.flatnonzero(supplied > most):
        line_no = int(lines["line_no"][line[each]])
        yield Finding(card.key, int(row[each]), f"{most[each]} days at most", f"{supplied[each]} days", line_no=line_no)


def without_indication(frames: Frames, card: Card) -> Iterator[Finding]:
    """A dear test for an illness it is not usual for. Only codes of ICD-10, which begin with a letter, are judged."""
    claims, lines, names = frames.claims, frames.lines, frames.items["name"]
    usual = listed("indications").rows
    of = np.flatnonzero(np.isin(names, list(usual))[lines["item_row"]])
    row = lines["claim_row"][of]
    for line in of[charged_fen(frames)[of] > card.number("most_fen", claims["decisive_on"][row])]:
        claim, name = int(lines["claim_row"][line]), names[lines["item_row"][line]]
        diagnosis = claims["diagnosis"][claim]
        if diagnosis[:1].isalpha() and not is_one_of(diagnosis, "indications", name):
            item = frames.items["item"][lines["item_row"][line]]
            found = f"{item} for {diagnosis}"
            yield Finding(card.key, claim, "a diagnosis the test is for", found, line_no=int(lines["line_no"][line]))


def battery(frames: Frames, card: Card) -> Iterator[Finding]:
    """Many large tests at once on admission, without an illness for which that is usual."""
    claims, lines = frames.claims, frames.lines
    is_large = np.isin(frames.items["name"], listed("battery").rows["tests"])
    of = np.flatnonzero(is_large[lines["item_row"]])
    row = lines["claim_row"][of]
    since = (lines["performed_on"][of] - claims["admitted_on"][row]).astype(np.int64)
    early = (since >= 0) & (since <= card.number("days", claims["decisive_on"][row]))
    early &= (claims["route"] != OUTPATIENT)[row]
    # The same test twice is one test.
    key = np.unique(row[early] * len(is_large) + lines["item_row"][of][early])
    tests = np.bincount(key // max(len(is_large), 1), minlength=len(claims["claim_id"]))
    least = card.number("tests", claims["decisive_on"])
    for claim in np.flatnonzero(tests >= least):
        if not is_one_of(claims["diagnosis"][claim], "battery", "usual_for"):
            expected = f"fewer than {least[claim]} large tests on admission"
            yield Finding(card.key, int(claim), expected, str(tests[claim]))


def emergency_by_plan(frames: Frames, card: Card) -> Iterator[Finding]:
    """An emergency fee on care that is arranged beforehand: a cataract, a course of treatment, dialysis."""
    claims, lines, names = frames.claims, frames.lines, frames.items["name"]
    is_emergency = np.array([any(word in name for word in card.words["emergency"]) for name in names], dtype=bool)
    of = np.flatnonzero(is_emergency[lines["item_row"]])
    for line in of[card.is_in_force(claims["decisive_on"][lines["claim_row"][of]])]:
        claim = int(lines["claim_row"][line])
        diagnosis = claims["diagnosis"][claim]
        if _is_arranged(diagnosis, claims["procedures"][claim]):
            found = f"{frames.items['item'][lines['item_row'][line]]} for {diagnosis}"
            yield Finding(card.key, claim, "no emergency fee", found, line_no=int(lines["line_no"][line]))


def _is_arranged(diagnosis: str, procedures: list[str]) -> bool:
    return (
        is_one_of(diagnosis, "planned", "diagnoses")
        or is_one_of(diagnosis, "elective", "planned_diagnoses")
        or any(is_one_of(code, "planned", "procedures") for code in procedures)
        or any(is_one_of(code, "elective", "eye_surgery") for code in procedures)
    )


def charged_fen(frames: Frames) -> NDArray[np.int64]:
    """What each line charges: quantity times price, half-up to the fen, once."""
    lines = frames.lines
    charged: NDArray[np.int64] = (lines["quantity_e4"] * lines["unit_price_e4"] + HALF_UP_E6) // MILLION
    return charged


CHECKS: dict[str, Callable[[Frames, Card], Iterator[Finding]]] = {
    "F05": empty_days,
    "F06": beds_alone,
    "F19": unbundled,
    "F20": too_many_units,
    "F21": over_supply,
    "F26": without_indication,
    "F27": battery,
    "F34": emergency_by_plan,
}
