"""One's own tokens, and the document of the doors as a page that needs no script.

Whoever connects a hospital's program comes here twice: once to read what to send and to make a token, and months later,
when it is about to end, for the next one. The token is on the page once, right after it is made.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, Response, flash, g, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis import authorisation
from chassis.api import words as _words  # noqa: F401 – registers the words
from chassis.api.document import PROBLEM, document
from chassis.api.doors import find_caller
from chassis.api.forms import LONGEST_LABEL, TOKEN
from chassis.api.operations import VERSION_PATH
from chassis.api.refusals import NoSuchRooms, TooLongALife, TooManyTokens
from chassis.api.tokens import LIFETIMES_DAYS, make, revoke, roles_for_programs, rooms_for, tokens_of
from chassis.desks import Desk
from chassis.errors import UnreadableInput
from chassis.i18n import language
from chassis.identity.forms import WHICH, read, words_of
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.frame import role_words
from chassis.web.rooms import at

FIELDS = {TooManyTokens: "label", NoSuchRooms: "rooms", TooLongALife: "days"}
"""Beside which field each refusal is said."""


def mount(app: Flask, desk: Desk) -> None:
    """The pages about programs, the document, and the finder of who a program asks for."""
    app.extensions["coopmed_find_caller"] = find_caller
    pages = Blueprint("interfaces", __name__, template_folder="templates")
    at(pages, "/interfaces", "guide", {"GET": show_guide})
    at(pages, "/account/tokens", "tokens", {"GET": show_tokens, "POST": make_token})
    at(pages, "/account/tokens/revoke", "revoke", {"POST": revoke_token})
    app.register_blueprint(pages)
    room = Blueprint("api", __name__, url_prefix=VERSION_PATH)
    room.get("/openapi.json", endpoint="document")(give_document)
    app.register_blueprint(room)


def give_document() -> Response:
    return jsonify(document())


def show_guide():
    found = document()
    shown = []
    for path, methods in found["paths"].items():
        for method, told in methods.items():
            if method != "parameters":
                shown.append(_operation(found, path, method, told, methods.get("parameters", [])))
    return render_template(
        "api/guide.html",
        operations=shown,
        schemas=[_schema(name, body) for name, body in sorted(found["components"]["schemas"].items())],
        document_url=desk_url("api.document"),
        tokens_url=desk_url("interfaces.tokens"),
    )


def show_tokens():
    return _page({}, 200)


def make_token():
    """The route asks for a step-up before it."""
    visitor = the_visitor()
    try:
        values = read(TOKEN, request.form)
        token = the_database().retrying(
            lambda session: make(
                session,
                visitor,
                label=values["label"].strip(),
                role=values["role"],
                rooms=request.form.getlist("rooms"),
                is_read_only=values["is_read_only"],
                days=values["days"],
                matrix=authorisation.matrix(),
                at=g.at,
            )
        )
    except UnreadableInput as refusal:
        return _page(words_of(refusal.facts["faults"]), refusal.status)
    except (TooManyTokens, NoSuchRooms, TooLongALife) as refusal:
        return _page({FIELDS[type(refusal)]: answer_to(refusal).text}, refusal.status)
    return _page({}, 200, made=SimpleNamespace(token=token, label=values["label"].strip()))


def revoke_token():
    token_id = read(WHICH, request.form)["id"]
    the_database().retrying(lambda session: revoke(session, the_visitor(), token_id, at=g.at))
    flash(_("令牌已收回，用它的程序从现在起进不来。"), "ok")
    return redirect(desk_url("interfaces.tokens"), 303)


def _page(errors: dict[str, str], status: int, made: SimpleNamespace | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        tokens = tokens_of(session, visitor, at=g.at)
    own = roles_for_programs(authorisation.matrix(), visitor.desk_key, visitor.roles)
    response = make_response(
        render_template(
            "api/tokens.html",
            tokens=[_token(token) for token in tokens],
            roles=[(role, role_words([role])) for role in own],
            rooms=[(key, _room_words(key)) for key in rooms_for(authorisation.matrix(), visitor.desk_key, own)],
            chosen=request.form.getlist("rooms") if errors else [],
            lifetimes=[(days, _("%(days)s 天", days=days)) for days in LIFETIMES_DAYS],
            longest=LONGEST_LABEL,
            made=made,
            errors=errors,
            typed=request.form if errors else {},
            must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
            step_up_url=desk_url("identity.step_up", next=desk_url("interfaces.tokens")),
            guide_url=desk_url("interfaces.guide"),
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _token(token) -> SimpleNamespace:
    return SimpleNamespace(
        id=token.id,
        label=token.label,
        role=role_words([token.role]),
        rooms="、".join(_room_words(room) for room in token.rooms),
        is_read_only=token.is_read_only,
        created_at=token.created_at,
        ends_at=token.ends_at,
        last_used_at=token.last_used_at,
        is_revoked=token.revoked_at is not None,
    )


def _room_words(key: str) -> str:
    room = authorisation.matrix().rooms.get(key)
    return key if room is None else room.en if language() == "en" else room.zh


def _operation(found: dict, path: str, method: str, told: dict, shared: list) -> SimpleNamespace:
    done = [(status, body) for status, body in told["responses"].items() if status < "300"]
    return SimpleNamespace(
        id=told["operationId"].replace(".", "-"),
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=told["description"],
        roles=role_words(set(told["x-roles"])) or _("任何人"),
        room=_room_words(told["x-room"]),
        parameters=[
            (one["name"], one["in"], one.get("description", ""), _kind(one["schema"]), one.get("required", False))
            for one in [*shared, *told["parameters"]]
        ],
        bodies=[
            (kind, *_named(content["schema"]))
            for kind, content in told.get("requestBody", {}).get("content", {}).items()
        ],
        answers=[(status, *_named(content["schema"])) for status, body in done for content in body["content"].values()],
        problems=[
            (status, body["description"]) for status, body in told["responses"].items() if PROBLEM in body["content"]
        ],
    )


def _schema(name: str, body: dict) -> SimpleNamespace:
    needed = set(body.get("required", []))
    fields = [
        (field, _kind(kind), field in needed, kind.get("description", "")) for field, kind in body["properties"].items()
    ]
    return SimpleNamespace(name=name, fields=fields)


def _named(schema: dict) -> tuple[str, str | None]:
    """How a schema is called, and where on the page it stands."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, f"#schema-{name}"
    return _kind(schema), None


def _kind(schema: dict) -> str:
    """A schema in a few words of OpenAPI itself."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    kind = schema.get("type", "object")
    words = " | ".join(kind) if isinstance(kind, list) else str(kind)
    if words == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"] if one is not None)
    low, high = schema.get("minimum", schema.get("minLength")), schema.get("maximum", schema.get("maxLength"))
    limits = f" {low if low is not None else ''}…{high if high is not None else ''}" if low is not None or high else ""
    return words + (f" ({schema['format']})" if "format" in schema else "") + limits
