"""What the registry learned after the contractor had decided: nobody decides by what was not written yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg

# The county's record that speaks of the settlement's member on the day the step asks about, written after the decision.
# One that has been ended before the day counts too where the contractor still counted it.
_RECORDS = {
    "enrolment": "registry.published_enrolment AS r ON r.member_id = s.member_id AND r.year = s.year "
    "AND r.kind = 'scheme'",
    "is_supplemented": "registry.published_enrolment AS r ON r.member_id = s.member_id AND r.year = s.year "
    "AND r.kind = 'supplementary'",
    "status_on_admission": "registry.published_member_status AS r ON r.member_id = s.member_id "
    "AND r.from_on <= s.admitted_on AND (coalesce(r.until_on > s.admitted_on, true) OR s.status_on_admission > 0)",
    "status_on_discharge": "registry.published_member_status AS r ON r.member_id = s.member_id "
    "AND r.from_on <= s.discharged_on AND (coalesce(r.until_on > s.discharged_on, true) OR s.status_on_discharge > 0)",
    "death": "registry.published_death AS r ON r.member_id = s.member_id AND r.died_on < s.admitted_on",
}
STEPS = tuple(_RECORDS)


def late_settlements(
    connection: psycopg.Connection, county_code: str, settlements: Mapping[str, Sequence[int]]
) -> dict[str, set[int]]:
    """Of some settlements of each step those whose record in the registry was written after they were decided."""
    found = {}
    for step, settlement_ids in settlements.items():
        rows = connection.execute(
            "SELECT DISTINCT s.settlement_id FROM contractor.published_settlements AS s "  # noqa: S608 – texts above
            f"JOIN {_RECORDS[step]} AND r.county_code = s.county_code AND r.recorded_at > s.decided_at "
            "WHERE s.county_code = %s AND s.settlement_id = ANY(%s::bigint[])",
            [county_code, list(settlement_ids)],
        )
        found[step] = {settlement_id for (settlement_id,) in rows}
    return found
