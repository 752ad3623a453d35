"""Views of the queue that somebody saved. They are their owner's alone: every visitor finds another's here."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from contractor.review.tables import ReviewView
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes

NOBODY = 999_999_999


@makes("review_view", "contractor")
def views(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    return Records(
        own={"standing": _view(session, OWN, at)}, other=_view(session, OTHER, at), nowhere={"view_id": NOBODY}
    )


def _view(session: Session, county_code: str, at: dt.datetime) -> UrlValues:
    v = ReviewView
    saved = insert(v).values(county_code=county_code, staff_id=NOBODY, name="大额", query="least=1000", made_at=at)
    return {"view_id": session.execute(saved.returning(v.id)).scalar_one()}
