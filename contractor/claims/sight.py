"""Which claims a person or a program may see: all of the county, one institution's own, one township's manual ones."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false

from chassis.visitors import Visitor
from contractor.claims.tables import Claim

WHOLE_COUNTY = frozenset({"intake", "reviewer", "senior", "lead", "cashier", "checker"})


@dataclass(frozen=True)
class Sight:
    """What of a county is seen. Neither code: all of it."""

    county_code: str
    institution_code: str | None = None
    township_code: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.institution_code is None and self.township_code is None

    @property
    def covers(self) -> ColumnElement[bool]:
        """The claims seen, to be put into every question about claims."""
        own_county = Claim.county_code == self.county_code
        if self.is_whole:
            return own_county
        if self.institution_code is not None:
            # A claim that the member brought to a township office is not the institution's business.
            own = Claim.institution_code == self.institution_code
            return own_county & own & (Claim.route != "manual") if self.institution_code else false()
        manual = (Claim.township_code == self.township_code) & (Claim.route == "manual")
        return own_county & manual if self.township_code else false()


def sight_of(visitor: Visitor) -> Sight:
    """The widest sight that the visitor's roles give; a scoped role without its scope sees nothing."""
    if visitor.roles & WHOLE_COUNTY:
        return Sight(visitor.county_code)
    if "institution" in visitor.roles:
        return Sight(visitor.county_code, institution_code=visitor.scopes.get("institution", ""))
    return Sight(visitor.county_code, township_code=visitor.scopes.get("township", ""))
