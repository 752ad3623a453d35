"""What was proposed and said, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

from flask_babel import gettext as _

from chassis.visitors import Visitor
from contractor.claims import reasons
from contractor.second import deciding, words
from contractor.second.tables import ReviewOpinion, ReviewProposal


def shown_proposal(row: ReviewProposal, names: dict[int, str]) -> SimpleNamespace:
    return SimpleNamespace(
        what=words.decided_words(row.proposed),
        by=names.get(row.proposed_by, str(row.proposed_by)),
        at=row.proposed_at,
        reason=reasons.reason_words("rejected", row.reason_code) if row.reason_code else None,
        note=row.note,
        stake_fen=row.stake_fen,
        household_fen=row.household_fen,
        payee_fen=row.payee_fen,
        grounds=[words.ground_words(one) for one in row.grounds],
    )


def shown_opinion(row: ReviewOpinion, names: dict[int, str]) -> SimpleNamespace:
    said = words.decided_words(row.decided)
    agrees = _("%(said)s，和初审一致", said=said) if row.agrees else _("%(said)s，和初审不同", said=said)
    why = reasons.reason_words("rejected", row.reason_code) if row.reason_code else None
    return SimpleNamespace(
        at=row.at,
        what=said if row.decided == deciding.RETURN else agrees,
        by=names.get(row.by, str(row.by)),
        note=" · ".join(part for part in (why, row.note) if part) or None,
        kind="ok" if row.agrees else "wait",
    )


def why_not(
    visitor: Visitor, proposal: ReviewProposal, opinions: Sequence[ReviewOpinion], *, held_by: int | None
) -> str | None:
    """Why this person cannot decide, or None; the verbs and the database have the last word."""
    if visitor.person_id == proposal.proposed_by or visitor.person_id in {one.by for one in opinions}:
        return _("您已经提出过意见，要由另一位审核员决定。")
    if opinions and "lead" not in visitor.roles:
        return _("初审和二审意见不同，现在由审核主管决定。")
    if not opinions and held_by != visitor.person_id:
        return _("二审由系统派：领取下一件二审，派到哪件就办哪件。")
    return None
