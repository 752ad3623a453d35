"""What the component gallery shows: an invented county whose figures add up. Only the gallery and its tests read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chassis.layout import figures, stays
from chassis.layout.sample_words import CHINESE

_HASH = "7f3a91c20b5ed4183c90e1a7a2e466b0c81d04f7d418f3a9001c20b5e4d07f13"
_SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def _at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=_SHANGHAI)


def gallery(language: str) -> dict[str, Any]:
    """Every example of the gallery, in the words of one language ("zh" or "en").

    `say` turns the English by which a template names a sample word into the reader's language.
    """

    def say(chinese: str, english: str) -> str:
        return english if language == "en" else chinese

    return {
        "hash": _HASH,
        "queue": _queue(say),
        "steps": _steps(say),
        "fees": _fees(say),
        "comparison": _comparison(say),
        "stays": _stays(say),
        "events": _events(say),
        "plots": _plots(say),
        "months": _months(say),
        "balance": _balance(),
        "member_steps": _member_steps(say),
        "letter": _letter(say),
        "letter_words": _letter_words(say),
        "say": lambda english: english if language == "en" else CHINESE[english],
    }


def _queue(say) -> list[dict[str, Any]]:
    finding = {
        "F38": (say("经办人异常", "insider pattern"), "critical"),
        "F29": (say("高额", "high value"), "low"),
        "F01": (say("分解住院", "split admission"), "high"),
        "F13": (say("同时在两地", "two places at once"), "critical"),
        "F27": (say("检查聚集", "test battery"), "low"),
    }
    county = say("县人民医院", "County Hospital")
    city = say("市中心医院", "City Central")

    def row(number, due, name, card, where, total, claimed, code, more, loss, state):
        title, severity = finding[code]
        return {
            "number": (number, f"#{number}"),
            "key": number,
            "due": due,
            "member": (name, say("尾号 ", "ends ") + card),
            "institution": where,
            "total_fen": total,
            "claimed_fen": claimed,
            "finding": {"code": code, "name": title, "severity": severity, "more": more},
            "loss_fen": loss,
            "state": state,
        }

    waiting, mine = (say("待审", "waiting"), None), (say("我已领取", "mine"), "note")
    return [
        {
            "title": say("逾期和今日到期 2", "Overdue and due today 2"),
            "rows": [
                row(
                    "2611-003402",
                    (say("今日到期", "due today"), "wait"),
                    say("李国栋", "Li Guodong"),
                    "5527",
                    county,
                    4130672,
                    2488470,
                    "F38",
                    1,
                    2388931,
                    waiting,
                ),
                row(
                    "2611-002954",
                    (say("逾期 2 日", "2 days late"), "bad"),
                    say("王守田", "Wang Shoutian"),
                    "0573",
                    say("市第二医院", "City Second"),
                    8624015,
                    5090409,
                    "F29",
                    1,
                    1883451,
                    waiting,
                ),
            ],
        },
        {
            "title": say("其余 1,282，按预计损失", "Others 1,282, by expected loss"),
            "rows": [
                row(
                    "2611-004190",
                    (say("剩 1 日", "1 day left"), None),
                    say("何长顺", "He Changshun"),
                    "7713",
                    city,
                    6891333,
                    3710800,
                    "F13",
                    0,
                    3339720,
                    waiting,
                ),
                row(
                    "2611-004217",
                    (say("剩 1 日", "1 day left"), None),
                    say("张桂兰", "Zhang Guilan"),
                    "3618",
                    county,
                    702180,
                    452670,
                    "F01",
                    4,
                    443617,
                    mine,
                ),
                row(
                    "2611-004688",
                    (say("剩 8 日", "8 days left"), None),
                    say("冯建军", "Feng Jianjun"),
                    "8190",
                    say("石桥乡卫生院", "Shiqiao Township"),
                    221070,
                    162856,
                    "F27",
                    0,
                    48857,
                    (say("待补材料", "papers due"), "wait"),
                ),
            ],
        },
    ]


def _steps(say) -> list[dict[str, Any]]:
    def article(number: str) -> str:
        return say(f"第 {number} 条", f"art. {number}")

    return [
        {"operator": "", "label": say("总费用", "Total cost"), "amount_fen": 702180},
        {
            "operator": "minus",
            "label": say("目录外自费", "Outside the catalogue"),
            "amount_fen": 31200,
            "article": article("8"),
        },
        {
            "operator": "minus",
            "label": say("审核减额（3 行）", "Reduced on review (3 lines)"),
            "amount_fen": 38200,
            "article": article("21"),
            "is_changed": True,
        },
        {
            "operator": "minus",
            "label": say("乙类先自付 10%", "First 10% of class B"),
            "amount_fen": 46100,
            "article": article("9"),
        },
        {"operator": "equals", "label": say("可补偿费用", "Eligible cost"), "amount_fen": 586680, "kind": "subtotal"},
        {
            "operator": "minus",
            "label": say("起付线，县级", "Deductible, county tier"),
            "amount_fen": 20000,
            "article": article("10"),
        },
        {
            "operator": "equals",
            "label": say("起付线以上", "Above the deductible"),
            "amount_fen": 566680,
            "kind": "subtotal",
        },
        {
            "operator": "times",
            "label": say("比例 70%，低保加 5 点", "Rate 70%, poor + 5 points"),
            "text": "75%",
            "article": article("11"),
        },
        {
            "operator": "equals",
            "label": say("按比例补偿", "Share"),
            "amount_fen": 425010,
            "kind": "subtotal",
            "article": say("四舍五入到分", "half up to the fen"),
            "is_changed": True,
        },
        {"operator": "", "label": say("封顶", "Cap"), "kind": "heading"},
        {"operator": "", "label": say("年内已补偿", "Paid earlier this year"), "amount_fen": 584155},
        {
            "operator": "at_most",
            "label": say("封顶余额", "Left to the cap"),
            "amount_fen": 9415845,
            "article": article("12"),
        },
        {"operator": "", "label": say("应补偿", "Compensation"), "amount_fen": 425010, "kind": "result"},
    ]


def _fees(say) -> list[dict[str, Any]]:
    return [
        {
            "item": say("床位费（三人间）", "Bed (room of three)"),
            "price_fen": 3500,
            "amount_fen": 42000,
            "allowed_fen": 35000,
        },
        {"item": say("颅脑 CT 平扫", "CT of the head"), "price_fen": 18000, "amount_fen": 36000, "allowed_fen": 18000},
        {"item": say("肠内营养粉剂", "Enteral nutrition"), "price_fen": 7800, "amount_fen": 31200, "allowed_fen": 0},
        {
            "item": say("院方调整", "Hospital's adjustment"),
            "price_fen": None,
            "amount_fen": -27660,
            "allowed_fen": -27660,
        },
    ]


def _comparison(say) -> list[dict[str, Any]]:
    county, city = say("县级", "county tier"), say("市级", "city tier")
    return [
        {"label": say("可补偿费用", "Eligible cost"), "left": 1864000, "right": 1864000, "is_money": True},
        {
            "label": say("起付线", "Deductible"),
            "article": say("第 10 条", "art. 10"),
            "left": 20000,
            "right": 40000,
            "is_money": True,
            "left_note": county,
            "right_note": city,
            "is_unequal": True,
        },
        {"label": say("起付线以上", "Above the deductible"), "left": 1844000, "right": 1824000, "is_money": True},
        {
            "label": say("比例", "Rate"),
            "article": say("第 11 条", "art. 11"),
            "left": "70%",
            "right": "60%",
            "left_note": county,
            "right_note": city,
            "is_unequal": True,
        },
        {"label": say("应补偿", "Compensation"), "left": 1290800, "right": 1094400, "is_money": True, "is_total": True},
    ]


def _stays(say) -> stays.Timeline:
    county = say("县人民医院", "County Hospital")
    stroke = say("脑梗死", "stroke")
    return stays.timeline(
        [
            stays.Stay(county, dt.date(2026, 10, 12), dt.date(2026, 10, 22), f"10-12 {stroke} 3,977.20"),
            stays.Stay(county, dt.date(2026, 10, 26), dt.date(2026, 11, 5), say("本件", "this one"), is_this=True),
            stays.Stay(
                say("县中医院", "County TCM"), dt.date(2026, 3, 4), dt.date(2026, 3, 11), f"03-04 {stroke} 1,864.35"
            ),
        ],
        year=2026,
    )


def _events(say) -> list[dict[str, Any]]:
    wang, zhang = say("王敏", "Wang Min"), say("赵晓燕", "Zhao Xiaoyan")
    return [
        {
            "at": _at("2026-11-20T14:31"),
            "by": wang,
            "what": say("减额 132.00", "Reduced by 132.00"),
            "kind": "wait",
            "note": say("依达拉奉注射液超过限价 42.00", "Edaravone above the price limit of 42.00"),
        },
        {
            "at": _at("2026-11-19T16:40"),
            "by": say("规则", "Rules"),
            "what": say("发现 F01 分解住院", "Finding F01 split admission"),
            "kind": "bad",
        },
        {"at": _at("2026-11-06T09:12"), "by": zhang, "what": say("材料收齐", "Papers complete"), "kind": "ok"},
        {
            "at": _at("2026-11-05T18:02"),
            "by": say("县人民医院", "County Hospital"),
            "what": say("收到申请", "Claim received"),
        },
    ]


def _plots(say) -> dict[str, Any]:
    quarters = [say("四季", "Q4"), say("一季", "Q1"), say("二季", "Q2"), say("三季", "Q3")]
    classes = [
        "<500",
        say("500–1千", "0.5–1k"),
        say("1–3千", "1–3k"),
        say("3千–1万", "3–10k"),
        say("1–3万", "10–30k"),
        say("≥3万", "≥30k"),
    ]
    counts = list(zip(classes, [1264, 1438, 1902, 967, 241, 30], strict=True))
    return {
        "score": figures.sparkline(
            list(zip(quarters, [85.91, 87.20, 89.05, 88.64], strict=True)),
            limit=90,
            limit_label=say("A 级 90", "grade A 90"),
        ),
        "classes": counts,
        "histogram": figures.histogram(counts),
        "on_time": figures.band_bar(91.11, floor=85, target=97),
        "long": figures.band_bar(0.19, floor=1.0, target=0.1),
        "area": figures.share_bar(1943, 2300, width=160),
        "peers": figures.scale(
            {"p5": 2310, "p25": 3480, "p50": 4392, "p75": 5310, "p95": 6540, "this": 7021.8},
            highest=9000,
            ticks=[(0, "0"), (3000, "3,000"), (6000, "6,000"), (9000, "9,000")],
            width=330,
        ),
        "errors": figures.scale(
            {"estimate": 1.08, "upper": 4.999, "tolerable": 5},
            highest=8,
            ticks=[(0, "0%"), (2, "2%"), (4, "4%"), (6, "6%"), (8, "8%")],
            width=420,
        ),
        "paid": figures.share_bar(9342060, 10000000),
        "supplementary": figures.share_bar(0, 12000000, pending=2341280),
        "full": figures.share_bar(10000000, 10000000),
    }


def _months(say) -> list[tuple[str, list[int | None]]]:
    paid = [761, 692, 853, 838, 828, 861, 889, 905, 915, 924]
    rows: list[tuple[str, list[int | None]]] = [
        (say(f"{number}月", f"{number}/26"), [wan * 1_000_000, None, 840_934_548]) for number, wan in enumerate(paid, 1)
    ]
    return rows + [(say(f"{number}月", f"{number}/26"), [None, 918_128_720, 840_934_548]) for number in (11, 12)]


def _balance() -> list[tuple[str, list[int | None]]]:
    known = [449, 420, 366, 366, 366, 311, 280, 241, 221, 196]
    days = [f"11-{day}" for day in range(11, 25)]
    rows: list[tuple[str, list[int | None]]] = []
    for i, day in enumerate(days):
        value = known[i] * 1_000_000 if i < len(known) else None
        ahead = {9: 196, 10: 40, 11: 12, 12: 0, 13: 0}.get(i)
        high = {9: 196, 10: 55, 11: 30, 12: 18, 13: 8}.get(i)
        low = {9: 196, 10: 28, 11: 2, 12: 0, 13: 0}.get(i)
        rows.append(
            (day, [value, *(None if one is None else one * 1_000_000 for one in (ahead, high, low)), 85_000_000])
        )
    return rows


def _member_steps(say) -> list[tuple[str, str, str]]:
    return [
        (
            say("您交了申请", "You sent your claim"),
            say("11 月 12 日 20:14，照片 5 页", "12 November 20:14, 5 photos"),
            "done",
        ),
        (
            say("材料收齐", "Papers complete"),
            say("11 月 13 日，次日起 10 个工作日", "13 November; 10 working days from the next"),
            "done",
        ),
        (say("县里在核算", "The county is checking"), say("已是第 5 个工作日", "Working day 5"), "now"),
        (say("出决定", "Decision"), say("最迟 11 月 27 日", "By 27 November"), "next"),
        (
            say("钱到银行卡", "Money in your account"),
            say("决定后 5 个工作日内，尾号 2071", "Within 5 working days of the decision, ending 2071"),
            "next",
        ),
    ]


def _letter(say) -> list[dict[str, Any]]:
    def article(number: str) -> str:
        return say(f"方案第 {number} 条", f"Scheme, art. {number}")

    return [
        {
            "operator": "",
            "label": say("这次住院总费用", "Total cost of this stay"),
            "amount_fen": 7420690,
            "article": say("医院费用清单", "Hospital statement"),
        },
        {
            "operator": "minus",
            "label": say("目录外自费", "items outside the catalogue"),
            "amount_fen": 891440,
            "article": article("8"),
        },
        {
            "operator": "minus",
            "label": say("超限额的材料费", "materials above the price limit"),
            "amount_fen": 950000,
            "article": article("21"),
        },
        {
            "operator": "minus",
            "label": say("乙类项目先自付 10%", "first 10% of class B items"),
            "amount_fen": 540550,
            "article": article("9"),
        },
        {"operator": "", "label": say("可补偿费用", "Eligible cost"), "amount_fen": 5038700, "kind": "subtotal"},
        {
            "operator": "minus",
            "label": say("市级医院起付线", "deductible, city hospital"),
            "amount_fen": 40000,
            "article": article("10"),
        },
        {
            "operator": "",
            "label": say("起付线以上部分", "Above the deductible"),
            "amount_fen": 4998700,
            "kind": "subtotal",
        },
        {
            "operator": "times",
            "label": say("市级医院比例 60%", "60%, city hospital"),
            "amount_fen": 2999220,
            "article": say("方案第 11 条，四舍五入到分", "Scheme, art. 11, rounded to the fen"),
        },
        {
            "operator": "minus",
            "label": say("新农合这次已补", "paid by the scheme for this stay"),
            "amount_fen": 657940,
            "article": say("11 月 10 日已付", "Paid 10 November"),
        },
        {
            "operator": "",
            "label": say("补充保险应补偿", "Supplementary insurance pays"),
            "amount_fen": 2341280,
            "kind": "result",
            "article": say("补充保险办法第 5 条", "Supplementary rules, art. 5"),
        },
    ]


def _letter_words(say) -> dict[str, Any]:
    return {
        "office": say("青禾县新型农村合作医疗管理办公室", "Qinghe County Cooperative Medical Office"),
        "number": say("青合管补〔2026〕187 号", "No. QHG-B 2026/187"),
        "day": say("2026 年 11 月 26 日", "26 November 2026"),
        "title": say("农村居民补充医疗保险补偿决定书", "Decision on your supplementary insurance claim"),
        "to": say("陈有福（医疗卡尾号 9035）：", "To Chen Youfu (medical card ending 9035)"),
        "text": say(
            "您于 2026 年 11 月 12 日为 2026 年 10 月 20 日至 11 月 8 日在市中心医院的住院提出的补充医疗保险申请，"
            "材料于 11 月 13 日收齐。我办经审核，决定如下：",
            "On 12 November 2026 you claimed for your stay at the City Central Hospital from 20 October to "
            "8 November 2026. Your papers were complete on 13 November. We have decided:",
        ),
        "answer": say("同意补偿", "We will pay you"),
        "unit": say(" 元", " yuan"),
        "how": say("一、怎么算的", "1. How we worked it out"),
        "money": say("二、钱怎么给您", "2. How you get the money"),
        "money_text": say(
            "2026 年 12 月 3 日前付到您本人的青禾农商行账户，尾号 2071。到账时发短信给您。",
            "By 3 December 2026 into your own account at Qinghe Rural Commercial Bank, ending 2071. "
            "We send a text message when it arrives.",
        ),
        "object": say("三、不同意怎么办", "3. If you disagree"),
        "object_ways": [
            say(
                "收到之日起 15 个工作日内，可在手机上点“不同意”，或到任一乡镇窗口书面提出，不收费。",
                "Within 15 working days of receiving this letter, press “I disagree” on your phone or write at any "
                "township window. It is free.",
            ),
            say(
                "投诉电话 0000-1234567，20 个工作日内答复。",
                "Complaints: 0000-1234567, answered within 20 working days.",
            ),
        ],
        "names": say("经办 韩梅　复核 罗建平", "Handled by Han Mei. Checked by Luo Jianping"),
        "seal": say("印章处", "seal"),
        "check": say("查验码 BC-0187-4F2C", "Check code BC-0187-4F2C"),
        "other": say("English text overleaf", "The Chinese text decides."),
        "page": say("第 1 页，共 2 页", "Page 2 of 2"),
    }
