"""What a decision's entry in the trail remembers beside its amounts, as whole numbers that both sides read alike.

The chain is read a million entries at a time; numbers under fixed names can be taken off it in columns, texts cannot.
"""

from typing import TypeVar

Whole = TypeVar("Whole")  # a number, or a column of them

# What one number says of a settlement, each a digit, from the left.
TERMS = ("tier", "status_on_admission", "status_on_discharge", "is_supplemented")
HASH_LETTERS = 8


def terms_number(tier: int, status_on_admission: int, status_on_discharge: int, is_supplemented: int) -> int:
    """Tier, both statuses and the supplement as four digits: 2100 is a county hospital, poor on admission."""
    return tier * 1000 + status_on_admission * 100 + status_on_discharge * 10 + is_supplemented


def terms_of(number: Whole) -> dict[str, Whole]:
    """The four of them again."""
    return {name: number // 10 ** (3 - place) % 10 for place, name in enumerate(TERMS)}


def schedule_number(content_hash: str) -> int:
    """The first letters of a schedule's hash as a number: enough to tell the schedules of a county apart."""
    return int(content_hash[:HASH_LETTERS], 16)
