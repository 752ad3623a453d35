"""Second review: what waits for another person, one claim with the first reviewer's proposal, the policy, households.

A senior reviewer opens the list, reads what was proposed and why it came here, and says yes or no; a disagreement is
the lead's. The lead sets the policy; the administrator enters whose household is whose.
"""

from __future__ import annotations

import secrets
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.desks import Desk
from chassis.errors import NotFound, Refusal, StaleVersion, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.identity.tables import Staff
from chassis.layout.formats import capped
from chassis.people.queries import names_of
from chassis.visitors import Visitor
from chassis.web.answers import Answer, answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims import decisions, reasons, slots
from contractor.claims.pages_one import amount_of, claim_seen, law_in_force, page_of
from contractor.claims.pages_one_deciding import approve_label
from contractor.review import leasing
from contractor.second import deciding, households, queries, words
from contractor.second.beside import beside
from contractor.second.forms import HOUSEHOLD, OPINION, POLICY
from contractor.second.policy import set_policy
from contractor.second.shown import shown_opinion, shown_proposal, why_not
from rulebook.money import RefusedAmount, parse_amount_due
from rulebook.reasons import REFUSE
from rulebook.refusals import Refused


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("second", __name__, template_folder="templates", url_prefix="/second")
    at(room, "", "page", {"GET": show})
    at(room, "/next", "next", {"POST": take_next})
    at(room, "/claims/<int:claim_id>", "claim", {"GET": show_claim, "POST": decide})
    at(room, "/policy", "policy", {"GET": show_policy, "POST": save_policy})
    at(room, "/households", "households", {"GET": show_households, "POST": declare})
    at(room, "/households/<int:number>/end", "end_household", {"POST": end_household})
    slots.fill("second", beside)
    app.register_blueprint(room)


def count_for_visitor(session: Session, visitor: Visitor) -> int | str:
    if not visitor.roles & {"senior", "lead"}:
        return 0
    is_lead, most = "lead" in visitor.roles, queries.MOST_WAITING
    count = queries.waiting_for(session, visitor.county_code, reader=visitor.person_id, is_lead=is_lead)
    return capped(most, True) if count > most else count


def show():
    return _list_page()


def take_next():
    """The system hands out the next one, and opens it where it is decided."""
    visitor = the_visitor()
    try:
        handed = the_database().retrying(
            lambda session: leasing.next_second_review(
                session, visitor.person_id, county_code=visitor.county_code, at=g.at, on=clock.local_day(g.at)
            )
        )
    except Refusal as refusal:
        return _list_page(status=refusal.status, refused=answer_to(refusal))
    with the_database().transaction() as session:
        has_proposal = deciding.open_proposal(session, visitor.county_code, handed.claim_id) is not None
    where = "second.claim" if has_proposal else "claims.claim"
    return redirect(desk_url(where, claim_id=handed.claim_id), 303)


