"""A reviewer's yes or no: it takes effect, or waits for another reviewer, whose disagreement goes to the lead.

Every door that lets a person decide goes through `propose` and `give_opinion`; what takes effect are the verbs of
`contractor.claims.decisions`. Each step is an event of the claim and an entry of the trail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keyring import Keyring
from contractor.claims import decisions
from contractor.claims.approving import STREAM, require_payable
from contractor.claims.chunk import locked_as_seen
from contractor.claims.decisions import HOLD
from contractor.claims.hands import holds_lead, require_other_hands
from contractor.claims.moves import Move, move
from contractor.claims.refusals import HadASay, HandedOut, UnknownReason, WrongState
from contractor.claims.settling import Settled
from contractor.claims.statements import statement
from contractor.claims.worth import lock_worth
from contractor.second.policy import Judged, Policy, judge, one_at_a_time, policy_on
from contractor.second.refusals import LeadDecides, NoProposal, SaysWhy
from contractor.second.stakes import owners_of, stakes_of
from contractor.second.tables import ReviewOpinion, ReviewProposal
from rulebook.lifecycles.claim import E, S
from rulebook.reasons import REFUSE
from rulebook.registry import Timeline

APPROVE, REFUSE_IT, RETURN = "approve", "refuse", "return"


@dataclass(frozen=True)
class Done:
    """What came of a decision: money that was settled at once, and claims that wait for another person and why."""

    settled: list[Settled]
    waiting: dict[int, tuple[str, ...]]


def propose(
    session: Session,
    seen: Mapping[int, int],
    proposed: str,
    *,
    county_code: str,
    law: Timeline,
    keyring: Keyring,
    by: int,
    at: dt.datetime,
    on: dt.date,
    reason_code: str | None = None,
    note: str | None = None,
) -> Done:
    """The first reviewer's decision. What no policy asks a second person about takes effect now.

    Under a policy claim by claim: what is at stake in one follows from those decided before it.

    Raises: StaleVersion, WrongState, TooNear, UnknownReason, NoLawOnDay, PayeeWithoutAccount.
    """
    _known(proposed, reason_code)
    policy = policy_on(session, county_code, on)
    given: dict[str, Any] = {
        "county_code": county_code, "law": law, "keyring": keyring, "by": by, "at": at, "on": on, "note": note,
        "reason_code": reason_code,
    }  # fmt: skip
    if policy is None:
        return Done(_takes_effect(session, seen, proposed, **given), {})
    assert len(seen) == 1, "under a policy people decide claim by claim"
    chunk = locked_as_seen(session, county_code, seen, law=law)
    require_other_hands(session, county_code, list(seen), by=by)
    for claim in chunk.claims:
        if claim.state != S.IN_REVIEW:
            raise WrongState(claim_id=claim.id, state=claim.state, event=_event(proposed).value)
    rows = list(range(len(chunk.claims)))
    owners = owners_of(chunk, rows)
    # First the sums, then the years: what is at stake is then what is settled, and the database compares the two.
    one_at_a_time(session, owners)
    lock_worth(chunk, rows)
    stakes = stakes_of(chunk, rows, owners, is_refusal=proposed == REFUSE_IT)
    judged = judge(session, policy, stakes, county_code=county_code, at=at)
    numbers = _write(session, county_code, proposed, judged, policy, by=by, at=at, reason_code=reason_code, note=note)
    up = [row for row in rows if judged[row].grounds]
    if proposed == APPROVE:
        # What could not be paid at the end is told the first reviewer, not the second.
        require_payable(chunk, [row for row in up if chunk.claims[row].route == "manual"], keyring)
    moves = [Move(chunk.claims[row], E.REFERRED_UP, note=note) for row in up]
    move(session, county_code, moves, at=at, by=by)
    _tell(
        session, county_code, "claim.referred_up",
        [(judged[row], numbers[row], policy) for row in up], by=by, at=at, proposed=proposed,
    )  # fmt: skip
    at_once = {chunk.claims[row].id: chunk.claims[row].version for row in rows if not judged[row].grounds}
    _tell(
        session, county_code, "claim.not_drawn",
        [(judged[row], numbers[row], policy) for row in rows if not judged[row].grounds],
        by=by, at=at, proposed=proposed,
    )  # fmt: skip
    settled = _takes_effect(session, at_once, proposed, **given) if at_once else []
    return Done(settled, {judged[row].stake.claim_id: judged[row].grounds for row in up})


def give_opinion(
    session: Session,
    seen: Mapping[int, int],
    decided: str,
    *,
    county_code: str,
    law: Timeline,
    keyring: Keyring,
    by: int,
    at: dt.datetime,
    on: dt.date,
    reason_code: str | None = None,
    note: str | None = None,
) -> Done:
    """Another reviewer, or the lead after a disagreement, decides one claim that was referred up.

    Args:
        decided: approve, refuse, or return: the first reviewer works on.

    Raises: StaleVersion, WrongState, TooNear, HadASay, NoProposal, LeadDecides, HandedOut, SaysWhy, and as `propose`.
    """
    assert len(seen) == 1, "a second look is at one claim"
    if decided != RETURN:
        _known(decided, reason_code)
    claim = locked_as_seen(session, county_code, seen, law=law).claims[0]
    if claim.state != S.IN_SECOND_REVIEW:
        raise WrongState(claim_id=claim.id, state=claim.state, event=E.DISPUTED.value)
    require_other_hands(session, county_code, list(seen), by=by)
    proposal = open_proposal(session, county_code, claim.id)
    if proposal is None:
        raise NoProposal(claim_id=claim.id)
    opinions = opinions_on(session, county_code, proposal.id)
    if by == proposal.proposed_by or by in {one.by for one in opinions}:
        raise HadASay(claim_id=claim.id)
    if opinions and not holds_lead(session, county_code, by):
        raise LeadDecides(claim_id=claim.id)
    if not opinions and claim.held_by != by:
        raise HandedOut(claim_id=claim.id)
    # Whoever takes more off a line first does not agree with what was proposed, though both say yes.
    agrees = decided == proposal.proposed and not _lines_changed(session, county_code, claim.id, proposal.claim_version)
    if not agrees and not note:
        raise SaysWhy()
    reason_code = reason_code if decided == REFUSE_IT else None
    session.execute(
        insert(ReviewOpinion).values(
            county_code=county_code, proposal_id=proposal.id, opinion_no=len(opinions) + 1, claim_id=claim.id,
            decided=decided, agrees=agrees, reason_code=reason_code, note=note, at=at, by=by,
        )
    )  # fmt: skip
    given: dict[str, Any] = {
        "county_code": county_code, "law": law, "keyring": keyring, "by": by, "at": at, "on": on, "note": note,
        "reason_code": reason_code,
    }  # fmt: skip
    if decided == RETURN:
        back = Move(
            claim, E.RETURNED_TO_REVIEWER, note=note, held_by=proposal.proposed_by, held_until=at + HOLD
        )  # fmt: skip
        return _moved(session, county_code, back, by=by, at=at, proposal=proposal.id)
    if agrees or opinions:
        return Done(_takes_effect(session, seen, decided, **given), {})
    disputed = Move(claim, E.DISPUTED, note=note, reason_code=reason_code)
    return _moved(session, county_code, disputed, by=by, at=at, proposal=proposal.id)


def open_proposal(session: Session, county_code: str, claim_id: int) -> ReviewProposal | None:
    """What the first reviewer proposed when the claim was last referred up; None where it was without a proposal."""
    p = ReviewProposal
    referred_up = statement(
        "SELECT max(event_no) FROM contractor.claim_event "
        "WHERE county_code = :county_code AND claim_id = :claim_id AND event = 'referred_up'"
    )
    event_no = session.scalar(referred_up, {"county_code": county_code, "claim_id": claim_id})
    if event_no is None:
        return None
    own = (p.county_code == county_code, p.claim_id == claim_id, p.claim_version == event_no - 1)
    return session.scalar(select(p).where(*own).order_by(p.id.desc()).limit(1))


def opinions_on(session: Session, county_code: str, proposal_id: int) -> Sequence[ReviewOpinion]:
    o = ReviewOpinion
    own = (o.county_code == county_code, o.proposal_id == proposal_id)
    return session.scalars(select(o).where(*own).order_by(o.opinion_no)).all()


def decide(session: Session, seen: Mapping[int, int], decided: str, **given: Any) -> Done:
    """One person's yes or no to one claim, whichever look it is: the door of the pages and of the API.

    A claim that was handed up without a proposal is decided by the second person alone, who is not the first.
    """
    assert len(seen) == 1, "people decide claim by claim"
    (claim_id,) = seen
    asked = statement("SELECT state, held_by FROM contractor.claim WHERE county_code = :county_code AND id = :id")
    claim = session.execute(asked, {"county_code": given["county_code"], "id": claim_id}).one_or_none()
    if claim is None or claim.state != S.IN_SECOND_REVIEW:
        return propose(session, seen, decided, **given)
    if open_proposal(session, given["county_code"], claim_id) is None:
        require_other_hands(session, given["county_code"], [claim_id], by=given["by"])
        if claim.held_by != given["by"]:
            raise HandedOut(claim_id=claim_id)
        return Done(_takes_effect(session, seen, decided, **({"note": None, "reason_code": None} | given)), {})
    return give_opinion(session, seen, decided, **given)


def _lines_changed(session: Session, county_code: str, claim_id: int, since: int) -> bool:
    asked = statement(
        "SELECT EXISTS (SELECT FROM contractor.claim_event WHERE county_code = :county_code AND claim_id = :claim_id "
        "AND event = 'reduced' AND event_no > :since)"
    )
    return bool(session.scalar(asked, {"county_code": county_code, "claim_id": claim_id, "since": since}))


def _takes_effect(session: Session, seen: Mapping[int, int], decided: str, **given: Any) -> list[Settled]:
    if decided == APPROVE:
        names = ("county_code", "law", "keyring", "by", "at", "on", "note")
        return decisions.approve(session, seen, **{name: given[name] for name in names})
    decisions.refuse(
        session, seen, **{name: given[name] for name in ("county_code", "reason_code", "by", "at", "note")}
    )
    return []


def _write(
    session: Session,
    county_code: str,
    proposed: str,
    judged: Sequence[Judged],
    policy: Policy,
    *,
    by: int,
    at: dt.datetime,
    reason_code: str | None,
    note: str | None,
) -> list[int]:
    rows = [
        {
            "county_code": county_code,
            "claim_id": one.stake.claim_id,
            "claim_version": one.stake.claim_version,
            "proposed": proposed,
            "reason_code": reason_code if proposed == REFUSE_IT else None,
            "note": note,
            "stake_fen": one.stake.amount_fen,
            # What was taken back within the days can be more than what was given in them.
            "household_fen": max(one.household_fen, 0),
            "payee_fen": max(one.payee_fen, 0),
            "grounds": list(one.grounds),
            "policy_id": policy.id,
            "drawn_ppm": one.drawn_ppm,
            "proposed_at": at,
            "proposed_by": by,
        }
        for one in judged
    ]
    made = insert(ReviewProposal).returning(ReviewProposal.id, sort_by_parameter_order=True)
    return [int(number) for number in session.scalars(made, rows)]


def _moved(session: Session, county_code: str, one: Move, *, by: int, at: dt.datetime, proposal: int) -> Done:
    move(session, county_code, [one], at=at, by=by)
    facts = {"version": one.claim.version + 1, "proposal": proposal}
    entry = Entry(f"claim.{one.event.value}", "claim", str(one.claim.id), Actor(ActorKind.STAFF, str(by)), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return Done([], {})


def _tell(
    session: Session,
    county_code: str,
    act: str,
    told: Sequence[tuple[Judged, int, Policy]],
    *,
    by: int,
    at: dt.datetime,
    proposed: str,
) -> None:
    entries = [
        Entry(
            act, "claim", str(one.stake.claim_id), Actor(ActorKind.STAFF, str(by)),
            {
                "proposal": number, "proposed": proposed, "policy": policy.id, "drawn_ppm": one.drawn_ppm,
                "stake_fen": one.stake.amount_fen, "grounds": list(one.grounds),
            },
        )
        for one, number, policy in told
    ]  # fmt: skip
    if entries:
        append(session, county_code=county_code, stream=STREAM, entries=entries, at=at)


def _event(decided: str) -> E:
    return E.APPROVED if decided == APPROVE else E.REJECTED


def _known(decided: str, reason_code: str | None) -> None:
    assert decided in (APPROVE, REFUSE_IT), "a decision is yes or no"
    if decided == REFUSE_IT and reason_code not in REFUSE:
        raise UnknownReason(reason_code=reason_code or "")
