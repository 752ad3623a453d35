"""Who may do what: one file, `config/authorisation.yaml`, that the apps obey and the tests spell out cell by cell.

The file is the spec. A route that it does not declare does not start (`undeclared_routes`), and the guard lets nobody
through whom it does not name. Whose record it is and in which state are asked by the query and the verb; the file says
what they must answer, and the suite tries every cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import Flask

from chassis.desks import DESKS, Desk, desk_for_path
from chassis.errors import Misconfigured, NotAllowed, NotSignedIn, NotThisToken, StepUpNeeded
from chassis.visitors import Visitor

FILE = Path(__file__).parent.parent / "config" / "authorisation.yaml"
ANYONE = "anyone"
SIGNED_IN = "signed in"
IF_PROTECTED = "if protected"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
API_PATH = "/api/"
"""Where the doors for programs lie, below a desk's own path."""
API_ROOM = "_api"
"""How the names of their rooms end, so that a room of pages may have the same name."""


@dataclass(frozen=True)
class Role:
    key: str
    zh: str
    en: str
    desks: frozenset[str]
    kind: str
    """`business`, `administration` (三员) or `reader`."""
    level: str
    """`county` or `city`."""
    scope: str | None
    """What the role is limited to: `institution`, `township`, `department`; None when to nothing."""
    security_key: bool = False
    """In production its holders sign with a security key, because they approve."""


