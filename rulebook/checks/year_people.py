"""What a year shows of people: households and villages that go together, care far away, and stays beside their like."""

from collections.abc import Callable, Iterator

import numpy as np

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.peers import outliers
from rulebook.checks.year import Year, groups, peers_of
from rulebook.money import yuan_text

ABOVE_COUNTY = 3


def family_cluster(year: Year, card: Card) -> Iterator[Finding]:
    """More than two of one household admitted on one day."""
    stays = year.stays
    for rows in groups(stays["household_id"], stays["admitted_on"].astype(np.int64)):
        people = len(set(stays["member_id"][rows].tolist()))
        most = card.number("people", stays["decisive_on"][rows])
        if people > most[0]:
            for row in rows:
                found = f"{people} on {stays['admitted_on'][row]}"
                yield Finding(card.key, int(row), f"{most[0]} of one household on one day at most", found)


def group_stays(year: Year, card: Card) -> Iterator[Finding]:
    """Many of one village admitted to one institution within some days for one diagnosis."""
    stays, admitted = year.stays, year.stays["admitted_on"].astype(np.int64)
    for of in groups(stays["village"], stays["place"], stays["category"]):
        least = int(card.number("people", stays["decisive_on"][of[:1]])[0])
        days = int(card.number("days", stays["decisive_on"][of[:1]])[0])
        if len(of) < least:
            continue
        rows = of[np.argsort(admitted[of], kind="stable")]
        named: set[int] = set()
        for first in range(len(rows)):
            begin = admitted[rows[first]]
            window = rows[first : int(np.searchsorted(admitted[rows], begin + days, side="right"))]
            people = len(set(stays["member_id"][window].tolist()))
            if people < least:
                continue
            for row in window.tolist():
                if row not in named:
                    named.add(row)
                    found = f"{people} from {stays['admitted_on'][rows[first]]} on"
                    yield Finding(card.key, row, f"fewer than {least} of one village", found)


def distant_care(year: Year, card: Card) -> Iterator[Finding]:
    """Often and dearly treated above the county within a year, without a referral; the last of the stays is named."""
    stays = year.stays
    far = np.flatnonzero((stays["tier"] == ABOVE_COUNTY) & ~stays["has_slip"])
    for of in groups(stays["member_id"][far], year.years[far]):
        rows = far[of]
        last = rows[np.lexsort((stays["claim_id"][rows], stays["admitted_on"][rows]))[-1:]]
        least = int(card.number("claims", stays["decisive_on"][last])[0])
        most_fen = int(card.number("total_fen", stays["decisive_on"][last])[0])
        total_fen = int(stays["charged_fen"][rows].sum())
        if len(rows) >= least and total_fen > most_fen:
            expected = f"fewer than {least} claims, or {yuan_text(most_fen)} at most"
            yield Finding(card.key, int(last[0]), expected, f"{len(rows)} claims, {yuan_text(total_fen)}")


def outlier(year: Year, card: Card) -> Iterator[Finding]:
    """Far above what others with the same illness cost at the same tier."""
    everything = np.ones(len(year.stays["claim_id"]), dtype=bool)
    yield from outliers(year.stays, peers_of(year), card, stays=everything)


def long_stay(year: Year, card: Card) -> Iterator[Finding]:
    """Longer than nineteen of twenty with the same illness at the same tier, and longer than a week."""
    stays, peers, stayed = year.stays, peers_of(year), year.stayed_days
    is_known = peers["stay_count"] >= card.number("least_stays", stays["decisive_on"])
    is_long = (stayed > peers["days_p95"]) & (stayed > card.number("least_days", stays["decisive_on"]))
    for row in np.flatnonzero(is_known & is_long):
        yield Finding(card.key, int(row), f"{int(peers['days_p95'][row])} days at most", f"{stayed[row]} days")


CHECKS: dict[str, Callable[[Year, Card], Iterator[Finding]]] = {
    "F14": family_cluster,
    "F15": group_stays,
    "F35": distant_care,
    "F28": outlier,
    "F28_mild": outlier,
    "F30": long_stay,
}
