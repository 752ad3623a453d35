"""Stays of one person beside each other: split, relayed, overlapping.

Two stays are ordered by admission, discharge and number. They overlap where the later admission is before the earlier
discharge; on the day of discharge itself one may be admitted again. Two stays of the very same days are told apart.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import OUTPATIENT, Columns, Frames

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
        # A pair is told at the later stay; at the earlier one where the later is decided and past telling.
        self.is_told_here: Bools = self.is_later | other["is_decided"]
        self.same_institution: Bools = own["institution"] == other["institution"]

    @staticmethod
    def _of(frame: Columns, rows: NDArray[np.int64]) -> dict[str, Any]:
        names = ("claim_id", "admitted_on", "discharged_on", "institution", "is_decided")
        return {name: frame[name][rows] for name in names if name in frame}

    def own(self, name: str) -> NDArray[Any]:
        return self.claims[name][self.claim_row]

    def other(self, name: str) -> NDArray[Any]:
        return self.stays[name][self.other_row]

    def findings(self, card: Card, chosen: Bools, expected: str) -> Iterator[Finding]:
        for pair in np.flatnonzero(chosen):
            row, other = int(self.claim_row[pair]), self.other_row[pair]
            days = f"{self.stays['admitted_on'][other]} to {self.stays['discharged_on'][other]}"
            found = f"{days} at {self.stays['institution'][other]}, gap {self.gap_days[pair]}"
            yield Finding(card.key, row, expected, found, other_claim_id=int(self.stays["claim_id"][other]))


def _same_category(beside: Beside) -> Bools:
    """The three characters of ICD-10 that name a category."""
    own, other = beside.own("diagnosis"), beside.other("diagnosis")
    return np.fromiter((a[:3] == b[:3] != "" for a, b in zip(own, other, strict=True)), dtype=bool, count=len(own))


def _is_planned(beside: Beside, card: Card) -> Bools:
    """Chemotherapy, dialysis and other staged care come again by plan; so does who was transferred with a slip."""
    diagnoses, procedures = card.words["planned_diagnoses"], card.words["planned_procedures"]
    planned = [
        slip or diagnosis.startswith(diagnoses) or any(code.startswith(procedures) for code in codes)
        for slip, diagnosis, codes in zip(
            beside.own("has_slip"), beside.own("diagnosis"), beside.own("procedures"), strict=True
        )
    ]
    return np.array(planned, dtype=bool)


def _split_strict(beside: Beside, days: NDArray[np.int64]) -> Bools:
    near = beside.same_institution & (beside.gap_days >= 0) & (beside.gap_days <= days) & beside.is_told_here
    return near & ~beside.same_days & _same_category(beside)


def split_strict(frames: Frames, card: Card) -> Iterator[Finding]:
    """Back in the same institution within days, for the same diagnosis."""
    beside = Beside(frames)
    decisive = beside.own("decisive_on")
    chosen = _split_strict(beside, card.number("days", decisive)) & ~_is_planned(beside, card)
    chosen &= card.is_in_force(decisive)
    yield from beside.findings(card, chosen, "no return for the same diagnosis so soon")


def split_wide(frames: Frames, card: Card) -> Iterator[Finding]:
    """Back in the same institution within two weeks, whatever for; what the strict rule names is not named again."""
    beside = Beside(frames)
    decisive = beside.own("decisive_on")
    days, strict_days = card.number("days", decisive), card.number("strict_days", decisive)
    near = beside.same_institution & (beside.gap_days >= 0) & (beside.gap_days <= days) & beside.is_told_here
    near &= ~beside.same_days & card.is_in_force(decisive)
    chosen = near & ~_split_strict(beside, strict_days) & ~_is_planned(beside, card)
    yield from beside.findings(card, chosen, "no return so soon")


def relay(frames: Frames, card: Card) -> Iterator[Finding]:
    """From one institution straight into another without a referral."""
    beside = Beside(frames)
    decisive = beside.own("decisive_on")
    days = card.number("days", decisive)
    near = ~beside.same_institution & (beside.gap_days >= 0) & (beside.gap_days <= days) & beside.is_later
    chosen = near & ~beside.same_days & ~beside.own("has_slip") & card.is_in_force(decisive)
    yield from beside.findings(card, chosen, "a referral between the two")


def overlapping(frames: Frames, card: Card) -> Iterator[Finding]:
    """In two beds at once. Both claims are told of it, whichever came first."""
    beside = Beside(frames)
    yield from beside.findings(card, (beside.gap_days < 0) & ~beside.same_days, "one stay at a time")


def same_days(frames: Frames, card: Card) -> Iterator[Finding]:
    """Two stays of the very same days, other than a duplicate of one claim, which has its own rule."""
    beside = Beside(frames)
    is_duplicate = beside.same_institution & (beside.own("charged_fen") == beside.other("charged_fen"))
    yield from beside.findings(card, beside.same_days & ~is_duplicate, "one stay at a time")


CHECKS = {"F01": split_strict, "F02": split_wide, "F03": relay, "F13": overlapping, "same_days": same_days}
