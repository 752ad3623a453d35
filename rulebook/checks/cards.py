"""The card of a check: its question, how grave a finding is, what follows from it, and its dated thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from rulebook.checks.findings import EFFECTS, SEVERITIES
from rulebook.money import parse_amount_due
from rulebook.refusals import Refused

FOLDER = Path(__file__).parent / "cards"
# A threshold before its first date: nothing is above it. What asks for "at most" asks `is_in_force` besides.
NOT_IN_FORCE = np.iinfo(np.int64).max


class FaultyCard(Refused):
    """A card that contradicts itself or says too little. Facts: `card`, `fault`."""


@dataclass(frozen=True)
class Card:
    """One check in words and numbers.

    Args:
        severity: C, H, M or L (CLAIM_RULES).
        effect: "refuses", "waits" or "tells".
        source: where the rule and its threshold come from; `laws` name the article by date.
        numbers: thresholds by name; each has one value per date of `from_on`. Amounts are in fen.
        words: lists of codes by name, the same on every date.
    """

    key: str
    family: str
    title: str
    title_en: str
    question: str
    question_en: str
    severity: str
    effect: str
    source: str
    checked_on: date
    from_on: NDArray[np.datetime64]
    laws: tuple[str, ...]
    numbers: Mapping[str, NDArray[np.int64]]
    words: Mapping[str, tuple[str, ...]]

    def number(self, name: str, days: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """A threshold on each of some days; far above anything before its first date."""
        place = np.searchsorted(self.from_on, days, side="right") - 1
        values: NDArray[np.int64] = np.where(place >= 0, self.numbers[name][np.maximum(place, 0)], NOT_IN_FORCE)
        return values

    def is_in_force(self, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Whether the check exists on each of some days."""
        in_force: NDArray[np.bool_] = days >= self.from_on[0]
        return in_force

    def with_numbers(self, changes: Mapping[str, tuple[date, int]]) -> "Card":
        """The card with further values of its thresholds, each from a day on; what applied before that day stays.

        A value given so holds for good, also where the card itself has another from a later day on.

        Args:
            changes: by the name of the threshold the first day and the value; amounts in fen, under a name in `_fen`.

        Raises:
            FaultyCard: the card has no such threshold, or does not exist yet on that day.
        """
        card = self
        for name, (from_on, value) in changes.items():
            if name not in card.numbers:
                raise FaultyCard(card=self.key, fault=f"has no threshold {name}")
            if np.datetime64(from_on) < card.from_on[0]:
                raise FaultyCard(card=self.key, fault=f"does not exist on {from_on}")
            card = card._with_day(from_on)
            later = card.from_on >= np.datetime64(from_on)
            card = replace(card, numbers={**card.numbers, name: np.where(later, value, card.numbers[name])})
        return card

    def _with_day(self, day: date) -> "Card":
        """The same card with a date of its own on that day, on which nothing changes yet."""
        if np.datetime64(day) in self.from_on:
            return self
        at = int(np.searchsorted(self.from_on, np.datetime64(day)))
        return replace(
            self,
            from_on=np.insert(self.from_on, at, np.datetime64(day)),
            laws=(*self.laws[:at], self.laws[at - 1], *self.laws[at:]),
            numbers={name: np.insert(values, at, values[at - 1]) for name, values in self.numbers.items()},
        )

    def law_on(self, day: date) -> str:
        """The article a finding rests on; the rule's own source before its first date."""
        place = int(np.searchsorted(self.from_on, np.datetime64(day), side="right")) - 1
        return self.laws[place] if place >= 0 else self.source


@cache
def all_cards(folder: Path = FOLDER) -> Mapping[str, Card]:
    """Every card on file by its key. Raises: FaultyCard."""
    cards: dict[str, Card] = {}
    for path in sorted(folder.glob("*.yaml")):
        for key, page in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if key in cards:
                raise FaultyCard(card=key, fault="written twice")
            cards[key] = _card(key, path.stem, page)
    return cards


def _card(key: str, family: str, page: dict[str, Any]) -> Card:
    values: dict[date, dict[str, str]] = page.pop("values")
    words = {name: tuple(listed) for name, listed in page.pop("words", {}).items()}
    if page["severity"] not in SEVERITIES or page["effect"] not in EFFECTS:
        raise FaultyCard(card=key, fault="severity or effect is none of those that exist")
    days = sorted(values)
    names = {name for value in values.values() for name in value} - {"law"}
    if not days or any(set(value) != names | {"law"} for value in values.values()):
        raise FaultyCard(card=key, fault="not every date has the law and every threshold")
    numbers = {_unit(name): np.array([_number(name, values[day][name]) for day in days]) for name in names}
    return Card(
        key=key,
        family=family,
        from_on=np.array(days, dtype="datetime64[D]"),
        laws=tuple(values[day]["law"] for day in days),
        numbers=numbers,
        words=words,
        **page,
    )


def _unit(name: str) -> str:
    return name.removesuffix("_yuan") + "_fen" if name.endswith("_yuan") else name


def _number(name: str, value: str) -> int:
    return parse_amount_due(value) if name.endswith("_yuan") else int(value)
