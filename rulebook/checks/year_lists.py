"""What a year's lists show: drugs drawn in many places, names that do not fit, ceilings, advances, and our own desk.

Each check reads one list that the database has already summed up, a row for what may be worth a finding; the
threshold is asked here. `claim_id` is the claim that a row speaks of, `line_no` its line or 0.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import ONE_E4, Columns
from rulebook.checks.lists import is_one_of
from rulebook.money import yuan_text

MINUTES_AN_HOUR = 60
_OF_A_CLAIM = {"claim_id": "int64", "line_no": "int64", "decisive_on": "datetime64[D]"}
LISTS: Mapping[str, Mapping[str, str]] = {
    # One row: a drug a member drew at several institutions within a calendar half-year.
    "F22": _OF_A_CLAIM | {"item": "object", "institutions": "int64", "units_e4": "int64"},
    # One row: a line whose name at the institution is not the catalogue's.
    "F24": _OF_A_CLAIM | {"hospital_name": "object", "catalogue_name": "object"},
    # One row: the year's compensation from the pooled fund of a member close to the cap.
    "F36": _OF_A_CLAIM | {"paid_fen": "int64", "cap_fen": "int64"},
    # One row: a direct claim whose institution advanced something else than it is compensated.
    "advance_differs": _OF_A_CLAIM | {"advanced_fen": "int64", "benefit_fen": "int64", "reduced_fen": "int64"},
    # One row: a claim that a person entered outside office hours.
    "F31": _OF_A_CLAIM | {"minute": "int64", "diagnosis": "object", "procedures": "object"},
    # One row: a decided claim; 0 or -1 where a fact is not known.
    "F38": _OF_A_CLAIM | {"entered_by": "int64", "decided_by": "int64", "paid_minutes": "int64"},
    # One row: a member whose identity number is enrolled elsewhere in the same year.
    "F11": _OF_A_CLAIM | {"other_county": "object"},
}


def stock_piling(rows: Columns, card: Card) -> Iterator[Finding]:
    """Many units of one drug from several institutions within half a year."""
    most, least = card.number("units", rows["decisive_on"]), card.number("institutions", rows["decisive_on"])
    many = (rows["units_e4"] > np.minimum(most, 10**9) * ONE_E4) & (rows["institutions"] >= least)
    for row in np.flatnonzero(many):
        expected = f"{most[row]} units at most, or fewer than {least[row]} places"
        found = f"{rows['units_e4'][row] // ONE_E4} units of {rows['item'][row]} from {rows['institutions'][row]}"
        yield Finding(card.key, int(row), expected, found, line_no=int(rows["line_no"][row]))


def unlike_name(rows: Columns, card: Card) -> Iterator[Finding]:
    """An institution's own name for an item that has little in common with the catalogue's."""
    least = card.number("similarity_percent", rows["decisive_on"])
    in_force = card.is_in_force(rows["decisive_on"])
    for row in np.flatnonzero(in_force):
        own, name = rows["hospital_name"][row], rows["catalogue_name"][row]
        alike = alike_percent(own, name)
        if alike < least[row]:
            yield Finding(
                card.key, int(row), f"a name like {name}", f"{own}, {alike} % alike", line_no=int(rows["line_no"][row])
            )


@lru_cache(maxsize=1 << 14)
def alike_percent(one: str, other: str) -> int:
    """Twice the characters two names share, of all their characters; their order does not count, nor do spaces."""
    first, second = Counter(one.replace(" ", "").casefold()), Counter(other.replace(" ", "").casefold())
    both = first.total() + second.total()
    return (first & second).total() * 200 // both if both else 100


def near_ceiling(rows: Columns, card: Card) -> Iterator[Finding]:
    """The year's compensation has nearly reached the cap."""
    percent = card.number("percent", rows["decisive_on"])
    near = rows["paid_fen"] * 100 >= rows["cap_fen"] * np.minimum(percent, 10**6)
    for row in np.flatnonzero(near):
        expected = f"below {percent[row]} % of {yuan_text(int(rows['cap_fen'][row]))}"
        found = f"{rows['paid_fen'][row] * 100 // rows['cap_fen'][row]} %"
        yield Finding(card.key, int(row), expected, found)


def advance_differs(rows: Columns, card: Card) -> Iterator[Finding]:
    """The institution advanced more or less than the member is owed.

    What a reviewer took off falls on the institution: having advanced more is then what the law wants.
    """
    advanced, benefit = rows["advanced_fen"], rows["benefit_fen"]
    differs = (advanced < benefit) | ((advanced > benefit) & (rows["reduced_fen"] == 0))
    for row in np.flatnonzero(differs & card.is_in_force(rows["decisive_on"])):
        yield Finding(
            card.key, int(row), f"{yuan_text(int(benefit[row]))} advanced", f"{yuan_text(int(advanced[row]))} advanced"
        )


def odd_hours(rows: Columns, card: Card) -> Iterator[Finding]:
    """Elective care that a person entered between evening and morning."""
    start, end = card.number("from_hour", rows["decisive_on"]), card.number("until_hour", rows["decisive_on"])
    hour = rows["minute"] // MINUTES_AN_HOUR
    for row in np.flatnonzero((hour >= start) | ((hour < end) & card.is_in_force(rows["decisive_on"]))):
        codes = rows["procedures"][row]
        if is_one_of(rows["diagnosis"][row], "elective", "planned_diagnoses") or any(
            is_one_of(code, "elective", "eye_surgery") for code in codes
        ):
            found = f"at {hour[row]:02d}:{rows['minute'][row] % MINUTES_AN_HOUR:02d}"
            yield Finding(card.key, int(row), f"between {end[row]} and {start[row]} o'clock", found)


def insider(rows: Columns, card: Card) -> Iterator[Finding]:
    """One person entered and decided, or it was paid at once.

    NOT MODELLED: an account changed just before the payment. The registry does not publish when an account changed.
    """
    least = card.number("minutes", rows["decisive_on"])
    in_force = card.is_in_force(rows["decisive_on"])
    for row in np.flatnonzero(in_force & (rows["entered_by"] > 0) & (rows["entered_by"] == rows["decided_by"])):
        found = f"entered and decided by {rows['entered_by'][row]}"
        yield Finding(card.key, int(row), "somebody else to decide", found)
    minutes = rows["paid_minutes"]
    for row in np.flatnonzero(in_force & (minutes >= 0) & (minutes < least)):
        expected = f"paid after {least[row]} minutes at least"
        yield Finding(card.key, int(row), expected, f"paid after {minutes[row]} minutes")


def enrolled_twice(rows: Columns, card: Card) -> Iterator[Finding]:
    """One identity number, two counties, one year."""
    for row in np.flatnonzero(card.is_in_force(rows["decisive_on"])):
        yield Finding(card.key, int(row), "enrolled in one county", f"enrolled in {rows['other_county'][row]} too")


CHECKS: dict[str, Callable[[Columns, Card], Iterator[Finding]]] = {
    "F22": stock_piling,
    "F24": unlike_name,
    "F36": near_ceiling,
    "advance_differs": advance_differs,
    "F31": odd_hours,
    "F38": insider,
    "F11": enrolled_twice,
}
