"""What the demo's registry says beside people and places, entered by the verbs a clerk's list goes through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.vault.keyring import Keyring
from demo.catalogue import listings
from demo.history import History
from demo.institutions import AGREED_FROM
from demo.lives import PREMIUM_FEN, SUPPLEMENTARY_PREMIUM_FEN
from oversight.registry.catalogue.pricing import CatalogueRow
from oversight.registry.imports.importing import enter_rows
from oversight.registry.institutions.entering import AgreementRow, InstitutionRow
from oversight.registry.institutions.referring import ReferralRow
from oversight.registry.membership.deaths import DeathRow
from oversight.registry.membership.enrolling import EnrolmentRow
from oversight.registry.membership.statuses import StatusRow

Rows = Callable[[History], Sequence[Any]]


def enter_facts(
    session: Session, keyring: Keyring, kind: str, history: History, *, by: int | None, at: dt.datetime
) -> int:
    """One kind of facts, in one go; how many rows were new. What is there already is left as it is."""
    rows = KINDS[kind][1](history)
    return enter_rows(session, keyring, kind, rows, county_code=history.county.county_code, by=by, at=at).added


def is_entered(session: Session, kind: str, county_code: str) -> bool:
    """Whether an earlier start has entered this kind: each was one transaction, so any row means all of them."""
    table = KINDS[kind][0]
    found = session.execute(
        text(f"SELECT EXISTS (SELECT FROM registry.{table} WHERE county_code = :county)"),  # noqa: S608
        {"county": county_code},
    )
    return bool(found.scalar_one())


def _institutions(history: History) -> list[InstitutionRow]:
    return [
        InstitutionRow(
            one.code,
            one.name,
            one.tier,
            one.beds,
            name_en=one.english,
            township_code=one.township_code,
            account_name=one.name,
            bank_account=one.account,
        )
        for one in history.institutions
    ]


def _agreements(history: History) -> list[AgreementRow]:
    return [
        AgreementRow(one.code, AGREED_FROM, f"定点协议〔2024〕{one.code[-3:]}号", until_on=one.agreed_until_on)
        for one in history.institutions
    ]


def _catalogue(history: History) -> list[CatalogueRow]:
    rows = []
    for listing in listings():
        item, limits = listing.item, listing.item.limits_e4 or (None, None, None)
        rows.append(
            CatalogueRow(
                item.code,
                item.name,
                listing.catalogue_class,
                item.kind,
                listing.from_on,
                listing.until_on,
                *limits,
                reserved_sex=item.reserved_sex,
            )
        )
    return rows


def _enrolment(history: History) -> list[EnrolmentRow]:
    return list(_enrolments(history))


def _enrolments(history: History) -> Iterator[EnrolmentRow]:
    for card, life in history.lives.items():
        for year, from_on in life.enrolled_from.items():
            # Civil affairs pays for whoever is poor or cared for when the year begins.
            paid_by = "civil_affairs" if life.status_on(from_on) else "member"
            yield EnrolmentRow(card, year, "scheme", PREMIUM_FEN, paid_by, enrolled_on=from_on)
            if year in life.supplemented:
                yield EnrolmentRow(
                    card, year, "supplementary", SUPPLEMENTARY_PREMIUM_FEN, "member", enrolled_on=from_on
                )


def _statuses(history: History) -> list[StatusRow]:
    return [
        StatusRow(card, period.status, period.from_on, f"民政认定 {period.from_on:%Y}-{card[-7:]}", period.until_on)
        for card, life in history.lives.items()
        for period in life.status
    ]


def _deaths(history: History) -> list[DeathRow]:
    return [
        DeathRow(card, life.died_on, f"死亡医学证明 {card[-9:]}")
        for card, life in history.lives.items()
        if life.died_on is not None
    ]


def _referrals(history: History) -> list[ReferralRow]:
    return [
        ReferralRow(
            slip.slip_number,
            slip.person.card_number,
            slip.from_institution.code,
            slip.to_institution.code,
            slip.reason,
            slip.valid_from_on,
            slip.valid_until_on,
        )
        for slip in history.referrals
    ]


KINDS: dict[str, tuple[str, Rows]] = {
    "institutions": ("institution", _institutions),
    "agreements": ("agreement", _agreements),
    "catalogue": ("catalogue_item", _catalogue),
    "enrolment": ("enrolment", _enrolment),
    "statuses": ("member_status", _statuses),
    "deaths": ("death", _deaths),
    "referrals": ("referral", _referrals),
}
"""By the registry's own kind: its table, and the demo's rows, in an order in which each finds what it names."""
