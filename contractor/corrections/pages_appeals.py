"""Appeals: entered with their paper, answered by a person who had no part in the first decision."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.errors import NotFound, Refusal, StaleVersion, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.people.queries import names_of
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims import decisions
from contractor.claims.pages_one import claim_seen, law_in_force
from contractor.claims.pages_one_head import facts_of
from contractor.claims.record import WholeClaim
from contractor.claims.sight import sight_of
from contractor.claims.words import state_words
from contractor.corrections import appeals, papers, queries, words
from contractor.corrections.forms import ANSWER, APPEAL
from contractor.corrections.refusals import AppealLate
from contractor.corrections.tables import Appeal
from contractor.documents import keeping
from contractor.documents.keeping import Prepared
from contractor.documents.kinds import ACCEPTED
from contractor.documents.pages_shown import shown_documents
from contractor.documents.receiving import FORM_BYTES, largest_bytes, received
from rulebook.handling_terms import term_on
from rulebook.refusals import Refused


def add(room: Blueprint) -> None:
    at(room, "/claims/<int:claim_id>/appeal", "file_appeal", {"GET": show_form, "POST": file})
    at(room, "/appeals/<int:appeal_id>", "appeal", {"GET": show, "POST": answer})
    at(room, "/appeals/<int:appeal_id>/papers", "add_paper", {"POST": add_paper})


def largest_bodies(app: Flask) -> dict[str, int]:
    """What these routes take beside the form's own fields: one document."""
    most = largest_bytes(app.extensions["coopmed"]) + FORM_BYTES
    return {"corrections.file_appeal": most, "corrections.add_paper": most}


def show_form(claim_id: int):
    return _form_page(claim_id)


