"""The arithmetic of the trail: what an entry's bytes are and how each is tied to the one before. No database here.

Canonical form 1 is a row of fields, each led by its length in four bytes, so that no two rows share a form. The
fields and their order are those of `FIELDS`; they are also, byte for byte, what PostgreSQL sends of such a row in a
binary COPY, which is why a million of them are checked in two seconds. Decision 0014 gives the form in full.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

FORM = 1
FIELDS = (
    "prev_hash",
    "form",
    "county_code",
    "seq",
    "recorded_at",
    "acted_on",
    "stream",
    "actor_kind",
    "actor_id",
    "act",
    "subject_kind",
    "subject_id",
    "facts",
    "hash",
)
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LEAD = struct.pack(">hi", len(FIELDS), 32)
_FIXED = struct.Struct(">ihi6siqiqii")
_LENGTH = struct.Struct(">i")

WORD = re.compile(r"[!#-\[\]-~]{0,200}")
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
IDENTITY_NUMBER = re.compile(r"\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")


class ActorKind(StrEnum):
    STAFF = "staff"
    MEMBER = "member"
    SYSTEM = "system"
    INSTITUTION = "institution"


@dataclass(frozen=True)
class Actor:
    kind: ActorKind
    id: str


@dataclass(frozen=True)
class Entry:
    """One act to be kept. `facts` hold ids, amounts in fen and hashes; what a person wrote is hashed elsewhere."""

    act: str
    subject_kind: str
    subject_id: str
    by: Actor
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """An entry at its place in a chain, with every value that is hashed."""

    county_code: str
    stream: str
    seq: int
    recorded_at: dt.datetime
    acted_on: dt.date
    actor_kind: str
    actor_id: str
    act: str
    subject_kind: str
    subject_id: str
    facts: str


def canonical(entry: Placed) -> bytes:
    """Canonical form 1 of an entry, without the hash of the one before."""
    county = entry.county_code.encode()
    assert len(county) == 6, "a county code has six digits"
    assert entry.recorded_at.tzinfo is not None, "an instant without a zone is not an instant"
    parts = [
        _FIXED.pack(
            *(2, FORM, 6, county, 8, entry.seq),
            *(8, (entry.recorded_at - EPOCH) // _MICROSECOND),
            *(4, (entry.acted_on - EPOCH.date()).days),
        )
    ]
    parts += map(_repeated, (entry.stream, entry.actor_kind, entry.actor_id, entry.act, entry.subject_kind))
    parts += (_told(entry.subject_id), _told(entry.facts))
    return b"".join(parts)


def _told(value: str) -> bytes:
    """A text after its length."""
    encoded = value.encode()
    assert b"\0" not in encoded, "PostgreSQL keeps no NUL, so a form with one could never be checked"
    return _LENGTH.pack(len(encoded)) + encoded


_repeated = lru_cache(maxsize=1024)(_told)
"""The same for what is said again in the next entry."""


def link(prev: bytes, form: bytes) -> bytes:
    """The hash that ties a canonical form to the hash before it."""
    assert len(prev) == 32, "a link starts from a SHA-256"
    return hashlib.sha256(_LEAD + prev + form).digest()


def genesis(schema: str, county_code: str, stream: str) -> bytes:
    """What the first entry is tied to: it names the chain, so that no entry can be moved to another."""
    parts = ("coopmed trail 1", schema, county_code, stream)
    return hashlib.sha256(b"".join(_LENGTH.pack(len(part.encode())) + part.encode() for part in parts)).digest()


def facts_text(facts: Mapping[str, Any]) -> str:
    """The exact text of facts that is stored and hashed: sorted keys, no spaces, whole numbers only."""
    _machine_words_only(facts)
    return _ENCODER.encode(facts)


def machine_word(value: str) -> bool:
    """An id, a code, a hash or a day: plain letters without a space, and no resident identity number."""
    return WORD.fullmatch(value) is not None and not is_identity_number(value)


def is_identity_number(value: str) -> bool:
    """Eighteen characters with a possible birthday and the right check digit (GB 11643)."""
    if len(value) != 18 or IDENTITY_NUMBER.fullmatch(value) is None:
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(value[:17]))
    return "10X98765432"[total % 11] == value[17].upper()


@lru_cache(maxsize=1024)
def _names_a_fact(key: Any) -> bool:
    return isinstance(key, str) and machine_word(key)


def _machine_words_only(value: Any) -> None:
    """Our own mistake where it fails: what people wrote, and people themselves, do not belong in the trail."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            assert _names_a_fact(key), "a fact is named by a plain word"
            # Most facts are ids and amounts, far too short to be an identity number.
            if type(inner) is not int or abs(inner) >= 10**16:
                _machine_words_only(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _machine_words_only(inner)
    elif isinstance(value, str):
        assert machine_word(value), "facts hold ids, amounts and hashes, not sentences, names or identity numbers"
    else:
        assert value is None or isinstance(value, int), f"facts hold whole numbers, not {type(value).__name__}"
        assert not isinstance(value, int) or isinstance(value, bool) or not is_identity_number(str(value)), (
            "an identity number is not an amount"
        )
