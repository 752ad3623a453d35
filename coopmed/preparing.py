"""What stands between an empty server and a house that can open: roles, history, and in the demo its county."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from chassis.db import Database, make_engine
from chassis.desks import DESKS
from chassis.settings import Settings
from chassis.vault.keyring import Keyring
from chassis.vault.keys import load_keys
from migrations.apply import code_head, ensure_roles, upgrade


def prepare(settings: Settings, *, at: dt.datetime) -> Iterator[str]:
    """Say what was done, line by line. Roles are set only where the launcher keeps the server itself."""
    owner_url = settings.required("owner_database_url")
    if settings.role_passwords_file:
        ensure_roles(owner_url, json.loads(Path(settings.role_passwords_file).read_text(encoding="utf-8")))
        yield "roles and grants are as they should be"
    upgrade(owner_url)
    yield f"database at revision {code_head()}"
    if not settings.is_demo:
        return
    from demo.fill import fill_if_empty

    was_empty = fill_if_empty(_databases(settings), _keys(settings), settings, at=at)
    yield "the demo county was filled in" if was_empty else "the demo county is there"


def bring_in_demo_county(settings: Settings, *, at: dt.datetime, told: Callable[[str], None]) -> None:
    """The rest of the demo: twenty thousand people and two years of claims, while the sites are open already."""
    from demo.arriving import bring_in

    bring_in(_databases(settings), _keys(settings), settings, at=at, told=told)


def _databases(settings: Settings) -> dict[str, Database]:
    """Every desk's own connection: each part is written by the role that writes it in the real house."""
    return {
        desk.key: Database(desk, make_engine(settings.required(desk.database_setting), schema=desk.schema))
        for desk in DESKS.values()
    }


def _keys(settings: Settings) -> Keyring:
    return load_keys(Path(settings.required("key_file")))
