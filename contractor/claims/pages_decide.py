"""Deciding on a claim: each act is a page that says what it does, asks for the reason and is sent once more to be done.

What is decided is what was shown: the version goes along, and for an approval the amount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.errors import NotFound, Refusal, StaleVersion, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.people.queries import names_of
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims import decisions, escalating, judging, reasons
from contractor.claims.acts import ACTS, Act
from contractor.claims.pages_one import amount_of, claim_seen, law_in_force, page_of, screen, stale_words
from contractor.claims.pages_one_deciding import approve_label
from contractor.claims.pages_one_lines import NOTHING_TYPED, Typed, read_typed
from contractor.claims.record import WholeClaim
from contractor.claims.refusals import AmountChanged, NoReduction
from contractor.claims.words import event_words, state_words
from contractor.law.loading import law_of
from contractor.review import drafts
from contractor.rules import verdicts
from contractor.second import deciding
from rulebook.lifecycles.claim import E
from rulebook.money import yuan_text
from rulebook.reasons import PAPERS, REDUCE, REFUSE, WITHDRAW
from rulebook.refusals import Refused

LONGEST_NOTE = 300
NOTE_NEEDED = frozenset({"object_to", "reopen", "refer_up", "return_to_reviewer"})
ENDS_THE_DRAFT = frozenset({"approve", "refuse", "reduce"})
REASONS = {"refuse": REFUSE, "withdraw": WITHDRAW}
_REQUIRED = {"required": lazy_gettext("这一项要填"), "null": lazy_gettext("这一项要填")}

Deed = Callable[[Session, dict[int, int], Mapping[str, Any]], None]


class ActForm(Schema):
    class Meta:
        unknown = EXCLUDE

    version = fields.Integer(required=True, validate=validate.Range(min=0, max=2**31 - 1), error_messages=_REQUIRED)
    note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    refuse_reason = fields.String(load_default="")
    withdraw_reason = fields.String(load_default="")
    shown_fen = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(min=0, max=10**15))


def add(room: Blueprint) -> None:
    for key in ACTS:
        at(
            room,
            f"/<int:claim_id>/{key.replace('_', '-')}",
            key,
            {"GET": partial(show, key), "POST": partial(decide, key)},
        )


def show(key: str, claim_id: int):
    return _page(ACTS[key], claim_id, {}, 200)


def decide(key: str, claim_id: int):
    act, visitor = ACTS[key], the_visitor()
    typed = read_typed(request.form) if key == "approve" else NOTHING_TYPED
    # An approval is given on the screen of the claim, with its lines; every other act has a page of its own.
    on_screen = key == "approve" and bool(typed.texts or request.form.get("touched") is not None)

    def answer(status: int, errors: dict[str, str] | None = None, stale: StaleVersion | None = None):
        if on_screen:
            note = request.form.get("note", "")
            return screen(claim_id, typed=typed, note=note, errors=errors, stale=stale, status=status)
        return _page(act, claim_id, errors or {}, status, stale=stale)

    try:
        values = _values(act, typed)
        # The record is looked up in the visitor's own sight first: what is not there is not found, whatever was sent.
        with the_database().transaction() as session:
            if not 0 < claim_id <= MOST_ID:
                raise NotFound(kind="claim")
            claim_seen(session, visitor, claim_id)
        waits = the_database().retrying(lambda session: _do(session, act, {claim_id: values["version"]}, values))
    except UnreadableInput as refusal:
        return answer(refusal.status, words_of(refusal.facts["faults"]))
    except StaleVersion as refusal:
        return answer(refusal.status, stale=refusal)
    except NotFound:
        raise
    except (Refusal, Refused) as refusal:
        words = answer_to(refusal)
        status = refusal.status if isinstance(refusal, Refusal) else 409
        return answer(status, {"form": f"{words.title}{_('：')}{words.text}"})
    if waits:
        flash(_("您的意见已记下，按二审规定由另一位审核员决定；之前什么都不生效。"), "ok")
    else:
        flash(_("%(what)s：已办。", what=event_words(str(act.event))), "ok")
    return redirect(desk_url("claims.claim", claim_id=claim_id), 303)


def _do(session: Session, act: Act, seen: dict[int, int], values: Mapping[str, Any]) -> bool:
    """One verb, with what it needs of this person's moment; whether the claim now waits for a second person."""
    visitor, house = the_visitor(), the_house()
    county, note = visitor.county_code, values["note"] or None
    who: dict[str, Any] = {"county_code": county, "by": visitor.person_id, "at": g.at}
    money = who | {"keyring": house.keyring, "on": clock.local_day(g.at)}
    done = deciding.Done([], {})
    match act.key:
        case "take_up" | "release":
            getattr(decisions, act.key)(session, seen, **who)
        case "approve":
            if values["reductions"]:
                # What was decided on the lines and the approval are one act: both happen, or neither.
                decisions.reduce(session, seen, values["reductions"], **who)
                seen = {claim_id: version + 1 for claim_id, version in seen.items()}
            done = deciding.decide(
                session,
                seen,
                deciding.APPROVE,
                law=law_of(session, county, is_production=house.settings.is_production),
                note=note,
                **money,
            )
            for one in done.settled:
                found = one.base_fen + one.top_up_fen + one.serious_fen + one.supplementary_fen + one.assistance_fen
                if values["shown_fen"] is not None and one.settlement_id is not None and found != values["shown_fen"]:
                    raise AmountChanged(expected=values["shown_fen"], found=found)
        case "reduce":
            decisions.reduce(session, seen, values["reductions"], note=note, **who)
        case "refuse":
            # A county without a law refuses all the same: no law is needed to say that nothing is owed.
            law = law_in_force(session, county) or decisions.NO_LAW
            given = {"law": law, "reason_code": values["reason_code"], "note": note} | money
            done = deciding.decide(session, seen, deciding.REFUSE_IT, **given)
        case "withdraw":
            decisions.withdraw(session, seen, reason_code=values["reason_code"], note=note, **who)
        case "send_back":
            decisions.send_back(session, seen, values["documents"], on=clock.local_day(g.at), note=note, **who)
        case "papers":
            decisions.documents_received(session, seen, note=note, **who)
        case "object_to" | "reopen":
            getattr(decisions, act.key)(session, seen, note=values["note"], **who)
        case "refer_up" | "return_to_reviewer":
            getattr(escalating, act.key)(session, seen, note=values["note"], **who)
    if act.key in ENDS_THE_DRAFT:
        for claim_id in seen:
            drafts.discard(session, county_code=county, claim_id=claim_id, by=visitor.person_id, at=g.at)
            verdicts.record(session, county, claim_id, values["verdicts"], by=visitor.person_id, at=g.at)
    return bool(done.waiting)


