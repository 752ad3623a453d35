"""Who a program asks for: the bearer token and nothing else. A cookie that comes along is not looked at."""

from __future__ import annotations

from flask import g, request

from chassis.api.tokens import LONGEST, PREFIX, visitor_by_token
from chassis.visitors import Visitor
from chassis.web.current import the_database


def find_caller() -> Visitor | None:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token.startswith(PREFIX) or len(token) > LONGEST:
        return None
    with the_database().transaction() as session:
        return visitor_by_token(session, token, desk_key=g.desk.key, at=g.at)
