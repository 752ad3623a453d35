"""The fields in which a reviewer says of each finding whether it was right; they travel with the decision."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contractor.claims.record import WholeClaim
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


def fields(session: Session, found: WholeClaim, *, form: str) -> SimpleNamespace | None:
    """The choices, and what stands in them: typed just now, or said before. None where nothing was found."""
    if not found.findings:
        return None
    record = found.record
    said = {one.finding_no: one.verdict for one in verdicts_on(session, record.county_code, record.id)}
    return SimpleNamespace(
        form=form,
        choices=[("", _("核实结果")), *((one, verdict_words(one)) for one in VERDICTS)],
        standing=said | typed(request.form),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
