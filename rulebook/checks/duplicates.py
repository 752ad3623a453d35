"""The same thing asked for twice: an invoice, a stay, an item."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import Frames


def duplicate_claim(frames: Frames, card: Card) -> Iterator[Finding]:
    """An invoice number used before at the institution, or the same person, institution, days, total and lines.

    Of two claims the later one is the duplicate.
    """
    claims, invoices = frames.claims, frames.invoices
    named: set[tuple[int, int]] = set()
    for row, other_id in zip(invoices["claim_row"], invoices["other_id"], strict=True):
        if other_id < claims["claim_id"][row]:
            named.add((int(row), int(other_id)))
            invoice = claims["invoice"][row]
            yield Finding(card.key, int(row), "an invoice claimed once", invoice, other_claim_id=int(other_id))
    claim_row, other_row = frames.pairs["claim_row"], frames.pairs["other_row"]
    is_earlier = frames.stays["claim_id"][other_row] < claims["claim_id"][claim_row]
    for pair in np.flatnonzero(is_same_bill(frames) & is_earlier):
        row, other_id = int(claim_row[pair]), int(frames.stays["claim_id"][other_row[pair]])
        if (row, other_id) not in named:
            found = f"{claims['admitted_on'][row]} to {claims['discharged_on'][row]}, {claims['charged_fen'][row]} fen"
            yield Finding(card.key, row, "a stay claimed once", found, other_claim_id=other_id)


def same_days_and_total(frames: Frames) -> NDArray[np.bool_]:
    """Pairs of one person at one institution with the same days and the same total: their lines are worth a look."""
    claims, stays = frames.claims, frames.stays
    claim_row, other_row = frames.pairs["claim_row"], frames.pairs["other_row"]
    same: NDArray[np.bool_] = (
        (stays["charged_fen"][other_row] == claims["charged_fen"][claim_row])
        & (stays["admitted_on"][other_row] == claims["admitted_on"][claim_row])
        & (stays["discharged_on"][other_row] == claims["discharged_on"][claim_row])
    )
    candidates = np.flatnonzero(same)
    institutions = stays["institution"][other_row[candidates]] == claims["institution"][claim_row[candidates]]
    same[candidates] = institutions.astype(bool)
    return same


def is_same_bill(frames: Frames) -> NDArray[np.bool_]:
    """Pairs whose lines are the same, item by item and fen by fen, besides their days and total."""
    same = same_days_and_total(frames)
    claims, stays, bills = frames.claims["claim_id"], frames.stays["claim_id"], frames.bills
    for pair in np.flatnonzero(same):
        own, other = int(claims[frames.pairs["claim_row"][pair]]), int(stays[frames.pairs["other_row"][pair]])
        same[pair] = bills.get(own) == bills.get(other)
    return same


def duplicate_item(frames: Frames, card: Card) -> Iterator[Finding]:
    """The same item on the same day on two lines or more of one claim; the later lines are named."""
    lines = frames.lines
    if not len(lines["line_no"]):
        return
    days = lines["performed_on"].astype(np.int64)
    # One number for claim, item and day: the spread of days is a few thousand, and so are the items of a chunk.
    spread = int(days.max() - days.min()) + 1
    key = (lines["claim_row"] * len(frames.items["item"]) + lines["item_row"]) * spread + (days - days.min())
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    for line in np.flatnonzero(first[place] != np.arange(len(key))):
        item, row = frames.items["item"][lines["item_row"][line]], int(lines["claim_row"][line])
        expected = f"{item} once on {lines['performed_on'][line]}"
        found = f"lines {lines['line_no'][first[place[line]]]} and {lines['line_no'][line]}"
        yield Finding(card.key, row, expected, found, line_no=int(lines["line_no"][line]))


CHECKS = {"F17": duplicate_claim, "F16": duplicate_item}
