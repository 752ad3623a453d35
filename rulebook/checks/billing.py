"""The bill: prices, days, places in the catalogue, and amounts that a person always sees."""

from collections.abc import Iterator

import numpy as np

from rulebook.benefits.bill import NOT_LISTED
from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import ONE_E4, OUTPATIENT, Frames
from rulebook.money import yuan_text


def over_price(frames: Frames, card: Card) -> Iterator[Finding]:
    """Above the price limit of the institution's tier. The engine does not count what lies above it."""
    lines = frames.lines
    for line in np.flatnonzero((lines["price_limit_e4"] >= 0) & (lines["unit_price_e4"] > lines["price_limit_e4"])):
        expected, found = f"{_price(lines['price_limit_e4'][line])} at most", _price(lines["unit_price_e4"][line])
        row, line_no = int(lines["claim_row"][line]), int(lines["line_no"][line])
        yield Finding(card.key, row, expected, f"{found} for {_item(frames, line)}", line_no=line_no)


def not_in_catalogue(frames: Frames, card: Card) -> Iterator[Finding]:
    """An item the county's catalogue does not list on its day: it counts nothing."""
    lines = frames.lines
    for line in np.flatnonzero(lines["catalogue_class"] == NOT_LISTED):
        row, line_no = int(lines["claim_row"][line]), int(lines["line_no"][line])
        expected = f"listed on {lines['performed_on'][line]}"
        yield Finding(card.key, row, expected, _item(frames, line), line_no=line_no)


def outside_stay(frames: Frames, card: Card) -> Iterator[Finding]:
    """A line of a day before admission or after discharge. Expenses outside the hospital are not paid."""
    lines, claims = frames.lines, frames.claims
    admitted, discharged = claims["admitted_on"][lines["claim_row"]], claims["discharged_on"][lines["claim_row"]]
    outside = (lines["performed_on"] < admitted) | (lines["performed_on"] > discharged)
    for line in np.flatnonzero(outside):
        row, line_no = int(lines["claim_row"][line]), int(lines["line_no"][line])
        expected = f"{admitted[line]} to {discharged[line]}"
        yield Finding(card.key, row, expected, str(lines["performed_on"][line]), line_no=line_no)


def bed_days(frames: Frames, card: Card) -> Iterator[Finding]:
    """More bed days billed than the calendar has, and one more for the day of discharge."""
    lines, claims = frames.lines, frames.claims
    beds = np.zeros(len(claims["claim_id"]), dtype=np.int64)
    is_bed = frames.of_lines("kind") == "bed"
    np.add.at(beds, lines["claim_row"][is_bed], lines["quantity_e4"][is_bed])
    stayed = (claims["discharged_on"] - claims["admitted_on"]).astype(np.int64)
    extra = card.number("extra_days", claims["decisive_on"])
    # A threshold not in force must not overflow when days are added to it.
    allowed = np.minimum(extra, 10**9) + stayed
    for row in np.flatnonzero((beds > allowed * ONE_E4) & (claims["route"] != OUTPATIENT)):
        yield Finding(card.key, int(row), f"{allowed[row]} bed days at most", f"{beds[row] / ONE_E4:g}")


def high_value(frames: Frames, card: Card) -> Iterator[Finding]:
    """So large that a person always looks."""
    claims = frames.claims
    limit = card.number("total_fen", claims["decisive_on"])
    for row in np.flatnonzero(claims["charged_fen"] > limit):
        expected, found = yuan_text(int(limit[row])), yuan_text(int(claims["charged_fen"][row]))
        yield Finding(card.key, int(row), f"{expected} at most", found)


def nothing_charged(frames: Frames, card: Card) -> Iterator[Finding]:
    """A bill of nothing. Nothing is paid for it, and somebody should know why it was sent."""
    claims = frames.claims
    for row in np.flatnonzero((claims["charged_fen"] == 0) & card.is_in_force(claims["decisive_on"])):
        yield Finding(card.key, int(row), "an amount charged", "0 fen")


def _item(frames: Frames, line: np.signedinteger) -> str:
    return str(frames.items["item"][frames.lines["item_row"][line]])


def _price(price_e4: int) -> str:
    return f"{int(price_e4) // ONE_E4}.{int(price_e4) % ONE_E4:04d}"


CHECKS = {
    "F18": over_price,
    "not_in_catalogue": not_in_catalogue,
    "outside_stay": outside_stay,
    "F41": bed_days,
    "F29": high_value,
    "nothing_charged": nothing_charged,
}
