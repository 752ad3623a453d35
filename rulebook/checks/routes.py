"""What each route asks for: a law, an agreement, a referral, a receipt, a term, money in the account."""

from collections.abc import Iterator

import numpy as np

from rulebook.checks.cards import Card
from rulebook.checks.findings import Finding
from rulebook.checks.frames import DIRECT, MANUAL, OUTPATIENT, Frames


def no_law(frames: Frames, card: Card) -> Iterator[Finding]:
    """No schedule is in force on the day that decides, so nothing can be computed."""
    for row in np.flatnonzero(~frames.claims["has_law"]):
        yield Finding(card.key, int(row), f"a schedule in force on {frames.claims['decisive_on'][row]}", "none")


def not_designated(frames: Frames, card: Card) -> Iterator[Finding]:
    """The direct and the outpatient route are for institutions with an agreement in force."""
    claims = frames.claims
    for row in np.flatnonzero(~claims["is_designated"] & (claims["route"] != MANUAL)):
        expected = f"an agreement in force on {claims['discharged_on'][row]}"
        yield Finding(card.key, int(row), expected, f"none with {claims['institution'][row]}")


def no_referral(frames: Frames, card: Card) -> Iterator[Finding]:
    """Treated elsewhere: a slip for this member to this institution, valid on the day of admission."""
    claims = frames.claims
    for row in np.flatnonzero((claims["route"] == MANUAL) & ~claims["has_slip"]):
        yield Finding(card.key, int(row), f"a referral valid on {claims['admitted_on'][row]}", "none")


def no_receipt(frames: Frames, card: Card) -> Iterator[Finding]:
    """What the institution advanced, the member has signed for."""
    claims = frames.claims
    for row in np.flatnonzero((claims["route"] == DIRECT) & ~claims["has_receipt"]):
        yield Finding(card.key, int(row), "a signed receipt", "none")


def no_account(frames: Frames, card: Card) -> Iterator[Finding]:
    """Nobody has given an account that could be paid to."""
    for row in np.flatnonzero(~frames.claims["has_account"]):
        yield Finding(card.key, int(row), "an account to pay to", "none")


def late(frames: Frames, card: Card) -> Iterator[Finding]:
    """Submitted longer after discharge than the term allows."""
    claims = frames.claims
    waited = (claims["submitted_on"] - claims["discharged_on"]).astype(np.int64)
    allowed = card.number("days", claims["decisive_on"])
    for row in np.flatnonzero(waited > allowed):
        yield Finding(card.key, int(row), f"within {allowed[row]} days of discharge", f"{waited[row]} days")


def account_not_sufficient(frames: Frames, card: Card) -> Iterator[Finding]:
    """The household account pays as far as it reaches; the rest stays with the member."""
    claims = frames.claims
    short = (claims["route"] == OUTPATIENT) & (claims["account_balance_fen"] < claims["account_asked_fen"])
    for row in np.flatnonzero(short):
        asked, balance = claims["account_asked_fen"][row], claims["account_balance_fen"][row]
        yield Finding(card.key, int(row), f"{asked} fen in the account", f"{balance} fen")


CHECKS = {
    "no_law": no_law,
    "not_designated": not_designated,
    "no_referral": no_referral,
    "no_receipt": no_receipt,
    "no_account": no_account,
    "late_submission": late,
    "account_not_sufficient": account_not_sufficient,
}
