"""The kinds of files a registry takes, in the order in which a county that begins enters them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from chassis.reading.tables import Table
from chassis.vault.keyring import Keyring
from oversight.registry.catalogue.pricing import CatalogueRow, plan_catalogue
from oversight.registry.households.entering import MemberRow, plan_members
from oversight.registry.households.places import PlaceRow, plan_places
from oversight.registry.imports import columns
from oversight.registry.institutions.entering import (
    AgreementRow,
    InstitutionRow,
    plan_agreements,
    plan_institutions,
)
from oversight.registry.institutions.referring import ReferralRow, plan_referrals
from oversight.registry.membership.deaths import DeathRow, plan_deaths
from oversight.registry.membership.enrolling import EnrolmentRow, plan_enrolments
from oversight.registry.membership.statuses import StatusRow, plan_statuses
from oversight.registry.plans import Plan


@dataclass(frozen=True)
class Setting:
    """What a plan is made in: whose registry, on which day, with which keys."""

    session: Session
    keyring: Keyring
    county_code: str
    on: dt.date


@dataclass(frozen=True)
class Kind:
    key: str
    title: Any
    about: Any
    table: Table
    row_type: type
    plan: Callable[[Setting, Sequence[Any]], Plan]
    sealed: frozenset[str] = field(default_factory=frozenset)
    """Columns whose cells are never shown, not even where they are wrong."""


KINDS = {
    kind.key: kind
    for kind in (
        Kind(
            "places",
            _("乡镇和村"),
            _("一行一个村。乡镇代码九位，村代码十二位，都以县代码开头。"),
            columns.PLACES,
            PlaceRow,
            lambda s, rows: plan_places(s.session, s.county_code, rows),
        ),
        Kind(
            "members",
            _("参合户和人员"),
            _("一行一个人。电话和收款账户空着，就保留已登记的。"),
            columns.MEMBERS,
            MemberRow,
            lambda s, rows: plan_members(s.session, s.keyring, s.county_code, rows, on=s.on),
            frozenset({"identity_number", "phone", "bank_account"}),
        ),
        Kind(
            "enrolment",
            _("参合年度"),
            _("一行一个人一个年度一个险种。补充医疗要先有当年的参合。参合日期空着，从一月一日起。"),
            columns.ENROLMENT,
            EnrolmentRow,
            lambda s, rows: plan_enrolments(s.session, s.county_code, rows),
        ),
        Kind(
            "statuses",
            _("贫困户和五保户"),
            _("一行一段时间。失效日是不再算的第一天，空着就一直算到下一段开始。"),
            columns.STATUS,
            StatusRow,
            lambda s, rows: plan_statuses(s.session, s.county_code, rows),
        ),
        Kind(
            "deaths",
            _("死亡"),
            _("一行一个人。死亡以后的就诊由核查找出来，这里不改已有的补偿。"),
            columns.DEATHS,
            DeathRow,
            lambda s, rows: plan_deaths(s.session, s.county_code, rows, on=s.on),
        ),
        Kind(
            "institutions",
            _("医疗机构"),
            _("一行一家机构。收款户名和账户一起填；空着就保留已登记的。"),
            columns.INSTITUTIONS,
            InstitutionRow,
            lambda s, rows: plan_institutions(s.session, s.keyring, s.county_code, rows),
            frozenset({"bank_account"}),
        ),
        Kind(
            "agreements",
            _("定点协议"),
            _("一行一份协议。有协议的日子，机构才是定点机构。"),
            columns.AGREEMENTS,
            AgreementRow,
            lambda s, rows: plan_agreements(s.session, s.county_code, rows),
        ),
        Kind(
            "catalogue",
            _("目录和限价"),
            _("一行一个项目的一段时间。新价格从生效日起接替没有失效日的旧价格。限价空着就是不限。"),
            columns.CATALOGUE,
            CatalogueRow,
            lambda s, rows: plan_catalogue(s.session, s.county_code, rows),
        ),
        Kind(
            "referrals",
            _("转诊单"),
            _("一行一张单。失效日是不再有效的第一天。"),
            columns.REFERRALS,
            ReferralRow,
            lambda s, rows: plan_referrals(s.session, s.county_code, rows),
        ),
    )
}
