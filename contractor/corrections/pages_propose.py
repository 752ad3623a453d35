"""Previews, which write nothing, and proposing exactly what was previewed: a reversal, or a repricing run."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.terms import FUNDS, PAYMENT_STATES, term
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims import decisions, reasons
from contractor.claims.pages_one import claim_seen, law_in_force
from contractor.claims.words import state_words
from contractor.corrections import proposing, queries
from contractor.corrections.foreseeing import Foreseen, foresee_scope
from contractor.corrections.forms import NOTE, SCOPE
from contractor.corrections.refusals import CorrectionChanged, NothingToCorrect
from contractor.corrections.standing import Scope
from rulebook.reasons import REVERSE
from rulebook.refusals import Refused

REVERSAL_REASONS = ("wrong_amount", "wrong_person", "found_fraud", "audit")
REPRICE_REASONS = ("wrong_catalogue", "wrong_schedule")
MOST_LINES = 200
"""Shown of a preview; the sums and the hash are of all."""


def add(room: Blueprint) -> None:
    at(room, "/claims/<int:claim_id>/reversal", "reversal", {"GET": show_reversal, "POST": propose_reversal})
    at(room, "/reprice", "reprice", {"GET": show_reprice, "POST": propose_reprice})


def show_reversal(claim_id: int):
    return _reversal_page(claim_id)


def propose_reversal(claim_id: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        _seen(session, claim_id)
    subject = f"claim/{claim_id}"

    def act(session):
        law = law_in_force(session, visitor.county_code) or decisions.NO_LAW
        foreseen = proposing.reversal_foreseen(session, visitor.county_code, claim_id, law=law)
        return _propose(session, proposing.REVERSAL, foreseen, subject, values)

    try:
        values = _values(REVERSAL_REASONS)
        correction_id = the_database().retrying(act)
    except UnreadableInput as refusal:
        return _reversal_page(claim_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        raise
    except (Refusal, Refused) as refusal:
        return _reversal_page(claim_id, status=_status(refusal), errors={"form": _told(refusal)})
    return _done(correction_id)


def show_reprice():
    return _reprice_page()


def propose_reprice():
    visitor = the_visitor()

    def act(session):
        law = law_in_force(session, visitor.county_code) or decisions.NO_LAW
        foreseen = foresee_scope(session, visitor.county_code, scope, law=law)
        return _propose(session, proposing.REPRICE, foreseen, subject_of(scope), values)

    try:
        scope = scope_of(read(SCOPE, request.form))
        values = _values(REPRICE_REASONS)
        correction_id = the_database().retrying(act)
    except UnreadableInput as refusal:
        return _reprice_page(status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except (Refusal, Refused) as refusal:
        return _reprice_page(status=_status(refusal), errors={"form": _told(refusal)})
    return _done(correction_id)


def scope_of(values: dict[str, Any]) -> Scope:
    """Raises: UnreadableInput."""
    if values["until_on"] <= values["from_on"]:
        raise UnreadableInput(faults={"until_on": [_("要晚于起始日")]})
    return Scope(values["from_on"], values["until_on"], values["item_code"])


def subject_of(scope: Scope) -> str:
    """What a repricing run is about; part of what is signed."""
    what = f"item/{scope.item_code}" if scope.item_code else "schedule"
    return f"{what} {scope.from_on.isoformat()}/{scope.until_on.isoformat()}"


def _propose(session, kind: str, foreseen: Foreseen, subject: str, values: dict[str, Any]) -> int:
    """Raises: CorrectionChanged where what is proposed is not what the page showed."""
    visitor = the_visitor()
    if not foreseen.lines:
        raise NothingToCorrect()
    if foreseen.sha256(subject) != bytes.fromhex(values["content_hash"]):
        raise CorrectionChanged(correction_id=0)
    return proposing.propose(
        session,
        kind,
        foreseen,
        county_code=visitor.county_code,
        subject=subject,
        reason_code=values["reason_code"],
        note=values["note"],
        by=visitor.person_id,
        at=g.at,
    )


def _values(allowed: tuple[str, ...]) -> dict[str, Any]:
    values = read(NOTE, request.form)
    if values["reason_code"] not in allowed:
        raise UnreadableInput(faults={"reason_code": [_("请选一项")]})
    return values


def _done(correction_id: int):
    flash(_("已提出，等另一人确认；确认以前什么都不变。"), "ok")
    return redirect(desk_url("corrections.correction", correction_id=correction_id), 303)


def _seen(session, claim_id: int):
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    return claim_seen(session, the_visitor(), claim_id)


def _reversal_page(claim_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor, county = the_visitor(), the_visitor().county_code
    foreseen, why = None, None
    with the_database().transaction() as session:
        found = _seen(session, claim_id)
        payments = queries.payments_of_claim(session, county, claim_id)
        try:
            law = law_in_force(session, county) or decisions.NO_LAW
            foreseen = proposing.reversal_foreseen(session, county, claim_id, law=law)
        except (Refusal, Refused) as refusal:
            why = _told(refusal)
    body = render_template(
        "corrections/reversal.html",
        title=found.head.member_name or found.head.claim_number,
        claim=found.record,
        state=state_words(found.record.state),
        claim_url=desk_url("claims.claim", claim_id=claim_id),
        here=desk_url("corrections.reversal", claim_id=claim_id),
        foreseen=foreseen,
        content_hash=foreseen.sha256(f"claim/{claim_id}").hex() if foreseen else None,
        payments=[_payment(row) for row in payments],
        owed_fen=sum(row.amount_fen for row in payments if row.state == "paid"),
        cancelled_fen=sum(row.amount_fen for row in payments if row.state == "planned"),
        why=why,
        reason_choices=_choices(REVERSAL_REASONS),
        **_errors(errors),
        visitor=visitor,
    )
    return body, status


def _reprice_page(*, status: int = 200, errors: dict[str, str] | None = None):
    """Without dates the question alone; with them the preview. Nothing is written."""
    county = the_visitor().county_code
    given = request.form if request.method == "POST" else request.args
    errors = dict(errors or {})
    foreseen, scope, numbers = None, None, {}
    if given.get("from_on"):
        try:
            scope = scope_of(read(SCOPE, given))
        except UnreadableInput as refusal:
            errors |= words_of(refusal.facts["faults"])
            status = refusal.status if request.method == "POST" else 200
    if scope is not None:
        with the_database().transaction() as session:
            law = law_in_force(session, county) or decisions.NO_LAW
            foreseen = foresee_scope(session, county, scope, law=law)
            shown = foreseen.lines[:MOST_LINES]
            ids = [line.stands.claim_id for line in shown] + list(foreseen.waiting[:MOST_LINES])
            numbers = queries.numbers_of(session, county, ids)
    year = clock.local_day(g.at).year
    body = render_template(
        "corrections/reprice.html",
        here=desk_url("corrections.reprice"),
        back=desk_url("corrections.page"),
        scope=scope,
        foreseen=foreseen,
        lines=[_line(line, numbers) for line in foreseen.lines[:MOST_LINES]] if foreseen else [],
        waiting=[numbers.get(one, str(one)) for one in foreseen.waiting[:MOST_LINES]] if foreseen else [],
        content_hash=foreseen.sha256(subject_of(scope)).hex() if foreseen and scope else None,
        first_day=dt.date(year, 1, 1),
        last_day=dt.date(year + 1, 1, 1),
        given=given,
        most_lines=MOST_LINES,
        reason_choices=_choices(REPRICE_REASONS),
        **_errors(errors),
    )
    return body, status


def _line(line, numbers: dict[int, str]) -> SimpleNamespace:
    return SimpleNamespace(
        number=numbers.get(line.stands.claim_id, str(line.stands.claim_id)),
        url=desk_url("claims.claim", claim_id=line.stands.claim_id),
        cause=_("在范围内") if line.is_cause else _("同年度随之变动"),
        before_fen=line.before_fen,
        after_fen=line.after_fen,
        change_fen=line.after_fen - line.before_fen,
    )


def _payment(row) -> dict[str, Any]:
    return {
        "fund": term(FUNDS, row.fund),
        "payee": row.account_name,
        "amount": row.amount_fen,
        "state": (term(PAYMENT_STATES, row.state), "ok" if row.state == "paid" else "wait"),
    }


def _choices(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("", _("请选一项")), *reasons.choices({code: REVERSE[code] for code in codes})]


def _errors(errors: dict[str, str] | None) -> dict[str, Any]:
    errors = errors or {}
    return {
        "errors": errors,
        "error_list": [
            (text, None if name in ("form", "content_hash") else f"f-{name}") for name, text in errors.items()
        ],
        "typed": request.form,
    }


def _told(refusal: Exception) -> str:
    answer = answer_to(refusal)
    return f"{answer.title}{_('：')}{answer.text}"


def _status(refusal: Exception) -> int:
    return refusal.status if isinstance(refusal, Refusal) else 409
