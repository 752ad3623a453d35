"""The columns of the documented exchange format: what a hospital's system or a clerk's spreadsheet sends.

One flat table: a row per line of the bill, with the claim's own columns repeated on each of its rows, or left empty
after the first. The same keys name the members of a claim in JSON. `docs/exchange.md` and the templates are drawn
from this table.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from chassis.reading.cells import (
    as_amount,
    as_day,
    as_ten_thousandths,
    code_up_to,
    codes_up_to,
    one_of,
    text_up_to,
    whole_between,
)
from chassis.reading.tables import Column, Table
from contractor.claims.incoming import MOST_LINES_A_CLAIM

ROUTE_WORDS = {
    "direct": "direct",
    "直补": "direct",
    "manual": "manual",
    "手工": "manual",
    "手工报销": "manual",
    "outpatient": "outpatient",
    "门诊": "outpatient",
}
MOST_PROCEDURES = 50


@dataclass(frozen=True, eq=False)
class ExchangeColumn(Column):
    """A column of the exchange format.

    Args:
        name: the field of `incoming` it fills; amounts are sent in yuan and become fen.
        form: how it is written, for the documentation: code, text, amount, number, quantity, day, word.
        is_number: whether JSON may give it as a number.
    """

    name: str = ""
    form: str = "text"
    example: str = ""
    meaning: str = ""
    meaning_en: str = ""

    @property
    def is_number(self) -> bool:
        return self.form in ("amount", "quantity", "number")


def _code(most: int) -> dict[str, Any]:
    return {"parse": code_up_to(most), "form": "code"}


def _text(most: int) -> dict[str, Any]:
    return {"parse": text_up_to(most), "form": "text"}


_DAY = {"parse": as_day, "form": "day"}
_AMOUNT = {"parse": as_amount, "form": "amount"}
_QUANTITY = {"parse": as_ten_thousandths, "form": "quantity"}


def _maybe(default: Any) -> dict[str, Any]:
    return {"is_filled": False, "is_present": False, "default": default}


CLAIM_COLUMNS: tuple[ExchangeColumn, ...] = (
    ExchangeColumn(
        "claim_number", "申请号", "Claim number", **_code(40), name="claim_number", example="ZY2024010500017",
        meaning="本机构自编，永不重复使用", meaning_en="the institution's own number, never used twice by it",
    ),
    ExchangeColumn(
        "route", "补偿途径", "Route", one_of(ROUTE_WORDS), name="route", form="word", example="直补",
        meaning="直补、手工或门诊", meaning_en="direct (直补), manual (手工) or outpatient (门诊)",
    ),
    ExchangeColumn(
        "institution_code", "医疗机构编码", "Institution code", **_code(20), name="institution_code",
        example="990121001", meaning="就诊的定点医疗机构", meaning_en="where the member was treated",
    ),
    ExchangeColumn(
        "card_number", "医疗证号", "Card number", **_code(32), name="card_number", example="9901210100000017",
        meaning="参合人的证号，按文本填写", meaning_en="the member's card, as text",
    ),
    ExchangeColumn(
        "invoice_number", "发票号", "Invoice number", **_code(40), name="invoice_number", example="00351877",
        meaning="收费票据号码", meaning_en="number of the institution's invoice",
    ),
    ExchangeColumn(
        "admitted_on", "入院日期", "Date of admission", **_DAY, name="admitted_on", example="2024-01-02",
        meaning="门诊填就诊日", meaning_en="of an outpatient visit its day",
    ),
    ExchangeColumn(
        "discharged_on", "出院日期", "Date of discharge", **_DAY, name="discharged_on", example="2024-01-05",
        meaning="不早于入院；门诊与就诊日相同", meaning_en="not before admission; of a visit the same day",
    ),
    ExchangeColumn(
        "diagnosis_code", "诊断编码", "Diagnosis code", **_code(20), name="diagnosis_code", example="K35.800",
        meaning="主要诊断，ICD-10", meaning_en="main diagnosis, ICD-10",
    ),
    ExchangeColumn(
        "diagnosis_name", "诊断名称", "Diagnosis", **_text(200), **_maybe(""), name="diagnosis_name",
        example="急性阑尾炎", meaning="主要诊断的文字", meaning_en="main diagnosis in words",
    ),
    ExchangeColumn(
        "procedure_codes", "手术操作编码", "Procedure codes", codes_up_to(MOST_PROCEDURES, 20), **_maybe(()),
        name="procedure_codes", form="codes", example="47.0100",
        meaning="几个之间用分号", meaning_en="several separated by semicolons; in JSON a list",
    ),
    ExchangeColumn(
        "department", "科室", "Department", **_text(80), **_maybe(""), name="department", example="普外科",
        meaning="出院科室", meaning_en="department of discharge",
    ),
    ExchangeColumn(
        "doctor", "医师", "Doctor", **_text(80), **_maybe(""), name="doctor", example="D0107",
        meaning="主管医师的编号或姓名", meaning_en="number or name of the doctor in charge",
    ),
    ExchangeColumn(
        "charged", "总费用", "Charged in all", **_AMOUNT, name="charged_fen", example="1284.30",
        meaning="元；必须等于各行金额之和", meaning_en="yuan; must be the sum of the lines",
    ),
    ExchangeColumn(
        "institution_reduced", "机构审减", "Reduced by the institution", **_AMOUNT, **_maybe(0),
        name="institution_reduced_fen", example="20.00",
        meaning="元；机构自审扣下、自己承担的", meaning_en="yuan; taken off by its own review, at its own cost",
    ),
    ExchangeColumn(
        "paid_elsewhere", "他方已付", "Paid elsewhere", **_AMOUNT, **_maybe(0), name="paid_elsewhere_fen",
        example="0", meaning="元；其他保险或责任方已付的", meaning_en="yuan; paid by another insurance or liable party",
    ),
    ExchangeColumn(
        "advanced", "机构垫付", "Advanced", **_AMOUNT, **_maybe(0), name="advanced_fen", example="702.15",
        meaning="元；直补时机构垫付给参合人的", meaning_en="yuan; on the direct route, advanced to the member",
    ),
    ExchangeColumn(
        "receipt_signed_on", "签收日期", "Receipt signed on", **_DAY, **_maybe(None), name="receipt_signed_on",
        example="2024-01-05", meaning="参合人签收垫付款的日期", meaning_en="when the member signed for the advance",
    ),
    ExchangeColumn(
        "referral_slip", "转诊单号", "Referral slip", **_code(40), **_maybe(""), name="referral_slip",
        example="ZZ20240017", meaning="转外就医时填", meaning_en="where the member was referred",
    ),
    ExchangeColumn(
        "payee_name", "收款人", "Payee", **_text(80), **_maybe(None), name="payee_name", example="张三",
        meaning="手工途径付给谁；不填用登记的账户", meaning_en="manual route; empty for the registered account",
    ),
    ExchangeColumn(
        "payee_account", "收款账号", "Payee's account", **_code(40), **_maybe(None), name="payee_account",
        example="6228480000000000017", meaning="按文本填写；入库即加密", meaning_en="as text; sealed when taken in",
    ),
    ExchangeColumn(
        "submitted_on", "申报日期", "Submitted on", **_DAY, name="submitted_on", example="2024-01-08",
        meaning="不早于出院", meaning_en="not before discharge",
    ),
)  # fmt: skip

LINE_COLUMNS: tuple[ExchangeColumn, ...] = (
    ExchangeColumn(
        "line_no", "行号", "Line", whole_between(1, MOST_LINES_A_CLAIM), **_maybe(None), name="line_no",
        form="number", example="1",
        meaning="同一申请内递增；不填按次序编", meaning_en="rising within the claim; numbered in order when empty",
    ),
    ExchangeColumn(
        "item_code", "项目编码", "Item code", **_code(40), name="item_code", example="D0001",
        meaning="目录编码", meaning_en="code in the county's catalogue",
    ),
    ExchangeColumn(
        "hospital_item_name", "项目名称", "Item", **_text(200), **_maybe(""), name="hospital_item_name",
        example="注射用青霉素钠", meaning="机构自己的名称", meaning_en="the institution's own name for it",
    ),
    ExchangeColumn(
        "performed_on", "发生日期", "Date given", **_DAY, name="performed_on", example="2024-01-03",
        meaning="用药或执行的日期", meaning_en="day it was given or done",
    ),
    ExchangeColumn(
        "quantity", "数量", "Quantity", **_QUANTITY, name="quantity_e4", example="2.5",
        meaning="最多四位小数，大于零", meaning_en="at most four decimals, above zero",
    ),
    ExchangeColumn(
        "unit_price", "单价", "Unit price", **_QUANTITY, name="unit_price_e4", example="11.3400",
        meaning="元，最多四位小数", meaning_en="yuan, at most four decimals",
    ),
    ExchangeColumn(
        "line_charged", "金额", "Line charged", **_AMOUNT, name="charged_fen", example="28.35",
        meaning="元；数量×单价，四舍五入到分", meaning_en="yuan; quantity × unit price, half-up to the fen",
    ),
)  # fmt: skip

COLUMNS = CLAIM_COLUMNS + LINE_COLUMNS
EXCHANGE = Table("claims", COLUMNS)
CLAIM_KEYS = frozenset(column.key for column in CLAIM_COLUMNS)
LINE_KEYS = frozenset(column.key for column in LINE_COLUMNS)
EXAMPLE_DAY = dt.date(2024, 1, 5)
