"""The reviewer's desk on one claim: what stands in the fields, what it would come to, what was kept of it.

What is typed now goes before the draft, the draft before what the lines hold. A draft on another version of the claim
is shown and never put into the fields: what it was written on is no longer there.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field
from types import SimpleNamespace

from flask import current_app, g, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis.authorisation import matrix
from chassis.i18n import language
from chassis.layout.formats import yuan
from chassis.visitors import Visitor
from chassis.web.answers import Answer, answer_to
from chassis.web.current import desk_url, the_house
from contractor.claims import judging, reasons
from contractor.claims.acts import ACTS
from contractor.claims.foreseeing import Foreseen, foreseen
from contractor.claims.hands import require_other_hands
from contractor.claims.pages_one_lines import NOTHING_TYPED, Typed, drafted_words, too_much, typed_of_draft
from contractor.claims.record import WholeClaim
from contractor.claims.refusals import HadASay, HandedOut, TooNear
from contractor.claims.words import shown_steps
from contractor.law.loading import law_of
from contractor.review.drafts import Draft, draft_of
from contractor.second.refusals import LeadDecides
from rulebook.benefits import Sheet
from rulebook.lifecycles.claim import E, S
from rulebook.reasons import REDUCE

TO_DECIDE = (S.RECEIVED, S.IN_REVIEW, S.IN_SECOND_REVIEW)
NEXT = "review.next"
"""The queue's door to the next claim; a page without the queue leads back to the list."""


@dataclass(frozen=True)
class Desk:
    """What this visitor may do on this screen, and what stands on it."""

    is_open: bool
    """Whether lines can be decided here and now, by this visitor."""
    is_reviewer: bool
    typed: Typed
    note: str
    sheet: Sheet | None = field(repr=False)
    steps: list[SimpleNamespace] = field(repr=False)
    assumptions: list[str] = field(repr=False)
    amount_fen: int | None
    withheld_fen: int | None
    """What the institution advanced and does not get back; below zero where it gets more."""
    approve_label: str
    approve_follows: str
    shown_fen: int | None
    draft: Draft | None
    is_draft_old: bool
    old_lines: list[tuple[str, str, str]]
    old_verdicts: list[tuple[str, str]]
    window: str
    """This rendering of the screen, as a number nobody guesses: a draft knows where it was saved from."""
    closed: Answer | None
    """Why this reviewer decides nothing here: the claim is too near to them, or they had a say already."""
    held_by_other: str | None
    held_until: dt.datetime | None
    choices: list[tuple[str, str]]
    keys: list[tuple[list[str], str]]
    next_url: str | None
    next_is_post: bool

    @property
    def seen_at(self) -> str:
        """When the draft that stands here was saved; what was typed on goes with what was seen at first."""
        sent = request.form.get("seen_at") if request.form.get("window") else None
        return sent if sent is not None else self.draft.saved_at.isoformat() if self.draft is not None else ""

    @property
    def has_draft(self) -> bool:
        return self.draft is not None and not self.is_draft_old


def desk_of(
    session: Session,
    visitor: Visitor,
    found: WholeClaim,
    names: dict[int, str],
    *,
    typed: Typed | None = None,
    note: str | None = None,
) -> Desk:
    record = found.record
    approve = ACTS["approve"]
    is_reviewer = matrix().rules["contractor", "claims.approve", "POST"].admits(visitor.roles)
    other = held_by_another(record, visitor, g.at)
    closed = _closed(session, visitor, found) if is_reviewer else None
    is_open = is_reviewer and approve.is_open(record) and not other and closed is None
    draft = None
    if is_reviewer:
        draft = draft_of(session, county_code=record.county_code, claim_id=record.id, by=visitor.person_id)
    is_old = draft is not None and not (is_open and draft.is_for(record.version))
    shown = typed or (typed_of_draft(draft) if draft is not None and not is_old else NOTHING_TYPED)
    sheet = sheet_with(session, found, shown) if is_open else found.sheet
    amount_fen = _amount(found, sheet)
    is_notice = approve.event_for(record) is E.NOTICE_BEGUN
    has_next = NEXT in current_app.view_functions
    return Desk(
        is_open=is_open,
        is_reviewer=is_reviewer,
        typed=shown,
        note=note if note is not None else draft.note if draft is not None and not is_old else "",
        sheet=sheet,
        steps=_steps(found.sheet, sheet),
        assumptions=_assumptions(sheet),
        amount_fen=amount_fen,
        withheld_fen=record.advanced_fen - amount_fen
        if record.route == "direct" and record.advanced_fen and amount_fen is not None
        else None,
        approve_label=approve_label(amount_fen, is_notice=is_notice),
        approve_follows=_("公示期满无异议后按规则核准，金额到那时结算。") if is_notice else str(approve.follows),
        shown_fen=amount_fen if record.route == "direct" else None,
        draft=draft,
        is_draft_old=is_old,
        old_lines=drafted_words(found, draft) if draft is not None and is_old else [],
        old_verdicts=judging.drafted_words(found, draft) if draft is not None and is_old else [],
        window=request.form.get("window") or secrets.token_hex(8),
        closed=closed,
        held_by_other=names.get(other) or str(other) if other else None,
        held_until=record.held_until,
        choices=[("", "–"), *reasons.choices(REDUCE)],
        keys=_keys(),
        next_url=desk_url(NEXT if has_next else "claims.list") if is_reviewer and not is_open else None,
        next_is_post=has_next,
    )


