"""What of the queue is wanted, as conditions of a statement and as the parameters it is then asked with.

They are apart so that a statement is put together once for each choice of filters: what is asked a hundred times a
minute is neither written nor planned a hundred times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, ColumnElement, Date, DateTime, Select, Text, bindparam, select
from sqlalchemy.orm import Session

from contractor.claims.searching import found_by
from contractor.claims.sight import Sight
from contractor.claims.tables import Claim
from contractor.review.order import ALL, BY_LOSS, BY_RULE, BY_TERM, UNKNOWN, Ordered, Place, beyond, in_group, keys_of
from contractor.review.tables import WaitingFinding

IN_ORDER = frozenset({"rule", "least", "late", "soon", "unknown"})
"""Filters that the list of a rule answers without a look at the claims."""


@dataclass(frozen=True)
class Asked:
    """What of the queue is wanted; empty: all of it."""

    text: str = ""
    """The card's number or its end, the beginning of a name, or a part of the claim's number."""
    state: str = ""
    route: str = ""
    institution_code: str = ""
    rule: str = ""
    least_fen: int | None = None
    """Expected loss of at least so much."""
    term: str = ""
    """`late`, `soon`: what overtakes, or `unknown`: the calendar is not loaded."""
    hand: str = ""
    """`free`, `mine` or `held`: in anybody's hand."""

    @property
    def filters(self) -> frozenset[str]:
        """Which filters are on, by the names of their conditions."""
        named = {
            "found": self.text, "state": self.state, "route": self.route, "institution": self.institution_code,
            "rule": self.rule, "least": self.least_fen is not None, self.term: self.term, self.hand: self.hand,
        }  # fmt: skip
        return frozenset(name for name, is_on in named.items() if is_on)


@dataclass(frozen=True)
class Moment:
    """Who looks at the queue, and when."""

    reviewer: int
    at: dt.datetime
    on: dt.date


def given(session: Session, sight: Sight, asked: Asked, moment: Moment, *, until: dt.date) -> dict[str, Any]:
    """The parameters of all statements of one look at the queue. A search finds its claims here."""
    return {
        "found": found_by(session, sight.county_code, asked.text) if asked.text else None,
        "state": asked.state,
        "route": asked.route,
        "institution": asked.institution_code,
        "rule": asked.rule,
        "least_fen": asked.least_fen,
        "reviewer": moment.reviewer,
        "at": moment.at,
        "on": moment.on,
        "until": until,
    }


def place_given(after: Place | None) -> dict[str, Any]:
    if after is None:
        return {}
    return {"after_due_on": after.due_on, "after_loss_fen": after.loss_fen, "after_id": after.claim_id}


@lru_cache(maxsize=1024)
def page_statement(sight: Sight, filters: frozenset[str], group: str, *, goes_on: bool) -> Select:
    """(id, due_on, expected_loss_fen) of one group in its order, from its beginning or after a place."""
    of = _order_of(filters)
    wanted = _from(sight, filters, of, is_read=True).where(in_group(group, _own("until", Date), of))
    if goes_on:
        place = Place(group, _own("after_due_on", Date), _own("after_loss_fen"), _own("after_id"))
        wanted = wanted.where(beyond(group, place, of))
    return wanted.order_by(*keys_of(group, of)).limit(bindparam("most"))


@lru_cache(maxsize=1024)
def wanted_claims(sight: Sight, filters: frozenset[str], prefix: str = "") -> Select:
    """The numbers of the claims, in no order: to be counted. `prefix` keeps the parameters of several apart."""
    return _from(sight, filters, _order_of(filters), prefix=prefix).with_only_columns(_order_of(filters).claim_id)


def _from(sight: Sight, filters: Collection[str], of: Ordered, *, is_read: bool = False, prefix: str = "") -> Select:
    c, w = Claim, WaitingFinding
    fits = _conditions(filters, of, prefix)
    wanted = select(of.claim_id.label("id"), of.due_on, of.expected_loss_fen).where(*fits)
    if of is ALL:
        return wanted.where(sight.covers, c.is_waiting)
    wanted = wanted.where(w.county_code == sight.county_code)
    if not is_read and sight.is_whole and IN_ORDER.issuperset(filters):
        return wanted
    return wanted.join(c, (c.county_code == w.county_code) & (c.id == w.claim_id)).where(sight.covers, c.is_waiting)


def _order_of(filters: Collection[str]) -> Ordered:
    return BY_RULE if "rule" in filters else ALL


def _conditions(filters: Collection[str], of: Ordered, prefix: str) -> Sequence[ColumnElement[bool]]:
    c = Claim

    def own(name: str, kind: Any = BigInteger) -> BindParameter:
        return _own(f"{prefix}{name}", kind)

    of_each = {
        "found": lambda: c.id == own("found", ARRAY(BigInteger)).any_(),
        "state": lambda: c.state == own("state", Text),
        "route": lambda: c.route == own("route", Text),
        "institution": lambda: c.institution_code == own("institution", Text),
        "rule": lambda: WaitingFinding.rule == own("rule", Text),
        # As the index has it: what is worth less is not even looked at.
        "least": lambda: -of.expected_loss_fen <= -own("least_fen"),
        "late": lambda: of.due_on < own("on", Date),
        "today": lambda: of.due_on == own("on", Date),
        "soon": lambda: of.due_on <= own("until", Date),
        "unknown": lambda: of.due_on.is_(None),
        "free": lambda: c.held_by.is_(None) | (c.held_until <= own("at", _INSTANT)),
        "mine": lambda: (c.held_by == own("reviewer")) & (c.held_until > own("at", _INSTANT)),
        "held": lambda: c.held_by.is_not(None) & (c.held_until > own("at", _INSTANT)),
    }
    return [of_each[name]() for name in sorted(filters)]


_INSTANT = DateTime(timezone=True)


def _own(name: str, kind: Any = BigInteger) -> BindParameter:
    return bindparam(name, type_=kind)


def groups_of(asked: Asked, after: Place | None) -> Sequence[str]:
    """The parts of the queue in which such claims can stand: nothing is looked for where it cannot be."""
    if asked.term in ("late", "soon"):
        return (BY_TERM,)
    if asked.term == "unknown":
        return (UNKNOWN,)
    return (BY_TERM, BY_LOSS) if after is None or after.group == BY_TERM else (BY_LOSS,)
