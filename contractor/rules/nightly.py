"""The nightly look over a county's last two years: what no single claim shows.

Findings are added to claims whatever state they are in; none is moved by it. What a claim was told once it is not told
again, so a night that runs twice adds nothing. Bound in memory by the stays of two years, some hundred bytes each.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from contractor.claims.approving import RULE, STREAM
from contractor.rules import year_reading as reading
from contractor.rules.adding import Found, add_findings
from contractor.rules.measuring import keep_peer_groups
from rulebook.checks import LIST_CHECKS, YEAR_CHECKS, Card, Finding, all_cards
from rulebook.checks.frames import Columns
from rulebook.checks.year import Year, peer_groups, year_of
from rulebook.checks.year_places import low_candidates
from rulebook.registry import Timeline

STAYS = "stays"
STAGES = (STAYS, *LIST_CHECKS)
"""One after another, each a transaction: all that reads the stays, then list by list."""
DRUG_SHARE = "F08"
SAMPLED = "F24"


def look_over(
    session: Session,
    stage: str,
    *,
    county_code: str,
    law: Timeline,
    at: dt.datetime,
    on: dt.date,
    cards: Mapping[str, Card] | None = None,
) -> Counter[str]:
    """One stage of the look; how many claims were newly told of each rule.

    Args:
        cards: the county's own cards; a check without one there is suspended. None: the cards on file.
    """
    assert stage in STAGES, stage
    cards = all_cards() if cards is None else cards
    from_on = dt.date(on.year - 1, 1, 1)
    if stage == STAYS:
        found = _of_stays(session, county_code, cards, from_on=from_on, at=at)
    else:
        found = _of_list(session, stage, county_code, cards, law=law, from_on=from_on, on=on)
    added = add_findings(session, found, cards, county_code=county_code, at=at)
    if added:
        entry = Entry("rules.looked_over", "county", county_code, RULE, {"added": dict(sorted(added.items()))})
        append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return added


def _of_stays(
    session: Session, county_code: str, cards: Mapping[str, Card], *, from_on: dt.date, at: dt.datetime
) -> list[Found]:
    year = year_of(reading.stays_from(session, county_code, from_on), reading.places_of(session, county_code))
    keep_peer_groups(session, peer_groups(year), county_code=county_code, at=at)
    if DRUG_SHARE in cards:
        asked = year.stays["claim_id"][low_candidates(year, cards[DRUG_SHARE])].tolist()
        year = replace(year, drug_fen=reading.drugs_of(session, county_code, asked))
    return [found for key in YEAR_CHECKS if key in cards for found in _told(key, cards[key], year)]


def _told(key: str, card: Card, year: Year) -> list[Found]:
    return [_found(finding, year.stays) for finding in YEAR_CHECKS[key](year, card)]


def _of_list(
    session: Session,
    key: str,
    county_code: str,
    cards: Mapping[str, Card],
    *,
    law: Timeline,
    from_on: dt.date,
    on: dt.date,
) -> list[Found]:
    if key not in cards:
        return []
    sample = int(cards[key].numbers["sample"][-1]) if key == SAMPLED else 0
    rows = reading.listed(session, key, county_code=county_code, law=law, from_on=from_on, on=on, sample=sample)
    return [_found(finding, rows) for finding in LIST_CHECKS[key](rows, cards[key])]


def _found(finding: Finding, rows: Columns) -> Found:
    row = finding.claim_row
    day: dt.date = rows["decisive_on"][row].item()
    return Found(int(rows["claim_id"][row]), finding.rule, finding.line_no, day, finding.expected, finding.found)