def file(claim_id: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        _seen(session, claim_id)
    prepared, sent = None, request.files.get("file")

    def act(session: Session) -> int:
        number = appeals.file_appeal(
            session, claim_id, county_code=visitor.county_code, by=visitor.person_id, at=g.at, **values
        )
        if prepared is not None:
            papers.add_paper(session, sight_of(visitor), number, prepared=prepared, by=visitor.person_id, at=g.at)
        return number

    try:
        values = read(APPEAL, request.form)
        values["late_reason"] = values["late_reason"] or None
        if values["filed_on"] > clock.local_day(g.at):
            raise UnreadableInput(faults={"filed_on": [_("不能晚于今天")]})
        if sent is not None and sent.filename:
            prepared = received(sent, the_house())
        appeal_id = the_database().retrying(act)
    except UnreadableInput as refusal:
        return _form_page(claim_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        raise
    except (Refusal, Refused) as refusal:
        _forget(prepared)
        field = "late_reason" if isinstance(refusal, AppealLate) else "file" if _is_of_a_file(refusal) else "form"
        return _form_page(claim_id, status=_status(refusal), errors={field: _told(refusal)})
    flash(_("申诉已登记，由没有经手的人答复。"), "ok")
    if visitor.roles & {"senior", "lead"}:
        return redirect(desk_url("corrections.appeal", appeal_id=appeal_id), 303)
    return redirect(desk_url("claims.claim", claim_id=claim_id), 303)


def show(appeal_id: int):
    return _page(appeal_id)


def add_paper(appeal_id: int):
    """One more paper while the appeal waits: sealed, hashed and shown as pictures like all documents of a claim."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        _own(session, appeal_id)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(appeal_id, status=422, errors={"file": _("请选一个文件")})
    prepared = None
    try:
        prepared = received(sent, the_house())
        with the_database().transaction() as session:
            papers.add_paper(session, sight_of(visitor), appeal_id, prepared=prepared, by=visitor.person_id, at=g.at)
    except NotFound:
        raise
    except Refusal as refusal:
        _forget(prepared)
        return _page(appeal_id, status=refusal.status, errors={"file": _told(refusal)})
    flash(_("材料已加到这件申诉。"), "ok")
    return redirect(desk_url("corrections.appeal", appeal_id=appeal_id), 303)


def answer(appeal_id: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        _own(session, appeal_id)

    def act(session: Session) -> None:
        appeals.decide_appeal(
            session,
            appeal_id,
            values["outcome"],
            county_code=visitor.county_code,
            claim_version=values["version"],
            answer=values["answer"],
            law=law_in_force(session, visitor.county_code) or decisions.NO_LAW,
            by=visitor.person_id,
            at=g.at,
        )

    try:
        values = read(ANSWER, request.form)
        the_database().retrying(act)
    except UnreadableInput as refusal:
        return _page(appeal_id, status=refusal.status, errors=words_of(refusal.facts["faults"]))
    except NotFound:
        raise
    except StaleVersion:
        return _page(appeal_id, status=409, errors={"form": _("这件刚刚变了，请看过现在的内容再答复。")})
    except (Refusal, Refused) as refusal:
        return _page(appeal_id, status=_status(refusal), errors={"form": _told(refusal)})
    flash(_("已答复。"), "ok")
    return redirect(desk_url("corrections.appeal", appeal_id=appeal_id), 303)


def _seen(session: Session, claim_id: int):
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    return claim_seen(session, the_visitor(), claim_id)


def _own(session: Session, appeal_id: int) -> Appeal:
    found = None
    if 0 < appeal_id <= MOST_ID:
        found = queries.appeal_of(session, the_visitor().county_code, appeal_id)
    if found is None:
        raise NotFound(kind="appeal")
    return found


def _form_page(claim_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    with the_database().transaction() as session:
        found = _seen(session, claim_id)
    errors = errors or {}
    body = render_template(
        "corrections/file_appeal.html",
        claim=found.record,
        title=found.head.member_name or found.head.claim_number,
        state=state_words(found.record.state),
        is_open=found.record.state in [state.value for state in appeals.APPEALABLE],
        claim_url=desk_url("claims.claim", claim_id=claim_id),
        here=desk_url("corrections.file_appeal", claim_id=claim_id),
        accepted=ACCEPTED,
        most_mb=largest_bytes(the_house()) >> 20,
        may_be_late="lead" in the_visitor().roles,
        workdays=term_on("file_appeal", clock.local_day(g.at)),
        filers=[(key, words.filer_words(key)) for key in ("member", "institution", "county")],
        today=clock.local_day(g.at),
        errors=errors,
        error_list=[(text, None if name == "form" else f"f-{name}") for name, text in errors.items()],
        typed=request.form,
    )
    return body, status


def _page(appeal_id: int, *, status: int = 200, errors: dict[str, str] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        row = _own(session, appeal_id)
        found = _seen(session, row.claim_id)
        people = {one for one in (row.recorded_by, row.decided_by, row.first_by) if one}
        names = names_of(session, visitor.county_code, people)
        own = set(papers.papers_of(session, visitor.county_code, appeal_id))
        g.holds_frames = bool(own)
        shown = shown_documents(session, visitor, row.claim_id, found.record.state)
    errors = errors or {}
    response = make_response(
        render_template(
            "corrections/appeal.html",
            row=row,
            claim=found.record,
            title=found.head.claim_number,
            state=state_words(found.record.state),
            amount_fen=decided_fen(found),
            more_facts=facts_of(found, sight_of(visitor)),
            pill=words.outcome_pill(row.outcome),
            filer=words.filer_words(row.filed_by),
            names=names,
            papers={"standing": [one for one in shown["standing"] if one.id in own], "taken_back": []},
            accepted=shown["accepted"],
            most_mb=largest_bytes(the_house()) >> 20,
            papers_url=desk_url("corrections.add_paper", appeal_id=appeal_id),
            claim_url=desk_url("claims.claim", claim_id=row.claim_id),
            here=desk_url("corrections.appeal", appeal_id=appeal_id),
            back=desk_url("corrections.page"),
            is_part=visitor.person_id in (row.first_by, row.recorded_by),
            outcomes=[("upheld", _("申诉成立")), ("dismissed", _("申诉不成立"))],
            errors=errors,
            error_list=[(text, None if name == "form" else f"f-{name}") for name, text in errors.items()],
            typed=request.form,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _forget(prepared: Prepared | None) -> None:
    if prepared is not None:
        keeping.forget(keeping.folder_of(the_house().settings), prepared.stored_as)


def _is_of_a_file(refusal: Exception) -> bool:
    return isinstance(refusal, Refusal) and refusal.key.startswith("document_")


def decided_fen(found: WholeClaim) -> int | None:
    """What the decision that stands gives; None where none in money stands."""
    if found.settlement is not None:
        return found.settlement.benefits_fen
    return found.entry.paid_fen if found.entry is not None else None


def _told(refusal: Exception) -> str:
    words_of_it = answer_to(refusal)
    return f"{words_of_it.title}{_('：')}{words_of_it.text}"


def _status(refusal: Exception) -> int:
    return refusal.status if isinstance(refusal, Refusal) else 409
