"""Rules that stand and rules that are put aside. A rule is nobody's record: another county has the same."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from contractor.rules.suspending import suspend
from tests.authorisation.objects import OWN, Records, makes

STANDING, SUSPENDED = "F01", "F02"


@makes("rule", "contractor")
def rules(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    suspend(session, county_code=OWN, rule=SUSPENDED, reason="试验用的理由", by=1, at=at)
    return Records(
        own={"standing": {"rule": STANDING}, "suspended": {"rule": SUSPENDED}},
        other=None,
        nowhere={"rule": "F99"},
        fields={"reason": "试验用的理由"},
    )
