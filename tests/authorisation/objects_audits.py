"""Recomputations, and a claim the contractor has published, of the own county and of another."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from demo import county
from oversight.audits.tables import COUNTED, Recomputation, RecomputationDifference
from oversight.registry.tables import Division
from tests.authorisation.objects import OTHER, OWN, Records, UrlValues, makes

NOBODY = 999_999_999


@makes("recomputation", "county")
def recomputations(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    if session.get(Division, OWN) is None:
        county.write_divisions(session)

    own = {"asked": _asked(session, OWN, at), "failed": _failed(session, OWN, at), "finished": _found(session, OWN, at)}
    return Records(own=own, other=_asked(session, OTHER, at), nowhere=_run(OWN, NOBODY))


def _asked(session: Session, county_code: str, at: dt.datetime) -> UrlValues:
    return _run(county_code, _written(session, county_code, at).id)


def _failed(session: Session, county_code: str, at: dt.datetime) -> UrlValues:
    ended = {"state": "failed", "begun_at": at, "finished_at": at, "failure": "NotInForce"}
    return _run(county_code, _written(session, county_code, at, **ended).id)


def _found(session: Session, county_code: str, at: dt.datetime) -> UrlValues:
    """One that found something of every kind, of a claim where one is published."""
    counted = {name.strip(): 1_234 for name in COUNTED.split(",") if name.strip() != "schedule_hashes"}
    counted |= {"difference_count": 20_040, "kept_count": 8, "schedule_hashes": ["0" * 64]}
    run = _written(session, county_code, at, state="finished", begun_at=at, finished_at=at, **counted)
    claim_id = session.scalar(
        text("SELECT min(claim_id) FROM contractor.published_claims WHERE county_code = :county"),
        {"county": county_code},
    )
    for number, (kind, step, there, here) in enumerate(DIFFERENCES, 1):
        is_money = isinstance(there, int)
        session.add(
            RecomputationDifference(
                county_code=county_code,
                recomputation_id=run.id,
                difference_no=number,
                kind=kind,
                step=step,
                claim_id=claim_id,
                line_no=3 if kind == "line" else None,
                trail_seq=7 if kind == "trail" else None,
                published_fen=there if is_money else None,
                recomputed_fen=here if is_money else None,
                published_word=None if is_money else there,
                recomputed_word=None if is_money else here,
                effect_fen=there - here if is_money else 0,
                follows_earlier=kind == "benefit",
            )
        )
    session.flush()
    return _run(county_code, run.id)


DIFFERENCES = (
    ("line", "catalogue_class", "1", "3"),
    ("input", "tier", "2", "3"),
    ("law", "schedule_hash", 500_000, 480_000),
    ("benefit", "base_fen", 120_000, 130_000),
    ("account", "paid_fen", 800, 700),
    ("payment", "paid_twice", 120_000, 0),
    ("event", "illegal_move", "received+reopened", ""),
    ("trail", "base_fen", 120_000, 119_999),
)


def _written(session: Session, county_code: str, at: dt.datetime, **values: object) -> Recomputation:
    run = Recomputation(county_code=county_code, occasion="nightly", asked_at=at, **values)
    session.add(run)
    session.flush()
    return run


def _run(county_code: str, recomputation_id: int) -> UrlValues:
    return {"county_code": county_code, "recomputation_id": recomputation_id, "file_type": "csv"}


@makes("published_claim", "county")
def claims(session: Session, at: dt.datetime, keyring: Keyring) -> Records:
    """Claims the insurer's makers have written: the county only reads what is published."""
    numbers = {}
    for county_code in (OWN, OTHER):
        numbers[county_code] = session.scalar(
            text("SELECT min(claim_id) FROM contractor.published_claims WHERE county_code = :county"),
            {"county": county_code},
        )
        assert numbers[county_code], "the workspace is tried before the portal, on the same database"
    return Records(
        own={"": {"county_code": OWN, "claim_id": numbers[OWN]}},
        other={"county_code": OTHER, "claim_id": numbers[OTHER]},
        nowhere={"county_code": OWN, "claim_id": NOBODY},
    )
