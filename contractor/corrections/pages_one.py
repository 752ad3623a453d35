"""One correction: its claims with old and new amounts, and the second person's word on exactly that."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.api.fields import MOST_ID
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.people.queries import names_of
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims import decisions, reasons
from contractor.claims.pages_one import law_in_force
from contractor.corrections import proposing, queries, words
from contractor.corrections.forms import HASH
from contractor.corrections.tables import Correction
from rulebook.refusals import Refused

LINES = 100


def add(room: Blueprint) -> None:
    one = "/<int:correction_id>"
    at(room, one, "correction", {"GET": show})
    at(room, f"{one}/confirm", "confirm", {"POST": confirm})
    at(room, f"{one}/withdraw", "withdraw", {"POST": withdraw})
    at(room, f"{one}/renew", "renew", {"POST": renew})


def show(correction_id: int):
    return _page(correction_id)


def confirm(correction_id: int):
    """Another person's yes; the route asks for a step-up before it."""

    def act(session: Session) -> None:
        proposing.confirm(
            session,
            correction_id,
            shown_sha256=bytes.fromhex(read(HASH, request.form)["content_hash"]),
            county_code=the_visitor().county_code,
            law=law_in_force(session, the_visitor().county_code) or decisions.NO_LAW,
            keyring=the_house().keyring,
            by=the_visitor().person_id,
            at=g.at,
        )

    return _act(correction_id, act, _("已生效。差额已列入支付或应退回。"))


def withdraw(correction_id: int):
    def act(session: Session) -> None:
        visitor = the_visitor()
        proposing.withdraw(session, correction_id, county_code=visitor.county_code, by=visitor.person_id, at=g.at)

    return _act(correction_id, act, _("已放弃，什么都没有改动。"))


def renew(correction_id: int):
    """The same looked at anew: the old one is given up, the new one waits for another person."""
    found: list[int] = []

    def act(session: Session) -> None:
        visitor = the_visitor()
        law = law_in_force(session, visitor.county_code) or decisions.NO_LAW
        new = proposing.renew(
            session, correction_id, county_code=visitor.county_code, law=law, by=visitor.person_id, at=g.at
        )
        found[:] = [new]

    answer = _act(correction_id, act, _("已按现在的情况重新提出。"))
    return redirect(desk_url("corrections.correction", correction_id=found[0]), 303) if found else answer


def _act(correction_id: int, act, done: str):
    with the_database().transaction() as session:
        _own(session, correction_id)
    try:
        the_database().retrying(act)
    except UnreadableInput as refusal:
        return _page(correction_id, status=refusal.status, errors=list(words_of(refusal.facts["faults"]).values()))
    except NotFound:
        raise
    except (Refusal, Refused) as refusal:
        answer = answer_to(refusal)
        status = refusal.status if isinstance(refusal, Refusal) else 409
        return _page(correction_id, status=status, errors=[f"{answer.title}{_('：')}{answer.text}"])
    flash(done, "ok")
    return redirect(desk_url("corrections.correction", correction_id=correction_id), 303)


def _own(session: Session, correction_id: int) -> Correction:
    found = None
    if 0 < correction_id <= MOST_ID:
        found = queries.correction_of(session, the_visitor().county_code, correction_id)
    if found is None:
        raise NotFound(kind="correction")
    return found


def _page(correction_id: int, *, status: int = 200, errors: list[str] | None = None):
    visitor = the_visitor()
    after = int(request.args["after"]) if request.args.get("after", "").isdigit() else 0
    with the_database().transaction() as session:
        row = _own(session, correction_id)
        lines = queries.lines_with_claims(
            session, visitor.county_code, correction_id, after=min(after, 2**31), size=LINES + 1
        )
        names = names_of(
            session, visitor.county_code, {one for one in (row.proposed_by, row.confirmed_by, row.withdrawn_by) if one}
        )
    shown, is_more = lines[:LINES], len(lines) > LINES
    is_open = row.confirmed_at is None and row.withdrawn_at is None
    urls = {
        name: desk_url(f"corrections.{name}", correction_id=correction_id) for name in ("confirm", "withdraw", "renew")
    }
    here = desk_url("corrections.correction", correction_id=correction_id)
    response = make_response(
        render_template(
            "corrections/correction.html",
            row=row,
            title=_("%(kind)s第 %(n)s 号", kind=words.kind_words(row.kind), n=row.id),
            pill=words.state_pill(row),
            reason=reasons.reason_words("reversed", row.reason_code),
            proposer=names.get(row.proposed_by or 0, _("系统")),
            confirmer=names.get(row.confirmed_by or 0),
            lines=[_line(one) for one in shown],
            next_url=f"{here}?after={shown[-1].place}" if is_more else None,
            first_url=here if after else None,
            is_open=is_open,
            is_own=row.proposed_by == visitor.person_id,
            must_step_up=visitor.stepped_up_until is None or visitor.stepped_up_until <= g.at,
            step_up_url=desk_url("identity.step_up", next=here),
            content_hash=bytes(row.content_sha256).hex(),
            urls=urls,
            back=desk_url("corrections.page"),
            error_list=[(text, None) for text in errors or []],
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _line(row) -> SimpleNamespace:
    return SimpleNamespace(
        number=row.claim_number,
        url=desk_url("claims.claim", claim_id=row.claim_id),
        left_on=row.discharged_on,
        cause=_("本身要更正") if row.is_cause else _("同年度随之变动"),
        before_fen=row.before_fen,
        after_fen=row.after_fen,
        change_fen=row.after_fen - row.before_fen,
    )
