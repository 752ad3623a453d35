"""The records that routes name: for each kind, one in every state in the own county, and one in another county.

A room whose routes name a record adds its maker here; the matrix test fails for a kind that has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from demo import county
from oversight.registry.tables import Division, Member

CITY, OWN, OTHER = "990100", "990121", "990122"

UrlValues = dict[str, Any]


@dataclass
class Records:
    """What stands in the URL: by state in the own county, one of another county, one that does not exist."""

    own: dict[str, UrlValues]
    other: UrlValues | None
    nowhere: UrlValues
    fields: dict[str, str] = field(default_factory=dict)
    """Form fields that make the act a readable one, so that the answer shows the state and not a missing field."""
    own_of: dict[str, dict[str, UrlValues]] = field(default_factory=dict)
    """For a role with a scope that `own` is not in: by state, those that are."""
    beyond: dict[str, UrlValues] = field(default_factory=dict)
    """For a role with a scope: one of the own county beyond it, which answers 404."""


Maker = Callable[[Session, dt.datetime, Keyring], Records]
MAKERS: dict[tuple[str, str], Maker] = {}


def makes(kind: str, *desks: str) -> Callable[[Maker], Maker]:
    def keep(maker: Maker) -> Maker:
        for desk in desks:
            MAKERS[desk, kind] = maker
        return maker

    return keep


@makes("member", "county")
def members(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    if session.get(Division, OWN) is None:
        county.write_divisions(session)
    if session.scalars(select(Member.id).limit(1)).first() is None:  # another site's makers may have written them
        for one in (county.demo_county(), county.other_county()):
            county.write_county(session, keyring, one, at=at)

    def of(county_code: str) -> UrlValues:
        member_id = session.scalars(select(Member.id).where(Member.county_code == county_code).limit(1)).one()
        return {"county_code": county_code, "member_id": member_id, "field": "identity_number"}

    return Records(own={"": of(OWN)}, other=of(OTHER), nowhere=of(OWN) | {"member_id": 999_999_999})
