"""A county's backlog: claims of every route, place and finding that wait for a person. No fixtures, only functions.

Written straight into the tables, because the queue looks at heads and findings alone. How often each thing occurs is
skewed on purpose: a filter is slow where it is neither frequent nor rare, or where what it finds stands at the end.
"""

from __future__ import annotations

import datetime as dt

import psycopg

from tests.claims.making import CITY_HOSPITAL, CLINIC, COUNTY, HEALTH_CENTRE, HOSPITAL, TOWNSHIP, World
from tests.conftest import TestDatabase

RULES_ONE_IN = {"F29": 3, "F13": 10, "F17": 30, "F01": 100, "F24": 300, "F06": 1_000, "F31": 10_000, "F12": 100_000}
"""One claim in so many has a finding of the rule."""
HELD_ONE_IN, SECOND_ONE_IN = 5_000, 400


def backlog(database: TestDatabase, world: World, count: int, *, at: dt.datetime, on: dt.date) -> None:
    """`count` claims that wait on this day; one in six is late or about to be, the terms of the rest lie ahead."""
    with psycopg.connect(database.owner_url) as connection:
        file_id = connection.execute(
            "INSERT INTO contractor.claim_file (county_code, door, file_name, sha256, byte_count, claim_count, "
            "line_count, charged_fen, received_at) VALUES (%s, 'demo', 'backlog', sha256('backlog'), 1, %s, 0, 0, %s) "
            "RETURNING id",
            [COUNTY, count, at],
        ).fetchone()[0]
        given = {
            "county": COUNTY, "township": TOWNSHIP, "at": at, "on": on, "count": count, "file_id": file_id,
            "members": world.members, "size": len(world.members), "until": at + dt.timedelta(minutes=20),
            "places": [HOSPITAL] * 60 + [CITY_HOSPITAL] * 25 + [HEALTH_CENTRE] * 15, "rare": CLINIC,
            "held": HELD_ONE_IN, "second": SECOND_ONE_IN,
        }  # fmt: skip
        # Until its commit is on disk, VACUUM cannot note a page as seen by all, and every count would look at claims.
        connection.execute("SET LOCAL synchronous_commit = on")
        # What refers to what is right by how it is made; looking each up again would be half of the work.
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(_CLAIMS, given)
        for number, (rule, one_in) in enumerate(RULES_ONE_IN.items(), 1):
            connection.execute(_FINDINGS, given | {"number": number, "rule": rule, "one_in": one_in})
        connection.execute(_LEFT, given)
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("VACUUM (ANALYZE) contractor.claim, contractor.claim_finding, contractor.waiting_finding")


# Every number is drawn from the claim's own by a multiplication, so that two things do not occur together by design.
_CLAIMS = """
INSERT INTO contractor.claim (county_code, claim_number, file_id, route, township_code, institution_code, member_id,
    household_id, card_number, invoice_number, admitted_on, discharged_on, diagnosis_code, diagnosis_name, department,
    doctor, charged_fen, institution_reduced_fen, paid_elsewhere_fen, advanced_fen, received_at, received_on,
    submitted_on, due_on, assessed_at, alert_ppm, is_clean, state, version, held_by, held_until)
SELECT m.county_code, 'ZY2026' || lpad(n::text, 8, '0'), %(file_id)s, r.route,
    CASE WHEN r.route = 'manual' THEN %(township)s END,
    CASE WHEN n * 40503 %% 10007 = 0 THEN %(rare)s ELSE (%(places)s::text[])[n * 7919 %% 100 + 1] END, m.id,
    m.household_id, m.card_number, 'I' || n, DATE '2026-10-01', DATE '2026-10-01' + (r.route <> 'outpatient')::int * 4,
    'J18.9', '肺炎', '', '', r.charged_fen, 0, 0, CASE WHEN r.route = 'direct' THEN r.charged_fen * 6 / 10 ELSE 0 END,
    %(at)s, %(on)s, %(on)s,
    CASE WHEN n %% 50000 = 7 THEN NULL ELSE %(on)s + (n * 48271 %% 30 - 4)::int END, %(at)s,
    100000 + n * 104729 %% 890000, false, s.state, CASE s.state WHEN 'received' THEN 0 ELSE 1 END,
    CASE WHEN s.state = 'in_review' THEN 700000 + n %% 20 END, CASE WHEN s.state = 'in_review' THEN %(until)s END
FROM generate_series(1::bigint, %(count)s) AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n * 31337 %% 1000 < 3 THEN 'manual' WHEN n * 31337 %% 1000 < 80 THEN 'outpatient' ELSE 'direct' END
            AS route,
        100000 + n * 1299709 %% 4000000 AS charged_fen) AS r
CROSS JOIN LATERAL (
    SELECT CASE WHEN n * 65537 %% %(held)s = 1 THEN 'in_review' WHEN n * 65537 %% %(second)s = 2 THEN 'in_second_review'
        ELSE 'received' END AS state) AS s
JOIN registry.member AS m ON m.county_code = %(county)s AND m.id = (%(members)s::bigint[])[n %% %(size)s + 1]
"""
_FINDINGS = """
INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, source,
    found_at)
SELECT county_code, id, %(number)s, %(rule)s, (ARRAY['C', 'H', 'M', 'L'])[%(number)s %% 4 + 1], '', '', '', received_at
FROM contractor.claim WHERE county_code = %(county)s AND file_id = %(file_id)s
    AND id * 2654435761 %% 1000000007 %% %(one_in)s = 0
"""
# Whatever waits for a person has a finding that says why.
_LEFT = """
INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, source,
    found_at)
SELECT c.county_code, c.id, 1, 'F16', 'H', '', '', '', c.received_at FROM contractor.claim AS c
WHERE c.county_code = %(county)s AND c.file_id = %(file_id)s AND NOT EXISTS (
    SELECT FROM contractor.claim_finding AS f WHERE (f.county_code, f.claim_id) = (c.county_code, c.id))
"""
