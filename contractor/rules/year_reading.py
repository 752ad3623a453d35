"""What the nightly look reads of a county: its stays as a stream, and lists the database has summed up.

A list is one statement that leaves out what no threshold could want; the threshold itself is asked by the check.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.beside import GONE
from contractor.claims.statements import statement
from rulebook.benefits.rules_in_force import rules_for
from rulebook.checks.frames import Columns, rows_of
from rulebook.checks.year import Stay
from rulebook.checks.year_lists import LISTS
from rulebook.refusals import Refused
from rulebook.registry import Timeline
from rulebook.rule_shapes import STATUSES, TIERS

ROWS_AT_ONCE = 5_000
# In the order of `Stay`. The village is the member's of today.
_STAYS = """
    SELECT c.id, c.member_id, c.household_id, m.village_code, c.institution_code, c.admitted_on, c.discharged_on,
           c.diagnosis_code, c.procedure_codes, c.doctor, c.charged_fen, 
           EXISTS (SELECT FROM registry.published_referral AS r WHERE r.county_code = c.county_code
                   AND r.slip_number = c.referral_slip AND r.member_id = c.member_id
                   AND r.to_institution_code = c.institution_code
                   AND r.valid_from_on <= c.admitted_on AND c.admitted_on < r.valid_until_on)
    FROM contractor.claim AS c
    JOIN registry.published_member AS m ON m.county_code = c.county_code AND m.id = c.member_id
    WHERE c.county_code = :county_code AND c.route <> 'outpatient' AND c.admitted_on >= :from_on
      AND c.assessed_at IS NOT NULL AND c.state <> ALL(:gone)
"""
_DRUGS = """
    SELECT l.claim_id, sum(l.charged_fen) FROM contractor.claim_line AS l
    WHERE l.county_code = :county_code AND l.claim_id = ANY(CAST(:ids AS bigint[]))
      AND EXISTS (SELECT FROM registry.published_catalogue_item AS i WHERE i.county_code = l.county_code
                  AND i.item_code = l.item_code AND i.kind = 'drug')
    GROUP BY l.claim_id
"""
_DRAWN = """
    SELECT max(c.id), 0, max(c.discharged_on), l.item_code, count(DISTINCT c.institution_code), sum(l.quantity_e4)
    FROM contractor.claim AS c
    JOIN contractor.claim_line AS l ON l.county_code = c.county_code AND l.claim_id = c.id
    WHERE c.county_code = :county_code AND c.route = 'outpatient' AND c.admitted_on >= :from_on
      AND c.assessed_at IS NOT NULL AND c.state <> ALL(:gone)
      AND EXISTS (SELECT FROM registry.published_catalogue_item AS i WHERE i.county_code = l.county_code
                  AND i.item_code = l.item_code AND i.kind = 'drug')
    GROUP BY c.member_id, l.item_code, extract(year FROM c.admitted_on), extract(quarter FROM c.admitted_on) > 2
    HAVING count(DISTINCT c.institution_code) > 1
    ORDER BY 1, 4
"""
# Of each name that is not the catalogue's the newest claims, as many as a sample wants, each with its first such line.
_NAMES = """
    SELECT claim_id, line_no, discharged_on, hospital_item_name, name FROM (
        SELECT l.claim_id, min(l.line_no) AS line_no, c.discharged_on, l.hospital_item_name, i.name, row_number() OVER (
                   PARTITION BY c.institution_code, l.item_code, l.hospital_item_name ORDER BY l.claim_id DESC
               ) AS place
        FROM contractor.claim_line AS l
        JOIN registry.published_catalogue_item AS i ON i.county_code = l.county_code AND i.item_code = l.item_code
             AND i.from_on <= l.performed_on AND l.performed_on < coalesce(i.until_on, 'infinity')
        JOIN contractor.claim AS c ON c.county_code = l.county_code AND c.id = l.claim_id
        WHERE l.county_code = :county_code AND l.hospital_item_name NOT IN ('', i.name) AND c.admitted_on >= :from_on
          AND c.assessed_at IS NOT NULL AND c.state <> ALL(:gone)
        GROUP BY l.claim_id, c.institution_code, c.discharged_on, l.item_code, l.hospital_item_name, i.name
    ) AS named WHERE place <= :sample ORDER BY 1, 2
"""
# A reversal carries the same amounts with the other sign, so the sums are what stands.
_COMPENSATED = """
    SELECT max(c.id), 0, max(c.discharged_on), sum(s.base_fen + s.top_up_fen), CAST(:cap_fen AS bigint)
    FROM contractor.settlement AS s JOIN contractor.claim AS c ON c.county_code = s.county_code AND c.id = s.claim_id
    WHERE s.county_code = :county_code AND s.year = :year
    GROUP BY s.member_id HAVING sum(s.base_fen + s.top_up_fen) * 2 >= :cap_fen ORDER BY 1
"""
_ADVANCED = """
    SELECT c.id, 0, c.discharged_on, c.advanced_fen, owed.fen, coalesce(taken.fen, 0)
    FROM contractor.claim AS c
    CROSS JOIN LATERAL (SELECT sum(s.base_fen + s.top_up_fen + s.serious_fen) AS fen FROM contractor.settlement AS s
                        WHERE s.county_code = c.county_code AND s.claim_id = c.id) AS owed
    LEFT JOIN LATERAL (SELECT sum(l.reduced_fen) AS fen FROM contractor.claim_line AS l
                       WHERE l.county_code = c.county_code AND l.claim_id = c.id) AS taken ON true
    WHERE c.county_code = :county_code AND c.route = 'direct' AND c.state = 'approved' AND c.advanced_fen > 0
      AND c.admitted_on >= :from_on AND owed.fen <> c.advanced_fen
    ORDER BY 1
