"""One rule: its question and law, its thresholds with their history, a preview of another value, its suspensions.

The lead previews first; what is confirmed is exactly what was previewed, because the preview is signed.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from chassis import clock
from chassis.errors import NotFound, Refusal, UnreadableInput
from chassis.identity.forms import read, words_of
from chassis.layout.formats import whole
from chassis.people.queries import names_of
from chassis.visitors import Visitor
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims import decisions
from contractor.claims.finding_words import phrase_words
from contractor.claims.pages_one import law_in_force
from contractor.claims.words import SEVERITIES, rule_title
from contractor.rules import previewing, queries, suspending, thresholds, words
from contractor.rules.forms import REASON, THRESHOLD, value_of
from contractor.rules.refusals import NotPreviewed
from rulebook.checks import all_cards

SECONDS_OF_A_PREVIEW = 8
SECONDS_OF_A_LONG_ONE = 60
"""Where the lead asks for all of a large quarter; a request lives ninety."""
A_PREVIEW_HOLDS_SECONDS = 3_600


def add(room: Blueprint) -> None:
    at(room, "/<rule>", "rule", {"GET": show})
    at(room, "/<rule>/thresholds", "set_threshold", {"POST": set_threshold})
    at(room, "/<rule>/suspend", "suspend", {"POST": suspend})
    at(room, "/<rule>/resume", "resume", {"POST": resume})


def show(rule: str):
    """The rule; with a value in the address, what that value would have found."""
    _known(rule)
    if "value" not in request.args or "lead" not in the_visitor().roles:
        return _page(rule)
    visitor = the_visitor()
    try:
        values = read(THRESHOLD, request.args)
        values["value"] = value_of(values["name"], values["value"])
        if values["from_on"] < clock.local_day(g.at):
            raise UnreadableInput(faults={"from_on": [_("阈值只能从今天或以后的一天起。")]})
        begun = time.monotonic()
        ends = begun + (SECONDS_OF_A_LONG_ONE if "whole" in request.args else SECONDS_OF_A_PREVIEW)
        with the_database().transaction() as session:
            found = previewing.preview(
                session,
                county_code=visitor.county_code,
                rule=rule,
                name=values["name"],
                value=values["value"],
                law=law_in_force(session, visitor.county_code) or decisions.NO_LAW,
                on=clock.local_day(g.at),
                goes_on=lambda: time.monotonic() < ends,
            )
    except UnreadableInput as refusal:
        return _page(rule, status=refusal.status, errors=words_of(refusal.facts["faults"]), typed=request.args)
    except NotFound:
        return _page(rule, status=422, errors={"name": _("请选一项")}, typed=request.args)
    except Refusal as refusal:
        return _page(rule, status=refusal.status, errors={"value": answer_to(refusal).text}, typed=request.args)
    took = time.monotonic() - begun
    return _page(rule, typed=request.args, preview=_preview(visitor, rule, values, found, took=took))


def set_threshold(rule: str):
    visitor = the_visitor()
    _known(rule)
    try:
        values = _signed(visitor, rule)
        the_database().retrying(
            lambda session: thresholds.set_threshold(
                session, county_code=visitor.county_code, rule=rule, by=visitor.person_id, at=g.at, **values
            )
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(rule, status=refusal.status, errors={"form": answer_to(refusal).text})
    flash(_("阈值已定下，从那一天的申请起照它检查。"), "ok")
    return redirect(desk_url("rules.rule", rule=rule), 303)


def suspend(rule: str):
    return _act(rule, suspending.suspend, _("已停用：还会检查，只提示，不再拦下申请。"))


def resume(rule: str):
    return _act(rule, suspending.resume, _("已恢复，准确率从现在起重新数。"))


def _act(rule: str, verb, done: str):
    visitor = the_visitor()
    _known(rule)
    try:
        values = read(REASON, request.form)
        the_database().retrying(
            lambda session: verb(
                session, county_code=visitor.county_code, rule=rule, by=visitor.person_id, at=g.at, **values
            )
        )
    except UnreadableInput as refusal:
        why = " ".join(words_of(refusal.facts["faults"]).values())
        return _page(rule, status=refusal.status, errors={"why": why}, typed=request.form)
    except Refusal as refusal:
        return _page(rule, status=refusal.status, errors={"form": answer_to(refusal).text})
    flash(done, "ok")
    return redirect(desk_url("rules.rule", rule=rule), 303)


def _known(rule: str) -> None:
    if rule not in all_cards():
        raise NotFound(kind="rule")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="rules.preview")


def _signed(visitor: Visitor, rule: str) -> dict[str, Any]:
    """What was previewed, by this person for this rule, within the hour. Raises: NotPreviewed."""
    try:
        told = _signer().loads(request.form.get("previewed", ""), max_age=A_PREVIEW_HOLDS_SECONDS)
    except BadSignature:
        raise NotPreviewed() from None
    if told.pop("by") != visitor.person_id or told.pop("county") != visitor.county_code or told.pop("rule") != rule:
        raise NotPreviewed()
    return told | {"from_on": dt.date.fromisoformat(told["from_on"]), "foreseen": tuple(told["foreseen"])}


def _preview(
    visitor: Visitor, rule: str, values: Mapping[str, Any], found: previewing.Preview, *, took: float
) -> SimpleNamespace:
    kept = {
        "by": visitor.person_id, "county": visitor.county_code, "rule": rule, "name": values["name"],
        "from_on": values["from_on"].isoformat(), "value": values["value"], "reason": values["reason"],
        "foreseen": [found.before, found.after],
    }  # fmt: skip
    shown = words.value_words(values["name"], values["value"])
    return SimpleNamespace(
        told=_("%(before)s → %(after)s 处", before=whole(found.before), after=whole(found.after)),
        found=found,
        what=f"{words.threshold_words(values['name'])} {shown}",
        samples=[
            (_("不再发现"), found.no_longer_count, [_hit(hit) for hit in found.no_longer]),
            (_("新发现"), found.newly_count, [_hit(hit) for hit in found.newly]),
        ],
        signed=_signer().dumps(kept),
        longer=None if found.is_whole or "whole" in request.args else _longer(rule, found, took),
        button=_("从 %(day)s 起改为 %(value)s", day=values["from_on"], value=shown),
    )


def _longer(rule: str, found: previewing.Preview, took: float) -> tuple[str, str]:
    """The way to look at all of them, and about how long that takes by what was seen of it."""
    seconds = round(took * found.claim_count / found.seen_count)
    url = desk_url("rules.rule", rule=rule, **request.args.to_dict(), whole=1)
    if seconds > SECONDS_OF_A_LONG_ONE:
        return _(
            "多看一会儿（全部约要 %(seconds)s 秒，最多看 %(most)s 秒）",
            seconds=whole(seconds),
            most=SECONDS_OF_A_LONG_ONE,
        ), url
    return _("看全部（约 %(seconds)s 秒）", seconds=seconds), url


def _hit(hit: previewing.Hit) -> SimpleNamespace:
    return SimpleNamespace(
        url=desk_url("claims.claim", claim_id=hit.claim_id),
        claim_id=hit.claim_id,
        line_no=hit.line_no or None,
        expected=phrase_words(hit.expected),
        found=phrase_words(hit.found),
    )


def _page(
    rule: str,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    preview: SimpleNamespace | None = None,
):
    visitor, today = the_visitor(), clock.local_day(g.at)
    is_lead = "lead" in visitor.roles
    with the_database().transaction() as session:
        county = visitor.county_code
        card = queries.cards_in_force(session, county, today)[rule]
        hits = queries.hits(session, county).get(rule, 0)
        judged = queries.judged(session, county).get(rule, queries.Judged())
        changes = queries.changes(session, county, rule)
        put_aside = queries.suspensions(session, county, rule)
        people = {one.set_by for one in changes}
        people |= {who for one in put_aside for who in (one.suspended_by, one.ended_by) if who}
        names = names_of(session, county, people)
    own, reviewed, errors = all_cards()[rule], judged.confirmed + judged.false, errors or {}
    is_suspended = any(one.ended_at is None for one in put_aside)
    may_set = is_lead and own.effect != "refuses" and bool(own.numbers)
    response = make_response(
        render_template(
            "rules/rule.html",
            rule=rule,
            title=rule_title(rule),
            badge={"code": rule if rule[1:].isdigit() else "§", "name": rule_title(rule),
                   "severity": SEVERITIES[card.severity]},
            question=words.question_words(card),
            law=card.law_on(today),
            source=card.source,
            checked_on=card.checked_on,
            effect=words.effect_words(card.effect),
            hits=hits,
            judged=judged,
            reviewed=reviewed,
            percent=judged.confirmed * 100 // reviewed if reviewed else None,
            is_imprecise=suspending.is_imprecise(judged),
            numbers=[_number(card, own, name, today) for name in sorted(own.numbers)],
            changes=[_change(one, names, today) for one in changes],
            put_aside=[_suspension(one, names) for one in put_aside],
            is_suspended=is_suspended,
            may_set=may_set,
            may_suspend=is_lead and queries.may_be_suspended(own),
            choices=[(name, words.threshold_words(name)) for name in sorted(own.numbers)],
            preview=preview,
            typed=typed or {},
            today=today,
            here=desk_url("rules.rule", rule=rule),
            set_url=desk_url("rules.set_threshold", rule=rule),
            suspend_url=desk_url("rules.resume" if is_suspended else "rules.suspend", rule=rule),
            back=desk_url("rules.page"),
            errors=errors,
            error_list=[(text, None if name == "form" else f"f-{name}") for name, text in errors.items()],
        ),
        status,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


def _number(card, own, name: str, today: dt.date) -> dict[str, Any]:
    days = np.array([today], dtype="datetime64[D]")
    now, first = int(card.number(name, days)[0]), int(own.number(name, days)[0])
    return {
        "name": words.threshold_words(name),
        "now": words.value_words(name, now),
        "card": words.value_words(name, first),
        "whose": _("县里定的") if now != first else _("卡片上的"),
    }


def _change(one, names: Mapping[int, str], today: dt.date) -> dict[str, Any]:
    return {
        "name": words.threshold_words(one.name),
        "from_on": one.from_on,
        "value": words.value_words(one.name, one.value),
        "reason": one.reason,
        "set_at": one.set_at,
        "by": names.get(one.set_by, str(one.set_by)),
        "state": _("还没到") if one.from_on > today else _("已到"),
    }


def _suspension(one, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "from_at": one.suspended_at,
        "by": names.get(one.suspended_by, str(one.suspended_by)) if one.suspended_by else _("准确率过低，由规则停用"),
        "reason": one.reason or "–",
        "counts": _("属实 %(confirmed)s，误报 %(false)s", confirmed=one.confirmed_count, false=one.false_count),
        "ended_at": one.ended_at,
        "end": f"{names.get(one.ended_by, str(one.ended_by))}：{one.end_reason}" if one.ended_at else "–",
    }
