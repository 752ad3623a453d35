"""The desks of the house: who works where, as which database role, in which schema.

A site is one web app and process; the portal holds two desks, because finance checks the county office and is
not part of it: it has its own sign-ins, its own schema and its own connections.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Desk:
    key: str
    site: str
    schema: str
    database_role: str
    database_setting: str
    path: str
    """Where the desk's pages begin on its site: "" or "/finance"."""
    has_staff: bool = True

    @property
    def cookie(self) -> str:
        """Cookies ignore ports, so every desk names its own."""
        return f"coopmed_{self.key}"

    @property
    def queue(self) -> str:
        return f"coopmed.{self.key}"


CONTRACTOR = Desk("contractor", "workspace", "contractor", "contractor_rw", "contractor_database_url", "")
COUNTY = Desk("county", "portal", "oversight", "county_rw", "county_database_url", "")
FINANCE = Desk("finance", "portal", "finance", "finance_rw", "finance_database_url", "/finance")
CLAIMANT = Desk("claimant", "claimants", "claimant", "claimant_rw", "claimant_database_url", "", has_staff=False)

DESKS = {desk.key: desk for desk in (CONTRACTOR, COUNTY, FINANCE, CLAIMANT)}
SITES = ("workspace", "portal", "claimants")


def desks_of(site: str) -> tuple[Desk, ...]:
    return tuple(desk for desk in DESKS.values() if desk.site == site)


def desk_for_path(site: str, path: str) -> Desk:
    """The desk whose part of the site a path lies in; the longest prefix wins."""
    candidates = [d for d in desks_of(site) if path == d.path or path.startswith(d.path + "/")]
    return max(candidates, key=lambda desk: len(desk.path))
