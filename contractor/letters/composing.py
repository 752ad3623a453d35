"""What a letter says, from the same sheet that decided: nothing here computes an amount, it only names and adds them.

Called once for each language of a letter, in that language.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask_babel import gettext as _

from chassis import clock
from chassis.i18n import language
from chassis.layout.formats import day_for_members, yuan
from chassis.vault.masking import mask_account
from contractor.claims import reasons
from contractor.claims.pages_one_lines import NOTHING_TYPED, shown_lines
from contractor.claims.record import WholeClaim
from contractor.claims.refusals import NotDecided
from contractor.claims.words import shown_steps
from rulebook.handling_terms import term_on

DECIDED = ("approved", "rejected")


def decision_of(found: WholeClaim):
    """The event that decided the claim as it stands. Raises: NotDecided."""
    record = found.record
    events = [one for one in found.events if one.state_after in DECIDED]
    stands = record.state == "rejected" or (record.state == "approved" and bool(found.settlement or found.entry))
    if not stands or not events:
        raise NotDecided(state=record.state)
    return events[-1]


def member_letter(found: WholeClaim, *, place: str, decider: str | None, phone: str) -> SimpleNamespace:
    """The member's letter. Raises: NotDecided."""
    event, head = decision_of(found), found.head
    decided_on = clock.local_day(event.at)
    is_paid = found.record.state == "approved"
    return SimpleNamespace(
        office=_("%(place)s合作医疗承办机构", place=place),
        number=_("申请号 %(number)s", number=head.claim_number),
        day=day_for_members(decided_on, language(), with_year=True),
        title=_("合作医疗补偿决定书"),
        to=_("%(name)s（证号 %(card)s）：", name=head.member_name or "", card=mask_account(head.card_number)),
        text=_about(found),
        replaces=_replaces(found),
        is_paid=is_paid,
        answer=_("同意补偿") if is_paid else _("不予补偿"),
        amount=_("%(amount)s 元", amount=yuan(paid_fen(found) if is_paid else 0)),
        why=None if is_paid else _why(event),
        steps=shown_steps(found.sheet) if is_paid else [],
        funds=_funds(found) if is_paid else [],
        cuts=cuts_of(found),
        cuts_words=_("这些由医疗机构承担，不向您收取。")
        if head.route == "direct"
        else _("这些不计入可补偿费用，由您自己负担。"),
        money=_money(found) if is_paid else None,
        ways=[
            _(
                "收到之日起 %(days)s 个工作日内，可到任一乡镇窗口或承办机构书面提出申诉，不收费。",
                days=term_on("file_appeal", decided_on),
            ),
            _(
                "申诉由另一位审核员办，%(days)s 个工作日内书面答复。",
                days=term_on("decide_appeal", decided_on),
            ),
            _("投诉电话 %(phone)s。", phone=phone),
        ],
        names=_("经办 %(name)s", name=decider) if decider else _("按规则审核"),
    )


def reduction_statement(found: WholeClaim, *, place: str, decider: str | None) -> SimpleNamespace:
    """What the institution is told of a direct claim that was cut. Raises: NotDecided."""
    event, head, record = decision_of(found), found.head, found.record
    cuts = cuts_of(found)
    decided_fen = paid_fen(found) if record.state == "approved" else 0
    return SimpleNamespace(
        office=_("%(place)s合作医疗承办机构", place=place),
        number=_("申请号 %(number)s", number=head.claim_number),
        day=day_for_members(clock.local_day(event.at), language(), with_year=True),
        title=_("直补减额通知单"),
        to=_("%(name)s：", name=_institution(found)),
        text=_about(found),
        why=_why(event) if record.state == "rejected" else None,
        cuts=cuts,
        over_fen=sum(one.over_fen for one in cuts),
        reduced_fen=sum(one.reduced_fen for one in cuts),
        sums=[
            (_("总费用"), record.charged_fen),
            (_("机构自查减去"), record.institution_reduced_fen),
            (_("已垫付"), record.advanced_fen),
            (_("核定补偿"), decided_fen),
            (_("垫付多于核定，由机构承担"), max(record.advanced_fen - decided_fen, 0)),
        ],
        steps=shown_steps(found.sheet) if record.state == "approved" else [],
        ways=[
            _(
                "有异议的，收到之日起 %(days)s 个工作日内书面提出，附病历或医嘱。减额不得向参合人收取。",
                days=term_on("file_appeal", clock.local_day(event.at)),
            )
        ],
        names=_("经办 %(name)s", name=decider) if decider else _("按规则审核"),
    )


