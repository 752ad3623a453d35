"""What the checks name in the demo county beside what its key says was planted there: case by case, claim by claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from demo.history import Planted

# What the registry decides is planted under a name of its own.
NAMES = {"enrolment": "not_enrolled", "agreement": "not_designated", "referral": "no_referral"}


@dataclass(frozen=True)
class Outcome:
    """One rule. Cases are planted ones; claims are all that the rule named.

    Args:
        found, missed: irregular cases with and without a finding of the rule on one of their claims.
        spared, suspected: hard negatives without and with one.
        own_claims: claims named that belong to an irregular case of the rule.
        other_planted: claims named that were planted for another rule, irregular or not.
        ordinary: claims named that nobody planted.
    """

    rule: str
    found: int
    missed: tuple[str, ...]
    spared: int
    suspected: tuple[str, ...]
    own_claims: int
    other_planted: int
    ordinary: int

    @property
    def named(self) -> int:
        return self.own_claims + self.other_planted + self.ordinary

    @property
    def precision_percent(self) -> float | None:
        """Of the claims named the share that was planted for this rule; None where none was named."""
        return 100 * self.own_claims / self.named if self.named else None

    @property
    def recall_percent(self) -> float | None:
        cases = self.found + len(self.missed)
        return 100 * self.found / cases if cases else None


def outcomes_of(
    key: Iterable[Planted], edges: Iterable[str], rules_of: Mapping[str, set[str]], rules: Iterable[str]
) -> list[Outcome]:
    """Every rule's outcome.

    Args:
        edges: numbers of the claims planted at the edges of the law, which are nobody's irregularity.
        rules_of: by claim number the rules that named it.
    """
    cases: dict[tuple[str, bool, frozenset[str]], str] = {}
    for entry in key:
        numbers = frozenset((entry.claim_number, *entry.with_claims))
        cases[NAMES.get(entry.rule, entry.rule), entry.is_irregular, numbers] = entry.why
    planted = {number for _, _, numbers in cases for number in numbers} | set(edges)
    found = []
    for rule in rules:
        own = [(is_irregular, numbers, why) for (name, is_irregular, numbers), why in cases.items() if name == rule]
        named = {number for number, of in rules_of.items() if rule in of}
        irregular = {number for is_irregular, numbers, _ in own if is_irregular for number in numbers}
        found.append(
            Outcome(
                rule=rule,
                found=sum(bool(numbers & named) for is_irregular, numbers, _ in own if is_irregular),
                missed=tuple(why for is_irregular, numbers, why in own if is_irregular and not numbers & named),
                spared=sum(not numbers & named for is_irregular, numbers, _ in own if not is_irregular),
                suspected=tuple(why for is_irregular, numbers, why in own if not is_irregular and numbers & named),
                own_claims=len(named & irregular),
                other_planted=len((named & planted) - irregular),
                ordinary=len(named - planted),
            )
        )
    return found
