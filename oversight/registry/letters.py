"""The activation slip as a letter: one sheet in Chinese, its English overleaf, whatever language the desk reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from flask_babel import force_locale
from flask_babel import gettext as _

from chassis import clock
from chassis.i18n import LANGUAGES
from chassis.layout.formats import day_for_members
from oversight.registry.slips import PrintedSlip
from oversight.registry.tables import Division, Household, Member, Township


@dataclass(frozen=True)
class Sheet:
    """The words of one side of the paper."""

    html_language: str
    level: int
    office: str
    number: str
    day: str
    title: str
    to: str
    opening: str
    code_label: str
    code: str = field(repr=False)
    steps: tuple[str, ...]
    ending: tuple[str, ...]
    other_side: str
    page: str


def slip_sheets(
    printed: PrintedSlip,
    *,
    member: Member,
    household: Household,
    division: Division,
    township: Township,
    on: dt.date,
    phone: str,
) -> list[Sheet]:
    last_on = clock.local_day(printed.expires_at)
    telephone = township.office_phone or phone
    sheets = []
    for number, language in enumerate(("zh", "en"), 1):
        with force_locale(LANGUAGES[language]):
            county = division.name_en if language == "en" else division.name_zh
            office = township.name_en if language == "en" else township.name_zh
            facts = {"tail": member.card_number[-4:], "household": household.household_number, "name": member.name}
            sheets.append(
                Sheet(
                    html_language="en" if language == "en" else "zh-Hans",
                    level=number,
                    office=_("%(county)s新型农村合作医疗管理办公室", county=county),
                    number=_("激活单 %(number)s", number=printed.id),
                    day=day_for_members(on, language, with_year=True),
                    title=_("手机网站激活单"),
                    to=_("%(name)s（卡尾号 %(tail)s，户号 %(household)s）：", **facts),
                    opening=_("凭这张单子和您的合作医疗卡，可以在手机上看自己的登记。第一次进入时填："),
                    code_label=_("激活码"),
                    code=printed.code_in_groups,
                    steps=(
                        _("用手机打开县合作医疗的网站，点“第一次来，或忘了密码”。"),
                        _("填卡号和上面 12 位激活码，再自己选一个 6 位数字的密码。"),
                        _("以后只用卡号和密码登录。密码不要告诉别人，工作人员也不会问您。"),
                    ),
                    ending=(
                        _(
                            "激活码只能用一次，%(day)s以前有效。",
                            day=day_for_members(last_on, language, with_year=True),
                        ),
                        _("丢了或被人看见，带身份证到%(office)s合管办换一张，旧的就作废，不收费。", office=office),
                        _("不会用，打电话 %(phone)s。", phone=telephone),
                    ),
                    other_side=_("背面是英文"),
                    page=_("第 %(page)s 页，共 2 页", page=number),
                )
            )
    return sheets
