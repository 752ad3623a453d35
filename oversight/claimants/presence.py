"""Who is at the member's site: the cookie, the visitor, and transactions that may see that member's rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, g, request
from sqlalchemy.orm import Session

from chassis.db import Database
from chassis.desks import CLAIMANT
from chassis.i18n import language
from chassis.identity.tokens import network_digest
from chassis.settings import Settings
from chassis.visitors import Visitor
from chassis.web.current import the_database, the_house
from oversight.claimants import door, queries

TOKEN = re.compile(r"[0-9]{6}\.[A-Za-z0-9_-]{43}")
ROLE = "member"
PHONES = ("Mobile", "Android", "iPhone", "HarmonyOS")


def cookie_name(settings: Settings) -> str:
    return ("__Host-" if settings.is_production else "") + CLAIMANT.cookie


def token_presented() -> str | None:
    """The cookie's token if it could be one; anything else is not even asked about."""
    token = request.cookies.get(cookie_name(the_house().settings), "")
    return token if TOKEN.fullmatch(token) else None


@contextmanager
def own_transaction(database: Database | None = None) -> Iterator[Session]:
    """A transaction that sees the rows of the member whose browser asks, and no other member's."""
    with (database or the_database()).transaction() as session:
        door.present(session, token_presented() or "")
        yield session


def find_visitor() -> Visitor | None:
    """Read anew on each request: a session that was closed a second ago is nobody's now."""
    token = token_presented()
    if token is None:
        return None
    with own_transaction() as session:
        live = queries.live_session(session, token)
        who = queries.own_name_and_county(session) if live else None
    if live is None or who is None:
        return None
    g.place_name = who.county_en if language() == "en" else who.county_zh
    return Visitor(
        desk_key=CLAIMANT.key,
        county_code=live.county_code,
        person_id=live.member_id,
        session_id=live.id,
        name=who.name,
        roles=frozenset({ROLE}),
    )


def network_here() -> bytes:
    return network_digest(the_house().keyring, request.remote_addr)


def device_here() -> str:
    agent = request.user_agent.string
    if not agent:
        return "unknown"
    return "phone" if any(word in agent for word in PHONES) else "computer"


def let_in(answer: Response, token: str) -> Response:
    settings = the_house().settings
    answer.set_cookie(
        cookie_name(settings), token, httponly=True, samesite="Lax", secure=settings.is_production, path="/"
    )
    return answer


def let_out(answer: Response) -> Response:
    settings = the_house().settings
    answer.delete_cookie(cookie_name(settings), httponly=True, samesite="Lax", secure=settings.is_production, path="/")
    return answer