def paid_fen(found: WholeClaim) -> int:
    """What the decision gives, as it was settled."""
    if found.settlement is not None:
        return found.settlement.benefits_fen
    assert found.entry is not None, "an approved claim has a settlement or an entry"
    return found.entry.paid_fen


def cuts_of(found: WholeClaim) -> list[SimpleNamespace]:
    """The lines of which something does not count, each with what and why."""
    return [
        SimpleNamespace(
            item=line.item,
            on=line.on,
            charged_fen=line.charged_fen,
            over_fen=line.over_fen,
            reduced_fen=line.cut_fen,
            limit=line.limit,
            why=line.why,
        )
        for line in shown_lines(found, NOTHING_TYPED)
        if line.taken_off_fen
    ]


def _funds(found: WholeClaim) -> list[tuple[str, int]]:
    """Which fund pays what; what is nothing is left out, but for the pooled fund."""
    settled = found.settlement
    if settled is None:
        return [(_("家庭账户"), paid_fen(found))]
    funds = [
        (_("合作医疗基金"), settled.base_fen + settled.top_up_fen),
        (_("大病保险"), settled.serious_fen),
        (_("补充医疗保险"), settled.supplementary_fen),
        (_("医疗救助（拟）"), settled.assistance_fen),
    ]
    shown = [fund for place, fund in enumerate(funds) if fund[1] or place == 0]
    assert sum(fen for _name, fen in shown) == settled.benefits_fen, "the funds do not make up the benefits"
    return shown


def _about(found: WholeClaim) -> str:
    head = found.head
    said = {
        "day": day_for_members(head.received_on, language(), with_year=True),
        "start": day_for_members(head.admitted_on, language(), with_year=True),
        "end": day_for_members(head.discharged_on, language(), with_year=True),
        "place": _institution(found),
    }
    if head.route == "outpatient":
        return _("%(day)s收到的 %(start)s在%(place)s就诊的申请，经审核，决定如下：", **said)
    return _("%(day)s收到的 %(start)s至%(end)s在%(place)s住院的申请，经审核，决定如下：", **said)


def _institution(found: WholeClaim) -> str:
    head = found.head
    return (head.institution_en if language() == "en" else head.institution_zh) or head.institution_code


def _why(event) -> str:
    reason = reasons.reason_words(event.event, event.reason_code) if event.reason_code else ""
    return _("理由：%(reason)s", reason=reason or _("见审核经过"))


def _replaces(found: WholeClaim) -> str | None:
    """After an appeal or a correction: which decision no longer holds, and that nothing is paid twice."""
    earlier = [one for one in found.events if one.state_after in DECIDED][:-1]
    if not earlier:
        return None
    return _(
        "这份决定书代替 %(day)s的决定；先前已付的抵这次的，只结差额。",
        day=day_for_members(clock.local_day(earlier[-1].at), language(), with_year=True),
    )


def _money(found: WholeClaim) -> str:
    record, place = found.record, _institution(found)
    if record.route == "direct":
        return _(
            "%(place)s出院结算时已先垫付 %(amount)s 元，您不用再办；"
            "与核定数的差额由承办机构和医疗机构结算，不向您收取。",
            place=place,
            amount=yuan(record.advanced_fen),
        )
    if record.route == "outpatient":
        return _("已从家庭账户支付，您不用再办。")
    return _("付到登记的收款账户，收款人 %(name)s。", name=record.payee_name or found.head.member_name or "")