def _values(act: Act, typed: Typed = NOTHING_TYPED) -> dict[str, Any]:
    """What was sent for this act. Raises: UnreadableInput with every fault."""
    values = read(ActForm(), request.form)
    faults: dict[str, list[str]] = {}
    values["note"] = " ".join(values["note"].split())
    values["verdicts"] = judging.typed(request.form)
    if not values["note"].isprintable():
        faults["note"] = [_("看不懂这一项")]
    if act.key in NOTE_NEEDED and len(values["note"]) < 2:
        faults["note"] = [_("写下是谁、提出了什么")]
    if act.key in REASONS:
        values["reason_code"] = values[f"{act.key}_reason"]
        if values["reason_code"] not in REASONS[act.key]:
            faults[f"{act.key}_reason"] = [_("请选一项")]
    if act.key == "send_back":
        values["documents"] = [one for one in request.form.getlist("documents") if one in PAPERS]
        if not values["documents"]:
            faults["documents"] = [_("至少选一样材料")]
    if act.key == "reduce":
        typed = read_typed(request.form)
        if not typed.lines and not typed.faults and not faults:
            raise NoReduction()
    if act.key in ("reduce", "approve"):
        faults |= typed.faults | typed.lacking
        values["reductions"] = typed.reductions
    if faults:
        raise UnreadableInput(faults=faults)
    return values


def _page(act: Act, claim_id: int, errors: dict[str, str], status: int, stale: StaleVersion | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        found = claim_seen(session, visitor, claim_id)
        names = names_of(session, visitor.county_code, {one.acted_by for one in found.events if one.acted_by})
        is_judged = act.key in ENDS_THE_DRAFT and act.is_open(found.record)
        mine = {"county_code": visitor.county_code, "claim_id": claim_id, "by": visitor.person_id}
        draft = drafts.draft_of(session, **mine) if is_judged else None
        judged = judging.fields(session, found, draft, form="decide-act") if is_judged else None
    record, here = found.record, desk_url(f"claims.{act.key}", claim_id=claim_id)
    is_notice = act.event_for(record) is E.NOTICE_BEGUN
    response = make_response(
        render_template(
            "claims/decide.html",
            **page_of(found, visitor, names),
            act=act,
            label=_("开始公示") if is_notice else act.label,
            follows=_("公示期满无异议后按规则核准，金额到那时结算。") if is_notice else act.follows,
            button=_button(act, found, is_notice=is_notice),
            is_open=act.is_open(record),
            state=state_words(record.state),
            here=here,
            claim_url=desk_url("claims.claim", claim_id=claim_id),
            errors=errors,
            error_list=[(text, None if field == "form" else f"f-{field}") for field, text in errors.items()],
            typed=request.form,
            stale=stale_words(found, names, stale.facts.get("expected")) if stale else None,
            reason_choices=[("", _("请选一项")), *reasons.choices(REASONS[act.key])] if act.key in REASONS else [],
            reduce_choices=[("", "–"), *reasons.choices(REDUCE)],
            paper_choices=reasons.choices(PAPERS),
            chosen_papers=request.form.getlist("documents"),
            yuan_text=yuan_text,
            longest=LONGEST_NOTE,
            needs_note=act.key in NOTE_NEEDED,
            verdicts=judged,
            shown_fen=amount_of(found) if act.key == "approve" and record.route == "direct" else None,
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _button(act: Act, found: WholeClaim, *, is_notice: bool) -> str:
    """A button says its effect."""
    if act.key == "approve":
        return approve_label(amount_of(found), is_notice=is_notice)
    return {
        "take_up": _("领取，由我审核"),
        "release": _("放回待审"),
        "withdraw": _("撤回这件申请"),
        "send_back": _("退回，要这些材料"),
        "papers": _("材料已补齐"),
        "reduce": _("减额并重算"),
        "refuse": _("裁定不予补偿"),
        "object_to": _("停止公示，回到审核"),
        "reopen": _("申诉成立，重新审核"),
        "refer_up": _("移交另一位审核员"),
        "return_to_reviewer": _("退回初审"),
    }[act.key]
