"""The township office takes in one claim of a member who paid elsewhere: bill, referral slip, account to pay to.

The clerk has the member before them and the papers on the desk. What is typed goes through the same reader and the same
intake as a hospital's file, so that there is one set of controls; a fault is shown beside its field, nothing is lost.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import clock
from chassis.desks import Desk
from chassis.errors import NotAllowed, Refusal
from chassis.i18n import language
from chassis.reading.faults import FileRefused, RowFault
from chassis.reading.json_texts import parse_json
from chassis.reading.wording import reason_words
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims import published
from contractor.claims.assessment import assess
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, LINE_COLUMNS
from contractor.claims.doors.exchange_json import read_json_document
from contractor.claims.intake import take_in_file
from contractor.claims.listing import institutions_seen
from contractor.claims.pages_one import law_in_force
from contractor.claims.sight import Sight
from rulebook.money import RefusedAmount, line_fen, parse_amount_due, parse_ten_thousandths, yuan_text

LINES_AT_FIRST, LINES_MORE, MOST_LINES = 5, 5, 60
HEAD = (
    "claim_number", "card_number", "institution_code", "invoice_number", "admitted_on", "discharged_on",
    "diagnosis_code", "diagnosis_name", "referral_slip", "paid_elsewhere", "payee_name", "payee_account",
)  # fmt: skip
LINE = ("item_code", "hospital_item_name", "performed_on", "quantity", "unit_price")
COLUMNS = {column.key: column for column in (*CLAIM_COLUMNS, *LINE_COLUMNS)}


def mount(app: Flask, desk: Desk) -> None:
    room = Blueprint("manual", __name__, template_folder="templates", url_prefix="/claims/manual")
    at(room, "", "form", {"GET": show, "POST": send})
    app.register_blueprint(room)


def show():
    return _page({}, 200)


def send():
    visitor = the_visitor()
    township = visitor.scopes.get("township")
    if not township:
        raise NotAllowed(needed=["township"])
    if "more" in request.form:
        return _page({}, 200, lines=_line_count() + LINES_MORE)
    sent, faults = _document()
    if faults:
        return _page(faults, 422)
    body = json.dumps(sent, ensure_ascii=False, sort_keys=True).encode()
    try:
        claim_id = the_database().retrying(lambda session: _take_in(session, body, township))
    except FileRefused as refusal:
        return _page(_beside_fields(refusal), refusal.status)
    except Refusal as refusal:
        answer = answer_to(refusal)
        return _page({"form": f"{answer.title}{_('：')}{answer.text}"}, refusal.status)
    flash(_("已收下，检查的结果在这一页。"), "ok")
    return redirect(desk_url("claims.claim", claim_id=claim_id), 303)


def _take_in(session: Session, body: bytes, township: str) -> int:
    visitor, keyring, today = the_visitor(), the_house().keyring, clock.local_day(g.at)
    taken = take_in_file(
        session,
        read_json_document(parse_json(body), file_name="manual.json"),
        county_code=visitor.county_code,
        door="page",
        file_name="manual.json",
        sha256=hashlib.sha256(body).digest(),
        byte_count=len(body),
        at=g.at,
        on=today,
        by=visitor.person_id,
        keyring=keyring,
        township_code=township,
    )
    law = law_in_force(session, visitor.county_code)
    if law is not None:
        assess(session, taken.claim_ids, county_code=visitor.county_code, law=law, keyring=keyring, at=g.at, on=today)
    return taken.claim_ids[0]


def _document() -> tuple[dict[str, Any], dict[str, str]]:
    """The form as one claim in the names of the exchange format, its sums done; and what hinders that."""
    form, faults = request.form, {}
    sent: dict[str, Any] = {key: form[key].strip() for key in HEAD if form.get(key, "").strip()}
    sent |= {"route": "manual", "submitted_on": clock.local_day(g.at).isoformat(), "lines": []}
    total_fen = 0
    for number in range(1, min(_line_count(), MOST_LINES) + 1):
        cells = {key: form.get(f"{key}-{number}", "").strip() for key in LINE}
        if not any(cells[key] for key in LINE if key != "performed_on"):
            continue
        try:
            fen = line_fen(parse_ten_thousandths(cells["quantity"]), parse_ten_thousandths(cells["unit_price"]))
        except RefusedAmount as refused:
            faults[f"quantity-{number}"] = _(
                "第 %(line)s 行：数量或单价%(why)s", line=number, why=answer_to(refused).title
            )
            continue
        total_fen += fen
        sent["lines"].append(cells | {"line_no": str(number), "line_charged": yuan_text(fen)})
    typed = form.get("charged", "").strip()
    sent["charged"] = typed or yuan_text(total_fen)
    if not sent["lines"] and not faults:
        faults["item_code-1"] = _("至少填一行费用")
    elif typed and not faults:
        try:
            if parse_amount_due(typed) != total_fen:
                faults["charged"] = _("各行合计是 %(sum)s 元，与发票总额不同", sum=yuan_text(total_fen))
        except RefusedAmount as refused:
            faults["charged"] = answer_to(refused).title
    return sent, faults


def _beside_fields(refusal: FileRefused) -> dict[str, str]:
    """Each fault of the reader beside the field it speaks of."""
    numbers = [
        n
        for n in range(1, MOST_LINES + 1)
        if any(request.form.get(f"{key}-{n}", "").strip() for key in LINE if key != "performed_on")
    ]
    found: dict[str, str] = {}
    for fault in refusal.faults:
        line = re.fullmatch(r"lines\[(\d+)\]\.(\w+)", fault.column)
        if line and int(line[1]) <= len(numbers):
            number = numbers[int(line[1]) - 1]
            found[f"{line[2]}-{number}"] = _("第 %(line)s 行：%(what)s", line=number, what=_told(fault, line[2]))
        elif fault.column in HEAD or fault.column == "charged":
            found[fault.column] = _told(fault, fault.column)
        else:
            found.setdefault("form", _told(fault, fault.column))
    return found


def _told(fault: RowFault, key: str) -> str:
    known = COLUMNS.get(key)
    name = (known.title_en if language() == "en" else known.title) if known else key
    words = f"{name}{_('：')}{reason_words(fault)}"
    return f"{words}{_('，应为 %(expected)s', expected=fault.expected)}" if fault.expected else words


def _line_count() -> int:
    numbers = [int(found[1]) for name in request.form if (found := re.fullmatch(r"item_code-(\d{1,3})", name))]
    return max([LINES_AT_FIRST, *(number for number in numbers if number <= MOST_LINES)])


def _page(errors: dict[str, str], status: int, *, lines: int | None = None):
    visitor = the_visitor()
    sight = Sight(visitor.county_code)
    typed = request.form
    with the_database().transaction() as session:
        institutions = institutions_seen(session, sight)
        member = _member(session, visitor.county_code, typed.get("card_number", ""))
    english = language() == "en"
    names = [(one.institution_code, one.name_en if english else one.name_zh) for one in institutions]
    response = make_response(
        render_template(
            "claims/manual.html",
            here=desk_url("manual.form"),
            institutions=[("", _("请选一个机构")), *names],
            typed=typed,
            errors=errors,
            error_list=[(text, None if field == "form" else f"f-{field}") for field, text in errors.items()],
            numbers=range(1, min(lines or (_line_count() if typed else LINES_AT_FIRST), MOST_LINES) + 1),
            may_add=(lines or _line_count()) < MOST_LINES,
            member=member,
            today=clock.local_day(g.at),
            township=visitor.scopes.get("township"),
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _member(session: Session, county_code: str, card_number: str):
    """Whose card it is, to be compared with the person at the counter; None for a card that nobody has."""
    if not card_number.strip():
        return None
    m = published.member.c
    asked = select(m.name, m.sex, m.born_on).where(m.county_code == county_code, m.card_number == card_number.strip())
    return session.execute(asked).one_or_none()
