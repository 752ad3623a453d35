"""The register at the county's portal: the list, one member, a look at a number, the activation slip."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from chassis import clock
from chassis.desks import COUNTY, Desk
from chassis.errors import NotFound
from chassis.exports import FILE_TYPES, write_csv, write_xlsx
from chassis.i18n import language
from chassis.unmasking import queries as unmasking_queries
from chassis.unmasking import words as unmasking_words
from chassis.unmasking.refusals import QuotaUsedUp, ReasonTooLong, ReasonTooShort
from chassis.unmasking.showing import DAILY_QUOTA, Subject, unmask
from chassis.unmasking.tables import LEAST_REASON_CHARACTERS, MOST_REASON_CHARACTERS
from chassis.vault.identity_numbers import parse_identity_number
from chassis.vault.refusals import IdentityNumberRefused
from chassis.web.answers import answer_to
from chassis.web.current import the_database, the_house, the_visitor
from chassis.web.rooms import at
from oversight.registry import exporting, letters, queries, showing, slips
from oversight.registry.forms import ListRequest, read_list_request
from oversight.registry.membership.showing import membership_of

SLIP_ROLES = frozenset({"registrar"})
UNMASK_ROLES = frozenset({"registrar", "officer", "auditor", "director"})
EXPORT_ROLES = frozenset({"registrar", "officer", "auditor", "director", "audit_bureau"})
FIND_ROLES = frozenset({"registrar", "officer", "auditor"})


def mount(app: Flask, desk: Desk) -> None:
    if desk != COUNTY:
        return
    room = Blueprint("registry", __name__, template_folder="templates", url_prefix="/registry")
    at(room, "/members", "members", {"GET": members})
    at(room, "/members.<any(csv, xlsx):file_type>", "export", {"GET": export})
    at(room, "/members/find", "find", {"POST": find})
    one = "/members/<county_code>/<int:member_id>"
    at(room, one, "member", {"GET": member})
    at(room, f"{one}/unmask/<field>", "unmask", {"GET": unmask_form, "POST": unmask_field})
    at(room, f"{one}/slip", "slip", {"POST": slip})
    app.register_blueprint(room)


def members(errors: list[tuple[str, str]] | None = None):
    visitor = the_visitor()
    with the_database().transaction() as session:
        counties = queries.counties_seen_by(session, visitor.county_code)
        asked = read_list_request(request.args, [c.county_code for c in counties])
        townships = queries.townships_of(session, asked.wanted.county_codes)
        page = queries.members_page(session, asked.wanted, after=asked.after, size=asked.size)
    in_full = showing.sees_names(visitor.roles)
    rows = showing.shown_members(the_house().keyring, page.rows, in_full=in_full)
    here = url_for("registry.members")
    return render_template(
        "registry/members.html",
        action=here,
        asked=asked,
        counties=[(c.county_code, _name(c)) for c in counties],
        townships=[(t.code, _name(t)) for t in townships],
        tags=_tags(asked, counties, townships),
        rows=rows,
        place="place_en" if language() == "en" else "place_zh",
        page=page,
        first_url=url_for("registry.members", **asked.values()) if asked.after else None,
        next_url=_next_url(asked, page, len(rows)),
        export_urls=_export_urls(asked) if visitor.roles & EXPORT_ROLES else [],
        may_find=bool(visitor.roles & FIND_ROLES),
        rooms=[
            (_("医疗机构"), url_for("institutions.list")),
            (_("目录和限价"), url_for("catalogue.list")),
            (_("转诊单"), url_for("institutions.referrals")),
            (_("登记导入"), url_for("imports.list")),
        ],
        errors=errors or [],
    )


def export(file_type: str):
    visitor = the_visitor()
    with the_database().transaction() as session:
        counties = queries.counties_seen_by(session, visitor.county_code)
        asked = read_list_request(request.args, [c.county_code for c in counties])
        rows = exporting.export_members(session, the_house().keyring, asked.wanted, by=visitor, at=g.at)
    columns = exporting.columns(language())
    words = {"male": _("男"), "female": _("女")}
    cells = [{c.key: words[row.sex] if c.key == "sex" else getattr(row, c.key) for c in columns} for row in rows]
    body = write_csv(columns, cells) if file_type == "csv" else write_xlsx(columns, cells, sheet=_("参合人"))
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"members-{visitor.county_code}-{clock.local_day(g.at)}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def find():
    """Find by identity number: posted, so that the number stands in no address and no log."""
    visitor = the_visitor()
    try:
        number = parse_identity_number(request.form.get("identity_number", "")[:60], on=clock.local_day(g.at))
    except IdentityNumberRefused as refusal:
        return members([(answer_to(refusal).text, "f-identity_number")]), refusal.status
    with the_database().transaction() as session:
        codes = [c.county_code for c in queries.counties_seen_by(session, visitor.county_code)]
        found = queries.member_by_identity_number(session, the_house().keyring, codes, number.text)
    if found is None:
        return members([(_("本县没有登记这个身份证号。请核对号码，或按姓名查。"), "f-identity_number")]), 404
    return redirect(url_for("registry.member", county_code=found.county_code, member_id=found.id), 303)


def member(county_code: str, member_id: int):
    visitor, keyring = the_visitor(), the_house().keyring
    with the_database().transaction() as session:
        one, household, village, township, division = _record(session, county_code, member_id)
        others = queries.others_of_household(session, one)
        looks = unmasking_queries.looks_at(session, kind="member", county_code=county_code, subject_id=member_id)
        standing = queries.standing_slip_of(session, one)
        dated = membership_of(session, county_code, member_id)
    in_full = showing.sees_names(visitor.roles)
    return render_template(
        "registry/member.html",
        member=one,
        name=showing.shown_name(one, in_full=in_full),
        card=showing.shown_card(one, in_full=in_full),
        household=household,
        place=" ".join(_name(p) for p in (division, township, village)),
        numbers=[
            (key, unmasking_words.field_words(key), showing.sealed_cell(keyring, one, key)) for key in showing.FIELDS
        ],
        others=[
            {
                "name": (
                    showing.shown_name(o, in_full=in_full),
                    url_for("registry.member", county_code=o.county_code, member_id=o.id),
                ),
                "card": showing.shown_card(o, in_full=in_full),
                "sex": _("男") if o.sex == "male" else _("女"),
                "birth_year": str(o.born_on.year),
                "is_head": _("户主") if o.is_head else "",
            }
            for o in others
        ],
        looks=[unmasking_words.shown(record, who) for record, who in looks],
        standing=standing,
        dated=dated,
        at=g.at,
        may_unmask=bool(visitor.roles & UNMASK_ROLES),
        may_print=bool(visitor.roles & SLIP_ROLES),
    )


def unmask_form(county_code: str, member_id: int, field: str):
    return _unmask_page(county_code, member_id, field, reason="", errors=[])


def unmask_field(county_code: str, member_id: int, field: str):
    """The number, once: on this answer and nowhere else. It is shown only after its record was committed."""
    visitor, house = the_visitor(), the_house()
    reason = request.form.get("reason", "")
    try:
        with the_database().transaction() as session:
            one = _record(session, county_code, member_id)[0]
            sealed = _sealed(one, field)
            text = unmask(
                session,
                house.keyring,
                sealed,
                subject=Subject("member", county_code, member_id),
                field=field,
                by=visitor,
                reason=reason,
                at=g.at,
            )
    except (ReasonTooShort, ReasonTooLong, QuotaUsedUp) as refusal:
        page = _unmask_page(
            county_code, member_id, field, reason=reason, errors=[(answer_to(refusal).text, "f-reason")]
        )
        return page, refusal.status
    answer = Response(
        render_template(
            "registry/unmasked.html",
            field=unmasking_words.field_words(field),
            text=text,
            back=url_for("registry.member", county_code=county_code, member_id=member_id),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def slip(county_code: str, member_id: int):
    """A letter with the code, printed at once: it cannot be shown again, only replaced."""
    house = the_house()
    with the_database().transaction() as session:
        one, household, _village, township, division = _record(session, county_code, member_id)
        printed = slips.issue_slip(session, house.keyring, one, by=the_visitor().person_id, at=g.at)
    sheets = letters.slip_sheets(
        printed,
        member=one,
        household=household,
        division=division,
        township=township,
        on=clock.local_day(g.at),
        phone=house.settings.member_phone,
    )
    answer = Response(render_template("registry/slip.html", sheets=sheets))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _record(session, county_code: str, member_id: int):
    codes = [c.county_code for c in queries.counties_seen_by(session, the_visitor().county_code)]
    found = queries.member_record(session, codes, county_code, member_id)
    if found is None:
        raise NotFound(kind="member")
    return found


def _sealed(one, field: str):
    sealed = showing.sealed_cell(the_house().keyring, one, field) if field in showing.FIELDS else None
    if sealed is None:
        raise NotFound(kind="field")
    return sealed


def _unmask_page(county_code: str, member_id: int, field: str, *, reason: str, errors):
    visitor = the_visitor()
    with the_database().transaction() as session:
        one = _record(session, county_code, member_id)[0]
        sealed = _sealed(one, field)
        used = unmasking_queries.used_today(session, visitor.county_code, visitor.person_id, clock.local_day(g.at))
    return render_template(
        "registry/unmask.html",
        name=showing.shown_name(one, in_full=showing.sees_names(visitor.roles)),
        field=unmasking_words.field_words(field),
        masked=sealed,
        reason=reason,
        least=LEAST_REASON_CHARACTERS,
        most=MOST_REASON_CHARACTERS,
        left=max(DAILY_QUOTA - used, 0),
        errors=errors,
        action=url_for("registry.unmask", county_code=county_code, member_id=member_id, field=field),
        back=url_for("registry.member", county_code=county_code, member_id=member_id),
    )


def _name(place) -> str:
    return place.name_en if language() == "en" else place.name_zh


def _tags(asked: ListRequest, counties, townships) -> list[tuple[str, str]]:
    names = {c.county_code: _name(c) for c in counties} | {t.code: _name(t) for t in townships}
    active = (
        ("county", asked.county, names.get(asked.county)),
        ("township", asked.wanted.township, names.get(asked.wanted.township, asked.wanted.township)),
        ("name", asked.wanted.name, _("姓名 %(name)s…", name=asked.wanted.name)),
        ("card", asked.wanted.card, _("卡号尾 %(tail)s", tail=asked.wanted.card)),
    )
    return [
        (words, url_for("registry.members", **asked.values(**{part: None}))) for part, value, words in active if value
    ]


def _next_url(asked: ListRequest, page: queries.Page, shown: int) -> str | None:
    if page.next_after is None:
        return None
    after = "-".join(map(str, page.next_after))
    return url_for("registry.members", **asked.values(after=after, shown=asked.shown_before + shown))


def _export_urls(asked: ListRequest) -> list[tuple[str, str]]:
    return [
        (words, url_for("registry.export", file_type=kind, **asked.values(size=None)))
        for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
    ]
