"""The demo's past decisions: the desk is cleared month by month, by two people where the policy asks; notices run out.

Whoever decided knew the papers, which a program does not: in the demo they know the key. Refused is what was planted
as irregular; what only looks like it is approved; a line that is charged twice or too high is reduced.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.vault.keyring import Keyring
from contractor.claims import decisions
from contractor.claims.decisions import Reduction
from contractor.claims.due import notices_over
from contractor.claims.tables import Claim, ClaimFinding, ClaimLine
from contractor.second import deciding as second
from contractor.second.policy import policy_on, set_policy
from demo.catalogue import items, limit_e4
from demo.fill import staff_number
from demo.history import History, Planted
from rulebook.lifecycles.claim import S
from rulebook.money import line_fen
from rulebook.registry import Timeline

REFUSED_FOR = {
    "F01": "not_covered",
    "F02": "not_covered",
    "F03": "not_covered",
    "F04": "not_genuine",
    "F05": "not_genuine",
    "F06": "not_genuine",
    "F10": "identity",
    "F12": "identity",
    "F13": "not_genuine",
    "F15": "not_genuine",
    "F17": "duplicate",
    "F33": "identity",
    "F37": "not_genuine",
    "agreement": "not_designated",
    "enrolment": "not_enrolled",
    "referral": "no_referral",
}
ONE_OF_THEM = frozenset({"F01", "F02", "F03", "F13", "F17"})
"""Of two such stays one was a stay: where both are at the desk the first, where one is approved already that one."""
REDUCED_FOR = {"F16": "duplicate_item", "F18": "over_price", "F20": "not_necessary", "F41": "bed_days"}
PAPERS = ("bill", "discharge_summary")
PAPERS_EVERY = 9
"""So many claims go by before papers are asked for once."""
EACH_TURN = 60
TWO_FROM_MONTH = "2026-07"
"""From this month on the county's policy of second review holds."""
POLICY: dict[str, Any] = {
    "limit_fen": 2_000_000,
    "rolling_days": 30,
    "household_limit_fen": 4_000_000,
    "payee_limit_fen": 4_000_000,
    "is_on_critical": True,
    "share_ppm": 20_000,
    "note": "县里定的：两万元以上、有严重发现的由两人审核，另随机抽百分之二",
}
SEED = "the second reviewer of the demo county"
"""Made known here, so that the demo comes out the same every time; a county's own seed is random and on no page."""
DISPUTED_EVERY = 7
LEFT_TO_ANOTHER = 6
SECOND_NOTES = {"senior": "看过材料", "lead": "按材料，同初审"}


@dataclass(frozen=True)
class Waiting:
    id: int
    version: int
    claim_number: str
    tier: int


