"""The OpenAPI 3.1 document of a site, drawn from the operations that its rooms mounted, in the reader's language."""

from __future__ import annotations

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, current_app
from flask_babel import gettext as _
from marshmallow import Schema, fields

from chassis import authorisation
from chassis.api import fields as own
from chassis.api.once import HEADER, PATTERN
from chassis.api.operations import VERSION_PATH, FileBody, JsonBody, Operation, RawBody
from chassis.desks import desks_of
from chassis.i18n import language
from chassis.web.current import the_site

PROBLEM = "application/problem+json"


class Problem(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    status = fields.Integer(required=True)
    reference = fields.String(required=True)
    facts = fields.List(fields.List(fields.String()))
    faults = fields.Raw()


def operations_of(app: Flask) -> list[tuple[str, Operation]]:
    return app.extensions.get("coopmed_operations", [])


def document() -> dict[str, Any]:
    """The document for this request's site and language."""
    drawn = current_app.extensions.setdefault("coopmed_api_document", {})
    if language() not in drawn:
        drawn[language()] = _document(operations_of(current_app))
    return drawn[language()]


def _document(operations: list[tuple[str, Operation]]) -> dict[str, Any]:
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title=_("补偿经办接口"),
        version="1",
        openapi_version="3.1.0",
        info={"description": _("金额是整数分；日期是 2026-11-20 的写法；拒绝按 RFC 9457 回答。")},
        plugins=[plugin],
    )
    plugin.converter.field_mapping[own.Day] = ("string", "date")
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", schema=Problem)
    for room, operation in operations:
        spec.path(
            path=_path(operation.address),
            operations={operation.method.lower(): _operation(plugin, room, operation)},
            parameters=_parts(operation.address),
        )
    return _plain(spec.to_dict())


def _operation(plugin: MarshmallowPlugin, room: str, operation: Operation) -> dict[str, Any]:
    rule = authorisation.matrix().rule(desks_of(the_site().key)[0], f"{room}.{operation.endpoint}", operation.method)
    assert rule is not None, "the site starts with declared routes only"
    parameters: list[Any] = []
    if operation.query is not None:
        parameters += plugin.converter.schema2parameters(operation.query, location="query")
    if operation.is_once:
        parameters.append(
            {
                "in": "header",
                "name": HEADER,
                "required": True,
                "schema": {"type": "string", "pattern": PATTERN, "minLength": 8, "maxLength": 100},
                "description": _("您给这次请求起的编号；用同一个编号再问，只会得到第一次的结果。"),
            }
        )
    told: dict[str, Any] = {
        "operationId": f"{room}.{operation.endpoint}",
        "summary": operation.summary,
        "description": operation.description,
        "tags": [room],
        "parameters": parameters,
        "responses": _responses(operation, is_open=authorisation.ANYONE in rule.who),
        "x-roles": sorted(rule.who),
        "x-room": rule.room,
    }
    if authorisation.ANYONE not in rule.who:
        told["security"] = [{"token": [rule.room]}]
    match operation.body:
        case JsonBody(schema=schema, types=types):
            content = {kind: {"schema": schema} for kind in types}
            told["requestBody"] = {"required": True, "content": content}
        case RawBody(shown=schema, types=types):
            content = {kind: {"schema": schema or {"type": "object"}} for kind in types}
            told["requestBody"] = {"required": True, "content": content}
        case FileBody(types=types):
            content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in types}
            told["requestBody"] = {"required": True, "content": content}
    return told


def _responses(operation: Operation, *, is_open: bool) -> dict[str, Any]:
    shared: dict[int, Any] = {}
    if not is_open:
        shared |= {
            401: _("没有令牌，或令牌不再有效"),
            403: _("令牌的岗位不办这件事，或令牌没有开这个部分"),
            429: _("这一分钟问得太多；Retry-After 说还要等几秒"),
        }
    if "<" in operation.address:
        shared[404] = _("没有这一条，或不归您看")
    if operation.query is not None or operation.body is not None:
        shared[422] = _("有看不懂的地方，逐项列出")
    if operation.body is not None:
        shared |= {400: _("看不懂发来的内容"), 413: _("内容太大"), 415: _("内容类型不对")}
    if operation.is_once:
        shared |= {400: _("看不懂发来的内容，或缺少请求编号"), 409: _("同一个请求正在办理")}
    problems = {
        str(status): {"description": when, "content": {PROBLEM: {"schema": "Problem"}}}
        for status, when in sorted((shared | dict(operation.refusals)).items())
    }
    if 429 in shared:
        problems["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    answer = operation.answer or {"type": "string", "format": "binary"}
    done = {"description": operation.summary, "content": {operation.content_type: {"schema": answer}}}
    return {str(operation.status): done} | problems


def _parts(address: str) -> list[dict[str, Any]]:
    return [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": own.MOST_ID} if kind else {"type": "string"},
        }
        for kind, name in re.findall(r"<(int:)?(\w+)>", address)
    ]


def _path(address: str) -> str:
    return VERSION_PATH + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)


def _plain(found: Any) -> Any:
    """The document in plain values: sentences were lazy until now."""
    if isinstance(found, dict):
        return {str(name): _plain(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_plain(value) for value in found]
    return found if isinstance(found, str | int | float | bool | None) else str(found)
