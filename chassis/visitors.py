"""Who is asking: a person at a desk, bound to a county or a city, with the roles granted to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Opens:
    """What a program's token was made for, within the role it acts in."""

    rooms: frozenset[str]
    is_read_only: bool

    def admits(self, room: str, *, is_act: bool) -> bool:
        return room in self.rooms and not (is_act and self.is_read_only)


@dataclass(frozen=True)
class Visitor:
    """A signed-in person, read anew from the database on every request so that a revoked session ends at once."""

    desk_key: str
    county_code: str
    """The county's or, for the city's people, the city's six-digit code."""
    person_id: int
    """`staff.id` at a staff desk, the member's id at the member's site."""
    session_id: int
    name: str
    roles: frozenset[str]
    scopes: dict[str, str] = field(default_factory=dict)
    """What a role is limited to: the code of an institution, a township or a department."""
    stepped_up_until: dt.datetime | None = None
    has_second_factor: bool = False
    unfinished: str | None = None
    """What must be done before anything else: `set_second_factor` or `change_password`; None when nothing."""
    token_id: int | None = None
    """`api_token.id` where a program asks in the person's place; it has no session and can prove nothing anew."""
    opens: Opens | None = None
    """Where a program asks: what its token was made for."""
