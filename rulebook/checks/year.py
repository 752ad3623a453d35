"""All stays of a county's last two years as columns, for what no single claim shows: places, villages, days, habits.

A stay takes some hundred bytes here, so that a county's two years fit in memory whatever their number.
"""

import datetime as dt
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.frames import PEER_COLUMNS, Columns, category_of, columns

EPOCH = dt.date(1970, 1, 1).toordinal()
# 1.4826 times the median distance from the median is the deviation of a normal distribution.
MAD_TO_DEVIATION = 1.4826
PLACE_COLUMNS = {"institution": "object", "tier": "int64", "beds": "int64"}
_NUMBERS = ("claim_id", "member_id", "household_id", "village", "place", "charged_fen", "admitted_on", "discharged_on")


class Stay(NamedTuple):
    """One stay as it is read. `village` is its code as a number."""

    claim_id: int
    member_id: int
    household_id: int
    village: int
    institution: str
    admitted_on: dt.date
    discharged_on: dt.date
    diagnosis: str
    procedures: tuple[str, ...]
    doctor: str
    charged_fen: int
    has_slip: bool


@dataclass(frozen=True)
class Year:
    """The stays, a row each, and the institutions they were at.

    Args:
        stays: `place` leads to the institution, `category` to the categories; codes of one kind are one object.
        places: institutions with tier and registered beds; 0 beds where none are registered.
        drug_fen: what drugs came to, by claim; only for the short stays that `low_threshold` asks about.
    """

    stays: Columns
    places: Columns
    categories: tuple[str, ...]
    drug_fen: Mapping[int, int] = field(default_factory=dict)

    @property
    def stayed_days(self) -> NDArray[np.int64]:
        days: NDArray[np.int64] = (self.stays["discharged_on"] - self.stays["admitted_on"]).astype(np.int64)
        return days

    @property
    def years(self) -> NDArray[np.int64]:
        """The calendar year each stay was admitted in."""
        years: NDArray[np.int64] = self.stays["admitted_on"].astype("datetime64[Y]").astype(np.int64) + 1970
        return years


def year_of(stays: Iterable[Stay], places: Mapping[str, tuple[int, int]]) -> Year:
    """The columns of some stays.

    Args:
        places: tier and beds of every institution by its code.
    """
    numbers: dict[str, array[int]] = {name: array("q") for name in _NUMBERS}
    slips, category, place_of = array("b"), array("q"), {code: row for row, code in enumerate(places)}
    texts: dict[str, list[Any]] = {"diagnosis": [], "procedures": [], "doctor": []}
    same: dict[Any, Any] = {}
    categories: dict[str, int] = {}
    for stay in stays:
        for name in ("claim_id", "member_id", "household_id", "village", "charged_fen"):
            numbers[name].append(getattr(stay, name))
        numbers["place"].append(place_of[stay.institution])
        numbers["admitted_on"].append(stay.admitted_on.toordinal() - EPOCH)
        numbers["discharged_on"].append(stay.discharged_on.toordinal() - EPOCH)
        for name, listed in texts.items():
            value = getattr(stay, name)
            listed.append(same.setdefault(value, value))
        slips.append(stay.has_slip)
        category.append(categories.setdefault(category_of(stay.diagnosis), len(categories)))
    made: dict[str, NDArray[Any]] = {name: np.frombuffer(values, dtype=np.int64) for name, values in numbers.items()}
    for name in ("admitted_on", "discharged_on"):
        made[name] = made[name].astype("datetime64[D]")
    made |= columns(dict.fromkeys(texts, "object"), texts)
    made["has_slip"] = np.frombuffer(slips, dtype=np.int8).astype(bool)
    made["category"] = np.frombuffer(category, dtype=np.int64)
    made["decisive_on"] = made["discharged_on"]
    rows = {
        "institution": list(places),
        "tier": [tier for tier, _ in places.values()],
        "beds": [beds for _, beds in places.values()],
    }
    shown = columns(PLACE_COLUMNS, rows)
    made["tier"] = shown["tier"][made["place"]]
    return Year(made, shown, tuple(categories))


def groups(*keys: NDArray[Any]) -> Iterator[NDArray[np.int64]]:
    """The rows of each set of equal keys, in the order of the keys."""
    if not len(keys[0]):
        return
    order = np.lexsort(keys[::-1])
    differs = np.zeros(len(order), dtype=bool)
    for key in keys:
        differs[1:] |= key[order[1:]] != key[order[:-1]]
    yield from np.split(order, np.flatnonzero(differs))


class PeerGroup(NamedTuple):
    """What the stays of one category at one tier cost and last."""

    category: str
    tier: int
    stay_count: int
    log_mean: float
    log_deviation: float
    log_median: float
    log_spread: float
    days_p95: float
    percentiles_fen: tuple[int, ...]


PERCENTS = np.arange(1, 100)


def peer_groups(year: Year) -> list[PeerGroup]:
    """Every group there is. A bill of nothing has no logarithm and belongs to none."""
    charged = np.flatnonzero(year.stays["charged_fen"] > 0)
    logs, days = np.log(year.stays["charged_fen"][charged]), year.stayed_days[charged]
    found = []
    for rows in groups(year.stays["category"][charged], year.stays["tier"][charged]):
        own, first = logs[rows], charged[rows[0]]
        median = float(np.median(own))
        found.append(
            PeerGroup(
                year.categories[int(year.stays["category"][first])],
                int(year.stays["tier"][first]),
                len(rows),
                float(own.mean()),
                float(own.std()),
                median,
                MAD_TO_DEVIATION * float(np.median(np.abs(own - median))),
                float(np.percentile(days[rows], 95)),
                tuple(_at_most(year.stays["charged_fen"][charged[rows]]).tolist()),
            )
        )
    return found


def _at_most(amounts_fen: NDArray[np.int64]) -> NDArray[np.int64]:
    """What one, two … ninety-nine of a hundred of these cost at most: an amount of theirs, and no mean of two."""
    places: NDArray[np.int64] = (PERCENTS * len(amounts_fen) + 99) // 100 - 1
    at_most: NDArray[np.int64] = np.sort(amounts_fen)[places]
    return at_most


def peers_of(year: Year) -> Columns:
    """Beside each stay what its group comes to."""
    known = {
        (group.category, group.tier): [getattr(group, name) for name in PEER_COLUMNS] for group in peer_groups(year)
    }
    numbers = {name: np.zeros(len(year.stays["claim_id"]), dtype=kind) for name, kind in PEER_COLUMNS.items()}
    for rows in groups(year.stays["category"], year.stays["tier"]):
        key = (year.categories[int(year.stays["category"][rows[0]])], int(year.stays["tier"][rows[0]]))
        for name, value in zip(PEER_COLUMNS, known.get(key, (0,) * len(PEER_COLUMNS)), strict=True):
            numbers[name][rows] = value
    return numbers
