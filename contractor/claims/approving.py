"""What an approval is, whoever gives it: money settled, state moved, payments planned, trail written. One transaction.

A rule's approval of a clean claim, a person's, and the end of a public notice all pass here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.vault.keyring import Keyring
from chassis.vault.sealing import row_id_text, unseal_many
from contractor.claims.arrays import numbers_text
from contractor.claims.chunk import Chunk, ClaimRow, Ground
from contractor.claims.moves import Move, move
from contractor.claims.refusals import NoLawOnDay
from contractor.claims.settling import Settled, Terms, settle
from contractor.claims.statements import statement
from contractor.payments.planning import Decided, plan_payments
from contractor.payments.refusals import PayeeWithoutAccount
from rulebook.checks import all_cards
from rulebook.lifecycles.claim import E
from rulebook.trail_facts import schedule_number, terms_number

STREAM = "claims"
ACCOUNT_PURPOSE = "bank_account"
MONEY = (
    "cost_fen", "base_fen", "top_up_fen", "serious_fen", "supplementary_fen", "assistance_fen", "household_account_fen",
    "member_pays_fen",
)  # fmt: skip
RULE = Actor(ActorKind.SYSTEM, "rule")


def approve_rows(
    chunk: Chunk,
    events: Mapping[int, E],
    *,
    at: dt.datetime,
    by: int | None,
    keyring: Keyring,
    note: str | None = None,
) -> list[Settled]:
    """Approve some claims of a chunk, each by its event. Raises: NoLawOnDay, WrongState, PayeeWithoutAccount."""
    if not events:
        return []
    moves = [Move(chunk.claims[row], event, note=note) for row, event in sorted(events.items())]
    for one in moves:
        # Asked before money is settled: the database would refuse a settlement nobody decided, and not in words.
        _ = one.state_after
    settled = settle(chunk, list(events), at=at, by=by)
    move(chunk.session, chunk.county_code, moves, at=at, by=by)
    plan(chunk, settled, keyring=keyring, at=at)
    append(
        chunk.session, county_code=chunk.county_code, stream=STREAM, entries=told(chunk, settled, events, by=by), at=at
    )
    return settled


def require_payable(chunk: Chunk, rows: Sequence[int], keyring: Keyring) -> None:
    """Before a public notice begins: what could not be settled or paid at its end is refused now.

    Raises: NoLawOnDay, PayeeWithoutAccount.
    """
    payees = payees_of(chunk, rows, keyring)
    for row in rows:
        claim = chunk.claims[row]
        if not isinstance(chunk.grounds[row], Ground):
            raise NoLawOnDay(claim_id=claim.id, day=claim.discharged_on)
        if claim.id not in payees:
            raise PayeeWithoutAccount(claims=[claim.id], institutions=[])


def without_account(chunk: Chunk, rows: Sequence[int], keyring: Keyring) -> set[int]:
    """Those of these rows, all of the manual route, whose payee nobody has given an account for."""
    payees = payees_of(chunk, rows, keyring)
    return {row for row in rows if chunk.claims[row].id not in payees}


def find_no_account(chunk: Chunk, rows: Collection[int], *, at: dt.datetime) -> None:
    """A finding for each of these claims, once since its notice ended: it waits for an account and for nothing else."""
    if not rows:
        return
    card = all_cards()["no_account"]
    claims = [chunk.claims[row] for row in sorted(rows)]
    chunk.session.execute(
        statement(
            "INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, "
            "source, found_at) SELECT c.county_code, c.id, 1 + coalesce((SELECT max(f.finding_no) FROM "
            "contractor.claim_finding AS f WHERE (f.county_code, f.claim_id) = (c.county_code, c.id)), 0), :rule, "
            ":severity, 'an account to pay to', 'none', own.source, :at "
            "FROM contractor.claim AS c JOIN unnest(CAST(:ids AS bigint[]), CAST(:sources AS text[])) "
            "AS own (id, source) ON own.id = c.id WHERE c.county_code = :county_code AND NOT EXISTS ("
            "SELECT FROM contractor.claim_finding AS f WHERE (f.county_code, f.claim_id, f.rule) "
            "= (c.county_code, c.id, :rule) AND CAST(f.found_at AS date) >= c.notice_until_on)"
        ),
        {
            "county_code": chunk.county_code,
            "rule": card.key,
            "severity": card.severity,
            "at": at,
            "ids": numbers_text(claim.id for claim in claims),
            "sources": [card.law_on(claim.discharged_on) for claim in claims],
        },
    )


def plan(chunk: Chunk, settled: Sequence[Settled], *, keyring: Keyring, at: dt.datetime) -> None:
    """The payments of what was settled. Raises: PayeeWithoutAccount."""
    payees = payees_of(chunk, [one.row for one in settled], keyring)
    decided = [_decided(chunk.claims[one.row], one, payees) for one in settled]
    plan_payments(chunk.session, decided, county_code=chunk.county_code, keyring=keyring, at=at)


def told(chunk: Chunk, settled: Sequence[Settled], events: Mapping[int, E], *, by: int | None) -> list[Entry]:
    """One entry of the trail for each approval."""
    who = actor(by)
    return [
        Entry(f"claim.{events[one.row].value}", "claim", str(chunk.claims[one.row].id), who, money_facts(one))
        for one in settled
    ]


def actor(by: int | None) -> Actor:
    return RULE if by is None else Actor(ActorKind.STAFF, str(by))


def money_facts(settled: Settled) -> dict[str, int]:
    """What the trail keeps of a settlement: enough to find anything of it that is changed later.

    Amounts that are nought are left out, so that an entry stays short; what it was computed from always stands.
    """
    if settled.settlement_id is None:
        assert settled.account_entry_id is not None, "money is settled in a year or in an account"
        numbers = {"account_entry": settled.account_entry_id, "account_no": settled.settlement_no}
    else:
        assert settled.terms is not None, "a settlement has terms"
        numbers = {"settlement": settled.settlement_id, "settlement_no": settled.settlement_no, "year": settled.year}
        numbers |= terms_facts(settled.terms)
    return numbers | {name: fen for name in MONEY if (fen := getattr(settled, name))}


def terms_facts(terms: Terms) -> dict[str, int]:
    """What a settlement was computed from, as `rulebook.trail_facts` writes it in the chain."""
    a, b, c, *codes, schedule_hash = terms
    return {
        "class_a_fen": a,
        "class_b_fen": b,
        "class_c_fen": c,
        "terms": terms_number(*codes),
        "schedule": schedule_number(schedule_hash),
    }


def _decided(claim: ClaimRow, settled: Settled, payees: Mapping[int, tuple[str, str]]) -> Decided:
    name, account = payees.get(claim.id, (None, None))
    return Decided(
        claim_id=claim.id,
        route=claim.route,
        institution_code=claim.institution_code,
        member_id=claim.member_id,
        settlement_id=settled.settlement_id,
        account_entry_id=settled.account_entry_id,
        pooled_fen=settled.base_fen + settled.top_up_fen,
        top_up_fen=settled.top_up_fen,
        serious_fen=settled.serious_fen,
        supplementary_fen=settled.supplementary_fen,
        household_account_fen=settled.household_account_fen,
        assistance_fen=settled.assistance_fen,
        payee_name=name,
        payee_account=account,
    )


def payees_of(chunk: Chunk, rows: Sequence[int], keyring: Keyring) -> dict[int, tuple[str, str]]:
    """Name and account of who is paid on the manual route: as the claim says, else as the registry does."""
    manual = [chunk.claims[row] for row in rows if chunk.claims[row].route == "manual"]
    given = [claim for claim in manual if claim.payee_account_sealed is not None]
    opened = unseal_many(
        keyring,
        ACCOUNT_PURPOSE,
        [claim.payee_account_sealed for claim in given if claim.payee_account_sealed is not None],
        table="contractor.claim",
        column="payee_account_sealed",
        row_ids=[row_id_text(chunk.county_code, claim.id) for claim in given],
    )
    payees = {claim.id: (str(claim.payee_name), account) for claim, account in zip(given, opened, strict=True)}
    others = [claim for claim in manual if claim.id not in payees]
    accounts = _registered_accounts(chunk.session, chunk.county_code, {c.member_id for c in others}, keyring)
    return payees | {claim.id: accounts[claim.member_id] for claim in others if claim.member_id in accounts}


def _registered_accounts(
    session: Session, county_code: str, member_ids: set[int], keyring: Keyring
) -> dict[int, tuple[str, str]]:
    if not member_ids:
        return {}
    rows = session.execute(
        statement(
            "SELECT id, name, bank_account_sealed FROM registry.published_member "
            "WHERE county_code = :county_code AND id = ANY(:ids) AND bank_account_sealed IS NOT NULL"
        ),
        {"county_code": county_code, "ids": sorted(member_ids)},
    ).all()
    opened = unseal_many(
        keyring,
        ACCOUNT_PURPOSE,
        [row.bank_account_sealed for row in rows],
        table="registry.member",
        column="bank_account_sealed",
        row_ids=[row_id_text(county_code, row.id) for row in rows],
    )
    return {row.id: (row.name, account) for row, account in zip(rows, opened, strict=True)}