def _list_page(*, status: int = 200, refused: Answer | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        rows = queries.waiting(session, visitor.county_code, reader=visitor.person_id)
        people = {one for row in rows for one in (row.proposed_by, row.second_by) if one}
        names = names_of(session, visitor.county_code, people)
        has_policy = bool(queries.policies(session, visitor.county_code))
    body = render_template(
        "second/page.html",
        rows=[_waiting(row, names, visitor) for row in rows],
        has_policy=has_policy,
        policy_url=desk_url("second.policy"),
        next_url=desk_url("second.next"),
        refused=refused,
    )
    return body, status


def show_claim(claim_id: int):
    return _claim_page(claim_id)


def decide(claim_id: int):
    visitor, house = the_visitor(), the_house()
    with the_database().transaction() as session:
        _seen(session, visitor, claim_id)
    try:
        values = read(OPINION, request.form)
        note = " ".join(values["note"].split())
        if values["decided"] == "refuse" and values["refuse_reason"] not in REFUSE:
            raise UnreadableInput(faults={"refuse_reason": [_("请选一项")]})
        the_database().retrying(
            lambda session: deciding.give_opinion(
                session,
                {claim_id: values["version"]},
                values["decided"],
                county_code=visitor.county_code,
                law=law_in_force(session, visitor.county_code) or decisions.NO_LAW,
                keyring=house.keyring,
                by=visitor.person_id,
                at=g.at,
                on=clock.local_day(g.at),
                reason_code=values["refuse_reason"] or None,
                note=note or None,
            )
        )
    except UnreadableInput as refusal:
        return _claim_page(claim_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        raise
    except StaleVersion:
        return _claim_page(claim_id, status=409, errors={"form": _("这件刚刚变了，请看过现在的内容再决定。")})
    except (Refusal, Refused) as refusal:
        answer = answer_to(refusal)
        status = refusal.status if isinstance(refusal, Refusal) else 409
        return _claim_page(claim_id, status=status, errors={"form": f"{answer.title}{_('：')}{answer.text}"})
    flash(_("二审意见已记下。"), "ok")
    return redirect(desk_url("claims.claim", claim_id=claim_id), 303)


def show_policy():
    return _policy_page()


def save_policy():
    """A new policy from a day on. Its seed is drawn here and shown to nobody who decides."""
    visitor = the_visitor()
    try:
        values = read(POLICY, request.form)
        faults, amounts = {}, {}
        for name in ("limit", "household_limit", "payee_limit"):
            try:
                amounts[f"{name}_fen"] = parse_amount_due(values[name].strip())
                if not amounts[f"{name}_fen"]:
                    faults[name] = [_("要大于零")]
            except RefusedAmount as refused:
                faults[name] = [answer_to(refused).title]
        if faults:
            raise UnreadableInput(faults=faults)
        the_database().retrying(
            lambda session: set_policy(
                session,
                county_code=visitor.county_code,
                from_on=values["from_on"],
                rolling_days=values["rolling_days"],
                is_on_critical=values["is_on_critical"],
                share_ppm=int(values["share"] * 10_000),
                seed=secrets.token_bytes(32),
                note=values["note"],
                by=visitor.person_id,
                at=g.at,
                **amounts,
            )
        )
    except UnreadableInput as refusal:
        return _policy_page(status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except Refusal as refusal:
        return _policy_page(status=refusal.status, errors={"from_on": answer_to(refusal).text})
    flash(_("二审规定已定下。"), "ok")
    return redirect(desk_url("second.policy"), 303)


def show_households():
    return _households_page()


def declare():
    visitor = the_visitor()
    try:
        values = read(HOUSEHOLD, request.form)
        the_database().retrying(
            lambda session: households.declare(
                session, county_code=visitor.county_code, by=visitor.person_id, at=g.at, **values
            )
        )
    except UnreadableInput as refusal:
        return _households_page(status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        return _households_page(status=422, errors={"staff_id": _("请选一个人")})
    except Refusal as refusal:
        return _households_page(status=refusal.status, errors={"card_number": answer_to(refusal).text})
    flash(_("已登记。这一户的申请不再给这个人。"), "ok")
    return redirect(desk_url("second.households"), 303)


def end_household(number: int):
    visitor = the_visitor()
    if not 0 < number <= MOST_ID:
        raise NotFound(kind="staff_household")
    try:
        the_database().retrying(
            lambda session: households.end(
                session, county_code=visitor.county_code, number=number, by=visitor.person_id, at=g.at
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _households_page(status=refusal.status, errors={"card_number": answer_to(refusal).text})
    flash(_("已结束。"), "ok")
    return redirect(desk_url("second.households"), 303)


def _seen(session: Session, visitor: Visitor, claim_id: int):
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    return claim_seen(session, visitor, claim_id)


def _claim_page(claim_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        found = _seen(session, visitor, claim_id)
        proposal = deciding.open_proposal(session, visitor.county_code, claim_id)
        is_open = found.record.state == "in_second_review" and proposal is not None
        opinions = deciding.opinions_on(session, visitor.county_code, proposal.id) if proposal else []
        people = {one.by for one in opinions} | ({proposal.proposed_by} if proposal else set())
        names = names_of(session, visitor.county_code, people)
    errors, amount_fen = errors or {}, amount_of(found)
    shown = page_of(found, visitor, names)
    response = make_response(
        render_template(
            "second/claim.html",
            **shown,
            told_lines=[line for line in shown["lines"] if line.findings or line.taken_off_fen],
            claim_url=desk_url("claims.claim", claim_id=claim_id),
            here=desk_url("second.claim", claim_id=claim_id),
            list_url=desk_url("second.page"),
            next_url=desk_url("second.next"),
            proposal=shown_proposal(proposal, names) if proposal else None,
            opinions=[shown_opinion(one, names) for one in opinions],
            is_open=is_open,
            refused=why_not(visitor, proposal, opinions, held_by=found.record.held_by) if is_open else None,
            choices=[
                ("approve", approve_label(amount_fen, is_notice=found.record.route == "manual")),
                ("refuse", words.decided_words("refuse")), ("return", words.decided_words("return")),
            ],
            reason_choices=[("", _("请选一项")), *reasons.choices(REFUSE)],
            errors=errors,
            error_list=[(text, None if name == "form" else f"f-{name}") for name, text in errors.items()],
            typed=request.form,
        ),
        status,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


def _policy_page(*, status: int = 200, errors: dict[str, str] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        rows = queries.policies(session, visitor.county_code)
        counts = queries.drawn_counts(session, visitor.county_code)
        names = names_of(session, visitor.county_code, {row.set_by for row in rows})
    errors = errors or {}
    body = render_template(
        "second/policy.html",
        rows=[_policy(row, counts.get(row.id, (0, 0, 0)), names) for row in rows],
        may_set="lead" in visitor.roles,
        today=clock.local_day(g.at),
        here=desk_url("second.policy"),
        back=desk_url("second.page"),
        errors=errors,
        error_list=[(text, f"f-{name}") for name, text in errors.items()],
        typed=request.form,
    )
    return body, status


def _households_page(*, status: int = 200, errors: dict[str, str] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        rows = households.declared(session, visitor.county_code)
        staff = session.execute(
            select(Staff.id, Staff.name)
            .where(Staff.county_code == visitor.county_code, Staff.status == "active", Staff.id != visitor.person_id)
            .order_by(Staff.name_pinyin, Staff.id)
            .limit(500)
        ).all()
    errors = errors or {}
    body = render_template(
        "second/households.html",
        rows=[_household(row) for row in rows],
        people=[("", _("请选一个人")), *[(str(one.id), f"{one.name} · {one.id}") for one in staff]],
        relations=[(key, words.relation_words(key)) for key in ("own", "kin")],
        here=desk_url("second.households"),
        errors=errors,
        error_list=[(text, f"f-{name}") for name, text in errors.items()],
        typed=request.form,
    )
    return body, status


def _waiting(row: Row, names: dict[int, str], visitor: Visitor) -> SimpleNamespace:
    is_disputed = row.second_by is not None
    own = visitor.person_id in (row.proposed_by, row.second_by)
    return SimpleNamespace(
        number=row.claim_number,
        url=desk_url("second.claim" if row.proposed else "claims.claim", claim_id=row.id),
        stake_fen=row.stake_fen,
        proposed=words.decided_words(row.proposed) if row.proposed else _("直接移交"),
        first=names.get(row.proposed_by, "–"),
        grounds="、".join(words.ground_words(one) for one in row.grounds or ()),
        due_on=row.due_on,
        pill=(_("等审核主管"), "bad") if is_disputed else (_("等二审"), "wait"),
        own=own,
    )


def _policy(row, counts: tuple[int, int, int], names: dict[int, str]) -> dict[str, Any]:
    return {
        "from_on": row.from_on,
        "limit": row.limit_fen,
        "household": row.household_limit_fen,
        "payee": row.payee_limit_fen,
        "days": row.rolling_days,
        "critical": _("是") if row.is_on_critical else _("否"),
        "share": f"{row.share_ppm / 10_000:.2f} %",
        "judged": counts[0],
        "drawn": counts[1],
        "referred": counts[2],
        "by": names.get(row.set_by, str(row.set_by)),
        "note": row.note,
    }


def _household(row: Row) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        name=row.name,
        household=row.household_number or str(row.household_id),
        relation=words.relation_words(row.relation),
        declared_at=row.declared_at,
        ended_at=row.ended_at,
        end_url=desk_url("second.end_household", number=row.id) if row.ended_at is None else None,
    )
