"""A mapped county's claims along the path: sent in, checked, decided by rule, by a desk, paid, recomputed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from contractor.claims.assessment import assess
from contractor.claims.crediting import credit_households
from contractor.law.loading import law_of
from tests.demo.house import LivedIn
from tests.real_input.house import SentFile, at_morning_of

CLAIMS_A_CHUNK = 4_000


def assess_all(home: LivedIn, files: Sequence[SentFile]) -> Counter[str]:
    """Every claim assessed once, in the order in which the files came; how many came to what.

    Before the claims of a year their households' accounts are credited for it, and for the years since the last file.
    """
    counts: Counter[str] = Counter()
    credited_until = min((file.received_on.year for file in files), default=0) - 1
    for file in files:
        county_code = file.taken.county_code
        for year in range(credited_until, file.received_on.year):
            counts["households credited"] += _credit_year(home, county_code, year)
        credited_until = file.received_on.year
        for claim_ids in chunks(file.taken.claim_ids):
            with home.databases["contractor"].transaction() as session:
                assessed = assess(
                    session,
                    claim_ids,
                    county_code=county_code,
                    law=law_of(session, county_code),
                    keyring=home.keyring,
                    at=at_morning_of(file.received_on),
                    on=file.received_on,
                )
            counts += assessed.counts
    return counts


def _credit_year(home: LivedIn, county_code: str, year: int) -> int:
    credited, after = 0, 0
    while True:
        with home.databases["contractor"].transaction() as session:
            step = credit_households(
                session,
                year,
                county_code=county_code,
                law=law_of(session, county_code),
                at=at_morning_of(dt.date(year, 1, 1)),
                by=None,
                after_household_id=after,
            )
        credited += step.household_count
        if step.last_household_id is None:
            return credited
        after = step.last_household_id


def chunks(claim_ids: Sequence[int], size: int = CLAIMS_A_CHUNK) -> Iterator[Sequence[int]]:
    for start in range(0, len(claim_ids), size):
        yield claim_ids[start : start + size]
