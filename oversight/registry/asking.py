"""What a list of the registry is asked for, read from the address: what cannot be meant is dropped, not refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

COUNTED_UP_TO = 10_000
PAGE = 50
LONGEST_WORDS = 40


def asked_words(args: Mapping[str, str], name: str) -> str:
    return " ".join(args.get(name, "").split())[:LONGEST_WORDS]


def asked_choice(args: Mapping[str, str], name: str, choices: Collection[Any]) -> str:
    value = args.get(name, "")
    return value if value in {str(choice) for choice in choices} else ""


def asked_day(args: Mapping[str, str], name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(args.get(name, "")[:10])
    except ValueError:
        return None


def asked_cursor(args: Mapping[str, str], parts: int) -> Sequence[str] | None:
    """Where the page before ended: the parts of a key, with `~` between them."""
    found = args.get("after", "")[:200].split("~")
    return found if len(found) == parts and all(found) else None


def asked_number(args: Mapping[str, str], name: str) -> int:
    value = args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def counted(session: Session, wanted: Select[Any]) -> int:
    """How many there are, counted no further than anybody reads."""
    return session.execute(select(func.count()).select_from(wanted.limit(COUNTED_UP_TO + 1).subquery())).scalar_one()