@dataclass(frozen=True)
class Desk:
    """The reviewers' desk of the demo's past."""

    county_code: str
    keyring: Keyring
    law: Timeline
    history: History

    def ensure_policy(self, session: Session, *, at: dt.datetime) -> None:
        """The lead sets the policy once, on the day it begins."""
        on = local_day(at)
        if policy_on(session, self.county_code, on) is None:
            by, seed = staff_number(session, self.county_code, "lead"), hashlib.sha256(SEED.encode()).digest()
            set_policy(session, county_code=self.county_code, from_on=on, seed=seed, by=by, at=at, **POLICY)

    def clear(self, session: Session, *, at: dt.datetime) -> int:
        """Decide on everything that waits; how many claims that was."""
        waiting = self._waiting(session)
        reviewers = [staff_number(session, self.county_code, name) for name in ("reviewer", "reviewer2")]
        by_number = self._irregular()
        for turn, start in enumerate(range(0, len(waiting), EACH_TURN)):
            by = reviewers[turn % 2]
            some = waiting[start : start + EACH_TURN]
            decisions.take_up(session, _seen(some), county_code=self.county_code, by=by, at=at)
            self._ask_for_papers(session, some[::PAPERS_EVERY], by=by, at=at)
            self._decide(session, self._again(session, some), by_number, by=by, at=at)
        return len(waiting)

    def end_notices(self, session: Session, *, at: dt.datetime) -> int:
        """Notices whose term is over by then."""
        on = local_day(at)
        over = notices_over(session, self.county_code, on, after=0, limit=10_000)
        if over:
            decisions.end_notices(
                session, over, county_code=self.county_code, law=self.law, keyring=self.keyring, at=at, on=on
            )
        return len(over)

    def leave_open(self, session: Session, *, at: dt.datetime) -> None:
        """Of what waits today a third is in a reviewer's hands and a part waits for papers; the rest is untouched."""
        waiting = self._waiting(session)
        in_hand, lacking = waiting[::3], waiting[::6]
        if not in_hand:
            return
        by = staff_number(session, self.county_code, "reviewer")
        decisions.take_up(session, _seen(in_hand), county_code=self.county_code, by=by, at=at)
        seen = {one.id: one.version for one in self._again(session, lacking)}
        decisions.send_back(session, seen, PAPERS, county_code=self.county_code, by=by, at=at, on=local_day(at))
        self._leave_to_another(session, [one for place, one in enumerate(waiting) if place % 3], at=at)

    def _leave_to_another(self, session: Session, some: Sequence[Waiting], *, at: dt.datetime) -> None:
        """Proposals that wait for another person, one of them for the lead: what is critical asks for two."""
        critical = session.scalars(
            select(ClaimFinding.claim_id).where(
                ClaimFinding.county_code == self.county_code,
                ClaimFinding.severity == "C",
                ClaimFinding.claim_id.in_([one.id for one in some]),
            )
        ).all()
        chosen = [one for one in some if one.id in set(critical)][:LEFT_TO_ANOTHER]
        by = staff_number(session, self.county_code, "reviewer2")
        decisions.take_up(session, _seen(chosen), county_code=self.county_code, by=by, at=at)
        irregular = self._irregular()
        for place, one in enumerate(self._again(session, chosen)):
            planted = irregular.get(one.claim_number)
            reason = REFUSED_FOR.get(planted.rule) if planted else None
            decided = second.REFUSE_IT if reason else second.APPROVE
            done = second.propose(session, {one.id: one.version}, decided, by=by, **self._given(reason, at))
            assert done.waiting, "a critical finding asks for another person"
            if place == 0:
                self._dispute(session, one.id, one.version + 1, decided, at=at)

    def _decide(
        self, session: Session, some: Sequence[Waiting], irregular: dict[str, Planted], *, by: int, at: dt.datetime
    ) -> None:
        at_desk = {one.claim_number for one in some}
        approved: dict[int, int] = {}
        refused: dict[str, dict[int, int]] = {}
        for one in some:
            rule = self._rule_of(irregular.get(one.claim_number), at_desk)
            if rule in REDUCED_FOR and self._reduce(session, one, REDUCED_FOR[rule], by=by, at=at):
                approved[one.id] = one.version + 1
            elif rule in REFUSED_FOR:
                refused.setdefault(REFUSED_FOR[rule], {})[one.id] = one.version
            else:
                approved[one.id] = one.version
        for reason, seen in refused.items():
            self._propose(session, seen, second.REFUSE_IT, reason, by=by, at=at)
        if approved:
            self._propose(session, approved, second.APPROVE, None, by=by, at=at)

    def _propose(
        self, session: Session, seen: dict[int, int], decided: str, reason: str | None, *, by: int, at: dt.datetime
    ) -> None:
        """What the policy sends to another person is decided by the senior an hour later, as was proposed.

        Under a policy claim by claim, as people do: what is at stake in one follows from those decided before it.
        """
        given = self._given(reason, at)
        if policy_on(session, self.county_code, local_day(at)) is None:
            second.propose(session, seen, decided, by=by, **given)
            return
        for claim_id, version in sorted(seen.items()):
            if second.propose(session, {claim_id: version}, decided, by=by, **given).waiting:
                self._second(session, claim_id, version + 1, decided, reason, at=at)

    def _second(
        self, session: Session, claim_id: int, version: int, decided: str, reason: str | None, *, at: dt.datetime
    ) -> None:
        """The senior agrees, but now and then; then the lead ends it, and sees it as the first reviewer did."""
        if claim_id % DISPUTED_EVERY:
            self._say(session, claim_id, version, "senior", decided, reason, at=at + dt.timedelta(hours=1))
            return
        self._dispute(session, claim_id, version, decided, at=at + dt.timedelta(hours=1))
        self._say(session, claim_id, version + 2, "lead", decided, reason, at=at + dt.timedelta(hours=2))

    def _dispute(self, session: Session, claim_id: int, version: int, decided: str, *, at: dt.datetime) -> None:
        other, why = (second.REFUSE_IT, "not_genuine") if decided == second.APPROVE else (second.APPROVE, None)
        self._say(session, claim_id, version, "senior", other, why, at=at)

    def _say(
        self, session: Session, claim_id: int, version: int, who: str, decided: str, reason: str | None,
        *, at: dt.datetime,
    ) -> None:  # fmt: skip
        by = staff_number(session, self.county_code, who)
        given = self._given(reason, at) | {"note": SECOND_NOTES[who]}
        if who != "lead":
            # As the queue hands it to them.
            seen = {claim_id: version}
            decisions.take_up(session, seen, county_code=self.county_code, by=by, at=at, is_handed_out=True)
            version += 1
        second.give_opinion(session, {claim_id: version}, decided, by=by, **given)

    def _given(self, reason: str | None, at: dt.datetime) -> dict[str, Any]:
        return {
            "county_code": self.county_code, "law": self.law, "keyring": self.keyring, "at": at, "on": local_day(at),
            "reason_code": reason,
        }  # fmt: skip

    def _reduce(self, session: Session, one: Waiting, reason: str, *, by: int, at: dt.datetime) -> bool:
        """Take off the line that is too much: the second of a pair, what lies above the limit, the surplus days."""
        lines = session.execute(
            select(ClaimLine.line_no, ClaimLine.item_code, ClaimLine.performed_on, ClaimLine.quantity_e4)
            .add_columns(ClaimLine.unit_price_e4, ClaimLine.charged_fen)
            .where(ClaimLine.county_code == self.county_code, ClaimLine.claim_id == one.id)
            .order_by(ClaimLine.line_no)
        ).all()
        kinds = {item.code: item for item in items().values()}
        seen: set[tuple[str, dt.date]] = set()
        reductions = []
        for line in lines:
            item, key = kinds[line.item_code], (line.item_code, line.performed_on)
            most_e4, too_much = limit_e4(item, one.tier), 0
            if reason == "duplicate_item" and key in seen:
                too_much = line.charged_fen
            elif reason == "over_price" and most_e4 is not None and line.unit_price_e4 > most_e4:
                too_much = line.charged_fen - line_fen(line.quantity_e4, most_e4)
            elif reason in ("bed_days", "not_necessary") and line.quantity_e4 > 10_000 and item.kind != "drug":
                # One a day is what a stay has; what is above it goes.
                too_much = line.charged_fen - line_fen(10_000, line.unit_price_e4)
            seen.add(key)
            if too_much:
                reductions.append(Reduction(line.line_no, too_much, reason))
        if reductions:
            seen_as = {one.id: one.version}
            decisions.reduce(session, seen_as, reductions[:1], county_code=self.county_code, by=by, at=at)
        return bool(reductions)

    def _ask_for_papers(self, session: Session, some: Sequence[Waiting], *, by: int, at: dt.datetime) -> None:
        """Papers are asked for, and come two days later."""
        lacking = {one.id: one.version for one in self._again(session, some)}
        if lacking:
            on = local_day(at)
            decisions.send_back(session, lacking, PAPERS, county_code=self.county_code, by=by, at=at, on=on)
            come = {claim_id: version + 1 for claim_id, version in lacking.items()}
            decisions.documents_received(
                session, come, county_code=self.county_code, by=by, at=at + dt.timedelta(days=2)
            )

    @staticmethod
    def _rule_of(planted: Planted | None, at_desk: set[str]) -> str | None:
        """The rule a claim breaks, or None: also for the one of two stays that was a stay."""
        if planted is None:
            return None
        is_the_stay = not planted.is_last and at_desk.intersection(planted.with_claims)
        return None if planted.rule in ONE_OF_THEM and is_the_stay else planted.rule

    def _irregular(self) -> dict[str, Planted]:
        return {entry.claim_number: entry for entry in self.history.key if entry.is_irregular}

    def _waiting(self, session: Session) -> list[Waiting]:
        tiers = {one.code: one.tier for one in self.history.institutions}
        rows = session.execute(
            select(Claim.id, Claim.version, Claim.claim_number, Claim.institution_code)
            .where(
                Claim.county_code == self.county_code,
                # What came back from public notice, because it asks for two by now, waits in nobody's hands.
                (Claim.state == S.RECEIVED.value) | ((Claim.state == S.IN_REVIEW.value) & Claim.held_by.is_(None)),
                Claim.assessed_at.is_not(None),
            )
            .order_by(Claim.id)
            .with_for_update()
        ).all()
        return [Waiting(row.id, row.version, row.claim_number, tiers[row.institution_code]) for row in rows]

    def _again(self, session: Session, some: Sequence[Waiting]) -> list[Waiting]:
        """The same claims in the version they have now."""
        rows = session.execute(
            select(Claim.id, Claim.version).where(
                Claim.county_code == self.county_code, Claim.id.in_([one.id for one in some])
            )
        ).all()
        versions = {row.id: row.version for row in rows}
        return [Waiting(one.id, versions[one.id], one.claim_number, one.tier) for one in some]


def count_in_hand(session: Session, county_code: str) -> int:
    """Claims that somebody has in hand, or that wait for papers."""
    states = [S.IN_REVIEW.value, S.AWAITING_DOCUMENTS.value]
    found = select(func.count()).where(Claim.county_code == county_code, Claim.state.in_(states))
    return session.scalar(found) or 0


def _seen(some: Sequence[Waiting]) -> dict[int, int]:
    return {one.id: one.version for one in some}
