"""What a check expected and found, in the reader's language. The rulebook writes it once, in short English.

A phrase that is not in this table is shown as the rulebook wrote it; a test holds the phrases of the checks against it.
"""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from chassis.layout.formats import yuan

_DAY = r"\d{4}-\d{2}-\d{2}"
PHRASES: tuple[tuple[str, Any], ...] = (
    (r"(?P<limit>[\d.,]+) at most", lazy_gettext("最多 %(limit)s")),
    (r"(?P<price>[\d.]+) for (?P<item>\S+)", lazy_gettext("%(item)s 单价 %(price)s")),
    (rf"listed on (?P<day>{_DAY})", lazy_gettext("%(day)s 在目录内")),
    (rf"(?P<start>{_DAY}) to (?P<end>{_DAY})", lazy_gettext("%(start)s 至 %(end)s")),
    (r"(?P<days>\d+) bed days at most", lazy_gettext("床位最多 %(days)s 日")),
    (r"an invoice claimed once", lazy_gettext("一张发票只申报一次")),
    (r"a stay claimed once", lazy_gettext("一次住院只申报一次")),
    (
        rf"(?P<start>{_DAY}) to (?P<end>{_DAY}), (?P<fen>\d+) fen",
        lazy_gettext("%(start)s 至 %(end)s，%(fen)s 元"),
    ),
    (rf"(?P<item>\S+) once on (?P<day>{_DAY})", lazy_gettext("%(item)s 在 %(day)s 只一次")),
    (r"lines (?P<one>\d+) and (?P<other>\d+)", lazy_gettext("第 %(one)s 行和第 %(other)s 行")),
    (rf"enrolled on (?P<day>{_DAY})", lazy_gettext("%(day)s 已参合")),
    (r"not enrolled", lazy_gettext("没有参合")),
    (rf"alive on (?P<day>{_DAY})", lazy_gettext("%(day)s 在世")),
    (rf"died on (?P<day>{_DAY})", lazy_gettext("%(day)s 去世")),
    (r"a diagnosis of a (?P<sex>male|female)", lazy_gettext("%(sex)s的诊断")),
    (r"an item for a (?P<sex>male|female)", lazy_gettext("%(sex)s的项目")),
    (r"(?P<item>\S+) for a (?P<sex>male|female)", lazy_gettext("%(item)s，%(sex)s用")),
    (rf"a schedule in force on (?P<day>{_DAY})", lazy_gettext("%(day)s 有经批准的方案")),
    (rf"an agreement in force on (?P<day>{_DAY})", lazy_gettext("%(day)s 有定点协议")),
    (r"none with (?P<institution>\S+)", lazy_gettext("%(institution)s 没有")),
    (rf"a referral valid on (?P<day>{_DAY})", lazy_gettext("%(day)s 有效的转诊单")),
    (r"none", lazy_gettext("没有")),
    (r"a signed receipt", lazy_gettext("参合人签收的回执")),
    (r"an account to pay to", lazy_gettext("能付到的账户")),
    (r"within (?P<days>\d+) days of discharge", lazy_gettext("出院后 %(days)s 日内")),
    (r"(?P<days>\d+) days", lazy_gettext("%(days)s 日")),
    (r"(?P<fen>-?\d+) fen in the account", lazy_gettext("账户有 %(fen)s 元")),
    (r"(?P<fen>-?\d+) fen", lazy_gettext("%(fen)s 元")),
    (
        rf"(?P<start>{_DAY}) to (?P<end>{_DAY}) at (?P<institution>\S+), gap (?P<gap>-?\d+)",
        lazy_gettext("%(start)s 至 %(end)s，%(institution)s，相隔 %(gap)s 日"),
    ),
    (r"no return for the same diagnosis so soon", lazy_gettext("不因同一诊断这样快又住院")),
    (r"no return so soon", lazy_gettext("不这样快又住院")),
    (r"a referral between the two", lazy_gettext("两次之间有转诊单")),
    (r"one stay at a time", lazy_gettext("同一时间只住一处")),
)
_COMPILED = tuple((re.compile(pattern), words) for pattern, words in PHRASES)


def phrase_words(phrase: str) -> str:
    for pattern, words in _COMPILED:
        found = pattern.fullmatch(phrase)
        if found:
            return str(words) % {name: _told(name, value) for name, value in found.groupdict().items()}
    return phrase


def is_known(phrase: str) -> bool:
    return any(pattern.fullmatch(phrase) for pattern, _words in _COMPILED)


def _told(name: str, value: str) -> str:
    if name == "fen":
        return yuan(int(value))
    if re.fullmatch(r"\d+\.\d{4}", value):
        return value.removesuffix("00")  # a price has two decimals at least
    if name == "sex":
        return {"male": _("男性"), "female": _("女性")}[value]
    return value
