# ruff: noqa: S608 – every part of these texts stands in this file; what is asked for travels as parameters.
"""When a reviewer's decision waits for another person's: limits, rolling limits, critical findings and a drawn share.

The draw is a hash of the policy's seed with the claim and its version: whoever has the seed draws the same again, and
nobody who decides has it. The limits add up over days, by household and by the account that is paid (decision 0045).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from chassis.clock import local_day
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from contractor.claims.arrays import numbers_text
from contractor.claims.statements import statement
from contractor.second.refusals import PolicyInThePast
from contractor.second.tables import ReviewPolicy

STREAM = "claims"
PPM = 1_000_000
LOCK_CLASS = 7_401_045
"""Key space of `pg_advisory_xact_lock(class, household or payee)`: their decisions are added up one at a time."""


@dataclass(frozen=True, slots=True)
class Policy:
    id: int
    from_on: dt.date
    limit_fen: int
    rolling_days: int
    household_limit_fen: int
    payee_limit_fen: int
    is_on_critical: bool
    share_ppm: int
    seed: bytes


class Owners(NamedTuple):
    """Whose sums a decision adds to."""

    household_id: int
    payee_index: bytes | None


@dataclass(frozen=True, slots=True)
class Stake:
    """What one decision is about."""

    claim_id: int
    claim_version: int
    household_id: int
    payee_index: bytes | None
    """The account of a person who is paid; None where an institution is: its account sees every claim of a hospital."""
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Why another person decides; no grounds: nobody else does."""

    stake: Stake
    household_fen: int
    payee_fen: int
    grounds: tuple[str, ...]
    drawn_ppm: int


def policy_on(session: Session, county_code: str, on: dt.date) -> Policy | None:
    """The policy of a day; None where the county has set none."""
    row = session.execute(
        statement("SELECT * FROM contractor.review_policy_on(:county_code, :on)"),
        {"county_code": county_code, "on": on},
    ).one_or_none()
    if row is None:
        return None
    values = {name: getattr(row, name) for name in Policy.__dataclass_fields__}
    return Policy(**(values | {"seed": bytes(row.seed)}))


def set_policy(
    session: Session,
    *,
    county_code: str,
    from_on: dt.date,
    limit_fen: int,
    rolling_days: int,
    household_limit_fen: int,
    payee_limit_fen: int,
    is_on_critical: bool,
    share_ppm: int,
    seed: bytes,
    note: str,
    by: int,
    at: dt.datetime,
) -> int:
    """A policy from a day on; the one before ends with it. Raises: PolicyInThePast."""
    if from_on < local_day(at):
        raise PolicyInThePast(from_on=from_on)
    numbers = {
        "limit_fen": limit_fen, "rolling_days": rolling_days, "household_limit_fen": household_limit_fen,
        "payee_limit_fen": payee_limit_fen, "is_on_critical": is_on_critical, "share_ppm": share_ppm,
    }  # fmt: skip
    policy_id = session.execute(
        insert(ReviewPolicy)
        .values(county_code=county_code, from_on=from_on, seed=seed, note=note, set_at=at, set_by=by, **numbers)
        .returning(ReviewPolicy.id)
    ).scalar_one()
    facts = numbers | {"from_on": from_on.isoformat(), "seed_sha256": hashlib.sha256(seed).hexdigest()}
    entry = Entry("review_policy.set", "review_policy", str(policy_id), Actor(ActorKind.STAFF, str(by)), facts)
    append(session, county_code=county_code, stream=STREAM, entries=[entry], at=at)
    return int(policy_id)


def drawn_ppm(seed: bytes, claim_id: int, claim_version: int) -> int:
    """The number below a million that a decision draws. The database draws the same (`contractor.drawn_ppm`)."""
    told = seed + claim_id.to_bytes(8, "big") + claim_version.to_bytes(4, "big")
    return int(hashlib.sha256(told).hexdigest()[:15], 16) % PPM


