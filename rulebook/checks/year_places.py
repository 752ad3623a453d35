"""What a year shows of an institution: its beds, its short stays, its surgeons, its December, its digits.

What speaks of an institution and not of one claim names a sample of its dearest claims, for somebody to look at.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.lists import is_one_of
from rulebook.checks.year import Year, groups
from rulebook.money import PPM

DECEMBER, OTHER_MONTHS = 12, 11
BENFORD = np.log10(1 + 1 / np.arange(1, 10))


def over_beds(year: Year, card: Card) -> Iterator[Finding]:
    """More in bed on a day than the registered beds allow, or more admitted than there are beds.

    The stays that came last are named, each for the first such day. Somebody is in bed from the day of admission to
    the day before the discharge. ASSUMPTION: an institution without registered beds has not told them.
    """
    stays, first, last = year.stays, _day(year, "admitted_on"), _day(year, "discharged_on")
    last = np.maximum(last, first + 1)
    for rows in groups(stays["place"]):
        beds = int(year.places["beds"][stays["place"][rows[0]]])
        if not beds:
            continue
        rows = rows[np.lexsort((stays["claim_id"][rows], first[rows]))]
        percent = _on(card, "percent", year, rows)
        allowed = beds * percent // 100
        begin = int(first[rows].min())
        change = np.zeros(int(last[rows].max()) - begin + 1, dtype=np.int64)
        np.add.at(change, first[rows] - begin, 1)
        np.add.at(change, last[rows] - begin, -1)
        present = np.cumsum(change)
        named: set[int] = set()
        for day in np.flatnonzero(present > allowed):
            inside = rows[(first[rows] <= day + begin) & (day + begin < last[rows])]
            for row in inside[allowed:]:
                if int(row) not in named:
                    named.add(int(row))
                    found = f"{present[day]} on {np.datetime64(int(day) + begin, 'D')}"
                    yield Finding(card.key, int(row), f"{allowed} in bed at most", found)
        admitted = np.bincount(first[rows] - begin)
        for day in np.flatnonzero(admitted > beds):
            for row in rows[first[rows] == day + begin][beds:]:
                if int(row) not in named:
                    named.add(int(row))
                    found = f"{admitted[day]} on {np.datetime64(int(day) + begin, 'D')}"
                    yield Finding(card.key, int(row), f"{beds} admitted at most", found)


def low_candidates(year: Year, card: Card) -> NDArray[np.int64]:
    """Short stays without a procedure for an illness that seldom wants a bed: those whose drugs must be known."""
    stays = year.stays
    short = year.stayed_days <= card.number("most_days", stays["decisive_on"])
    chosen = [
        row
        for row in np.flatnonzero(short).tolist()
        if not stays["procedures"][row] and is_one_of(stays["diagnosis"][row], "minor", "diagnoses")
    ]
    return np.array(chosen, dtype=np.int64)


def low_threshold(year: Year, card: Card) -> Iterator[Finding]:
    """Such stays, mostly drugs, at an institution that has more of them than nine of ten like it."""
    stays = year.stays
    candidates = low_candidates(year, card)
    drugs = np.array([year.drug_fen.get(int(stays["claim_id"][row]), 0) for row in candidates], dtype=np.int64)
    percent = card.number("drug_percent", stays["decisive_on"][candidates])
    low = candidates[drugs * 100 > stays["charged_fen"][candidates] * np.minimum(percent, 10**6)]
    is_low = np.zeros(len(stays["claim_id"]), dtype=bool)
    is_low[low] = True
    rates, own = _shares(year, is_low)
    for (place, of_year), (rows, rate) in own.items():
        names = rows[is_low[rows]]
        like = rates[int(year.places["tier"][place]), of_year]
        usual = float(np.percentile(like, _on(card, "percentile", year, rows)))
        if len(names) >= _on(card, "least_stays", year, rows) and rate > usual:
            for row in names:
                expected = f"{usual * 100:.1f} % low-threshold stays at most"
                yield Finding(card.key, int(row), expected, f"{rate * 100:.1f} % of {len(rows)}")


def one_day_stays(year: Year, card: Card) -> Iterator[Finding]:
    """Too many stays of a day, without courses of treatment and day surgery."""
    stays = year.stays
    is_short = year.stayed_days <= 1
    for row in np.flatnonzero(is_short):
        codes = stays["procedures"][row]
        is_short[row] = not is_one_of(stays["diagnosis"][row], "planned", "diagnoses") and not any(
            is_one_of(code, "planned", "procedures") or is_one_of(code, "elective", "day_surgery") for code in codes
        )
    for rows in groups(stays["place"], year.years):
        names = rows[is_short[rows]]
        share_ppm = _on(card, "share_ppm", year, rows)
        if len(rows) < _on(card, "least_stays", year, rows) or len(names) * PPM <= len(rows) * share_ppm:
            continue
        expected = f"{share_ppm / 10_000:.1f} % stays of one day at most"
        found = f"{len(names) * 100 / len(rows):.1f} % of {len(rows)}"
        yield from _sample(year, card, names, expected, found)


def surgical_capacity(year: Year, card: Card) -> Iterator[Finding]:
    """More operations of one surgeon on a day than can be done. Only cataracts are counted so far.

    ASSUMPTION: who is admitted for a cataract is operated on that day; the claim does not say which.
    """
    stays = year.stays
    operated = np.array(
        [
            row
            for row, codes in enumerate(stays["procedures"])
            if codes and stays["doctor"][row] and any(is_one_of(code, "elective", "eye_surgery") for code in codes)
        ],
        dtype=np.int64,
    )
    doctors, place = stays["doctor"][operated], stays["place"][operated]
    numbers: dict[str, int] = {}
    doctor = np.array([numbers.setdefault(name, len(numbers)) for name in doctors], dtype=np.int64)
    for of in groups(place, doctor, _day(year, "admitted_on")[operated]):
        rows = operated[of]
        most = _on(card, "operations", year, rows)
        if len(rows) > most:
            for row in rows:
                found = f"{len(rows)} by {stays['doctor'][row]} on {stays['admitted_on'][row]}"
                yield Finding(card.key, int(row), f"{most} operations a day at most", found)


def year_end_rush(year: Year, card: Card) -> Iterator[Finding]:
    """December's admissions far above the other months' mean, and above nearly all institutions of the tier.

    Where few were admitted in the other months there is no usual month to hold December against.
    """
    stays = year.stays
    month = stays["admitted_on"].astype("datetime64[M]").astype(np.int64) % DECEMBER + 1
    ratios: dict[tuple[int, int], list[float]] = {}
    own: list[tuple[NDArray[np.int64], NDArray[np.int64], float]] = []
    for rows in groups(stays["place"], year.years):
        of_december = rows[month[rows] == DECEMBER]
        others = len(rows) - len(of_december)
        if not len(of_december) or others < _on(card, "least_admissions", year, of_december):
            continue
        ratio = len(of_december) * OTHER_MONTHS / others
        key = (int(stays["tier"][rows[0]]), int(year.years[rows[0]]))
        ratios.setdefault(key, []).append(ratio)
        own.append((rows, of_december, ratio))
    for rows, of_december, ratio in own:
        like = ratios[int(stays["tier"][rows[0]]), int(year.years[rows[0]])]
        percent = _on(card, "percent", year, of_december)
        is_most = len(like) == 1 or ratio > float(np.percentile(like, _on(card, "percentile", year, of_december)))
        least = _on(card, "least_admissions", year, of_december)
        if len(of_december) >= least and ratio * 100 > percent and is_most:
            expected = f"{percent} % of the other months at most"
            yield from _sample(year, card, of_december, expected, f"{ratio * 100:.0f} % in December")


def first_digits(year: Year, card: Card) -> Iterator[Finding]:
    """Totals whose first digits are not spread as those of grown amounts are. A screen, and never more than that.

    Named is a sample of the totals that begin with the digit that is most in excess.
    """
    stays = year.stays
    charged = np.flatnonzero(stays["charged_fen"] > 0)
    amounts = stays["charged_fen"][charged]
    digits = amounts // 10 ** np.floor(np.log10(amounts)).astype(np.int64)
    for of in groups(stays["place"][charged], year.years[charged]):
        rows = charged[of]
        if len(rows) < _on(card, "least_claims", year, rows):
            continue
        away = np.bincount(digits[of], minlength=10)[1:10] / len(rows) - BENFORD
        deviation, most = float(np.abs(away).mean()), _on(card, "deviation_ppm", year, rows) / PPM
        if deviation > most:
            digit = int(np.argmax(away)) + 1
            expected, found = f"a deviation of {most:.4f} at most", f"{deviation:.4f}, too often {digit}"
            yield from _sample(year, card, rows[digits[of] == digit], expected, found)


def _shares(
    year: Year, chosen: NDArray[np.bool_]
) -> tuple[dict[tuple[int, int], list[float]], dict[tuple[int, int], tuple[NDArray[np.int64], float]]]:
    """The share of chosen stays by tier and year, and by institution and year with its rows."""
    like: dict[tuple[int, int], list[float]] = {}
    own = {}
    years = year.years
    for rows in groups(year.stays["place"], years):
        place, of_year = int(year.stays["place"][rows[0]]), int(years[rows[0]])
        rate = float(chosen[rows].mean())
        like.setdefault((int(year.places["tier"][place]), of_year), []).append(rate)
        own[place, of_year] = (rows, rate)
    return like, own


def _sample(year: Year, card: Card, rows: NDArray[np.int64], expected: str, found: str) -> Iterator[Finding]:
    """The dearest of some stays."""
    charged, numbers = year.stays["charged_fen"][rows], year.stays["claim_id"][rows]
    for row in rows[np.lexsort((numbers, -charged))][: _on(card, "sample", year, rows)]:
        yield Finding(card.key, int(row), expected, found)


def _on(card: Card, name: str, year: Year, rows: NDArray[np.int64]) -> int:
    """A threshold on the last day of some stays."""
    return int(card.number(name, year.stays["decisive_on"][rows].max(keepdims=True))[0])


def _day(year: Year, name: str) -> NDArray[np.int64]:
    days: NDArray[np.int64] = year.stays[name].astype(np.int64)
    return days


CHECKS: dict[str, Callable[[Year, Card], Iterator[Finding]]] = {
    "F07": over_beds,
    "F08": low_threshold,
    "F09": one_day_stays,
    "F32": surgical_capacity,
    "F40": year_end_rush,
    "F42": first_digits,
}
