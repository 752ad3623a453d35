"""Finding a claim by what a person on the telephone can say: the card's number, a name, the claim's number.

A Chinese name has two or three characters, fewer than a trigram needs: names are looked up by their beginning, in an
index that is ordered by characters. Numbers are looked up by any part of four figures or more, by trigrams.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contractor.claims import published
from contractor.claims.tables import Claim

SHORTEST_PART = 4
MOST_PEOPLE = 200
MOST_FOUND = 1_000
"""More than this nobody reads; another character narrows it."""


def found_by(session: Session, county_code: str, text: str) -> Sequence[int]:
    """Numbers of claims that a search finds, whatever their state; four statements at most."""
    c = Claim
    numbers: set[int] = set()
    if people := _people(session, county_code, text):
        of_people = select(c.id).where(c.county_code == county_code, c.member_id.in_(people)).limit(MOST_FOUND)
        numbers.update(session.scalars(of_people))
    if text.isascii():
        named = (c.county_code == county_code, or_(c.claim_number == text, c.invoice_number == text))
        whole = session.scalars(select(c.id).where(*named).limit(MOST_FOUND)).all()
        numbers.update(whole)
        # Whoever gives a whole number means that claim. A part is looked for only where there is none.
        if not whole and len(text) >= SHORTEST_PART:
            part = c.claim_number.contains(text, autoescape=True)
            numbers.update(session.scalars(select(c.id).where(c.county_code == county_code, part).limit(MOST_FOUND)))
    return sorted(numbers)


def _people(session: Session, county_code: str, text: str) -> Sequence[int]:
    m = published.member.c
    if text.isascii() and text.isdigit():
        if len(text) < SHORTEST_PART:
            return []
        # The end of a card's number is what a list shows and a person says.
        named = or_(m.card_number == text, m.card_number.endswith(text, autoescape=True))
    elif text.isascii():
        return []
    else:
        named = m.name.startswith(text, autoescape=True)
    found = select(m.id).where(m.county_code == county_code, named).limit(MOST_PEOPLE)
    return session.scalars(found).all()
