"""One claim as the county reads it: the contractor's rows beside its own catalogue, registry and computation."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from chassis.errors import NotFound
from chassis.i18n import language
from chassis.terms import class_words, price_words, quantity_words
from chassis.web.current import desk_url, the_database, the_visitor
from oversight.audits import queries
from oversight.audits.evidence import Line, read_claim
from oversight.audits.showing import both_sides, pill_of, replayed, shown_difference
from oversight.audits.words import (
    fund_words,
    payment_state_words,
    state_words,
    tier_words,
)
from oversight.registry.queries import counties_seen_by
from oversight.registry.schedules.law import law_of


def show(county_code: str, claim_id: int):
    with the_database().transaction() as session:
        counties = {c.county_code: c for c in counties_seen_by(session, the_visitor().county_code)}
        law = partial(law_of, session, county_code)
        found = read_claim(session, county_code, claim_id, law) if county_code in counties else None
        if found is None:
            raise NotFound(kind="claim")
        names = queries.names_of_institutions(session, county_code, [found.claim.institution_code])
        told = queries.differences_of_claim(session, county_code, claim_id)
    county = counties[county_code]
    claim = found.claim
    events, wrong = replayed(list(found.events), claim.state)
    name_zh, name_en = names.get(claim.institution_code, (claim.institution_code, ""))
    return render_template(
        "audits/claim.html",
        claim=claim,
        county=county.name_en if language() == "en" else county.name_zh,
        institution=(name_en or name_zh) if language() == "en" else name_zh,
        tier=tier_words(found.tier) if found.tier else _("登记里没有"),
        state=(state_words(claim.state), "ok" if claim.state == "approved" else "wait"),
        back=desk_url("audits.list"),
        member_url=desk_url("registry.member", county_code=county_code, member_id=claim.member_id),
        lines=[_line(line) for line in found.lines],
        findings=found.findings,
        events=events,
        wrong=wrong,
        sheets=[
            SimpleNamespace(no=one.settlement_no, year=one.year, rows=both_sides(one), hash=one.schedule_hash)
            for one in found.sheets
        ],
        entries=found.entries,
        payments=[_payment(row) for row in found.payments],
        told=[
            SimpleNamespace(
                shown=shown_difference(difference),
                pill=pill_of(run),
                at=run.finished_at,
                url=desk_url(
                    "audits.run", county_code=county_code, recomputation_id=run.id, d=difference.difference_no
                ),
            )
            for run, difference in told
        ],
    )


def _line(line: Line) -> SimpleNamespace:
    row = line.row
    return SimpleNamespace(
        no=row.line_no,
        code=row.item_code,
        name=row.hospital_item_name,
        on=row.performed_on,
        quantity=quantity_words(row.quantity_e4),
        price=price_words(row.unit_price_e4),
        charged_fen=row.charged_fen,
        class_there=class_words(row.catalogue_class),
        class_here=class_words(row.own_class),
        limit_there=_limit(row.price_limit_e4),
        limit_here=_limit(row.own_limit_e4),
        reduced_fen=row.reduced_fen,
        reason=row.reduce_reason,
        allowed_fen=line.allowed_fen,
        is_unequal=(row.catalogue_class, row.price_limit_e4, row.charged_fen)
        != (row.own_class, row.own_limit_e4, line.own_charged_fen),
    )


def _limit(amount_e4: int) -> str:
    return _("不限") if amount_e4 < 0 else price_words(amount_e4)


def _payment(row: Any) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.payment_id,
        fund=fund_words(row.fund),
        amount_fen=row.amount_fen,
        state=payment_state_words(row.state),
        batch_id=row.batch_id,
        payee=row.institution_code or _("参合人"),
    )
