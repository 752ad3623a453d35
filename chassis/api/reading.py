"""What a program sent, read strictly: UTF-8, no repeated name, no NaN, nothing nested without end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError

from chassis.api.refusals import UnreadableBody, WrongContentType
from chassis.errors import UnreadableInput

JSON_TYPES = ("application/json",)


class _RepeatedName(ValueError):
    pass


class _NotANumber(ValueError):
    pass


def json_body(request: Request, *, types: Sequence[str] = JSON_TYPES) -> Any:
    """The body as JSON. Raises: WrongContentType, UnreadableBody."""
    return read_json(raw_body(request, types=types))


def raw_body(request: Request, *, types: Sequence[str]) -> bytes:
    """The body as it came. Raises: WrongContentType, UnreadableBody where there is none."""
    if request.mimetype not in types:
        raise WrongContentType(expected=list(types))
    sent = request.get_data(cache=False)
    if not sent:
        raise UnreadableBody(why="empty")
    return sent


def read_json(sent: bytes) -> Any:
    """Raises: UnreadableBody, with why."""
    try:
        # Half a surrogate pair may stand in JSON as an escape; no text of ours can hold it.
        found = json.loads(sent.decode(), object_pairs_hook=_only_once, parse_constant=_refuse_constant)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise UnreadableBody(why="too_deep") from None
    except _RepeatedName:
        raise UnreadableBody(why="repeated_name") from None
    except _NotANumber:
        raise UnreadableBody(why="not_a_number") from None
    except ValueError:
        raise UnreadableBody(why="not_json") from None
    return found


def canonical_sha256(*parts: Any) -> bytes:
    """The same for the same content, however a program spaced it or ordered its names."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str).encode()).digest()


def loaded(schema: Schema, given: Any) -> dict[str, Any]:
    """The values, or every fault at once. Raises: UnreadableInput."""
    try:
        return schema.load(dict(given) if isinstance(given, Mapping) else given)
    except ValidationError as error:
        raise UnreadableInput(faults=error.normalized_messages()) from None


def _only_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatedName
    return found


def _refuse_constant(_word: str) -> Any:
    raise _NotANumber
