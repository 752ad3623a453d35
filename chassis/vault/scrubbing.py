"""Logs and error texts carry no identity number, bank account or telephone number, and no field nobody vouched for.

`scrub` stands in structlog's chain after everything that adds fields, just before the renderer. Names cannot be told
from other words: they stay out because no field for them is on the list, and because events are constant sentences.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hmac
import os
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from chassis.vault.keyring import Keyring
from chassis.vault.masking import Masked
from chassis.vault.secret_shapes import without_secrets

_FIELDS = (
    "event level logger timestamp exception stack site process pid worker host release environment method route "
    "endpoint status outcome reason key kind state purpose queue task attempt desk schema table column county_code "
    "city_code role roles action verb error error_type sqlstate setting path port signal version number count "
    "expected found difference source rule article file_format language seed commit dry_run"
)
# A name that says its unit, or what kind of thing it is, is a technical value; `_on` is not here because of born_on.
ALLOWED_ENDINGS = (
    *("_fen", "_count", "_rows", "_bytes", "_ms", "_seconds", "_days", "_workdays", "_at", "_total"),
    *("_hash", "_sha256", "_kind", "_state", "_version", "_status", "_revision"),
)
# Ids of things. Every other id, and whoever acted, is a person's and becomes a pseudonym.
_THINGS = (
    "request_id task_id job_id error_id event_id outbox_id trace_id span_id batch_id claim_id line_id posting_id "
    "transfer_id sample_id import_id file_id document_id appraisal_id key_id schedule_id institution_id row_id"
)
ALLOWED_FIELDS = frozenset(_FIELDS.split())
CLEAR_IDS = frozenset(_THINGS.split())
PEOPLE = frozenset(("by", "actor", "user", "username", "person", "member", "claimant", "payee"))
PASSED_FIELDS = frozenset(("_record", "_from_structlog"))  # structlog's own; its formatter takes them out
OPAQUE = re.compile(r"(?=[0-9a-f-]*[a-f])([0-9a-f]{32,64}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})", re.A)
LARGEST_TEXT = 8192
LARGEST_SCANNED = 2 * LARGEST_TEXT
LARGEST_GROUP = 100
LONGEST_SECRET = 60  # a number with two separators between any two of its digits
DEEPEST = 6
NOT_ALLOWED = "[not an allowed field]"
# What PostgreSQL and its driver quote of a row; values may be names, which have no shape to be found by.
QUOTED_VALUES = (
    (re.compile(r"\b(DETAIL|CONTEXT|QUERY|STATEMENT): .*"), r"\1: [left out]"),
    (re.compile(r"\[parameters: .*"), "[parameters: left out]"),
    (re.compile(r"(invalid input (?:syntax|value) for [^:\n]*: ).*"), r"\1[left out]"),
)
UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def scrub_text(text: str) -> str:
    """A text fit for a log or an error page: no secret, one line, no character that steers a terminal."""
    clean = without_secrets(text[:LARGEST_SCANNED])
    if len(text) > LARGEST_SCANNED:
        # The first half of a number that the cut went through has no shape any more.
        clean = clean[: -2 * LONGEST_SECRET]
    for shape, left in QUOTED_VALUES:
        clean = shape.sub(left, clean)
    clean = UNPRINTED.sub(lambda m: SHORT_ESCAPES.get(m[0], f"\\u{ord(m[0]):04x}"), clean)
    return clean if len(clean) <= LARGEST_TEXT else clean[:LARGEST_TEXT] + "[cut]"


class Scrubber:
    """A structlog processor. Pseudonyms of one key can be joined across lines, and are worth nothing without it."""

    def __init__(self, *, pseudonym_key: bytes, also_allowed: Iterable[str] = ()) -> None:
        assert len(pseudonym_key) >= 32, "a short key would let pseudonyms be counted out"
        self._key = pseudonym_key
        self._allowed = ALLOWED_FIELDS | frozenset(also_allowed)

    @classmethod
    def with_keys(cls, keyring: Keyring, *, also_allowed: Iterable[str] = ()) -> Scrubber:
        """Pseudonyms that stay the same between processes and restarts, until `log_pseudonym` is rotated."""
        return cls(pseudonym_key=keyring.index_keys("log_pseudonym")[-1].secret, also_allowed=also_allowed)

    def __call__(self, logger: Any, name: str, event_dict: Mapping[str, Any]) -> dict[str, Any]:
        event_dict = dict(event_dict)
        if event_dict.get("exc_info"):
            # Formatted here at the latest: a renderer would print the raw traceback after us.
            event_dict = dict(structlog.processors.format_exc_info(logger, name, event_dict))
        return self._mapping(event_dict, depth=0)

    def pseudonym(self, value: object) -> str:
        """The same person gives the same word; nobody can tell who without the key."""
        return "p-" + hmac.digest(self._key, str(value).encode("utf-8", "surrogatepass"), "sha256").hex()[:16]

    def _mapping(self, fields: Mapping[Any, Any], *, depth: int) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for field, value in list(fields.items())[:LARGEST_GROUP]:
            name = scrub_text(str(field)) if isinstance(field, str | int | Masked) else "[not a name]"
            clean[name] = self._field(field, value, depth=depth)
        return clean

    def _field(self, field: Any, value: Any, *, depth: int) -> Any:
        if not isinstance(field, str):
            return NOT_ALLOWED
        if depth == 0 and field in PASSED_FIELDS:
            return value
        if value is None:
            return None
        if field in CLEAR_IDS or field.endswith(("_hash", "_sha256", "_version")):
            whole = str(value) if isinstance(value, str | uuid.UUID) else ""
            return whole if OPAQUE.fullmatch(whole) else self._value(value, field, depth=depth)
        if (field in PEOPLE or field.endswith(("_id", "_by"))) and not isinstance(value, Mapping | list | tuple | set):
            return self.pseudonym(value)
        if field.endswith("_ids") and isinstance(value, list | tuple | set):
            of_things = field.removesuffix("s") in CLEAR_IDS
            members = list(value)[:LARGEST_GROUP]
            return [self._value(v, field, depth=depth) if of_things else self.pseudonym(v) for v in members]
        if field in self._allowed or field.endswith(ALLOWED_ENDINGS):
            return self._value(value, field, depth=depth)
        return str(value) if isinstance(value, Masked) else NOT_ALLOWED

    def _value(self, value: Any, field: str, *, depth: int) -> Any:
        if depth >= DEEPEST:
            return "[too deep]"
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return self._number(value, field)
        if isinstance(value, str):
            return scrub_text(value)
        if isinstance(value, Mapping):
            return self._mapping(value, depth=depth + 1)
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(v, field, depth=depth + 1) for v in list(value)[:LARGEST_GROUP]]
        if isinstance(value, BaseException):
            return f"{type(value).__name__}: {scrub_text(str(value))}"
        if isinstance(value, dt.date | dt.time | dt.timedelta | decimal.Decimal | uuid.UUID | os.PathLike):
            return scrub_text(str(value))
        if isinstance(value, Masked):
            return str(value)
        # What an unknown object prints is nobody's promise.
        return f"[{type(value).__name__}]"

    def _number(self, value: int | float, field: str) -> int | float | str:
        """Any number may be an account; eleven digits are a quantity where the field names a unit."""
        if isinstance(value, float) and abs(value) < 10**10:
            return value
        text = repr(value) if isinstance(value, float) else str(value)[:LARGEST_TEXT]
        if field.endswith(ALLOWED_ENDINGS) and len(text.lstrip("-")) < 15:
            return value
        clean = without_secrets(text)
        return value if clean == text else clean


# Until the keys are read, pseudonyms last as long as the process.
scrub = Scrubber(pseudonym_key=os.urandom(32))
