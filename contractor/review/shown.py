"""A page of the queue in the reader's words: its figures, its two parts, its rows."""

from __future__ import annotations

import datetime as dt
from functools import cache
from types import SimpleNamespace

from flask import get_template_attribute
from flask_babel import gettext as _
from sqlalchemy import Row

from chassis.i18n import language
from chassis.layout.formats import capped
from chassis.vault.masking import mask_account
from chassis.web.current import desk_urls
from contractor.claims.listing import MOST_COUNTED
from contractor.claims.words import route_words, shown_finding, state_pill
from contractor.review.order import workdays_left
from contractor.review.queue import Moment, QueuePage, Standing


def is_held(row: Row, moment: Moment) -> bool:
    return row.held_by is not None and row.held_until > moment.at


def facts_of(stands: Standing) -> list[str]:
    def count(number: int) -> str:
        return capped(min(number, MOST_COUNTED), number > MOST_COUNTED)

    return [
        _("待审 %(count)s 件", count=count(stands.waiting)),
        _("已逾期 %(count)s", count=count(stands.late)),
        _("今日到期 %(count)s", count=count(stands.due_today)),
        _("我手上 %(count)s", count=count(stands.in_hand)),
        _("今天我审结 %(count)s 件", count=count(stands.decided_today)),
    ]


def groups_of_rows(page: QueuePage, rows: list[SimpleNamespace]) -> list[dict]:
    parts = (
        (_("先办：已逾期，或今天、下一个工作日到期"), rows[: page.overtaking]),
        (_("其余，按预计损失"), rows[page.overtaking :]),
    )
    return [{"title": title, "rows": part} for title, part in parts if part]


def rows_of(page: QueuePage, moment: Moment, names: dict[int, str]) -> list[SimpleNamespace]:
    """The rows as they are shown. What many rows share is worded once a page: fifty rows have a few badges."""
    badge = cache(get_template_attribute("layout/parts/words.html", "finding_badge"))
    route, pill, shown = cache(route_words), cache(state_pill), cache(shown_finding)
    english, url, term = language() == "en", desk_urls("claims.claim", "claim_id"), cache(_term)
    hands = {person: (name, "wait") for person, name in names.items()} | {moment.reviewer: (_("我在审"), "note")}

    def of(row: Row) -> SimpleNamespace:
        held = is_held(row, moment)
        finding = shown(row.rule, row.severity, row.finding_count)
        return SimpleNamespace(
            id=row.id,
            url=url(row.id),
            number=row.claim_number,
            route=route(row.route),
            term=term(row.due_on, moment.on),
            name=row.member_name,
            card=mask_account(row.card_number)[-4:],
            institution=(row.institution_en if english else row.institution_zh) or row.institution_code,
            diagnosis=row.diagnosis_name or row.diagnosis_code,
            discharged_on=row.discharged_on,
            charged_fen=row.charged_fen,
            badge=badge(finding["code"], finding["name"], finding["severity"], finding["more"]) if finding else None,
            score=f"{(row.alert_ppm + 5_000) // 10_000 / 100:.2f}",
            loss_fen=row.expected_loss_fen,
            state=pill(row.state) if row.state != "in_review" or not held else None,
            hand=hands.get(row.held_by, ("", "wait")) if held else None,
            until=row.held_until if held else None,
        )

    return [of(row) for row in page.rows]


def _term(due_on: dt.date | None, on: dt.date) -> tuple[str, str | None]:
    """Working days left, in words, and how much they press."""
    left = workdays_left(due_on, on) if due_on is not None else None
    if left is None:
        return _("期限未知"), None
    if left < 0:
        return _("逾期 %(days)s 工作日", days=-left), "bad"
    if left == 0:
        return _("今日到期"), "wait"
    return _("剩 %(days)s 工作日", days=left), "wait" if left == 1 else None
