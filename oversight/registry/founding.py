"""A county begins: its row in the registry, and the city's above it. Done from the server's command line."""

from __future__ import annotations

import datetime as dt

from pypinyin import lazy_pinyin
from sqlalchemy.orm import Session

from chassis.errors import Refusal
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from oversight.registry.tables import Division

COMMAND_LINE = Actor(ActorKind.SYSTEM, "command_line")


class DivisionExists(Refusal):
    """The registry has this division under another name or another city."""

    key = "division_exists"


def found_division(
    session: Session, *, county_code: str, city_code: str, name_zh: str, name_en: str, at: dt.datetime
) -> bool:
    """Enter a county, or the city itself where both codes are the same; whether it was new.

    Raises:
        DivisionExists: the code is taken by another name or stands under another city.
    """
    known = session.get(Division, county_code)
    if known is not None:
        if (known.name_zh, known.city_code) != (name_zh, city_code):
            raise DivisionExists(county_code=county_code, expected=name_zh, found=known.name_zh)
        return False
    session.add(
        Division(
            county_code=county_code,
            level="city" if county_code == city_code else "county",
            city_code=city_code,
            name_zh=name_zh,
            name_en=name_en,
            name_pinyin=" ".join(lazy_pinyin(name_zh)),
        )
    )
    session.flush()
    entry = Entry("division.founded", "division", county_code, by=COMMAND_LINE, facts={"city": city_code})
    append(session, county_code=county_code, stream="registry", entries=[entry], at=at)
    return True
