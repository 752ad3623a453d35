"""Claim checks: pure functions over columns that find, and never raise. Every check has a card (`cards/*.yaml`).

A finding is a lead and never a fault: a person decides what follows, but where the card says that the registry alone
decides. Families of checks stand in files of their own; `CHECKS` lists every one in the order of its findings.
"""

from collections.abc import Callable, Iterator, Mapping

from rulebook.checks import (
    billing,
    care,
    duplicates,
    identity,
    payees,
    peers,
    routes,
    stays,
    year_lists,
    year_people,
    year_places,
)
from rulebook.checks.cards import Card, all_cards
from rulebook.checks.findings import EFFECTS, SEVERITIES, Finding, alert_ppm
from rulebook.checks.frames import Columns, Frames, pairs_of
from rulebook.checks.year import Year

Check = Callable[[Frames, Card], Iterator[Finding]]
YearCheck = Callable[[Year, Card], Iterator[Finding]]
ListCheck = Callable[[Columns, Card], Iterator[Finding]]

CHECKS: Mapping[str, Check] = {
    **identity.CHECKS,
    **routes.CHECKS,
    **duplicates.CHECKS,
    **stays.CHECKS,
    **billing.CHECKS,
    **care.CHECKS,
    **payees.CHECKS,
    **peers.CHECKS,
}
"""What a claim is asked when it comes in."""
YEAR_CHECKS: Mapping[str, YearCheck] = {**year_places.CHECKS, **year_people.CHECKS}
"""What all stays of a year are asked together, every night."""
LIST_CHECKS: Mapping[str, ListCheck] = year_lists.CHECKS
"""What is asked of lists that the database has summed up, every night."""

__all__ = [
    "CHECKS",
    "EFFECTS",
    "LIST_CHECKS",
    "SEVERITIES",
    "YEAR_CHECKS",
    "Card",
    "Finding",
    "Frames",
    "alert_ppm",
    "all_cards",
    "check",
    "pairs_of",
]


def check(frames: Frames, cards: Mapping[str, Card] | None = None) -> list[Finding]:
    """Everything the checks find, in the order of the claims and then of the checks.

    Args:
        cards: a county's own cards; a check without a card there is suspended. None: the cards on file.
    """
    cards = all_cards() if cards is None else cards
    found = [finding for key, of in CHECKS.items() if key in cards for finding in of(frames, cards[key])]
    found.sort(key=lambda finding: finding.claim_row)
    return found
