"""The county's portal as one web app, with the finance desk inside it. gunicorn calls `oversight.app:create_app()`."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _

from chassis import staff_desk
from chassis.desks import desks_of
from chassis.house import House, open_house
from chassis.settings import read_settings
from chassis.web.current import NavigationItem, Site
from chassis.web.site import make_site
from oversight.audits import pages as audits
from oversight.registry import pages as registry
from oversight.registry.catalogue import pages as catalogue
from oversight.registry.imports import pages as imports
from oversight.registry.institutions import pages as institutions
from oversight.registry.membership import pages as membership
from oversight.registry.schedules import pages as schedules
from oversight.registry.schedules.queries import waiting_for_visitor

SITE = Site(
    key="portal",
    appearance="county",
    rooms=(
        *staff_desk.ROOMS,
        registry.mount,
        membership.mount,
        institutions.mount,
        catalogue.mount,
        imports.mount,
        schedules.mount,
        audits.mount,
    ),
    navigation=(
        NavigationItem("home.page", _("总览"), _("您能办的事都从这里进入。")),
        NavigationItem("registry.members", _("参合登记"), _("按乡镇、姓名或卡号找参合人，看本户登记。")),
        NavigationItem(
            "schedules.list",
            _("补偿方案"),
            _("看哪一天适用哪一版方案；登记委员会的批准，由主任确认。"),
            count=waiting_for_visitor,
        ),
        NavigationItem("audits.list", _("批次复算"), _("看承办方的决定和支付与县里自己算的是否一致，从哪一步起不符。")),
        *staff_desk.NAVIGATION,
    ),
)


def create_app(house: House | None = None) -> Flask:
    return make_site(SITE, house or open_house(read_settings(), SITE.key), desks_of(SITE.key))
