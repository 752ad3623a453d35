"""The columns of the files a registry takes: header in both languages, what a cell may hold."""

from __future__ import annotations

import re

from chassis.reading.cells import (
    Parser,
    Unreadable,
    as_amount,
    as_day,
    as_ten_thousandths,
    code_up_to,
    one_of,
    text_up_to,
    whole_between,
)
from chassis.reading.tables import Column, Table

YES_NO = {"是": True, "否": False, "yes": True, "no": False}
ENROLMENT_KINDS = {
    "参合": "scheme",
    "补充医疗": "supplementary",
    "scheme": "scheme",
    "supplementary": "supplementary",
}
PAYERS = {"本人": "member", "民政": "civil_affairs", "member": "member", "civil_affairs": "civil_affairs"}
STATUSES = {"贫困户": "poor", "五保户": "five_guarantee", "poor": "poor", "five_guarantee": "five_guarantee"}
TIERS = {"乡级": 1, "县级": 2, "县以上": 3, "township": 1, "county": 2, "above county": 3}
CLASSES = {"甲": 1, "乙": 2, "丙": 3, "A": 1, "B": 2, "C": 3}
ITEM_KINDS = {
    "药品": "drug",
    "诊疗": "service",
    "材料": "material",
    "床位": "bed",
    "护理": "nursing",
    "检查": "examination",
    "drug": "drug",
    "service": "service",
    "material": "material",
    "bed": "bed",
    "nursing": "nursing",
    "examination": "examination",
}
SEXES = {"男": "male", "女": "female", "male": "male", "female": "female"}


def matching(pattern: str, expected: str, most_characters: int) -> Parser:
    """A code of a certain form."""
    as_code, form = code_up_to(most_characters), re.compile(pattern)

    def parse(cell: str) -> str:
        code: str = as_code(cell)
        if not form.fullmatch(code):
            raise Unreadable("not_a_code", expected)
        return code

    return parse


def words(most_characters: int) -> Parser:
    """Words that are not blank once other scripts' blanks are gone too."""
    as_text = text_up_to(most_characters)

    def parse(cell: str) -> str:
        text: str = " ".join(as_text(cell).split())
        if not text:
            raise Unreadable("blank", "")
        return text

    return parse


AN_INSTITUTION = matching("[0-9A-Z]{4,20}", "0-9 A-Z, 4–20", 20)
A_CARD = code_up_to(20)
FROM_ON = Column("from_on", "生效日", "From", as_day)
UNTIL_ON = Column("until_on", "失效日", "Until", as_day, is_filled=False, is_present=False)
CARD = Column("card_number", "卡号", "Card number", A_CARD)
INSTITUTION = Column("institution_code", "机构编码", "Institution code", AN_INSTITUTION)


def optional(key: str, title: str, title_en: str, parse: Parser) -> Column:
    return Column(key, title, title_en, parse, is_filled=False, is_present=False)


PLACES = Table(
    "places",
    (
        Column("township_code", "乡镇代码", "Township code", code_up_to(9)),
        Column("township_name_zh", "乡镇名称", "Township name", words(40)),
        Column("village_code", "村代码", "Village code", code_up_to(12)),
        Column("village_name_zh", "村名称", "Village name", words(40)),
        optional("township_name_en", "乡镇英文名", "Township name in English", words(80)),
        optional("village_name_en", "村英文名", "Village name in English", words(80)),
        optional("office_phone", "乡镇合管办电话", "Township office telephone", words(20)),
    ),
)
MEMBERS = Table(
    "members",
    (
        Column("household_number", "户号", "Household number", code_up_to(40)),
        Column("village_code", "村代码", "Village code", code_up_to(12)),
        CARD,
        Column("name", "姓名", "Name", words(60)),
        Column("identity_number", "身份证号", "Identity number", text_up_to(40)),
        Column("is_head", "是否户主", "Head of household", one_of(YES_NO)),
        optional("phone", "电话", "Telephone", text_up_to(40)),
        optional("bank_account", "收款账户", "Bank account", text_up_to(60)),
    ),
)
ENROLMENT = Table(
    "enrolment",
    (
        CARD,
        Column("year", "年度", "Year", whole_between(2003, 2100)),
        Column("kind", "险种", "Insurance", one_of(ENROLMENT_KINDS)),
        Column("premium_fen", "个人缴费", "Premium", as_amount),
        Column("paid_by", "缴费人", "Paid by", one_of(PAYERS)),
        optional("enrolled_on", "参合日期", "Enrolled on", as_day),
    ),
)
STATUS = Table(
    "statuses",
    (
        CARD,
        Column("status", "身份", "Status", one_of(STATUSES)),
        FROM_ON,
        UNTIL_ON,
        Column("document", "证件文号", "Document", words(80)),
    ),
)
DEATHS = Table(
    "deaths",
    (
        CARD,
        Column("died_on", "死亡日期", "Date of death", as_day),
        Column("source", "来源", "Source", words(80)),
    ),
)
INSTITUTIONS = Table(
    "institutions",
    (
        INSTITUTION,
        Column("name_zh", "机构名称", "Name", words(80)),
        Column("tier", "级别", "Tier", one_of(TIERS)),
        Column("beds", "编制床位", "Registered beds", whole_between(0, 20_000)),
        optional("name_en", "英文名", "Name in English", words(160)),
        optional("township_code", "乡镇代码", "Township code", code_up_to(9)),
        optional("account_name", "收款户名", "Account holder", words(80)),
        optional("bank_account", "收款账户", "Bank account", text_up_to(60)),
    ),
)
AGREEMENTS = Table(
    "agreements",
    (INSTITUTION, FROM_ON, UNTIL_ON, Column("document", "协议文号", "Agreement", words(80))),
)
CATALOGUE = Table(
    "catalogue",
    (
        Column("item_code", "项目编码", "Item code", matching(r"[0-9A-Za-z._-]+", "0-9 A-Z a-z . _ -", 40)),
        Column("name", "项目名称", "Item", words(120)),
        Column("catalogue_class", "类别", "Class", one_of(CLASSES)),
        Column("kind", "项目种类", "Kind", one_of(ITEM_KINDS)),
        FROM_ON,
        UNTIL_ON,
        optional("limit_township_e4", "乡级限价", "Price limit, township", as_ten_thousandths),
        optional("limit_county_e4", "县级限价", "Price limit, county", as_ten_thousandths),
        optional("limit_above_e4", "县以上限价", "Price limit, above county", as_ten_thousandths),
        optional("reserved_sex", "限性别", "For one sex", one_of(SEXES)),
    ),
)
REFERRALS = Table(
    "referrals",
    (
        Column("slip_number", "转诊单号", "Slip number", matching("[0-9A-Za-z-]+", "0-9 A-Z a-z -", 40)),
        CARD,
        Column("from_institution_code", "转出机构编码", "From institution", AN_INSTITUTION),
        Column("to_institution_code", "转入机构编码", "To institution", AN_INSTITUTION),
        Column("reason", "转诊原因", "Reason", words(200)),
        Column("valid_from_on", "生效日", "Valid from", as_day),
        Column("valid_until_on", "失效日", "Valid until", as_day),
    ),
)
