"""A mapped county's claims along the path: sent in, checked, decided by rule, by a desk, paid, recomputed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from contractor.claims.assessment import assess
from contractor.law.loading import law_of
from tests.demo.house import LivedIn
from tests.real_input.house import SentFile, at_morning_of

CLAIMS_A_CHUNK = 4_000


def assess_all(home: LivedIn, files: Sequence[SentFile]) -> Counter[str]:
    """Every claim assessed once, in the order in which the files came; how many came to what."""
    counts: Counter[str] = Counter()
    for file in files:
        county_code = file.taken.county_code
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


def chunks(claim_ids: Sequence[int], size: int = CLAIMS_A_CHUNK) -> Iterator[Sequence[int]]:
    for start in range(0, len(claim_ids), size):
        yield claim_ids[start : start + size]
