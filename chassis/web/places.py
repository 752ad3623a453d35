"""The names of counties and cities, as the registry publishes them, for the head of each page."""

from __future__ import annotations

import time

from flask import g
from sqlalchemy import column, select, table

from chassis.i18n import language
from chassis.web.current import the_database

ASK_AGAIN_AFTER_SECONDS = 600

_division = table("published_division", column("county_code"), column("name_zh"), column("name_en"), schema="registry")
_known: dict[tuple[str, str], tuple[float, str, str]] = {}


def place_name(county_code: str) -> str | None:
    """The division's name in the reader's language; None for a code the registry does not hold."""
    key = (g.desk.key, county_code)
    known = _known.get(key)
    if known is None or time.monotonic() - known[0] > ASK_AGAIN_AFTER_SECONDS:
        with the_database().transaction() as session:
            asked = select(_division.c.name_zh, _division.c.name_en).where(_division.c.county_code == county_code)
            row = session.execute(asked).one_or_none()
        if row is None:
            return None
        known = _known[key] = (time.monotonic(), row.name_zh, row.name_en)
    return known[2] if language() == "en" else known[1]
