"""The same thing asked for twice: an invoice, a stay, an item."""

from collections.abc import Iterator

import numpy as np

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import Frames


def duplicate_claim(frames: Frames, card: Card) -> Iterator[Finding]:
    """An invoice number used before at the institution, or the same person, institution, days and total.

    Of two claims the later one is the duplicate.
    """
    claims, invoices = frames.claims, frames.invoices
    named: set[tuple[int, int]] = set()
    for row, other_id in zip(invoices["claim_row"], invoices["other_id"], strict=True):
        if other_id < claims["claim_id"][row]:
            named.add((int(row), int(other_id)))
            invoice = claims["invoice"][row]
            yield Finding(card.key, int(row), "an invoice claimed once", invoice, other_claim_id=int(other_id))
    stays, (claim_row, other_row) = frames.stays, (frames.pairs["claim_row"], frames.pairs["other_row"])
    same = (
        (stays["claim_id"][other_row] < claims["claim_id"][claim_row])
        & (stays["institution"][other_row] == claims["institution"][claim_row])
        & (stays["admitted_on"][other_row] == claims["admitted_on"][claim_row])
        & (stays["discharged_on"][other_row] == claims["discharged_on"][claim_row])
        & (stays["charged_fen"][other_row] == claims["charged_fen"][claim_row])
    )
    for pair in np.flatnonzero(same):
        row, other_id = int(claim_row[pair]), int(stays["claim_id"][other_row[pair]])
        if (row, other_id) not in named:
            found = f"{claims['admitted_on'][row]} to {claims['discharged_on'][row]}, {claims['charged_fen'][row]} fen"
            yield Finding(card.key, row, "a stay claimed once", found, other_claim_id=other_id)


def duplicate_item(frames: Frames, card: Card) -> Iterator[Finding]:
    """The same item on the same day on two lines or more of one claim; the later lines are named."""
    lines = frames.lines
    if not len(lines["item"]):
        return
    numbers: dict[str, int] = {}
    items = np.array([numbers.setdefault(item, len(numbers)) for item in lines["item"].tolist()], dtype=np.int64)
    days = lines["performed_on"].astype(np.int64)
    # One number for claim, item and day: the spread of days is a few thousand, and so are the items of a chunk.
    spread = int(days.max() - days.min()) + 1
    key = (lines["claim_row"] * len(numbers) + items) * spread + (days - days.min())
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    for line in np.flatnonzero(first[place] != np.arange(len(key))):
        item, row = lines["item"][line], int(lines["claim_row"][line])
        expected = f"{item} once on {lines['performed_on'][line]}"
        found = f"lines {lines['line_no'][first[place[line]]]} and {lines['line_no'][line]}"
        yield Finding(card.key, row, expected, found, line_no=int(lines["line_no"][line]))


CHECKS = {"F17": duplicate_claim, "F16": duplicate_item}
