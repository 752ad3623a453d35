"""Who is paid: one account for many people of different households."""

from collections.abc import Callable, Iterator

import numpy as np

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import Frames


def shared_account(frames: Frames, card: Card) -> Iterator[Finding]:
    """An account that more people give than one family has. A household may share its own, however large it is."""
    claims, payees = frames.claims, frames.payees
    most = card.number("people", claims["decisive_on"])
    for row in np.unique(payees["claim_row"]):
        others = payees["claim_row"] == row
        people = {*payees["member_id"][others].tolist(), int(claims["member_id"][row])}
        households = {*payees["household_id"][others].tolist(), int(claims["household_id"][row])}
        if len(people) > most[row] and len(households) > 1:
            found = f"{len(people)} people of {len(households)} households"
            yield Finding(card.key, int(row), f"{most[row]} people at most to one account", found)


CHECKS: dict[str, Callable[[Frames, Card], Iterator[Finding]]] = {"F37": shared_account}
