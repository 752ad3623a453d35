"""Who a program asks for: the bearer token and nothing else. A cookie that comes along is not looked at."""

from __future__ import annotations

from flask import current_app, g, request

from chassis.api.limits import Limiter
from chassis.api.tokens import LONGEST, PREFIX, visitor_by_token
from chassis.visitors import Visitor
from chassis.web.current import the_database, the_house

LIMITER = "coopmed_api_limiter"


def find_caller() -> Visitor | None:
    """Raises: TooManyRequests."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token.startswith(PREFIX) or len(token) > LONGEST:
        return None
    with the_database().transaction() as session:
        visitor = visitor_by_token(session, token, desk_key=g.desk.key, at=g.at)
    if visitor is not None and visitor.token_id is not None:
        _limiter().admit(visitor.token_id, at=g.at)
    return visitor


def _limiter() -> Limiter:
    """The counter of this process, made with its first request so that no fork shares a connection."""
    kept = current_app.extensions
    if LIMITER not in kept:
        house = the_house()
        counter = house.redis if house.settings.redis_url else None
        kept[LIMITER] = Limiter(int(house.settings.api_requests_a_minute), counter)
    return kept[LIMITER]
