"""The member's site as one web app. gunicorn calls `oversight.claimants.app:create_app()`."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Flask, g, url_for
from flask_babel import gettext as _

from chassis.desks import desks_of
from chassis.house import House, open_house
from chassis.layout import gallery
from chassis.operations import pages as operations
from chassis.settings import read_settings
from chassis.web import language
from chassis.web.current import Site, the_house
from chassis.web.site import make_site
from oversight.claimants import entrance, pages

SITE = Site(
    key="claimants",
    appearance="member",
    rooms=(operations.mount, language.mount, entrance.mount, pages.mount, gallery.mount),
)


def create_app(house: House | None = None) -> Flask:
    app = make_site(SITE, house or open_house(read_settings(), SITE.key), desks_of(SITE.key))
    app.context_processor(_what_a_member_sees_besides)
    return app


def _what_a_member_sees_besides() -> dict[str, object]:
    """The bar names the member's own county; the foot leads to their own record."""
    place = g.get("place_name")
    brand = _("%(county)s新农合", county=place) if place else _("新农合")
    site = SimpleNamespace(key="member", brand=brand, subtitle=None, tag=None, phone=the_house().settings.member_phone)
    return {"site": site, "account_url": url_for("member.record") if g.get("visitor") else None}
