"""The catalogue on a day: one comes to see in which class an item was, and what it might cost at most."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Flask, g, render_template, request

from chassis import clock
from chassis.desks import COUNTY, Desk
from chassis.web.current import desk_url, the_database, the_visitor
from chassis.web.rooms import at
from oversight.registry import words
from oversight.registry.asking import asked_choice, asked_cursor, asked_day, asked_number, asked_words
from oversight.registry.catalogue import queries
from oversight.registry.imports.showing import TAKES_ROLES
from oversight.registry.listing import furniture, name_of
from oversight.registry.queries import counties_seen_by


def mount(app: Flask, desk: Desk) -> None:
    if desk != COUNTY:
        return
    room = Blueprint("catalogue", __name__, template_folder="templates", url_prefix="/registry/catalogue")
    at(room, "", "list", {"GET": show_list})
    app.register_blueprint(room)


def show_list():
    visitor, today, args = the_visitor(), clock.local_day(g.at), request.args
    after = asked_cursor(args, 2)
    with the_database().transaction() as session:
        counties = {c.county_code: name_of(c) for c in counties_seen_by(session, visitor.county_code)}
        asked = queries.CatalogueAsked(
            county_codes=list(counties),
            on=asked_day(args, "on") or today,
            text=asked_words(args, "text"),
            catalogue_class=asked_choice(args, "class", words.CLASSES),
            kind=asked_choice(args, "item_kind", words.ITEM_KINDS),
        )
        rows, total, has_more = queries.catalogue_page(session, asked, after=after)
    values = {
        "text": asked.text,
        "class": asked.catalogue_class,
        "item_kind": asked.kind,
        "on": asked.on.isoformat() if asked.on != today else "",
    }
    labels = values | {
        "class": words.CLASSES[int(asked.catalogue_class)] if asked.catalogue_class else "",
        "item_kind": words.ITEM_KINDS.get(asked.kind, ""),
    }
    return render_template(
        "catalogue/list.html",
        **furniture(
            "catalogue.list",
            values,
            labels,
            after=after,
            before=asked_number(args, "shown"),
            count=len(rows),
            total=total,
            cursor=f"{rows[-1].county_code}~{rows[-1].item_code}" if has_more else None,
        ),
        asked=asked,
        classes=list(words.CLASSES.items()),
        kinds=list(words.ITEM_KINDS.items()),
        counties=counties,
        rows=[_row(row, counties) for row in rows],
        import_url=desk_url("imports.new", kind="catalogue") if visitor.roles & TAKES_ROLES else None,
    )


def _row(row, counties) -> SimpleNamespace:
    return SimpleNamespace(
        county=counties[row.county_code],
        code=row.item_code,
        name=row.name,
        catalogue_class=words.CLASSES[row.catalogue_class],
        kind=words.ITEM_KINDS[row.kind],
        from_on=row.from_on,
        until_on=row.until_on,
        limits=[words.price_text(p) for p in (row.limit_township_e4, row.limit_county_e4, row.limit_above_e4)],
        reserved_sex=words.SEXES[row.reserved_sex] if row.reserved_sex else None,
    )
