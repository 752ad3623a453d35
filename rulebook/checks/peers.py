"""A claim beside its like: the same category of diagnosis at the same tier. What its like cost is measured by night."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import OUTPATIENT, Columns, Frames
from rulebook.money import yuan_text

HUNDREDTHS = 100
LARGEST = 10**6


def deviations(charged_fen: NDArray[np.int64], peers: Columns, small_group: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many deviations the logarithm of each total lies above the middle of its group.

    A group of fewer than `small_group` is measured by median and spread, which a single outlier among few does not
    move; where all of a group cost the same there is no deviation, and nothing lies above it.
    """
    is_small = peers["stay_count"] < small_group
    middle = np.where(is_small, peers["log_median"], peers["log_mean"])
    spread = np.where(is_small, peers["log_spread"], peers["log_deviation"])
    away = np.log(np.maximum(charged_fen, 1)) - middle
    above: NDArray[np.float64] = np.divide(away, spread, out=np.zeros(len(away)), where=spread > 0)
    return above


def far_outlier(frames: Frames, card: Card) -> Iterator[Finding]:
    """So far above its like that a person looks before anything is paid."""
    yield from outliers(frames.claims, frames.peers, card, stays=frames.claims["route"] != OUTPATIENT)


def outliers(claims: Columns, peers: Columns, card: Card, *, stays: NDArray[np.bool_]) -> Iterator[Finding]:
    """Stays more deviations above their like than one bound and, where the card has it, not more than another."""
    days = claims["decisive_on"]
    above = deviations(claims["charged_fen"], peers, card.number("small_group", days))
    chosen = stays & (peers["stay_count"] >= card.number("least_stays", days))
    chosen &= above * HUNDREDTHS > np.minimum(card.number("above_hundredths", days), LARGEST)
    if "up_to_hundredths" in card.numbers:
        chosen &= above * HUNDREDTHS <= np.minimum(card.number("up_to_hundredths", days), LARGEST)
    for row in np.flatnonzero(chosen):
        usual = yuan_text(round(float(np.exp(peers["log_median"][row]))))
        found = f"{yuan_text(int(claims['charged_fen'][row]))}, {above[row]:.1f} deviations above"
        yield Finding(card.key, int(row), f"about {usual}, as {peers['stay_count'][row]} others", found)


CHECKS: dict[str, Callable[[Frames, Card], Iterator[Finding]]] = {"F28": far_outlier}