"""
# Sent by a person, and not by a program whose hours say nothing.
_AT_NIGHT = """
    SELECT c.id, 0, c.discharged_on, CAST(extract(hour FROM t.at) * 60 + extract(minute FROM t.at) AS bigint),
           c.diagnosis_code, c.procedure_codes
    FROM contractor.claim AS c
    CROSS JOIN LATERAL (SELECT c.received_at AT TIME ZONE 'Asia/Shanghai' AS at) AS t
    WHERE c.county_code = :county_code AND c.received_by IS NOT NULL AND c.admitted_on >= :from_on
      AND c.assessed_at IS NOT NULL AND c.state <> ALL(:gone) AND extract(hour FROM t.at) NOT BETWEEN 9 AND 17
    ORDER BY 1
"""
_DECIDED = """
    SELECT c.id, 0, c.discharged_on, coalesce(c.received_by, 0), coalesce(e.acted_by, 0), coalesce(p.minutes, -1)
    FROM contractor.claim AS c
    LEFT JOIN LATERAL (SELECT acted_by FROM contractor.claim_event AS e WHERE e.county_code = c.county_code
                       AND e.claim_id = c.id AND e.state_after IN ('approved', 'on_public_notice')
                       AND e.acted_by = c.received_by LIMIT 1) AS e ON true
    LEFT JOIN LATERAL (SELECT CAST(floor(min(extract(epoch FROM p.last_event_at - c.received_at)) / 60) AS bigint)
                              AS minutes
                       FROM contractor.payment AS p WHERE p.county_code = c.county_code AND p.claim_id = c.id
                       AND p.state = 'paid' AND p.last_event_at < c.received_at + interval '1 hour') AS p ON true
    WHERE c.county_code = :county_code AND c.state = 'approved' AND c.admitted_on >= :from_on
      AND (e.acted_by IS NOT NULL OR p.minutes IS NOT NULL)
    ORDER BY 1
"""
_ELSEWHERE = """
    SELECT max(c.id), 0, max(c.discharged_on), min(other.county_code)
    FROM registry.published_member AS m
    JOIN registry.published_member AS other
         ON other.identity_number_index = m.identity_number_index AND other.county_code <> m.county_code
    JOIN registry.published_enrolment AS e ON e.county_code = m.county_code AND e.member_id = m.id
    JOIN registry.published_enrolment AS o
         ON o.county_code = other.county_code AND o.member_id = other.id AND o.year = e.year AND o.kind = e.kind
    JOIN contractor.claim AS c ON c.county_code = m.county_code AND c.member_id = m.id
         AND extract(year FROM c.discharged_on) = e.year AND c.assessed_at IS NOT NULL AND c.state <> ALL(:gone)
    WHERE m.county_code = :county_code AND e.kind = 'scheme' AND c.admitted_on >= :from_on
    GROUP BY m.id, e.year ORDER BY 1
"""
_SUMMED_UP = {
    "F22": _DRAWN,
    "F24": _NAMES,
    "advance_differs": _ADVANCED,
    "F31": _AT_NIGHT,
    "F38": _DECIDED,
    "F11": _ELSEWHERE,
}


def stays_from(session: Session, county_code: str, from_on: dt.date) -> Iterator[Stay]:
    """Every standing stay that was looked at at intake, admitted on that day or later."""
    villages: dict[str, int] = {}
    rows = session.execute(
        statement(_STAYS),
        {"county_code": county_code, "from_on": from_on, "gone": list(GONE)},
        execution_options={"stream_results": True, "yield_per": ROWS_AT_ONCE},
    )
    for claim_id, member_id, household_id, village, *facts, procedures, doctor, charged_fen, has_slip in rows:
        number = villages.setdefault(village, len(villages))
        yield Stay(claim_id, member_id, household_id, number, *facts, tuple(procedures), doctor, charged_fen, has_slip)


def places_of(session: Session, county_code: str) -> Mapping[str, tuple[int, int]]:
    """Tier and registered beds of every institution."""
    rows = session.execute(
        statement(
            "SELECT institution_code, tier, beds FROM registry.published_institution "
            "WHERE county_code = :county_code ORDER BY 1"
        ),
        {"county_code": county_code},
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def drugs_of(session: Session, county_code: str, claim_ids: list[int]) -> dict[int, int]:
    """What the drugs of some claims come to, in fen."""
    if not claim_ids:
        return {}
    given = {"county_code": county_code, "ids": numbers_text(claim_ids)}
    return {row[0]: int(row[1]) for row in session.execute(statement(_DRUGS), given)}


def listed(
    session: Session, rule: str, *, county_code: str, law: Timeline, from_on: dt.date, on: dt.date, sample: int
) -> Columns:
    """The list a check reads."""
    given = {"county_code": county_code, "from_on": from_on, "gone": list(GONE)}
    if rule == "F36":
        found = [
            row
            for year in range(from_on.year, on.year + 1)
            for row in session.execute(
                statement(_COMPENSATED), given | {"year": year, "cap_fen": _cap_fen(law, year, on)}
            )
        ]
    else:
        more = {"sample": sample} if rule == "F24" else {}
        found = list(session.execute(statement(_SUMMED_UP[rule]), given | more))
    return rows_of(LISTS[rule], found)


def _cap_fen(law: Timeline, year: int, on: dt.date) -> int:
    """What the pooled fund pays a person in a year at most; far above any amount where no law is in force."""
    day = min(dt.date(year, 12, 31), on)
    try:
        schedule = law.schedule_on(day)
        return rules_for(schedule, schedule.last_change(day), STATUSES[0], TIERS[0]).cap_fen
    except Refused:
        return 10**15