@dataclass(frozen=True)
class Room:
    """A part of the API that a token may be made for."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True)
class Rule:
    """One row of the matrix: desk × route × method."""

    desk: str
    endpoint: str
    method: str
    who: frozenset[str]
    """Role keys, or the single word `anyone` or `signed in`."""
    object: str | None
    """The kind of record the URL names; its county must be the visitor's."""
    states: dict[str, int] = field(default_factory=dict)
    """For an act on an object: the answer expected in each state of the object."""
    step_up: bool = False
    """Asks for proof of identity within the last minutes."""
    step_up_if_protected: bool = False
    """Asks for it of a person who has a second factor to prove it with."""
    unfinished: bool = False
    """May be reached before the second factor is set up."""
    leads_to: str | None = None
    """`sign-in` for an act after which the person is signed in no longer."""
    states_of: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of a role whose answer is another than that of the others in some states."""
    by_token: bool = False
    """A door for programs: it knows tokens and no cookies, as every other door knows cookies and no tokens."""

    @property
    def room(self) -> str:
        """The room of the API that a door for programs belongs to: a token opens the rooms it was made for."""
        return self.endpoint.partition(".")[0].removesuffix(API_ROOM)

    def answer_in(self, state: str, role: str) -> int:
        """What an act on an object in this state answers to a holder of this role alone."""
        return self.states_of.get(role, {}).get(state, self.states[state])

    def admits(self, roles: Iterable[str]) -> bool:
        return ANYONE in self.who or SIGNED_IN in self.who or not self.who.isdisjoint(roles)


@dataclass(frozen=True)
class Matrix:
    roles: dict[str, Role]
    conflicts: tuple[frozenset[str], ...]
    """Pairs of roles that no one person may hold together."""
    rules: dict[tuple[str, str, str], Rule]
    rooms: dict[str, Room] = field(default_factory=dict)

    def rule(self, desk: Desk, endpoint: str, method: str) -> Rule | None:
        return self.rules.get((desk.key, endpoint, "GET" if method == "HEAD" else method))

    def roles_of(self, desk_key: str) -> list[Role]:
        return [role for role in self.roles.values() if desk_key in role.desks]


@cache
def matrix() -> Matrix:
    return read_matrix(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def read_matrix(document: dict[str, Any]) -> Matrix:
    """The matrix from its file; a name that means nothing is refused with its place."""
    roles = {}
    for key, r in document["roles"].items():
        desks = frozenset(r["desks"])
        if not desks <= DESKS.keys():
            raise Misconfigured(f"authorisation.yaml: role {key} names an unknown desk in {sorted(desks)}")
        roles[key] = Role(
            key,
            r["zh"],
            r["en"],
            desks,
            r["kind"],
            r.get("level", "county"),
            r.get("scope"),
            r.get("security_key", False),
        )
    conflicts = [frozenset(pair) for pair in document["conflicts"]]
    three = [key for key, role in roles.items() if role.kind == "administration"]
    for one in three:
        # The three administrators exclude each other and every role that handles the scheme's business.
        conflicts += [frozenset((one, other)) for other in roles if other != one]
    rooms = {key: Room(key, r["zh"], r["en"]) for key, r in document["rooms"].items()}
    rules: dict[tuple[str, str, str], Rule] = {}
    for block in document["routes"]:
        for endpoint, methods in block["endpoints"].items():
            for method, row in methods.items():
                for desk in block["desks"]:
                    rule = _rule(desk, endpoint, method, row, roles)
                    if (desk, endpoint, method) in rules:
                        raise Misconfigured(f"authorisation.yaml: {desk} {method} {endpoint} is declared twice")
                    if rule.by_token and ANYONE not in rule.who and rule.room not in rooms:
                        raise Misconfigured(f"authorisation.yaml: {endpoint} lies in no room of the API")
                    rules[desk, endpoint, method] = rule
    return Matrix(roles, tuple(set(conflicts)), rules, rooms)


def _rule(desk: str, endpoint: str, method: str, row: dict[str, Any], roles: dict[str, Role]) -> Rule:
    who = frozenset([row["who"]] if isinstance(row["who"], str) else row["who"])
    place = f"authorisation.yaml: {desk} {method} {endpoint}"
    if method not in METHODS:
        raise Misconfigured(f"{place}: unknown method")
    unknown = who - roles.keys() - {ANYONE, SIGNED_IN}
    if unknown:
        raise Misconfigured(f"{place}: unknown role {sorted(unknown)}")
    known = {"who", "object", "states", "states_of", "step_up", "unfinished", "leads_to", "token"}
    if row.get("step_up", False) not in (True, False, IF_PROTECTED):
        raise Misconfigured(f"{place}: step_up is true, false or `{IF_PROTECTED}`")
    if row.get("token") and (row.get("step_up") or SIGNED_IN in who):
        raise Misconfigured(f"{place}: a program proves nothing anew and has one role; name the roles")
    if row.keys() - known:
        raise Misconfigured(f"{place}: unknown word {sorted(row.keys() - known)}")
    admitted = who if who & {ANYONE, SIGNED_IN} else frozenset(r for r in who if desk in roles[r].desks)
    return Rule(
        desk,
        endpoint,
        method,
        admitted,
        row.get("object"),
        row.get("states", {}),
        row.get("step_up", False) is True,
        row.get("step_up") == IF_PROTECTED,
        row.get("unfinished", False),
        row.get("leads_to"),
        row.get("states_of", {}),
        row.get("token", False),
    )


def own_endpoint(desk: Desk, endpoint: str) -> str:
    """The endpoint as the file names it: a room mounted at the finance desk is the same room."""
    prefix = f"{desk.key}_"
    return endpoint.removeprefix(prefix) if desk.path else endpoint


def routes_of(app: Flask, site: str) -> list[tuple[Desk, str, str, str]]:
    """(desk, endpoint as the file names it, method, URL rule) for every route of an app but its static files."""
    found = []
    for rule in app.url_map.iter_rules():
        desk = desk_for_path(site, rule.rule)
        found += [
            (desk, own_endpoint(desk, rule.endpoint), method, rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
    return found


def undeclared_routes(app: Flask, site: str) -> list[str]:
    return [
        f"{desk.key} {method} {endpoint} ({url})"
        for desk, endpoint, method, url in routes_of(app, site)
        if matrix().rule(desk, endpoint, method) is None
    ]


def mistaken_doors(app: Flask, site: str) -> list[str]:
    """Routes for programs that lie outside `/api/`, and routes in there that are declared for people."""
    return [
        f"{desk.key} {method} {endpoint} ({url})"
        for desk, endpoint, method, url in routes_of(app, site)
        if (rule := matrix().rule(desk, endpoint, method)) is not None
        and rule.by_token != url.startswith(f"{desk.path}{API_PATH}")
    ]


def check(rule: Rule, visitor: Visitor | None, *, at: dt.datetime) -> None:
    """Let the visitor through or refuse, with the reason a person can act on."""
    if ANYONE in rule.who:
        return
    if visitor is None:
        raise NotSignedIn()
    if not rule.admits(visitor.roles):
        raise NotAllowed(needed=sorted(rule.who))
    if visitor.opens is not None and not visitor.opens.admits(rule.room, is_act=rule.method != "GET"):
        raise NotThisToken(room=rule.room)
    if visitor.unfinished and not rule.unfinished:
        raise NotAllowed(unfinished=visitor.unfinished)
    proof_needed = rule.step_up or (rule.step_up_if_protected and visitor.has_second_factor)
    if proof_needed and (visitor.stepped_up_until is None or visitor.stepped_up_until <= at):
        raise StepUpNeeded()
