"""What a request stands in: its site, its house, its desk, its visitor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, url_for
from sqlalchemy.orm import Session

from chassis.db import Database
from chassis.desks import Desk
from chassis.house import House
from chassis.visitors import Visitor

_SOME_NUMBER = 9_007_199_254_740_991


@dataclass(frozen=True)
class NavigationItem:
    endpoint: str
    label: Any
    """A lazy translation."""
    purpose: Any
    """What a person comes there to do, in one sentence; a lazy translation."""
    count: Callable[[Session, Visitor], int | str] | None = None
    """How much waits there for this visitor, asked on every page they open; None where nothing is counted. A count that
    was stopped says so in words (10,000+)."""


@dataclass(frozen=True)
class Site:
    """What differs between the three sites."""

    key: str
    appearance: str
    """`insurer`, `county` or `member`: the shape and the accent."""
    rooms: Sequence[Callable[[Flask, Desk], None]]
    """Each mounts its blueprint at a desk."""
    navigation: Sequence[NavigationItem] = ()
    search: str | None = None
    """The list that the field in the bar searches; None where the bar has no such field."""


def the_house() -> House:
    return current_app.extensions["coopmed"]


def the_site() -> Site:
    return current_app.extensions["coopmed_site"]


def the_database() -> Database:
    """The database of the desk this request is at."""
    return the_house().database(g.desk)


def the_visitor() -> Visitor:
    """The signed-in person; only for routes that the matrix does not open to anyone."""
    assert g.visitor is not None, "a guarded route has a visitor"
    return g.visitor


def desk_url(endpoint: str, **values: Any) -> str:
    """The address of a room at this request's desk: finance's rooms stand beside the county's under their own name."""
    return url_for(desk_endpoint(g.desk, endpoint), **values)


def desk_urls(endpoint: str, name: str) -> Callable[[int], str]:
    """The addresses of the records of a list, by number: the room is looked up once, not once a row."""
    before, found, after = desk_url(endpoint, **{name: _SOME_NUMBER}).partition(str(_SOME_NUMBER))
    assert found, "the room's address has the number in it"
    return lambda number: f"{before}{number}{after}"


def desk_endpoint(desk: Desk, endpoint: str) -> str:
    return f"{desk.key}_{endpoint}" if desk.path else endpoint


def room_name(desk: Desk, name: str) -> str:
    """The name to register a room under, so that the county's and finance's do not collide."""
    return desk_endpoint(desk, name)
