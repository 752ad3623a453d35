"""What can be wrong with a row of the registry, in the reader's language."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from chassis.reading.wording import REASONS

REASONS.update(
    {
        "unknown_card": _("本县没有这张卡"),
        "unknown_village": _("本县没有登记这个村，请先导入乡镇和村"),
        "unknown_township": _("本县没有登记这个乡镇，请先导入乡镇和村"),
        "unknown_institution": _("本县没有登记这家机构，请先导入医疗机构"),
        "row_twice": _("与这一行说的是同一条登记"),
        "not_within": _("代码的开头与所属的不同，或位数不对"),
        "not_a_card_number": _("卡号是 10 到 20 位数字"),
        "not_a_phone": _("电话的位数不对"),
        "contradicts_row": _("与前面一行说的不同"),
        "same_identity_number": _("另一张卡已有这个身份证号"),
        "two_heads": _("这一户已有户主"),
        "without_scheme_enrolment": _("这一年没有参合，不能有补充医疗"),
        "outside_year": _("不在这一年度之内"),
        "before_birth": _("早于出生日"),
        "after_death": _("晚于死亡日"),
        "in_the_future": _("晚于今天"),
        "empty_period": _("失效日必须晚于生效日"),
        "overlapping_period": _("与另一段时间重叠"),
        "same_institution": _("转出和转入是同一家机构"),
        "account_without_name": _("收款户名和账户要一起填"),
        "withdrawn_report": _("这条死亡登记已撤销，不再按同一来源登记"),
        "enrolled_after_death": _("死亡以后的年度还有参合登记"),
        "identity_empty": _("身份证号是空的"),
        "identity_full_width": _("身份证号里有全角字符"),
        "identity_fifteen_digits": _("是 15 位的旧身份证号，要 18 位的"),
        "identity_length": _("身份证号的位数不对"),
        "identity_characters": _("身份证号里有不能用的字符"),
        "identity_no_such_day": _("身份证号里的出生日历上没有"),
        "identity_future": _("身份证号里的出生日还没有到"),
        "identity_too_long_ago": _("身份证号里的出生日太早"),
        "identity_check_character": _("身份证号的校验位不对"),
        "place_unknown": _("身份证号开头的地区不认识，请看一眼"),
        "place_of_other_years": _("身份证号开头的地区在出生那年没有，请看一眼"),
        "account_empty": _("账户是空的"),
        "account_characters": _("账户里有数字以外的字符"),
        "account_length": _("账户的位数不对"),
        "account_check_digit": _("账户的校验位不对"),
    }
)
