"""Stays of one person beside each other: split, relayed, overlapping; visits in the middle of a stay; bills kept small.

Two stays are ordered by admission, discharge and number. They overlap where the later admission is before the earlier
discharge; on the day of discharge itself one may be admitted again. Two stays of the very same days are told apart.
Whatever came last to the desk is told of a pair: the claim that came before it may be paid already.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.cards import Card
from rulebook.checks.duplicates import is_same_bill
from rulebook.checks.findings import Finding
from rulebook.checks.frames import OUTPATIENT, Columns, Frames, category_of
from rulebook.checks.lists import is_one_of
from rulebook.money import yuan_text

Bools = NDArray[np.bool_]


class Beside:
    """The inpatient pairs of a chunk, each seen from the claim of the chunk."""

    def __init__(self, frames: Frames) -> None:
        claims, stays = frames.claims, frames.stays
        claim_row, other_row = frames.pairs["claim_row"], frames.pairs["other_row"]
        inpatient = (claims["route"][claim_row] != OUTPATIENT) & (stays["route"][other_row] != OUTPATIENT)
        self.claims, self.stays = claims, stays
        self.claim_row: NDArray[np.int64] = claim_row[inpatient]
        self.other_row: NDArray[np.int64] = other_row[inpatient]
        own, other = self._of(claims, self.claim_row), self._of(stays, self.other_row)
        self.same_days: Bools = (own["admitted_on"] == other["admitted_on"]) & (
            own["discharged_on"] == other["discharged_on"]
        )
        admitted_later = own["admitted_on"] > other["admitted_on"]
        same_admission = own["admitted_on"] == other["admitted_on"]
        later = own["discharged_on"] > other["discharged_on"]
        later |= (own["discharged_on"] == other["discharged_on"]) & (own["claim_id"] > other["claim_id"])
        self.is_later: Bools = admitted_later | (same_admission & later)
        starts = np.where(self.is_later, own["admitted_on"], other["admitted_on"])
        ended = np.where(self.is_later, other["discharged_on"], own["discharged_on"])
        self.gap_days: NDArray[np.int64] = (starts - ended).astype("timedelta64[D]").astype(np.int64)
        # A pair is told at the later stay; at the earlier one where the later came first and was looked at already.
        self.is_told_here: Bools = self.is_later | other["is_assessed"]
        self.same_institution: Bools = own["institution"] == other["institution"]
        self.is_duplicate: Bools = is_same_bill(frames)[inpatient]

    @staticmethod
    def _of(frame: Columns, rows: NDArray[np.int64]) -> dict[str, Any]:
        names = ("claim_id", "admitted_on", "discharged_on", "institution", "is_assessed")
        return {name: frame[name][rows] for name in names if name in frame}

    def own(self, name: str) -> NDArray[Any]:
        return self.claims[name][self.claim_row]

    def other(self, name: str) -> NDArray[Any]:
        return self.stays[name][self.other_row]

    def of_later(self, name: str) -> NDArray[Any]:
        """A fact of the later stay of each pair, whichever of the two it is."""
        later: NDArray[Any] = np.where(self.is_later, self.own(name), self.other(name))
        return later

    def findings(self, card: Card, chosen: Bools, expected: str) -> Iterator[Finding]:
        for pair in np.flatnonzero(chosen):
            row, other = int(self.claim_row[pair]), self.other_row[pair]
            days = f"{self.stays['admitted_on'][other]} to {self.stays['discharged_on'][other]}"
            found = f"{days} at {self.stays['institution'][other]}, gap {self.gap_days[pair]}"
            yield Finding(card.key, row, expected, found, other_claim_id=int(self.stays["claim_id"][other]))


def _same_category(beside: Beside, near: Bools) -> Bools:
    """Of the pairs that are near each other those with one category of diagnosis."""
    own, other = beside.own("diagnosis"), beside.other("diagnosis")
    same = np.zeros(len(near), dtype=bool)
    for pair in np.flatnonzero(near):
        same[pair] = own[pair] != "" and category_of(own[pair]) == category_of(other[pair])
    return same


def _not_planned(beside: Beside, near: Bools) -> Bools:
    """Chemotherapy, dialysis and other staged care come again by plan; so does who was transferred with a slip."""
    slips, diagnoses = beside.of_later("has_slip"), beside.of_later("diagnosis")
    own, other = beside.own("procedures"), beside.other("procedures")
    unplanned = np.zeros(len(near), dtype=bool)
    for pair in np.flatnonzero(near & ~slips.astype(bool)):
        procedures = own[pair] if beside.is_later[pair] else other[pair]
        unplanned[pair] = not is_one_of(diagnoses[pair], "planned", "diagnoses") and not any(
            is_one_of(code, "planned", "procedures") for code in procedures
        )
    return unplanned


def _near(beside: Beside, days: NDArray[np.int64]) -> Bools:
    """Pairs at one institution that follow each other within so many days."""
    near = beside.same_institution & (beside.gap_days >= 0) & (beside.gap_days <= days) & beside.is_told_here
    return near & ~beside.same_days


def split_strict(frames: Frames, card: Card) -> Iterator[Finding]:
    """Back in the same institution within days, for the same diagnosis."""
    beside = Beside(frames)
    decisive = beside.own("decisive_on")
    near = _near(beside, card.number("days", decisive)) & card.is_in_force(decisive)
    chosen = _not_planned(beside, near) & _same_category(beside, near)
    yield from beside.findings(card, chosen, "no return for the same diagnosis so soon")


def split_wide(frames: Frames, card: Card) -> Iterator[Finding]:
    """Back in the same institution within two weeks, whatever for; what the strict rule names is not named again."""
    beside = Beside(frames)
    decisive = beside.own("decisive_on")
    near = _near(beside, card.number("days", decisive)) & card.is_in_force(decisive)
    strict = near & (beside.gap_days <= card.number("strict_days", decisive))
    chosen = _not_planned(beside, near) & ~_same_category(beside, strict)
    yield from beside.findings(card, chosen, "no return so soon")


def relay(frames: Frames, card: Card) -> Iterator[Finding]:
    """From one institution straight into another without a referral."""
    beside = Beside(frames)
    decisive = beside.own("decisive_on")
    days = card.number("days", decisive)
    near = ~beside.same_institution & (beside.gap_days >= 0) & (beside.gap_days <= days) & beside.is_told_here
    chosen = near & ~beside.same_days & ~beside.of_later("has_slip").astype(bool) & card.is_in_force(decisive)
    yield from beside.findings(card, chosen, "a referral between the two")


def visit_in_stay(frames: Frames, card: Card) -> Iterator[Finding]:
    """Seen as an outpatient on a day between admission and discharge. The day itself, at either end, is free.

    The stay is told: it is the bed that may have been empty. Where the stay was looked at before, the visit is told.
    """
    claims, stays = frames.claims, frames.stays
    claim_row, other_row = frames.pairs["claim_row"], frames.pairs["other_row"]
    own_visit, other_visit = claims["route"][claim_row] == OUTPATIENT, stays["route"][other_row] == OUTPATIENT
    visited = np.where(own_visit, claims["admitted_on"][claim_row], stays["admitted_on"][other_row])
    admitted = np.where(own_visit, stays["admitted_on"][other_row], claims["admitted_on"][claim_row])
    discharged = np.where(own_visit, stays["discharged_on"][other_row], claims["discharged_on"][claim_row])
    inside = (own_visit != other_visit) & (admitted < visited) & (visited < discharged)
    inside &= ~own_visit | stays["is_assessed"][other_row]
    inside &= card.is_in_force(claims["decisive_on"][claim_row])
    for pair in np.flatnonzero(inside):
        found = f"seen on {visited[pair]}, in bed {admitted[pair]} to {discharged[pair]}"
        other_id = int(stays["claim_id"][other_row[pair]])
        yield Finding(card.key, int(claim_row[pair]), "in bed between the days", found, other_claim_id=other_id)


def cut_bills(frames: Frames, card: Card) -> Iterator[Finding]:
    """Several bills of one person at one institution within a week, each just under what one reviewer decides alone."""
    claims, stays = frames.claims, frames.stays
    limit, percent = card.number("limit_fen", claims["decisive_on"]), card.number("percent", claims["decisive_on"])
    days, least = card.number("days", claims["decisive_on"]), card.number("claims", claims["decisive_on"])
    # A threshold not in force must not overflow when it is multiplied.
    lowest = np.minimum(limit, 10**12) * np.minimum(percent, 100)
    is_near = (claims["charged_fen"] <= limit) & (claims["charged_fen"] * 100 >= lowest)
    is_near &= card.is_in_force(claims["decisive_on"])
    claim_row, other_row = frames.pairs["claim_row"], frames.pairs["other_row"]
    for row in np.flatnonzero(is_near):
        beside = other_row[np.searchsorted(claim_row, row) : np.searchsorted(claim_row, row + 1)]
        charged = stays["charged_fen"][beside]
        beside = beside[
            (stays["institution"][beside] == claims["institution"][row])
            & (charged <= limit[row])
            & (charged * 100 >= lowest[row])
        ]
        away = (stays["admitted_on"][beside] - claims["admitted_on"][row]).astype(np.int64)
        # A window of so many days that holds this admission and most of the others.
        starts = [start for start in (*away.tolist(), 0) if -days[row] < start <= 0]
        most = max((int(((away >= start) & (away < start + days[row])).sum()) for start in starts), default=0) + 1
        if most >= least[row]:
            found = f"{most} bills of {yuan_text(int(lowest[row]) // 100)} to {yuan_text(int(limit[row]))}"
            yield Finding(card.key, int(row), f"fewer than {least[row]} in {days[row]} days", found)


def overlapping(frames: Frames, card: Card) -> Iterator[Finding]:
    """In two beds at once. Both claims are told of it, whichever came first."""
    beside = Beside(frames)
    yield from beside.findings(card, (beside.gap_days < 0) & ~beside.same_days, "one stay at a time")


def same_days(frames: Frames, card: Card) -> Iterator[Finding]:
    """Two stays of the very same days, other than a duplicate of one claim, which has its own rule."""
    beside = Beside(frames)
    yield from beside.findings(card, beside.same_days & ~beside.is_duplicate, "one stay at a time")


CHECKS = {
    "F01": split_strict,
    "F02": split_wide,
    "F03": relay,
    "F04": visit_in_stay,
    "F13": overlapping,
    "same_days": same_days,
    "F39": cut_bills,
}
