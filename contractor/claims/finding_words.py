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
    (r"fewer than (?P<count>\d+) in (?P<days>\d+) days", lazy_gettext("%(days)s 日内少于 %(count)s 张")),
    (
        r"(?P<count>\d+) bills of (?P<least>[\d.]+) to (?P<most>[\d.]+)",
        lazy_gettext("%(count)s 张，每张 %(least)s 至 %(most)s 元"),
    ),
    (r"in bed between the days", lazy_gettext("两日之间在院")),
    (
        rf"seen on (?P<day>{_DAY}), in bed (?P<start>{_DAY}) to (?P<end>{_DAY})",
        lazy_gettext("%(day)s 门诊，%(start)s 至 %(end)s 在院"),
    ),
    (r"an amount charged", lazy_gettext("有收费")),
    (r"(?P<years>\d+) years at most for (?P<diagnosis>\S+)", lazy_gettext("%(diagnosis)s 最多 %(years)s 岁")),
    (r"(?P<years>\d+) years at least for (?P<diagnosis>\S+)", lazy_gettext("%(diagnosis)s 至少 %(years)s 岁")),
    (
        r"(?P<years>\d+) to (?P<most>\d+) years for (?P<diagnosis>\S+)",
        lazy_gettext("%(diagnosis)s 为 %(years)s 至 %(most)s 岁"),
    ),
    (r"(?P<years>-?\d+) years", lazy_gettext("%(years)s 岁")),
    (r"something billed on each of (?P<days>\d+) days", lazy_gettext("%(days)s 日每日都有费用")),
    (r"(?P<percent>[\d.]+) % at most", lazy_gettext("最多 %(percent)s%%")),
    (r"(?P<percent>[\d.]+) %", lazy_gettext("%(percent)s%%")),
    (rf"(?P<one>.+) or (?P<other>.+) on (?P<day>{_DAY})", lazy_gettext("%(day)s %(one)s、%(other)s 只计一项")),
    (
        rf"(?P<count>\d+) of (?P<item>\S+) at most on (?P<day>{_DAY})",
        lazy_gettext("%(day)s %(item)s 最多 %(count)s 次"),
    ),
    (r"(?P<days>\d+) days at most", lazy_gettext("最多 %(days)s 日")),
    (r"a diagnosis the test is for", lazy_gettext("该检查所适用的诊断")),
    (r"fewer than (?P<count>\d+) large tests on admission", lazy_gettext("入院时大型检查少于 %(count)s 项")),
    (r"no emergency fee", lazy_gettext("没有急诊费")),
    (r"about (?P<usual>[\d.]+), as (?P<count>\d+) others", lazy_gettext("约 %(usual)s 元，如其他 %(count)s 例")),
    (r"(?P<total>[\d.]+), (?P<above>[\d.]+) deviations above", lazy_gettext("%(total)s 元，高出 %(above)s 个标准差")),
    (r"(?P<count>\d+) people at most to one account", lazy_gettext("一个账户最多 %(count)s 人")),
    (r"(?P<people>\d+) people of (?P<households>\d+) households", lazy_gettext("%(households)s 户 %(people)s 人")),
    (r"(?P<count>\d+) in bed at most", lazy_gettext("在院最多 %(count)s 人")),
    (r"(?P<count>\d+) admitted at most", lazy_gettext("当日入院最多 %(count)s 人")),
    (rf"(?P<count>\d+) on (?P<day>{_DAY})", lazy_gettext("%(day)s %(count)s 人")),
    (r"(?P<percent>[\d.]+) % low-threshold stays at most", lazy_gettext("低标准住院最多占 %(percent)s%%")),
    (r"(?P<percent>[\d.]+) % stays of one day at most", lazy_gettext("一日住院最多占 %(percent)s%%")),
    (r"(?P<percent>[\d.]+) % of (?P<count>\d+)", lazy_gettext("%(count)s 例的 %(percent)s%%")),
    (r"enrolled in one county", lazy_gettext("只在一县参合")),
    (r"enrolled in (?P<county>\d+) too", lazy_gettext("同时在 %(county)s 参合")),
    (r"(?P<count>\d+) of one household on one day at most", lazy_gettext("同户同日最多 %(count)s 人")),
    (r"fewer than (?P<count>\d+) of one village", lazy_gettext("同村少于 %(count)s 人")),
    (rf"(?P<count>\d+) from (?P<day>{_DAY}) on", lazy_gettext("自 %(day)s 起 %(count)s 人")),
    (
        r"(?P<units>\d+) units at most, or fewer than (?P<places>\d+) places",
        lazy_gettext("最多 %(units)s 单位，或少于 %(places)s 家"),
    ),
    (
        r"(?P<units>\d+) units of (?P<item>\S+) from (?P<places>\d+)",
        lazy_gettext("%(item)s %(units)s 单位，%(places)s 家"),
    ),
    (r"a name like (?P<name>.+)", lazy_gettext("与“%(name)s”相近的名称")),
    (r"(?P<name>.+), (?P<percent>\d+) % alike", lazy_gettext("“%(name)s”，相似 %(percent)s%%")),
    (r"between (?P<start>\d+) and (?P<end>\d+) o\'clock", lazy_gettext("%(start)s 时至 %(end)s 时之间")),
    (r"at (?P<hour>\d\d:\d\d)", lazy_gettext("%(hour)s")),
    (r"(?P<count>\d+) operations a day at most", lazy_gettext("一日最多 %(count)s 台")),
    (rf"(?P<count>\d+) by (?P<doctor>\S+) on (?P<day>{_DAY})", lazy_gettext("%(doctor)s 在 %(day)s 做 %(count)s 台")),
    (
        r"fewer than (?P<count>\d+) claims, or (?P<total>[\d.]+) at most",
        lazy_gettext("少于 %(count)s 次，或最多 %(total)s 元"),
    ),
    (r"(?P<count>\d+) claims, (?P<total>[\d.]+)", lazy_gettext("%(count)s 次，%(total)s 元")),
    (r"below (?P<percent>\d+) % of (?P<cap>[\d.]+)", lazy_gettext("低于 %(cap)s 元的 %(percent)s%%")),
    (r"somebody else to decide", lazy_gettext("由他人决定")),
    (r"entered and decided by (?P<person>\d+)", lazy_gettext("%(person)s 录入并决定")),
    (r"paid after (?P<minutes>\d+) minutes at least", lazy_gettext("至少 %(minutes)s 分钟后支付")),
    (r"paid after (?P<minutes>\d+) minutes", lazy_gettext("%(minutes)s 分钟后支付")),
    (r"(?P<percent>\d+) % of the other months at most", lazy_gettext("最多为其他月份的 %(percent)s%%")),
    (r"(?P<percent>\d+) % in December", lazy_gettext("十二月为 %(percent)s%%")),
    (r"a deviation of (?P<deviation>[\d.]+) at most", lazy_gettext("偏差最多 %(deviation)s")),
    (r"(?P<deviation>[\d.]+), too often (?P<digit>\d)", lazy_gettext("%(deviation)s，%(digit)s 过多")),
    (r"(?P<owed>[\d.]+) advanced", lazy_gettext("垫付 %(owed)s 元")),
    (r"(?P<item>\S+) for (?P<diagnosis>\S+)", lazy_gettext("%(item)s 用于 %(diagnosis)s")),
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
