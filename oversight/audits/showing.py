"""Recomputations and what they found, in words a reader of the county uses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _

from oversight.audits.evidence import AMOUNTS, REGISTERED, Sheet
from oversight.audits.tables import Recomputation, RecomputationDifference
from oversight.audits.words import effect_words, event_words, is_late, kind_words, state_words, step_words, value_words
from rulebook.lifecycles.claim import CLAIM


def pill_of(run: Recomputation) -> tuple[str, str]:
    """One word where both sides agree."""
    if run.state == "failed":
        return _("没有算成"), "bad"
    if run.state != "finished":
        return _("正在复算"), "wait"
    if not run.difference_count:
        return _("一致"), "ok"
    return _("有不符 %(count)s 处", count=run.difference_count), "bad"


def shown_difference(row: RecomputationDifference) -> SimpleNamespace:
    is_money = row.published_fen is not None
    # Late information is no fault of who decided without it.
    word, mark = (_("迟到信息"), "wait") if is_late(row.step) else effect_words(row.effect_fen)
    return SimpleNamespace(
        no=row.difference_no,
        kind=kind_words(row.kind),
        step=step_words(row.step),
        line_no=row.line_no,
        trail_seq=row.trail_seq,
        section=row.section,
        article=row.article,
        claim_id=row.claim_id,
        is_money=is_money,
        published=row.published_fen if is_money else value_words(row.step, row.published_word),
        recomputed=row.recomputed_fen if is_money else value_words(row.step, row.recomputed_word),
        effect_word=word,
        effect_mark=mark,
        effect_fen=abs(row.effect_fen),
        follows=row.follows_earlier,
    )


def both_sides(sheet: Sheet) -> list[SimpleNamespace]:
    """The settlement's steps, the contractor's beside the county's, unequal ones marked."""
    rows = []
    for name in (*REGISTERED, *AMOUNTS):
        left, right = sheet.published[name], sheet.recomputed.get(name)
        is_money = name in AMOUNTS
        rows.append(
            SimpleNamespace(
                label=step_words(name),
                article=None,
                is_money=is_money,
                left=left if is_money else value_words(name, str(left)),
                right=right if is_money else value_words(name, None if right is None else str(right)),
                left_note=None,
                right_note=None,
                is_unequal=right is not None and left != right,
                is_total=name in ("benefits_fen", "member_pays_fen"),
            )
        )
    return rows


def replayed(events: list[Any], state: str) -> tuple[list[SimpleNamespace], str | None]:
    """The recorded events with what the table of the claim's life says of each; and what is wrong, or None."""
    at, wrong, shown = CLAIM.initial, None, []
    for row in events:
        allowed = CLAIM.moves.get((at, row.event))  # type: ignore[call-overload]
        is_legal = allowed is not None and allowed == row.state_after
        if not is_legal and wrong is None:
            wrong = _("第 %(number)s 步不合规定", number=row.event_no)
        shown.append(
            SimpleNamespace(
                at=row.at,
                by=_("按规则") if row.acted_by is None else _("承办方 %(number)s", number=row.acted_by),
                what=f"{event_words(row.event)} → {state_words(row.state_after)}",
                note=row.note,
                kind="note" if is_legal else "bad",
            )
        )
        at = row.state_after
    if wrong is None and at != state:
        wrong = _("经过走到“%(end)s”，申请却是“%(state)s”", end=state_words(str(at)), state=state_words(state))
    return shown, wrong
