"""The head of one claim: whose it is, in which state, by when, and the stay in a few words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _

from chassis.i18n import language
from chassis.vault.masking import mask_account
from contractor.claims.record import WholeClaim
from contractor.claims.sight import Sight
from contractor.claims.words import due_words, route_words, state_pill


def head_of(found: WholeClaim, today: dt.date) -> dict[str, Any]:
    head = found.head
    due, _kind = due_words(head.due_on, head.state, today)
    facts = [head.claim_number, route_words(head.route), _("收到 %(day)s", day=head.received_on.isoformat())]
    if due:
        facts.append(_("期限 %(due)s", due=due) if head.due_on and due[0].isdigit() else due)
    return {
        "claim": head,
        "record": found.record,
        "title": head.member_name or head.claim_number,
        "pill": state_pill(head.state),
        "facts": facts,
        "status": _status(found),
    }


def _status(found: WholeClaim) -> str | None:
    """What the registry says of the member on the day that decides."""
    if found.deciding is None:
        return None
    return {"poor": _("低保"), "five_guarantee": _("五保")}.get(found.deciding.status)


def facts_of(found: WholeClaim, sight: Sight) -> list[tuple[str, str]]:
    head, record = found.head, found.record
    sexes = {"male": _("男"), "female": _("女")}
    english = language() == "en"
    place = (head.institution_en if english else head.institution_zh) or head.institution_code
    tier = {1: _("乡级"), 2: _("县级"), 3: _("县外")}.get(head.tier)
    facts = [
        (_("证号"), mask_account(head.card_number)),
        (_("性别和出生"), f"{sexes.get(head.sex, '')} {head.born_on.isoformat()}" if head.born_on else "–"),
        (_("医疗机构"), " · ".join(part for part in (place, tier, record.department) if part)),
        (_("主要诊断"), " ".join(part for part in (head.diagnosis_code, head.diagnosis_name) if part)),
        (_("发票号"), head.invoice_number),
        _stay(found),
    ]
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


def _stay(found: WholeClaim) -> tuple[str, str]:
    head = found.head
    if head.route == "outpatient":
        return _("就诊"), head.admitted_on.isoformat()
    nights = (head.discharged_on - head.admitted_on).days
    stay = _("%(start)s 至 %(end)s", start=head.admitted_on.isoformat(), end=head.discharged_on.isoformat())
    return _("住院"), _("%(stay)s，%(days)s 日", stay=stay, days=max(nights, 1))
