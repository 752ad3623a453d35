"""Decisions taken back and settled anew in one transaction: only the difference is paid, or stays owed back.

A constant number of statements, however many claims. History stays: each claim gains a reversal, a new settlement and
an event, its lines keep what the catalogue said before, and the trail tells both settlements.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Entry
from chassis.vault.keyring import Keyring
from contractor.claims.approving import STREAM, actor, money_facts, plan
from contractor.claims.chunk import locked_as_seen
from contractor.claims.hands import require_other_hands
from contractor.claims.moves import Move, move
from contractor.claims.reversing import decisions_of, turn
from contractor.claims.settling import settle
from contractor.corrections.foreseeing import Foreseen, foresee
from contractor.corrections.refusals import CorrectionChanged
from contractor.corrections.relisting import relist, write_lines
from contractor.payments.taking_back import take_back
from contractor.recoveries.holding import OwedBackNow
from rulebook.lifecycles.claim import E
from rulebook.registry import Timeline

ACTS = {E.REPRICED: "claim.repriced", E.READJUDICATED: "claim.readjudicated"}


@dataclass(frozen=True)
class Resettled:
    """What settling anew came to."""

    claim_count: int
    before_fen: int
    after_fen: int
    owed_back: list[OwedBackNow]


def resettle(
    session: Session,
    shown: Foreseen,
    *,
    correction_id: int,
    event: E,
    county_code: str,
    law: Timeline,
    keyring: Keyring,
    reason_code: str,
    by: int,
    at: dt.datetime,
) -> Resettled:
    """Settle these claims anew, in the order in which they were settled before.

    Raises: StaleVersion, CorrectionChanged where a year has moved since, PaymentOnItsWay, PayeeWithoutAccount.
    """
    seen = {line.stands.claim_id: line.stands.claim_version for line in shown.lines}
    chunk = locked_as_seen(session, county_code, seen, law=law)
    require_other_hands(session, county_code, list(seen), by=by)
    # Once the claims are ours nothing of them changes; only the years' other claims may have, and that shows here.
    now = foresee(session, county_code, list(seen), law=law, keeps_unchanged=True)
    if now.sha256("") != shown.sha256(""):
        raise CorrectionChanged(correction_id=correction_id)
    order = [chunk.row_of[line.stands.claim_id] for line in shown.lines]
    write_lines(chunk, correction_id, relist(chunk))
    moves = [Move(chunk.claims[row], event, reason_code=reason_code) for row in order]
    move(session, county_code, moves, at=at, by=by)
    turned = turn(chunk, order, at=at, by=by)
    owed_back = take_back(session, decisions_of(turned), county_code=county_code, at=at, by=by, reason=reason_code)
    settled = settle(chunk, order, at=at, by=by, keeps_order=True)
    plan(chunk, settled, keyring=keyring, at=at)
    found_fen = sum(
        one.base_fen + one.top_up_fen + one.serious_fen + one.supplementary_fen + one.assistance_fen
        + one.household_account_fen
        for one in settled
    )  # fmt: skip
    assert found_fen == shown.after_fen, "what was foreseen is what the engine gives under locks"
    who = actor(by)
    entries = [
        Entry("claim.taken_back", "claim", str(one.claim_id), who, one.facts | {"correction": correction_id})
        for one in turned
    ]
    entries += [
        Entry(
            ACTS[event], "claim", str(chunk.claims[one.row].id), who, money_facts(one) | {"correction": correction_id}
        )
        for one in settled
    ]
    append(session, county_code=county_code, stream=STREAM, entries=entries, at=at)
    return Resettled(len(settled), shown.before_fen, found_fen, owed_back)
