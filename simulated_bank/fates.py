"""What becomes of a payment: decided by a seed and its name alone, so that every run of the bank decides alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """In ten thousand payments."""

    refused: int = 50
    returned: int = 50
    delayed: int = 300
    unreceipted: int = 0
    """Files that are taken without a word until somebody asks, in ten thousand."""
    lost: int = 0
    """Files that never arrive, the first time, in ten thousand."""


@dataclass(frozen=True)
class Fate:
    is_refused: bool
    is_returned: bool
    is_delayed: bool
    reason: str | None


def fate_of(seed: str, end_to_end_id: str, rates: Rates) -> Fate:
    number = _number(seed, end_to_end_id)
    if number < rates.refused:
        return Fate(True, False, False, "AC01")
    number -= rates.refused
    if number < rates.returned:
        return Fate(False, True, False, "AC04")
    number -= rates.returned
    return Fate(False, False, number < rates.delayed, None)


def is_lost(seed: str, message_id: str, rates: Rates) -> bool:
    return _number(seed, f"lost/{message_id}") < rates.lost


def is_unreceipted(seed: str, message_id: str, rates: Rates) -> bool:
    return _number(seed, f"receipt/{message_id}") < rates.unreceipted


def _number(seed: str, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big") % 10_000
