"""What a house consists of: three sites with their workers, and which connections each of them may know."""

from __future__ import annotations

from dataclasses import dataclass, field

OWNER = "COOPMED_OWNER_DATABASE_URL"
REDIS = "COOPMED_REDIS_URL"

# The variable that carries a role's connection. `backup` has a password but no site: only `prepare` learns it.
ROLE_OF = {
    "COOPMED_CONTRACTOR_DATABASE_URL": "contractor_rw",
    "COOPMED_COUNTY_DATABASE_URL": "county_rw",
    "COOPMED_FINANCE_DATABASE_URL": "finance_rw",
    "COOPMED_CLAIMANT_DATABASE_URL": "claimant_rw",
    "COOPMED_AUDITOR_DATABASE_URL": "auditor_ro",
}
CONNECTIONS = (OWNER, *ROLE_OF, REDIS)


@dataclass(frozen=True)
class Site:
    name: str
    app: str
    port: int
    connections: tuple[str, ...]
    """The database connections its processes are given: none of another desk's."""

    @property
    def port_variable(self) -> str:
        return f"COOPMED_{self.name.upper()}_PORT"


SITES = (
    Site("workspace", "contractor.app:create_app()", 8101, ("COOPMED_CONTRACTOR_DATABASE_URL",)),
    Site(
        "portal",
        "oversight.app:create_app()",
        8102,
        ("COOPMED_COUNTY_DATABASE_URL", "COOPMED_FINANCE_DATABASE_URL", "COOPMED_AUDITOR_DATABASE_URL"),
    ),
    Site("claimants", "oversight.claimants.app:create_app()", 8103, ("COOPMED_CLAIMANT_DATABASE_URL",)),
)


@dataclass(frozen=True)
class Plan:
    """`module` answers `python -m module prepare | worker SITE | sweeper SITE | demo-sign-ins | demo-county`."""

    sites: tuple[Site, ...] = SITES
    module: str = "coopmed"
    database: str = "coopmed"
    archives: bool = True
    """Keeps the WAL, so that a backup can be restored to any moment since."""
    postgres_options: dict[str, str] = field(default_factory=dict)
    healthy_within_seconds: float = 120
    has_demo_county: bool = True
    """In a demo: the county comes in beside the open sites, and the simulated bank answers its batches."""