def judge(
    session: Session, policy: Policy, stakes: Sequence[Stake], *, county_code: str, at: dt.datetime
) -> list[Judged]:
    """Which of these decisions wait for another person: a constant number of statements.

    Whoever asks holds the sums (`one_at_a_time`) from before the stakes were worked out.
    """
    since = at - dt.timedelta(days=policy.rolling_days)
    households = _sums(session, county_code, _BY_HOUSEHOLD, [str(one.household_id) for one in stakes], stakes, since)
    payees = _sums(
        session, county_code, _BY_PAYEE, [one.payee_index.hex() for one in stakes if one.payee_index], stakes, since
    )
    critical = set(
        session.scalars(
            statement(
                "SELECT DISTINCT claim_id FROM contractor.claim_finding WHERE county_code = :county_code "
                "AND claim_id = ANY(CAST(:ids AS bigint[])) AND severity = 'C'"
            ),
            {"county_code": county_code, "ids": numbers_text(one.claim_id for one in stakes)},
        )
    )
    judged = []
    for one in stakes:
        payee = one.payee_index.hex() if one.payee_index else ""
        household = str(one.household_id)
        household_fen = households[household] = households.get(household, 0) + one.amount_fen
        payee_fen = 0
        if payee:
            payee_fen = payees[payee] = payees.get(payee, 0) + one.amount_fen
        drawn = drawn_ppm(policy.seed, one.claim_id, one.claim_version)
        found = {
            "limit": one.amount_fen >= policy.limit_fen,
            "household": household_fen >= policy.household_limit_fen,
            "payee": payee_fen >= policy.payee_limit_fen,
            "critical": policy.is_on_critical and one.claim_id in critical,
            "drawn": drawn < policy.share_ppm,
        }
        grounds = tuple(name for name, is_so in found.items() if is_so)
        judged.append(Judged(one, household_fen, payee_fen, grounds, drawn))
    return judged


def one_at_a_time(session: Session, owners: Sequence[Owners]) -> None:
    """Decisions of one household, or to one person's account, are added up one after another.

    The second waits for the first to commit and then counts it, so that two halves decided at once do not both stay
    below the limit.
    """
    keys = {one.household_id % 2**31 for one in owners}
    keys |= {int.from_bytes(one.payee_index[:4], "big", signed=True) for one in owners if one.payee_index}
    session.execute(
        statement(
            # In the order of the keys, so that two who lock several never wait for each other in a ring.
            "SELECT pg_advisory_xact_lock(:space, key) FROM unnest(CAST(:keys AS int[])) AS own (key)"
        ),
        {"space": LOCK_CLASS, "keys": numbers_text(sorted(keys))},
    ).all()


# The database says what each claim weighs, and asks the same of a decision when it takes effect (migration 0023).
_DECIDED = """
    SELECT claim.id, {key} AS owner, contractor.claim_weight_fen(claim.county_code, claim.id, :since) AS fen
    FROM contractor.claim {where}
"""
_BY_HOUSEHOLD = "SELECT owner, sum(fen) FROM (" + _DECIDED.format(
    key="claim.household_id::text",
    where="WHERE claim.county_code = :county_code AND claim.household_id = ANY(CAST(:owners AS bigint[])) "
    "AND claim.id <> ALL(CAST(:own AS bigint[]))",
) + ") AS decided GROUP BY owner"  # fmt: skip
# A person's account is the one the claim gives, or the registry's; what was paid to it is known by the payment.
_BY_PAYEE = "SELECT owner, sum(fen) FROM (" + _DECIDED.format(
    key="encode(own.account, 'hex')",
    where="JOIN (SELECT c.county_code, c.id, c.payee_account_index AS account FROM contractor.claim AS c "
    "WHERE c.county_code = :county_code AND c.payee_account_index IN "
    "(SELECT decode(one, 'hex') FROM unnest(CAST(:owners AS text[])) AS one) "
    "UNION SELECT c.county_code, c.id, m.bank_account_index FROM contractor.claim AS c "
    "JOIN registry.published_member AS m ON (m.county_code, m.id) = (c.county_code, c.member_id) "
    "WHERE c.county_code = :county_code AND c.route = 'manual' AND c.payee_account_index IS NULL "
    "AND m.bank_account_index IN (SELECT decode(one, 'hex') FROM unnest(CAST(:owners AS text[])) AS one)) AS own "
    "ON (own.county_code, own.id) = (claim.county_code, claim.id) "
    "WHERE claim.id <> ALL(CAST(:own AS bigint[]))",
) + ") AS decided GROUP BY owner"  # fmt: skip


def _sums(
    session: Session, county_code: str, query: str, owners: Sequence[str], stakes: Sequence[Stake], since: dt.datetime
) -> dict[str, int]:
    if not owners:
        return {}
    rows = session.execute(
        text(query),
        {
            "county_code": county_code,
            "owners": sorted(set(owners)) if query is _BY_PAYEE else numbers_text(sorted({int(one) for one in owners})),
            "own": numbers_text(one.claim_id for one in stakes),
            "since": since,
        },
    )
    return {row[0]: int(row[1]) for row in rows}
