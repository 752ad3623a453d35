"""One claim: who, where, when; its lines with what was found on them; how the amount came about; what happened.

The reviewer reads it from the finding to the line to the sheet and decides; the institution reads it to learn what was
cut and why. Both read the same lines and the same sheet; what the insurer alone weighs is not shown to the institution.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

from flask import Blueprint, g, make_response, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.errors import NotFound, Refusal
from chassis.i18n import language
from chassis.layout import stays
from chassis.people.queries import names_of
from chassis.terms import class_words, price_words, quantity_words
from chassis.vault.masking import mask_account
from chassis.visitors import Visitor
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims import acts, reasons
from contractor.claims.finding_words import phrase_words
from contractor.claims.record import WholeClaim, whole_claim
from contractor.claims.sight import Sight, sight_of
from contractor.claims.words import (
    EVENT_KINDS,
    due_words,
    event_words,
    route_words,
    shown_finding,
    shown_steps,
    state_pill,
    state_words,
)
from contractor.law.loading import law_of
from rulebook.refusals import Refused
from rulebook.registry import Timeline

PLOT_WIDTH = 880
"""As wide as the page's main column, so that its letters are as large as the page's."""


def add(room: Blueprint) -> None:
    at(room, "/<int:claim_id>", "claim", {"GET": show})


def show(claim_id: int):
    visitor = the_visitor()
    with the_database().transaction() as session:
        found = claim_seen(session, visitor, claim_id)
        people = {event.acted_by for event in found.events if event.acted_by} | {found.record.held_by or 0}
        names = names_of(session, visitor.county_code, people)
    response = make_response(render_template("claims/claim.html", **page_of(found, visitor, names)))
    response.headers["Cache-Control"] = "no-store"
    return response


def claim_seen(session: Session, visitor: Visitor, claim_id: int) -> WholeClaim:
    """The claim as this visitor may see it; where it is out of sight, it is not there."""
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    return whole_claim(session, sight_of(visitor), claim_id, law=law_in_force(session, visitor.county_code))


def law_in_force(session: Session, county_code: str) -> Timeline | None:
    """The county's law; None where none is approved, so that a claim can be read all the same."""
    try:
        return law_of(session, county_code, is_production=the_house().settings.is_production)
    except (Refusal, Refused):
        return None


def page_of(found: WholeClaim, visitor: Visitor, names: dict[int, str]) -> dict:
    head, sight = found.head, sight_of(visitor)
    today = clock.local_day(g.at)
    lines = [_line(found, line) for line in found.lines]
    of_claim = [one for one in found.findings if one.line_no is None]
    own_acts = acts.offered(found.record, visitor)
    return {
        "claim": head,
        "record": found.record,
        "title": head.member_name or head.claim_number,
        "pill": state_pill(head.state),
        "facts": _facts(found, today),
        "more_facts": _more_facts(found, sight),
        "lines": lines,
        "lines_total": [
            _("合计"), None, None, None, sum(line.charged_fen for line in found.lines), None,
            sum(line.taken_off_fen for line in lines), sum(line.allowed_fen for line in lines),
        ],
        "findings": [_finding(one, sight) for one in of_claim],
        "line_finding_count": len(found.findings) - len(of_claim),
        "steps": shown_steps(found.sheet),
        "assumptions": assumptions(found),
        "is_foreseen": found.is_foreseen,
        "why_no_sheet": found.why_no_sheet,
        "settlement": found.settlement,
        "entry": found.entry,
        "amount_fen": amount_of(found),
        "withheld_fen": withheld_of(found),
        "plot": _plot(found) if len(found.stays) > 1 else None,
        "stays": [_stay(found, one) for one in found.stays] if len(found.stays) > 1 else [],
        "events": [_event(one, names) for one in reversed(found.events)],
        "holder": names.get(found.record.held_by or 0),
        "acts": [act for act in own_acts if act.is_in_bar],
        "more_acts": [act for act in own_acts if not act.is_in_bar],
        "sees_all": sight.is_whole,
    }  # fmt: skip


def amount_of(found: WholeClaim) -> int | None:
    """What the claim is worth to whoever is paid: decided, or foreseen; None where nothing can be reckoned."""
    if found.settlement is not None:
        return found.settlement.benefits_fen
    if found.entry is not None:
        return found.entry.paid_fen
    return found.sheet.outcome.benefits_fen if found.sheet else None


def withheld_of(found: WholeClaim) -> int | None:
    """Of a direct claim: what the institution advanced and does not get back."""
    if found.record.route != "direct" or found.settlement is None or not found.record.advanced_fen:
        return None
    return found.record.advanced_fen - found.settlement.benefits_fen


def assumptions(found: WholeClaim) -> list[str]:
    if found.sheet is None:
        return []
    english = language() == "en"
    told = [step.line.assumed_en if english else step.line.assumed for step in found.sheet.steps if step.line.assumed]
    return list(dict.fromkeys(told))


def _facts(found: WholeClaim, today) -> list[str]:
    head = found.head
    due, _kind = due_words(head.due_on, head.state, today)
    facts = [head.claim_number, route_words(head.route), _("收到 %(day)s", day=head.received_on.isoformat())]
    if due:
        facts.append(_("期限 %(due)s", due=due) if head.due_on and due[0].isdigit() else due)
    return facts


