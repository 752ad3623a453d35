"""What decisions would come to if they were taken back and settled anew in their order. Nothing is written.

The year without them is what it has used up less what they used up; the engine then takes them one after another. What
is confirmed later runs the same steps under locks and must come to the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy.orm import Session

from contractor.claims import worth
from contractor.claims.chunk import Chunk, ClaimRow, Ground
from contractor.claims.statements import statement
from contractor.claims.worth import Key
from contractor.corrections import standing
from contractor.corrections.relisting import relist
from contractor.corrections.standing import Scope, Standing
from rulebook.benefits import Claim, State, state_after, step
from rulebook.benefits.household_account import OUTPATIENT, account_step
from rulebook.registry import Timeline

CLAIMS_A_CHUNK = 2_000
MOST_CLAIMS = 5_000
"""In one correction: one transaction settles them all. What is left is taken by the next one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One decision as it stands and as it would be, in the order in which it is settled anew."""

    stands: Standing
    is_cause: bool
    after: Mapping[str, int]

    @property
    def before_fen(self) -> int:
        return self.stands.total_fen

    @property
    def after_fen(self) -> int:
        return sum(self.after.values())


@dataclass(frozen=True)
class Foreseen:
    """Args:
    lines: only of years and accounts in which something changes.
    waiting: claims of years that cannot be corrected now: a payment is on its way, or no law is in force.
    is_more: there are more than one correction takes.
    """

    lines: Sequence[Line] = ()
    waiting: Sequence[int] = ()
    is_more: bool = False

    @property
    def before_fen(self) -> int:
        return sum(line.before_fen for line in self.lines)

    @property
    def after_fen(self) -> int:
        return sum(line.after_fen for line in self.lines)

    @property
    def changed(self) -> list[Line]:
        return [line for line in self.lines if dict(line.after) != line.stands.gives]

    @property
    def more_fen(self) -> int:
        """What is paid in addition, fund by fund and claim by claim; assistance is told to civil affairs."""
        return sum(max(change, 0) for line in self.lines for change in _changes(line))

    @property
    def less_fen(self) -> int:
        return sum(max(-change, 0) for line in self.lines for change in _changes(line))

    def sha256(self, subject: str) -> bytes:
        """Of exactly what is shown: each claim in its version, before and after, fund by fund."""
        rows = [
            [
                one.stands.claim_id, one.stands.claim_version, one.stands.settlement_id, one.stands.account_entry_id,
                sorted(one.stands.gives.items()), sorted(one.after.items()),
            ]
            for one in self.lines
        ]  # fmt: skip
        return hashlib.sha256(json.dumps([subject, rows], ensure_ascii=False).encode()).digest()


def foresee(
    session: Session, county_code: str, causes: Sequence[int], *, law: Timeline, keeps_unchanged: bool = False
) -> Foreseen:
    """What the years of these claims come to from the first of them on: a constant number of statements.

    Args:
        keeps_unchanged: also years in which nothing changes.
    """
    if not causes:
        return Foreseen()
    stays = standing.years_from(session, county_code, causes)
    visits = standing.accounts_from(session, county_code, causes)
    everything = [*stays, *visits]
    chunk = chunk_of(session, county_code, [one.claim_id for one in everything], law=law)
    relist(chunk)
    blocked = standing.on_their_way(session, county_code, [one.claim_id for one in everything])
    years = worth.years_now(session, county_code, sorted({one.key for one in stays}))
    balances = worth.balances_now(session, county_code, sorted({one.key for one in visits}))
    lines: list[Line] = []
    waiting: list[int] = []
    own = set(causes)
    for key, of_key in groupby(everything, key=lambda one: (one.is_visit, one.key)):
        together = list(of_key)
        if any(one.claim_id in blocked or not _has_law(chunk, one) for one in together):
            waiting += [one.claim_id for one in together]
            continue
        anew = _visits(chunk, together, balances) if key[0] else _stays(chunk, together, years)
        told = [Line(one, one.claim_id in own, after) for one, after in zip(together, anew, strict=True)]
        if keeps_unchanged or any(dict(line.after) != line.stands.gives for line in told):
            lines += told
    return Foreseen(lines, waiting)


def foresee_scope(session: Session, county_code: str, scope: Scope, *, law: Timeline) -> Foreseen:
    """The same for everything a wrong rule may have touched, chunk after chunk, until a correction is full."""
    lines: list[Line] = []
    waiting: list[int] = []
    for causes in _touched(session, county_code, scope):
        found = foresee(session, county_code, causes, law=law)
        lines += found.lines
        waiting += found.waiting
        if len(lines) >= MOST_CLAIMS:
            return Foreseen(lines, waiting, is_more=True)
    return Foreseen(lines, waiting)


def chunk_of(session: Session, county_code: str, claim_ids: Sequence[int], *, law: Timeline) -> Chunk:
    """Claims as they are, unlocked: nothing of this chunk is written."""
    rows = session.execute(
        statement(
            f"SELECT {', '.join(ClaimRow._fields)} FROM contractor.claim "  # noqa: S608
            "WHERE county_code = :county_code AND id = ANY(:ids) ORDER BY id"
        ),
        {"county_code": county_code, "ids": list(claim_ids)},
    )
    return Chunk(session, county_code, law, [ClaimRow._make(row) for row in rows])


def _touched(session: Session, county_code: str, scope: Scope) -> Iterable[list[int]]:
    """Claims in chunks that never part a member's stays or a household's visits."""
    for ask in (standing.stays_touched, standing.visits_touched):
        after, size = 0, CLAIMS_A_CHUNK
        while rows := ask(session, county_code, scope, after=after, limit=size):
            whole = rows
            if len(rows) == size:
                whole = [row for row in rows if row[0] != rows[-1][0]]
                if not whole:
                    size *= 2
                    continue
            after, size = whole[-1][0], CLAIMS_A_CHUNK
            yield [claim_id for _owner, claim_id in whole]


def _has_law(chunk: Chunk, one: Standing) -> bool:
    ground = chunk.grounds[chunk.row_of[one.claim_id]]
    # A year that another law puts elsewhere is no matter of order: such a claim is reversed and decided anew.
    return isinstance(ground, Ground) and (one.is_visit or ground.deciding.year == one.key[1])


def _stays(chunk: Chunk, together: Sequence[Standing], years: Mapping[Key, State]) -> list[dict[str, int]]:
    used = [sum(column) for column in zip(*(one.used for one in together), strict=True)]
    state = State(*(now - own for now, own in zip(years[together[0].key], used, strict=True)))
    anew = []
    for one in together:
        row = chunk.row_of[one.claim_id]
        ground = chunk.grounds[row]
        assert isinstance(ground, Ground), "years without a law wait"
        outcome = step(Claim(*chunk.bills[row], ground.is_supplemented), state, ground.rules)
        state = state_after(state, outcome)
        anew.append(
            {
                "pooled": outcome.pooled.base_fen + outcome.pooled.top_up_fen,
                "serious": outcome.serious.paid_fen,
                "supplementary": outcome.supplementary.paid_fen,
                "assistance": outcome.assistance.paid_fen,
            }
        )
    return anew


def _visits(chunk: Chunk, together: Sequence[Standing], balances: Mapping[Key, int]) -> list[dict[str, int]]:
    balance_fen = balances[together[0].key] + sum(one.used[0] for one in together)
    anew = []
    for one in together:
        outcome = account_step(OUTPATIENT, chunk.bills[chunk.row_of[one.claim_id]].cost_fen, balance_fen)
        balance_fen = outcome.after_fen
        anew.append({"household_account": outcome.paid_fen})
    return anew


def _changes(line: Line) -> Iterable[int]:
    return (fen - line.stands.gives[fund] for fund, fen in line.after.items() if fund != "assistance")
