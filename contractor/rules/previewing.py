"""What another threshold would have found among last quarter's claims. Nothing is written: the database holds it so.

Both columns are computed now, with all that is known now, on the same claims; the old value as it held day by day, the
new one as if it had held all along. So the difference is the threshold's alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, ClaimRow
from contractor.claims.framing import framed
from contractor.claims.statements import statement
from contractor.rules import year_reading as reading
from contractor.rules.nightly import DRUG_SHARE, SAMPLED
from contractor.rules.queries import cards_in_force, first_day
from contractor.rules.refusals import PreviewTooLong
from contractor.rules.thresholds import checked
from rulebook.checks import CHECKS, LIST_CHECKS, YEAR_CHECKS, Card, Finding
from rulebook.checks.frames import Columns
from rulebook.checks.year import year_of
from rulebook.checks.year_places import low_candidates
from rulebook.registry import Timeline

QUARTER_DAYS = 91
CLAIMS_AT_ONCE = 4_000
SAMPLE = 8
MOST_SECONDS_A_STATEMENT = 15
QUERY_CANCELED = "57014"
_QUARTER = """
    SELECT id FROM contractor.claim WHERE county_code = :county_code AND received_on >= :from_on
      AND received_on < :until_on AND assessed_at IS NOT NULL AND state <> 'withdrawn' ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Hit:
    claim_id: int
    line_no: int
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Hits of one rule among the claims received from one day until another."""

    from_on: dt.date
    until_on: dt.date
    claim_count: int
    seen_count: int
    """How many of them were looked at before the time was over; a spread sample of all where it is fewer."""
    before: int
    after: int
    no_longer: tuple[Hit, ...]
    newly: tuple[Hit, ...]
    """Some of them, of the newest claims first."""
    no_longer_count: int
    newly_count: int

    @property
    def is_whole(self) -> bool:
        return self.seen_count == self.claim_count


def preview(
    session: Session,
    *,
    county_code: str,
    rule: str,
    name: str,
    value: int,
    law: Timeline,
    on: dt.date,
    goes_on: Callable[[], bool] = lambda: True,
) -> Preview:
    """Run one check over the claims of the last quarter with the threshold as it is and as it would be.

    Args:
        goes_on: asked before each further chunk of claims; False ends the look with what was seen by then.

    Raises: NotFound, HeldByLaw, ThresholdOutOfRange, PreviewTooLong.
    """
    checked(rule, name, value)
    try:
        with session.begin_nested():
            session.execute(statement("SET TRANSACTION READ ONLY"))
            session.execute(statement(f"SET LOCAL statement_timeout = '{MOST_SECONDS_A_STATEMENT}s'"))
            return _preview(session, county_code, rule, name, value, law=law, on=on, goes_on=goes_on)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != QUERY_CANCELED:
            raise
        raise PreviewTooLong(rule=rule) from None


def _preview(
    session: Session,
    county_code: str,
    rule: str,
    name: str,
    value: int,
    *,
    law: Timeline,
    on: dt.date,
    goes_on: Callable[[], bool],
) -> Preview:
    from_on, until_on = on - dt.timedelta(days=QUARTER_DAYS - 1), on + dt.timedelta(days=1)
    given = {"county_code": county_code, "from_on": from_on, "until_on": until_on}
    claim_ids = list(session.scalars(statement(_QUARTER), given))
    card = cards_in_force(session, county_code, on)[rule]
    other = card.with_numbers({name: (first_day(card), value)})
    if rule in CHECKS:
        seen, before, after = _of_chunks(session, county_code, claim_ids, (card, other), law=law, goes_on=goes_on)
    else:
        seen, wanted = len(claim_ids), set(claim_ids)
        before, after = (
            [hit for hit in found if hit.claim_id in wanted]
            for found in _of_the_year(session, county_code, (card, other), law=law, on=on)
        )
    gone = {(hit.claim_id, hit.line_no): hit for hit in before}
    new = {(hit.claim_id, hit.line_no): hit for hit in after}
    no_longer, newly = _parted(gone, new), _parted(new, gone)
    return Preview(
        from_on=from_on,
        until_on=until_on,
        claim_count=len(claim_ids),
        seen_count=seen,
        before=len(gone),
        after=len(new),
        no_longer=no_longer[:SAMPLE],
        newly=newly[:SAMPLE],
        no_longer_count=len(no_longer),
        newly_count=len(newly),
    )


def _parted(one: Mapping[tuple[int, int], Hit], other: Mapping[tuple[int, int], Hit]) -> tuple[Hit, ...]:
    """What is in the one and not in the other, the newest claims first."""
    return tuple(one[key] for key in sorted(one.keys() - other.keys(), reverse=True))


def _of_chunks(
    session: Session,
    county_code: str,
    claim_ids: Sequence[int],
    cards: tuple[Card, Card],
    *,
    law: Timeline,
    goes_on: Callable[[], bool],
) -> tuple[int, list[Hit], list[Hit]]:
    """Claims that are looked at when they come in, chunk by chunk; each chunk is spread over the quarter."""
    count = -(-len(claim_ids) // CLAIMS_AT_ONCE)
    seen, before, after = 0, list[Hit](), list[Hit]()
    for place in range(count):
        if place and not goes_on():
            break
        chunk = _chunk(session, county_code, claim_ids[place::count], law)
        frames = framed(chunk, was_told=True)
        for found, card in ((before, cards[0]), (after, cards[1])):
            found.extend(_hits(CHECKS[card.key](frames, card), frames.claims))
        seen += len(chunk.claims)
    return seen, before, after


def _chunk(session: Session, county_code: str, claim_ids: Sequence[int], law: Timeline) -> Chunk:
    """The claims as they are, not locked."""
    rows = session.execute(
        statement(
            f"SELECT {', '.join(ClaimRow._fields)} FROM contractor.claim "  # noqa: S608
            "WHERE county_code = :county_code AND id = ANY(CAST(:ids AS bigint[])) ORDER BY id"
        ),
        {"county_code": county_code, "ids": numbers_text(claim_ids)},
    ).all()
    return Chunk(session, county_code, law, [ClaimRow._make(row) for row in rows])


def _of_the_year(
    session: Session, county_code: str, cards: tuple[Card, Card], *, law: Timeline, on: dt.date
) -> Iterator[list[Hit]]:
    """What the nightly look would tell with each of two cards."""
    rule, year_from_on = cards[0].key, dt.date(on.year - 1, 1, 1)
    if rule in LIST_CHECKS:
        for card in cards:
            sample = int(card.numbers["sample"][-1]) if rule == SAMPLED else 0
            rows = reading.listed(
                session, rule, county_code=county_code, law=law, from_on=year_from_on, on=on, sample=sample
            )
            yield list(_hits(LIST_CHECKS[rule](rows, card), rows))
        return
    year = year_of(reading.stays_from(session, county_code, year_from_on), reading.places_of(session, county_code))
    for card in cards:
        of = year
        if rule == DRUG_SHARE:
            asked = year.stays["claim_id"][low_candidates(year, card)].tolist()
            of = replace(year, drug_fen=reading.drugs_of(session, county_code, asked))
        yield list(_hits(YEAR_CHECKS[rule](of, card), of.stays))


def _hits(findings: Iterable[Finding], rows: Columns) -> Iterator[Hit]:
    for finding in findings:
        yield Hit(int(rows["claim_id"][finding.claim_row]), finding.line_no, finding.expected, finding.found)
