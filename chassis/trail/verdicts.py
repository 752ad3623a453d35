"""What checking a chain found. A sound chain is a verdict too, and says how much was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    CHANGED = "changed"
    """The entry's content does not give its hash."""
    MISSING = "missing"
    """Entries `seq` to `until` are not there."""
    SWAPPED = "swapped"
    """The entries `seq` and `other` hold each other's content."""
    REWRITTEN = "rewritten"
    """The entry was changed together with its hash: the next one remembers another."""
    FORGED = "forged"
    """An entry the chain does not know: past the head, or a second one at its place."""
    HEAD = "head"
    """The head and the last entry disagree, or the head is gone: either may have been changed."""
    CUT = "cut"
    """The chain ends at `seq` - 1, but another desk saw it reach `until`."""
    REBUILT = "rebuilt"
    """Another desk saw other hashes: something from `seq` to `until` was changed and everything after it redone."""


@dataclass(frozen=True)
class Fault:
    why: Why
    seq: int
    until: int | None = None
    other: int | None = None

    @property
    def last(self) -> int:
        return self.seq if self.until is None else self.until


@dataclass(frozen=True)
class Head:
    """A place in a chain and the hash found there."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class Verdict:
    schema: str
    county_code: str
    stream: str
    rows: int
    """How many entries were recomputed; 0 where only heads may be read."""
    head: Head
    """The head that was looked at; where there is none, place 0 and the genesis."""
    anchors: int
    """How many heads kept by other desks were compared."""
    faults: tuple[Fault, ...] = ()
    unlisted_faults: int = 0
    """Faults beyond those listed, where somebody changed very much."""

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def first_bad_seq(self) -> int | None:
        return self.faults[0].seq if self.faults else None

    @property
    def why(self) -> Why | None:
        return self.faults[0].why if self.faults else None
