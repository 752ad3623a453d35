"""What programs send and are told about claims; sent claims have the names of the exchange format."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from chassis.api.fields import Day, Given, Told, Whole, Words
from chassis.i18n import language
from contractor.claims.doors.exchange_columns import CLAIM_COLUMNS, LINE_COLUMNS, ExchangeColumn
from contractor.claims.incoming import MOST_LINES_A_CLAIM, ROUTES
from rulebook.lifecycles.claim import S
from rulebook.published import SETTLEMENT_RESULT

STATES = tuple(str(state) for state in S)
MOST_A_PAGE = 200
AMOUNT = r"^\d{1,9}(\.\d{1,2})?$"
QUANTITY = r"^\d{1,6}(\.\d{1,4})?$"


class _Bilingual:
    """A meaning in the reader's language, asked when the document is drawn."""

    def __init__(self, chinese: str, english: str) -> None:
        self.chinese, self.english = chinese, english

    def __str__(self) -> str:
        return self.english if language() == "en" else self.chinese


def _meaning(column: ExchangeColumn) -> _Bilingual:
    # The Chinese words that a file may say are for its writers; the document names the codes.
    english = re.sub(r"\s*\([^)]*[\u3400-\u9fff][^)]*\)", "", column.meaning_en)
    return _Bilingual(f"{column.title}：{column.meaning}", f"{column.title_en}: {english}")


def _sent(column: ExchangeColumn) -> fields.Field:
    """A column of the exchange format as the document shows it; the reader of the format reads it."""
    told: dict[str, Any] = {"description": _meaning(column), "example": column.example}
    options: dict[str, Any] = {"required": column.is_filled, "metadata": told}
    if column.form == "day":
        return fields.Date(**options)
    if column.form == "codes":
        return fields.List(fields.String(), metadata={"description": _meaning(column)})
    if column.form == "number":
        return fields.Integer(validate=validate.Range(min=1, max=MOST_LINES_A_CLAIM), **options)
    if column.form == "word":
        return fields.String(validate=validate.OneOf(ROUTES), **options)
    if column.form in ("amount", "quantity"):
        pattern = AMOUNT if column.form == "amount" else QUANTITY
        return fields.String(validate=validate.Regexp(pattern), **options)
    return fields.String(**options)


SentLine = Given.from_dict({column.key: _sent(column) for column in LINE_COLUMNS}, name="SentLine")
SentClaim = Given.from_dict(
    {column.key: _sent(column) for column in CLAIM_COLUMNS}
    | {
        "lines": fields.List(
            fields.Nested(SentLine), required=True, validate=validate.Length(min=1, max=MOST_LINES_A_CLAIM)
        )
    },
    name="SentClaim",
)


class Finding(Told):
    finding_no = fields.Integer(required=True)
    rule = fields.String(required=True, metadata={"description": _("检查的代号")})
    title = fields.String(required=True)
    severity = fields.String(required=True, validate=validate.OneOf(("C", "H", "M", "L")))
    line_no = fields.Integer(required=True, allow_none=True)
    expected = fields.String(required=True)
    found = fields.String(required=True)
    source = fields.String(required=True, metadata={"description": _("依据")})


class Line(Told):
    line_no = fields.Integer(required=True)
    item_code = fields.String(required=True)
    catalogue_class = fields.Integer(required=True, metadata={"description": _("1 甲 2 乙 3 丙 0 目录外")})
    charged_fen = fields.Integer(required=True)
    over_limit_fen = fields.Integer(required=True, metadata={"description": _("高于限价、不计入的部分")})
    reduced_fen = fields.Integer(required=True, metadata={"description": _("审核减额")})
    reduce_reason = fields.String(required=True, allow_none=True)
    allowed_fen = fields.Integer(required=True, metadata={"description": _("认可金额")})


class SheetStep(Told):
    operator = fields.String(required=True)
    label = fields.String(required=True)
    amount = fields.Integer(required=True)
    unit = fields.String(required=True, validate=validate.OneOf(("fen", "ppm")))
    article = fields.String(required=True)


class Event(Told):
    event = fields.String(required=True)
    state_after = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    reason_code = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    documents = fields.List(fields.String(), required=True, metadata={"description": _("要补的材料")})


