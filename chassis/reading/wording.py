"""The words of what is wrong with a file, in the reader's language.

A room with reasons of its own (a card nobody has) adds them: `REASONS.update(...)` beside the words of its refusals.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from chassis.errors import Refusal
from chassis.reading.faults import FileRefused, RowFault
from chassis.web.answers import Answer, words_for

FAULTS_IN_AN_ANSWER = 50

REASONS: dict[str, Any] = {
    "advance_is_direct": _("只有直补才有机构垫付"),
    "before_admission": _("早于入院日"),
    "before_discharge": _("早于出院日"),
    "blank": _("必须填写"),
    "broken_csv": _("CSV 的引号或行没有写完整"),
    "broken_json": _("不是完整的 JSON"),
    "broken_workbook": _("工作簿的压缩包已损坏"),
    "bundle_of_another_type": _("Bundle 的类型不收"),
    "claim_cells_differ": _("与本申请第一行写的不同"),
    "claim_twice": _("同一申请号出现两次，或它的各行没有放在一起"),
    "column_twice": _("同一列出现两次"),
    "compressed_file": _("压缩文件不收，请解开后再送"),
    "control_character": _("含有看不见的控制字符"),
    "control_total": _("与送件人所报的合计不同"),
    "document_type": _("含有 DOCTYPE 或 ENTITY 声明"),
    "empty_file": _("文件是空的"),
    "entry_twice": _("同名的部分出现两次"),
    "error_cell": _("单元格里是计算错误"),
    "exponent_notation": _("电子表格把数字改成了科学记数"),
    "extension_twice": _("同一扩展出现两次"),
    "fhir_at_the_wrong_door": _("这是 FHIR，请从 FHIR 入口送"),
    "full_width_digits": _("数字是全角或其他文字的数字"),
    "identifier_twice": _("同一体系的标识出现两次"),
    "impossible_day": _("历上没有这一天"),
    "key_twice": _("JSON 里同一个键出现两次"),
    "line_is_not_its_product": _("金额不等于数量乘单价"),
    "live_content": _("工作簿带有宏、外部链接或嵌入对象"),
    "missing_column": _("缺少这一列"),
    "modifier_extension": _("含有我们不认识的修饰扩展"),
    "more_than_charged": _("多于总费用"),
    "name_and_content_differ": _("文件名与内容不是一回事"),
    "negative_amount": _("不能是负数"),
    "negative_zero": _("零前面带负号"),
    "no_lines": _("没有费用行"),
    "no_rows": _("没有数据"),
    "not_a_choice": _("不在可选的词之内"),
    "not_a_claim_or_bundle": _("不是 Claim 或 Bundle"),
    "not_a_code": _("编码里有不能用的字符"),
    "not_a_day": _("不是日期"),
    "not_a_number": _("不是数（NaN 或无穷）"),
    "not_a_table": _("不是表格"),
    "not_a_whole_number": _("不是整数"),
    "not_a_workbook": _("不是 xlsx 工作簿"),
    "not_above_zero": _("必须大于零"),
    "not_an_amount": _("不是数额（不要写千分号、货币符号和空格）"),
    "not_as_expected": _("与应有的不同"),
    "not_rising": _("行号没有递增"),
    "old_or_locked_workbook": _("旧式 .xls 或加了密码的工作簿不收"),
    "other_currency": _("币种不对"),
    "out_of_bounds": _("超出范围"),
    "over_long_cell": _("内容太长"),
    "over_long_line": _("一行太长"),
    "overlapping_entries": _("压缩包的各部分互相重叠"),
    "second_sheet": _("还有别的工作表里有内容，只能有一张"),
    "sum_differs": _("总费用不等于各行金额之和"),
    "time_of_day": _("日期后面带了时间"),
    "too_deep": _("JSON 嵌套太深"),
    "too_dense": _("压缩比高得不正常"),
    "too_large": _("数额太大"),
    "too_large_file": _("文件太大"),
    "too_large_sheet": _("工作表太大，请改送 CSV"),
    "too_large_unpacked": _("解开后太大，请改送 CSV"),
    "too_many_codes": _("编码个数太多"),
    "too_many_decimals": _("小数位数太多"),
    "too_many_entries": _("部分太多"),
    "too_many_lines": _("一份申请的费用行太多"),
    "too_many_rows": _("行数太多，请分成几个文件"),
    "too_many_values": _("JSON 里的值太多，请改送 JSON Lines"),
    "unknown_column": _("不认识这一列"),
    "unknown_encoding": _("字符编码不认识"),
    "unknown_file_kind": _("这种文件不收"),
    "unknown_key": _("不认识这一项"),
    "unreadable_workbook": _("工作簿读不出来"),
    "unresolved_reference": _("所指的资源不在文件里"),
    "unsafe_entry_name": _("压缩包里有不安全的文件名"),
    "unsupported_element": _("这一项会改变申请的意思，我们不收"),
    "visit_of_several_days": _("门诊的两个日期必须相同"),
    "wrong_cell_count": _("单元格个数与表头不同"),
    "wrong_type": _("类型不对"),
}

OF_READING = frozenset(REASONS)
"""The reasons of the readers themselves, without those that a room has added."""


def reason_words(fault: RowFault) -> str:
    """What is wrong, in a few words."""
    return str(REASONS.get(fault.reason, REASONS["not_as_expected"]))


def place_words(fault: RowFault) -> str:
    """Where it is wrong: row and column."""
    if not fault.row:
        return fault.column or gettext("整个文件")
    return gettext("第 %(row)s 行 %(column)s", row=fault.row, column=fault.column).rstrip()


def told(fault: RowFault) -> str:
    """Reason, expected and found in one line."""
    parts = [reason_words(fault)]
    if fault.expected:
        parts.append(gettext("应为 %(expected)s", expected=fault.expected))
    if fault.found:
        parts.append(gettext("现为 %(found)s", found=fault.found))
    return gettext("；").join(parts)


@words_for(FileRefused)
def _file_refused(refusal: Refusal) -> Answer:
    assert isinstance(refusal, FileRefused), "these are the words of that refusal"
    count = refusal.fault_count
    text = ngettext(
        "发现 %(num)s 处错误，什么都没有改动。请改好后把整个文件再送一次。",
        "发现 %(num)s 处错误，什么都没有改动。请改好后把整个文件再送一次。",
        count,
    )
    facts = tuple((place_words(fault), told(fault)) for fault in refusal.faults[:FAULTS_IN_AN_ANSWER])
    return Answer(gettext("这个文件没有收下"), text, facts)
