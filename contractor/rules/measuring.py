"""What like stays cost and last, kept from one night to the next: intake holds a claim against it, people see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.statements import statement
from rulebook.checks.year import PeerGroup

_TYPES = {
    "category": "text", "tier": "smallint", "stay_count": "int", "log_mean": "float8", "log_deviation": "float8",
    "log_median": "float8", "log_spread": "float8", "days_p95": "float8", "percentiles_fen": "text",
}  # fmt: skip
# Rows of one length each would become one long row where arrays are unnested: they travel as texts.
_KEPT = ", ".join(f"own.{name}{'::bigint[]' if name == 'percentiles_fen' else ''}" for name in _TYPES)


def keep_peer_groups(session: Session, found: Sequence[PeerGroup], *, county_code: str, at: dt.datetime) -> None:
    """Write what was measured in place of what was; a group that has no stays any more is known to have none."""
    assert tuple(_TYPES) == PeerGroup._fields, "the table keeps what is measured"
    session.execute(
        statement(
            f"INSERT INTO contractor.peer_statistic (county_code, {', '.join(_TYPES)}, measured_at) "  # noqa: S608
            f"SELECT :county_code, {_KEPT}, :at FROM unnest("
            + ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _TYPES.items())
            + f") AS own ({', '.join(_TYPES)}) ON CONFLICT (county_code, category, tier) DO UPDATE SET "
            + ", ".join(f"{name} = EXCLUDED.{name}" for name in (*list(_TYPES)[2:], "measured_at"))
        ),
        {"county_code": county_code, "at": at} | {name: [_sent(group, name) for group in found] for name in _TYPES},
    )
    session.execute(
        statement(
            "UPDATE contractor.peer_statistic SET stay_count = 0 "
            "WHERE county_code = :county_code AND measured_at < :at AND stay_count > 0"
        ),
        {"county_code": county_code, "at": at},
    )


def _sent(group: PeerGroup, name: str) -> object:
    value = getattr(group, name)
    return numbers_text(value) if name == "percentiles_fen" else value
