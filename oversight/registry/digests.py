"""Keyed digests that county and member's site compute alike, so that neither hands the other a card number or a code.

One purpose of the key file serves them all; the word before the text keeps a card from ever equalling a code.
"""

from __future__ import annotations

from chassis.vault.blind_index import candidates, index
from chassis.vault.keyring import Keyring

PURPOSE = "member_sign_in"


def card_index(keyring: Keyring, card_number: str) -> bytes:
    """What stands for a card number where the number itself is not kept."""
    return index(keyring, PURPOSE, f"card {card_number}")


def card_candidates(keyring: Keyring, card_number: str) -> list[bytes]:
    """Every digest a card may be stored under while the key is being changed, newest first."""
    return candidates(keyring, PURPOSE, f"card {card_number}")


def code_hash(keyring: Keyring, code: str) -> bytes:
    """What is stored of the code on a slip."""
    return index(keyring, PURPOSE, f"code {code}")


def code_candidates(keyring: Keyring, code: str) -> list[bytes]:
    return candidates(keyring, PURPOSE, f"code {code}")


def pin_candidates(keyring: Keyring, *, county_code: str, member_id: int, pin: str) -> list[str]:
    """What is hashed in place of a PIN, newest first: six digits alone are guessed in a day."""
    return [digest.hex() for digest in candidates(keyring, PURPOSE, f"pin {county_code}/{member_id} {pin}")]


def network_digest(keyring: Keyring, network: str) -> bytes:
    """What stands for a network in the record of attempts."""
    return index(keyring, PURPOSE, f"network {network}")
