"""The lead's page of what came to light after a decision: first what can still be kept from being paid."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row

from chassis.errors import Refusal
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from contractor.claims.finding_words import phrase_words
from contractor.claims.words import SEVERITIES, rule_title
from contractor.rules import afterwards
from contractor.rules.verdicts import VERDICTS
from contractor.rules.words import verdict_words

MOST_DIGITS = 18


def add(room: Blueprint) -> None:
    at(room, "/afterwards", "afterwards", {"GET": show, "POST": judge})


def show():
    return _page()


def judge():
    """Right, a false alarm, or not to be told; said of one finding."""
    visitor, form = the_visitor(), request.form
    claim_id, finding_no, verdict = form.get("claim_id", ""), form.get("finding_no", ""), form.get("verdict", "")
    if not (_is_number(claim_id) and _is_number(finding_no)) or verdict not in VERDICTS:
        return _page(status=422, refused=(_("没有记下"), _("请从表里选一处发现，说它属实、误报还是看不清。")))
    try:
        the_database().retrying(
            lambda session: afterwards.judge(
                session, visitor.county_code, int(claim_id), int(finding_no), verdict, by=visitor.person_id, at=g.at
            )
        )
    except Refusal as refusal:
        told = answer_to(refusal)
        return _page(status=refusal.status, refused=(told.title, told.text))
    done = {
        "confirmed": _("记为属实。请在申请上冲销或更正；在那以前它留在表里。"),
        "false_alarm": _("记为误报，不再拦。"),
        "unclear": _("记为看不清，它留在表里。"),
    }
    flash(done[verdict], "ok")
    return redirect(desk_url("rules.afterwards"), 303)


def _page(*, status: int = 200, refused: tuple[str, str] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        found = afterwards.standing(session, visitor.county_code)
        count = afterwards.counted(session, visitor.county_code)
    parts = (
        (_("还没有付：属实的先冲销，钱就不会出去"), [_row(one) for one in found if not one.has_left]),
        (_("已经付出：属实的冲销以后追回，或更正差额"), [_row(one) for one in found if one.has_left]),
    )
    return (
        render_template(
            "rules/afterwards.html",
            groups=[{"title": title, "rows": rows} for title, rows in parts if rows],
            facts=[_("%(count)s 处发现", count=count.all_of_them), _("其中 %(count)s 处还没有付", count=count.unpaid)],
            hidden=count.all_of_them - len(found),
            verdicts=[(one, verdict_words(one)) for one in VERDICTS],
            here=desk_url("rules.afterwards"),
            back=desk_url("rules.page"),
            refused=refused,
        ),
        status,
    )


def _row(one: Row) -> SimpleNamespace:
    return SimpleNamespace(
        url=desk_url("claims.claim", claim_id=one.id),
        claim_id=one.id,
        finding_no=one.finding_no,
        number=one.claim_number,
        institution=one.institution_code,
        discharged_on=one.discharged_on,
        loss_fen=one.expected_loss_fen,
        code=one.rule if one.rule[1:].isdigit() else "§",
        name=rule_title(one.rule),
        severity=SEVERITIES[one.severity],
        expected=phrase_words(one.expected),
        found=phrase_words(one.found),
        found_at=one.found_at,
        is_held=one.severity == "C" and not one.has_left,
        verdict=one.verdict,
        said=verdict_words(one.verdict) if one.verdict else None,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