def _closed(session: Session, visitor: Visitor, found: WholeClaim) -> Answer | None:
    """What the verbs would say to a decision of this person, said before they begin; the verbs have the last word."""
    record = found.record
    if record.state not in TO_DECIDE:
        return None
    try:
        require_other_hands(session, record.county_code, [record.id], by=visitor.person_id)
    except (TooNear, HadASay) as refusal:
        return answer_to(refusal)
    if record.state != S.IN_SECOND_REVIEW:
        return None
    since = max((one.event_no for one in found.events if one.event == E.REFERRED_UP), default=0)
    if any(one.event == E.DISPUTED for one in found.events if one.event_no > since):
        return answer_to(LeadDecides(claim_id=record.id)) if "lead" not in visitor.roles else None
    return answer_to(HandedOut(claim_id=record.id)) if record.held_by != visitor.person_id else None


def held_by_another(record, visitor: Visitor, at: dt.datetime) -> int | None:
    """Who else has the claim in hand at this moment."""
    if record.held_by is None or record.held_by == visitor.person_id or record.held_until <= at:
        return None
    return record.held_by


def sheet_with(session: Session, found: WholeClaim, typed: Typed) -> Sheet | None:
    """The sheet that an approval with these lines would have; written nowhere."""
    if not typed.lines or found.sheet is None or too_much(found, typed):
        return found.sheet
    law = law_of(session, found.record.county_code, is_production=the_house().settings.is_production)
    forecast = foreseen(session, found.record, law, reduced_fen=typed.reduced_fen)
    return forecast.sheet if isinstance(forecast, Foreseen) else None


def approve_label(amount_fen: int | None, *, is_notice: bool) -> str:
    """A button says its effect."""
    if is_notice:
        return _("开始公示")
    return _("核准 %(amount)s 元", amount=yuan(amount_fen)) if amount_fen is not None else _("核准")


def _amount(found: WholeClaim, sheet: Sheet | None) -> int | None:
    if found.settlement is not None:
        return found.settlement.benefits_fen
    if found.entry is not None:
        return found.entry.paid_fen
    return sheet.outcome.benefits_fen if sheet else None


def _steps(before: Sheet | None, now: Sheet | None) -> list[SimpleNamespace]:
    """The steps, those marked that the lines just decided have changed."""
    steps = shown_steps(now)
    if before is not None and now is not None and now is not before:
        for shown, was, step in zip(steps, before.steps, now.steps, strict=True):
            shown.is_changed = was.amount != step.amount and shown.text is None
    return steps


def _assumptions(sheet: Sheet | None) -> list[str]:
    if sheet is None:
        return []
    english = language() == "en"
    told = [step.line.assumed_en if english else step.line.assumed for step in sheet.steps if step.line.assumed]
    return list(dict.fromkeys(told))


def _keys() -> list[tuple[list[str], str]]:
    return [
        (["J", "K"], _("下一行、上一行")),
        (["1"], _("认可这一行")),
        (["2"], _("减这一行：填金额")),
        (["3"], _("这一行不予补偿")),
        (["Z"], _("撤回上一步")),
        (["A"], _("核准：按一次亮出，再按一次办")),
        (["R"], _("裁定不予补偿")),
        (["B"], _("退回补材料")),
        (["E"], _("移交二审")),
        (["N"], _("领取；办完后到下一件")),
        (["/"], _("查一件申请")),
        (["?"], _("这张表")),
    ]
