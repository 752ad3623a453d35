"""A list of members as a file: masked for everyone, counted by day and person, kept in the trail."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.exports import MOST_ROWS, Column
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keyring import Keyring
from chassis.visitors import Visitor
from oversight.registry import queries
from oversight.registry.showing import ShownMember, shown_members

STREAM = "exports"


def columns(language: str) -> list[Column]:
    return [
        Column("card_number", _("卡号")),
        Column("name", _("姓名")),
        Column("sex", _("性别")),
        Column("birth_year", _("出生年"), "whole"),
        Column("place_en" if language == "en" else "place_zh", _("住址")),
        Column("identity_number", _("身份证号")),
        Column("bank_account", _("收款账户")),
        Column("phone", _("电话")),
    ]


def export_members(
    session: Session, keyring: Keyring, wanted: queries.Filter, *, by: Visitor, at: dt.datetime
) -> Sequence[ShownMember]:
    """The rows of the list, masked, and the fact that they left the house."""
    rows = shown_members(keyring, queries.members_for_export(session, wanted, most=MOST_ROWS), in_full=False)
    asked = {
        "counties": list(wanted.county_codes),
        "township": wanted.township,
        "name": wanted.name,
        "card": wanted.card,
    }
    entry = Entry(
        act="members_exported",
        subject_kind="member_list",
        subject_id=hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest(),
        by=Actor(ActorKind.STAFF, str(by.person_id)),
        facts={"rows": len(rows), "counties": list(wanted.county_codes)},
    )
    append(session, county_code=by.county_code, stream=STREAM, entries=[entry], at=at)
    return rows
