"""The fields in which a reviewer says of each finding whether it was right; they travel with the decision."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contractor.claims.record import WholeClaim
from contractor.claims.words import rule_title
from contractor.review.drafts import Draft
from contractor.rules.queries import verdicts_on
from contractor.rules.verdicts import VERDICTS
from contractor.rules.words import verdict_words

FIELD = "verdict-"
LONGEST_NUMBER = 6


def typed(form: Mapping[str, str]) -> dict[int, str]:
    """What was said, by the number of the finding; a finding of which nothing is said is left out."""
    return {
        int(name.removeprefix(FIELD)): value
        for name, value in form.items()
        if name.startswith(FIELD) and _is_number(name.removeprefix(FIELD)) and value in VERDICTS
    }


def said_anew(session: Session, found: WholeClaim) -> dict[int, str]:
    """What is sent now of this claim's findings and was not said before: what a draft has to keep."""
    known, said = {one.finding_no for one in found.findings}, _said(session, found)
    return {number: verdict for number, verdict in typed(request.form).items()
            if number in known and said.get(number) != verdict}  # fmt: skip


def drafted_words(found: WholeClaim, draft: Draft) -> list[tuple[str, str]]:
    """What a draft says of findings, to be read: the rule and what was said."""
    rules = {one.finding_no: one.rule for one in found.findings}
    return [
        (rule_title(rules[number]), verdict_words(verdict))
        for number, verdict in draft.verdicts.items()
        if number in rules
    ]


def fields(session: Session, found: WholeClaim, draft: Draft | None, *, form: str) -> SimpleNamespace | None:
    """The choices, and what stands in them: typed just now, drafted, or said before. None where nothing was found."""
    if not found.findings:
        return None
    # Where the fields were sent they say everything: one that was emptied is empty, whatever the draft still holds.
    is_sent = any(name.startswith(FIELD) for name in request.form)
    drafted = draft.verdicts if draft is not None and draft.is_for(found.record.version) else {}
    return SimpleNamespace(
        form=form,
        choices=[("", _("核实结果")), *((one, verdict_words(one)) for one in VERDICTS)],
        standing=_said(session, found) | (typed(request.form) if is_sent else drafted),
    )


def _said(session: Session, found: WholeClaim) -> dict[int, str]:
    record = found.record
    return {one.finding_no: one.verdict for one in verdicts_on(session, record.county_code, record.id)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
