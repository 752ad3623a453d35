"""The lists of institutions and of referral slips.

One comes to see whether a hospital was designated on a day, and by which agreement; or which slips a member had.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, g, render_template, request
from flask_babel import gettext as _

from chassis import clock
from chassis.desks import COUNTY, Desk
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from oversight.registry import words
from oversight.registry.asking import (
    asked_choice,
    asked_cursor,
    asked_day,
    asked_number,
    asked_words,
)
from oversight.registry.imports.showing import TAKES_ROLES
from oversight.registry.institutions import queries
from oversight.registry.listing import furniture, name_of
from oversight.registry.queries import counties_seen_by
from oversight.registry.showing import sees_names, shown_card, shown_name


def mount(app: Flask, desk: Desk) -> None:
    if desk != COUNTY:
        return
    room = Blueprint("institutions", __name__, template_folder="templates", url_prefix="/registry")
    at(room, "/institutions", "list", {"GET": show_list})
    at(room, "/referrals", "referrals", {"GET": show_referrals})
    app.register_blueprint(room)


def show_list():
    visitor, today = the_visitor(), clock.local_day(g.at)
    args = request.args
    after = asked_cursor(args, 2)
    with the_database().transaction() as session:
        counties = {c.county_code: name_of(c) for c in counties_seen_by(session, visitor.county_code)}
        asked = queries.InstitutionsAsked(
            county_codes=list(counties),
            on=asked_day(args, "on") or today,
            text=asked_words(args, "text"),
            tier=asked_choice(args, "tier", words.TIERS),
            designated=asked_choice(args, "designated", ("yes", "no")),
        )
        rows, total, has_more = queries.institutions_page(session, asked, after=after)
    values = {
        "text": asked.text,
        "tier": asked.tier,
        "designated": asked.designated,
        "on": asked.on.isoformat() if asked.on != today else "",
    }
    shown = [
        SimpleNamespace(
            county=counties[i.county_code],
            code=i.institution_code,
            name=name_of(i),
            tier=words.TIERS[i.tier],
            township=name_of(township) if township else None,
            beds=i.beds,
            agreement=agreement,
        )
        for i, agreement, township in rows
    ]
    labels = values | {
        "tier": words.TIERS[int(asked.tier)] if asked.tier else "",
        "designated": {"yes": _("是定点"), "no": _("不是定点")}.get(asked.designated, ""),
    }
    return render_template(
        "institutions/list.html",
        **furniture(
            "institutions.list",
            values,
            labels,
            after=after,
            before=asked_number(args, "shown"),
            count=len(rows),
            total=total,
            cursor=f"{rows[-1][0].county_code}~{rows[-1][0].institution_code}" if has_more else None,
        ),
        asked=asked,
        tiers=list(words.TIERS.items()),
        counties=counties,
        rows=shown,
        import_url=desk_url("imports.new", kind="institutions") if visitor.roles & TAKES_ROLES else None,
    )


def show_referrals():
    visitor = the_visitor()
    args = request.args
    after = asked_cursor(args, 2)
    if after is not None and not (asked_day({"day": after[0]}, "day") and after[1].isascii() and after[1].isdigit()):
        after = None
    with the_database().transaction() as session:
        counties = {c.county_code: name_of(c) for c in counties_seen_by(session, visitor.county_code)}
        asked = queries.ReferralsAsked(
            county_codes=list(counties),
            slip=asked_words(args, "slip"),
            card=asked_words(args, "card"),
            institution=asked_words(args, "institution"),
            on=asked_day(args, "on"),
        )
        rows, total, has_more = queries.referrals_page(session, asked, after=after)
    in_full = sees_names(visitor.roles)
    values = {
        "slip": asked.slip,
        "card": asked.card,
        "institution": asked.institution,
        "on": asked.on.isoformat() if asked.on else "",
    }
    shown = [
        SimpleNamespace(
            slip=referral,
            county=counties[referral.county_code],
            name=shown_name(member, in_full=in_full),
            card=shown_card(member, in_full=in_full),
            url=desk_url("registry.member", county_code=member.county_code, member_id=member.id),
            sender=name_of(sender),
            receiver=name_of(receiver),
        )
        for referral, member, sender, receiver in rows
    ]
    return render_template(
        "institutions/referrals.html",
        **furniture(
            "institutions.referrals",
            values,
            values,
            after=after,
            before=asked_number(args, "shown"),
            count=len(rows),
            total=total,
            cursor=f"{rows[-1][0].valid_from_on}~{rows[-1][0].id}" if has_more else None,
        ),
        asked=asked,
        counties=counties,
        rows=shown,
        import_url=desk_url("imports.new", kind="referrals") if visitor.roles & TAKES_ROLES else None,
    )