Money = Told.from_dict(
    {
        column.name: fields.Integer(
            required=True, metadata={"description": _Bilingual(column.meaning, column.meaning_en)}
        )
        for column in SETTLEMENT_RESULT
    }
    | {
        "settlement_no": fields.Integer(required=True),
        "year": fields.Integer(required=True),
        "cost_fen": fields.Integer(required=True),
        "benefits_fen": fields.Integer(required=True),
        "member_pays_fen": fields.Integer(required=True),
    },
    name="Money",
)


class ClaimHead(Told):
    id = fields.Integer(required=True)
    claim_number = fields.String(required=True)
    route = fields.String(required=True, validate=validate.OneOf(ROUTES))
    institution_code = fields.String(required=True)
    admitted_on = fields.Date(required=True)
    discharged_on = fields.Date(required=True)
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    version = fields.Integer(required=True)
    charged_fen = fields.Integer(required=True)
    benefits_fen = fields.Integer(
        required=True, allow_none=True, metadata={"description": _("裁定的补偿；没有裁定时为空")}
    )


class ClaimTold(ClaimHead):
    reduced_fen = fields.Integer(required=True)
    findings = fields.List(fields.Nested(Finding), required=True)
    lines = fields.List(fields.Nested(Line), required=True)
    money = fields.Nested(Money, required=True, allow_none=True)
    household_account_fen = fields.Integer(
        required=True, allow_none=True, metadata={"description": _("门诊由家庭账户支付的")}
    )
    sheet = fields.List(fields.Nested(SheetStep), required=True, metadata={"description": _("计算步骤")})
    events = fields.List(fields.Nested(Event), required=True)


class ClaimsQuery(Given):
    state = fields.String(load_default="", validate=validate.OneOf(STATES, error=_("没有这个状态")))
    received_from = Day(load_default=None)
    received_until = Day(load_default=None, metadata={"description": _("不含这一天")})
    route = fields.String(load_default="", validate=validate.OneOf(("", *ROUTES), error=_("没有这个代号")))
    institution_code = Words(load_default="", shortest=0, longest=20)
    rule = Words(load_default="", shortest=0, longest=40, metadata={"description": _("有这项发现的")})
    least_fen = Whole(
        load_default=None, allow_none=True, most=10**13, metadata={"description": _("申报费用至少这么多分")}
    )
    text = Words(
        load_default="", shortest=0, longest=60, metadata={"description": _("申请号、票据号、证号，或姓名的开头")}
    )
    order = fields.String(
        load_default="newest",
        validate=validate.OneOf(("newest", "due"), error=_("没有这个代号")),
        metadata={"description": _("newest 新的在前；due 先到期的在前")},
    )
    cursor = Words(load_default="", shortest=0, longest=40, metadata={"description": _("上一页给的 next")})
    limit = Whole(load_default=50, least=1, most=MOST_A_PAGE)


class ClaimsTold(Told):
    claims = fields.List(fields.Nested(ClaimHead), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": _("下一页的 cursor；没有了为空")})


class FileQuery(Given):
    file_name = Words(required=True, longest=200, metadata={"description": _("文件名，扩展名要与内容一致")})


class Fault(Told):
    row = fields.Integer(required=True, metadata={"description": _("第几行；0 为整个文件")})
    column = fields.String(required=True)
    expected = fields.String(required=True)
    found = fields.String(required=True)
    reason = fields.String(required=True)


class UploadTold(Told):
    id = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("waiting", "taken", "refused", "stopped")))
    file_name = fields.String(required=True)
    sha256 = fields.String(required=True)
    sent_at = fields.AwareDateTime(required=True)
    claims_seen = fields.Integer(required=True)
    claims_a_second = fields.Integer(required=True, allow_none=True)
    seconds_left = fields.Integer(
        required=True, allow_none=True, metadata={"description": _("大约还要几秒；说不准时为空")}
    )
    refusal = fields.String(required=True, allow_none=True)
    fault_count = fields.Integer(required=True)
    faults = fields.List(fields.Nested(Fault), required=True)
    claims_by_state = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": _("已收下的申请各在什么状态")},
    )


class FhirTold(Told):
    claims = fields.List(fields.Nested(ClaimHead), required=True)
