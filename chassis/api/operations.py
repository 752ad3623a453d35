"""One operation of the API: what is sent, what is told, and how it is mounted. A room lists its operations as data.

The edge is here: it reads the body, opens the transaction, and where the operation has an effect asks for the key that
makes it happen once. The view gets a session and values and gives back what is to be told.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from marshmallow import Schema
from sqlalchemy.orm import Session

from chassis.api.once import HEADER, Answered, key_from, once
from chassis.api.reading import JSON_TYPES, canonical_sha256, json_body, loaded, raw_body
from chassis.api.refusals import UnreadableBody, WrongContentType
from chassis.visitors import Visitor
from chassis.web.current import the_database, the_visitor

VERSION_PATH = "/api/v1"
CHUNK = 1 << 20


@dataclass(frozen=True)
class SentFile:
    """A body that is a file: spooled to disk, hashed on the way; gone when the request is over."""

    path: Path
    name: str
    content_type: str
    sha256: bytes
    byte_count: int


@dataclass(frozen=True)
class Ask:
    """What a view is asked with."""

    visitor: Visitor
    at: dt.datetime
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    """Values of the body's schema, the bytes of a `RawBody`, a `SentFile`, or None."""
    prepared: Any = None
    """What the operation's `prepare` made of it."""


@dataclass(frozen=True)
class FileBody:
    """The body is a file of one of these content types."""

    types: Mapping[str, Any]
    """Content type → what it is, a lazy translation."""


@dataclass(frozen=True)
class JsonBody:
    """The body is JSON, read by a schema."""

    schema: Schema
    types: Sequence[str] = JSON_TYPES


@dataclass(frozen=True)
class RawBody:
    """The body is handed over as it came: its reader is the one that files go through."""

    types: Sequence[str]
    shown: Schema | None = None
    """What the document says of it."""


@dataclass(frozen=True)
class Operation:
    endpoint: str
    method: str
    address: str
    """Below /api/v1, in Flask's writing."""
    view: Callable[..., Any]
    """`view(session, ask, **parts of the address)` → what `answer` tells."""
    summary: Any
    answer: Schema | None
    """None where it is no JSON but a file of `content_type`, which `write` gives."""
    description: Any = ""
    status: int = 200
    query: Schema | None = None
    body: JsonBody | RawBody | FileBody | None = None
    is_once: bool = False
    """It has an effect: the program names the request, and asking again does nothing again."""
    refusals: Mapping[int, Any] = field(default_factory=dict)
    """Status → when, beside those that every operation shares; a lazy translation."""
    largest_bytes: int | None = None
    content_type: str = "application/json"
    write: Callable[[Any], str | bytes] | None = None
    """Writes what the view gives, where it is a document of its own whose `answer` is only shown."""
    prepare: Callable[..., AbstractContextManager[Any]] | None = None
    """What takes long and needs no transaction, done before it begins: `prepare(ask, **parts of the address)`."""
    told_once: frozenset[str] = frozenset()
    """Fields of the answer that are told the first time alone and kept nowhere: secrets. A repeat has null there."""


def mount(app: Flask, name: str, operations: Sequence[Operation]) -> None:
    """Add a room of operations to a site and to its document."""
    room = Blueprint(name, f"{__name__}.{name}", url_prefix=VERSION_PATH)
    for operation in operations:
        room.add_url_rule(
            operation.address, operation.endpoint, _answering(operation, name), methods=[operation.method]
        )
        if operation.largest_bytes:
            app.extensions["coopmed_largest_bodies"][f"{name}.{operation.endpoint}"] = operation.largest_bytes
    # A cookie opens nothing here, so a foreign page has nothing to forge a request with.
    app.extensions["csrf"].exempt(room)
    app.register_blueprint(room)
    app.extensions.setdefault("coopmed_operations", []).extend((name, operation) for operation in operations)


def _answering(operation: Operation, room_name: str) -> Callable[..., Response]:
    endpoint = f"{room_name}.{operation.endpoint}"

    def answer(**parts: Any) -> Response:
        key = key_from(request.headers.get(HEADER)) if operation.is_once else None
        query = loaded(operation.query, request.args) if operation.query else {}
        with tempfile.TemporaryDirectory(prefix="coopmed-sent-") as folder, ExitStack() as held:
            body, digest = _body(operation, Path(folder))
            ask = Ask(the_visitor(), g.at, query, body)
            if operation.prepare is not None:
                ask = replace(ask, prepared=held.enter_context(operation.prepare(ask, **parts)))

            def as_answer(given: Any) -> str:
                assert operation.answer is not None, "an operation says what it answers, or writes it"
                return json.dumps(operation.answer.dump(given), ensure_ascii=False, separators=(",", ":"))

            def work(session: Session) -> Answered:
                def told() -> Answered:
                    given = operation.view(session, ask, **parts)
                    kept = as_answer(given | dict.fromkeys(operation.told_once)) if operation.told_once else None
                    return Answered(operation.status, (operation.write or as_answer)(given), kept)

                if key is None:
                    return told()
                whole = canonical_sha256(parts, request.args.to_dict(flat=False), digest.hex())
                return once(session, ask.visitor, told, endpoint=endpoint, key=key, request_sha256=whole, at=g.at)

            answered = the_database().retrying(work)
        response = Response(answered.text, answered.status, content_type=operation.content_type)
        if answered.is_repeat:
            response.headers["Idempotent-Replayed"] = "true"
        return response

    return answer


def _body(operation: Operation, folder: Path) -> tuple[Any, bytes]:
    """The body and a hash of its content."""
    match operation.body:
        case JsonBody(schema=schema, types=types):
            sent = json_body(request, types=types)
            return loaded(schema, sent), canonical_sha256(sent)
        case RawBody(types=types):
            raw = raw_body(request, types=types)
            return raw, sha256(raw).digest()
        case FileBody(types=types):
            spooled = _spooled(types, folder)
            return spooled, spooled.sha256
        case _:
            return None, b""


def _spooled(types: Mapping[str, Any], folder: Path) -> SentFile:
    if request.mimetype not in types:
        raise WrongContentType(expected=list(types))
    digest, count, path = sha256(), 0, folder / "sent"
    with path.open("wb") as file:
        while chunk := request.stream.read(CHUNK):
            digest.update(chunk)
            count += len(chunk)
            file.write(chunk)
    if not count:
        raise UnreadableBody(why="empty")
    return SentFile(path, request.args.get("file_name", "")[:200], request.mimetype, digest.digest(), count)
