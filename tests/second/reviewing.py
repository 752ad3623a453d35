"""What reviewers do under a policy, in a small county. Every test takes members of its own."""

from __future__ import annotations

import datetime as dt
import itertools
from contextlib import suppress
from typing import Any

from contractor.claims import decisions
from contractor.claims.assessment import assess
from contractor.claims.refusals import HadASay, TooNear
from contractor.second import deciding, households
from contractor.second.policy import set_policy
from tests.claims.making import AT, COUNTY, LAW, ON, line, lines, take
from tests.corrections.paying import Paying

NO_DRAW = {"limit_fen": 10**12, "household_limit_fen": 10**12, "payee_limit_fen": 10**12, "rolling_days": 30,
           "is_on_critical": False, "share_ppm": 0, "seed": b"s" * 32, "note": "试验"}  # fmt: skip
_minutes = itertools.count(1)


def policy(county: Paying, **changes: Any) -> int:
    """From now on this policy; the one set last on a day holds."""
    with county.database.transaction() as session:
        given = NO_DRAW | {"from_on": ON} | changes
        return set_policy(session, county_code=COUNTY, by=county.people["lead"], at=AT, **given)


def at_the_desk(county: Paying, place: int, *, by: str = "reviewer", **changes: Any) -> int:
    """A claim that waits for a person (nobody signed the receipt), taken in hand: its number, in version 1."""
    with county.database.transaction() as session:
        taken = take(session, county.world, county.world.claim(place, **({"receipt_signed_on": None} | changes)))
        assess(session, taken.claim_ids, county_code=COUNTY, law=LAW, keyring=county.world.keyring, at=AT, on=ON)
    (claim_id,) = taken.claim_ids
    with county.database.transaction() as session:
        decisions.take_up(session, {claim_id: 0}, county_code=COUNTY, by=county.people[by], at=AT)
    return claim_id


def of_yuan(yuan: int) -> dict[str, Any]:
    return {"lines": lines(line(yuan=str(yuan)))}


def propose(county: Paying, claim_id: int, proposed: str = "approve", *, by: str = "reviewer", **more: Any):
    return _decide(deciding.propose, county, claim_id, proposed, by, more)


def opinion(county: Paying, claim_id: int, decided: str = "approve", *, by: str = "senior", **more: Any):
    """Of a claim that was handed to them, unless two disagree about it already."""
    if not disputed(county, claim_id) and holder_of(county, claim_id) != county.people[by]:
        handed(county, claim_id, by=by)
    return give(county, claim_id, decided, by=by, **more)


def give(county: Paying, claim_id: int, decided: str = "approve", *, by: str, **more: Any):
    return _decide(deciding.give_opinion, county, claim_id, decided, by, more)


def handed(county: Paying, claim_id: int, *, by: str) -> None:
    """As the queue would, had it come to this claim; whoever may not be handed it is not."""
    with suppress(TooNear, HadASay), county.database.transaction() as session:
        seen = {claim_id: version_of(county, claim_id)}
        decisions.take_up(session, seen, county_code=COUNTY, by=county.people[by], at=AT, is_handed_out=True)


def holder_of(county: Paying, claim_id: int) -> int | None:
    return county.rows("SELECT held_by FROM contractor.claim WHERE id = %s", claim_id)[0][0]


def disputed(county: Paying, claim_id: int) -> bool:
    """Since it was last referred up."""
    events = [row[0] for row in county.rows(
        "SELECT event FROM contractor.claim_event WHERE claim_id = %s ORDER BY event_no", claim_id)]  # fmt: skip
    return "disputed" in events[len(events) - events[::-1].index("referred_up") :] if "referred_up" in events else False


def _decide(verb, county: Paying, claim_id: int, decided: str, by: str, more: dict[str, Any]):
    at = AT + dt.timedelta(minutes=next(_minutes))
    if decided == "refuse":
        more = {"reason_code": "not_genuine"} | more
    with county.database.transaction() as session:
        return verb(
            session, {claim_id: version_of(county, claim_id)}, decided, county_code=COUNTY, law=LAW,
            keyring=county.world.keyring, by=county.people[by], at=at, on=ON, **more,
        )  # fmt: skip


def version_of(county: Paying, claim_id: int) -> int:
    return county.rows("SELECT version FROM contractor.claim WHERE id = %s", claim_id)[0][0]


def state_of(county: Paying, claim_id: int) -> str:
    return county.rows("SELECT state FROM contractor.claim WHERE id = %s", claim_id)[0][0]


def declare(county: Paying, who: str, place: int) -> int:
    with county.database.transaction() as session:
        return households.declare(
            session, county_code=COUNTY, staff_id=county.people[who], card_number=county.world.card(place),
            relation="own", by=county.people["administrator"], at=AT,
        )  # fmt: skip


def hand_over(county: Paying, claim_id: int, *, to: str, by: str = "reviewer") -> None:
    """Given back to the desk by one, taken up by another."""
    for act, who in ((decisions.release, by), (decisions.take_up, to)):
        with county.database.transaction() as session:
            act(session, {claim_id: version_of(county, claim_id)}, county_code=COUNTY, by=county.people[who], at=AT)