def _more_facts(found: WholeClaim, sight: Sight) -> list[tuple[str, str]]:
    head, record = found.head, found.record
    sexes = {"male": _("男"), "female": _("女")}
    nights = (head.discharged_on - head.admitted_on).days
    english = language() == "en"
    place = (head.institution_en if english else head.institution_zh) or head.institution_code
    facts = [
        (_("证号"), mask_account(head.card_number)),
        (_("性别和出生"), f"{sexes.get(head.sex, '')} {head.born_on.isoformat()}" if head.born_on else "–"),
        (_("医疗机构"), " · ".join(part for part in (place, record.department) if part)),
        (_("主要诊断"), " ".join(part for part in (head.diagnosis_code, head.diagnosis_name) if part)),
        (_("发票号"), head.invoice_number),
    ]
    if head.route == "outpatient":
        facts.append((_("就诊"), head.admitted_on.isoformat()))
    else:
        stay = _("%(start)s 至 %(end)s", start=head.admitted_on.isoformat(), end=head.discharged_on.isoformat())
        facts.append((_("住院"), _("%(stay)s，%(days)s 日", stay=stay, days=max(nights, 1))))
    if record.procedure_codes:
        facts.append((_("手术操作"), "、".join(record.procedure_codes)))
    if record.referral_slip:
        facts.append((_("转诊单"), record.referral_slip))
    if record.notice_until_on and head.state == "on_public_notice":
        facts.append((_("公示至"), record.notice_until_on.isoformat()))
    if record.documents_due_on and head.state == "awaiting_documents":
        facts.append((_("补材料期限"), record.documents_due_on.isoformat()))
    if sight.is_whole and record.assessed_at is not None:
        facts.append((_("可疑分"), f"{(record.alert_ppm + 5_000) // 10_000 / 100:.2f}"))
    if record.payee_name:
        facts.append((_("收款人"), record.payee_name))
    return facts


def _line(found: WholeClaim, line) -> SimpleNamespace:
    over_fen, allowed_fen = found.over_limit_fen(line), found.allowed_fen(line)
    on_line = [one for one in found.findings if one.line_no == line.line_no]
    why = []
    if over_fen:
        why.append(_("限价 %(limit)s", limit=price_words(line.price_limit_e4)))
    if line.reduce_reason:
        why.append(reasons.reduction_words(line.reduce_reason))
    return SimpleNamespace(
        line_no=line.line_no,
        item=line.hospital_item_name or line.item_code,
        code=line.item_code,
        on=line.performed_on,
        catalogue_class=class_words(line.catalogue_class),
        quantity=quantity_words(line.quantity_e4),
        price=price_words(line.unit_price_e4),
        charged_fen=line.charged_fen,
        over_fen=over_fen,
        reduced_fen=line.reduced_fen,
        reason=line.reduce_reason,
        why=why,
        taken_off_fen=line.charged_fen - allowed_fen,
        allowed_fen=allowed_fen,
        findings=[shown_finding(one.rule, one.severity) | {"told": _told(one)} for one in on_line],
    )


def _told(one) -> str:
    """Expected and found in one short line."""
    found = phrase_words(one.found)
    if not one.expected:
        return found
    return _("应为 %(expected)s，实为 %(found)s", expected=phrase_words(one.expected), found=found or "–")


def _finding(one, sight: Sight) -> SimpleNamespace:
    other = one.other_claim_id
    return SimpleNamespace(
        badge=shown_finding(one.rule, one.severity),
        told=_told(one),
        source=one.source,
        other=other,
        other_url=desk_url("claims.claim", claim_id=other) if other and sight.is_whole else None,
    )


def _event(one, names: dict[int, str]) -> dict:
    parts: Iterable[str] = [
        reasons.reason_words(one.event, one.reason_code) if one.reason_code else "",
        "、".join(reasons.document_words(code) for code in one.documents or []),
        one.note or "",
    ]
    return {
        "at": one.at,
        "by": names.get(one.acted_by, str(one.acted_by)) if one.acted_by else _("规则"),
        "what": event_words(one.event),
        "kind": EVENT_KINDS.get(one.event, "note"),
        "note": " · ".join(part for part in parts if part) or None,
    }


def _stay(found: WholeClaim, one) -> SimpleNamespace:
    return SimpleNamespace(
        url=desk_url("claims.claim", claim_id=one.id) if one.id != found.head.id else None,
        number=one.claim_number,
        institution=(one.name_en if language() == "en" else one.name_zh) or one.institution_code,
        diagnosis=one.diagnosis_name or one.diagnosis_code,
        from_on=one.admitted_on,
        left_on=one.discharged_on,
        charged_fen=one.charged_fen,
        state=state_words(one.state),
        is_this=one.id == found.head.id,
    )


def _plot(found: WholeClaim) -> stays.Timeline:
    year = found.head.discharged_on.year
    english = language() == "en"
    return stays.timeline(
        [
            stays.Stay(
                (one.name_en if english else one.name_zh) or one.institution_code,
                one.admitted_on,
                one.discharged_on,
                _("本件") if one.id == found.head.id else one.diagnosis_code,
                is_this=one.id == found.head.id,
            )
            for one in found.stays
            if one.admitted_on.year <= year <= one.discharged_on.year
        ],
        year=year,
        width=PLOT_WIDTH,
    )
