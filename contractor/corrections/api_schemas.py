"""What programs send and are told about corrections and appeals."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from chassis.api.cursors import PageTold
from chassis.api.fields import Day, Given, Told, Whole, Words
from contractor.corrections.forms import LONGEST
from contractor.corrections.pages_propose import REPRICE_REASONS, REVERSAL_REASONS
from contractor.documents.kinds import LONGEST_NAME

_UNKNOWN = _("没有这个代号")
MOST_VERSION = 2**31 - 1


def _hash():
    return fields.String(
        required=True,
        validate=validate.Regexp("^[0-9a-f]{64}$", error=_("写法不对")),
        metadata={"description": _("预览给的 content_hash；情况变了就不办")},
    )


def _why():
    return Words(required=True, shortest=2, longest=LONGEST, metadata={"description": _("写下为什么")})


class ScopeQuery(Given):
    from_on = Day(required=True, metadata={"description": _("费用从哪一天起")})
    until_on = Day(required=True, metadata={"description": _("不含这一天")})
    item_code = Words(
        load_default="",
        shortest=0,
        longest=40,
        pattern=r"^[0-9A-Za-z._-]*$",
        metadata={"description": _("目录里的项目；不填是方案有误")},
    )


class ProposingReversal(Given):
    reason_code = fields.String(required=True, validate=validate.OneOf(REVERSAL_REASONS, error=_UNKNOWN))
    note = _why()
    content_hash = _hash()


class ProposingReprice(ScopeQuery):
    reason_code = fields.String(required=True, validate=validate.OneOf(REPRICE_REASONS, error=_UNKNOWN))
    note = _why()
    content_hash = _hash()


class CorrectionPreviewLine(Told):
    claim_id = fields.Integer(required=True)
    claim_number = fields.String(required=True)
    is_cause = fields.Boolean(required=True, metadata={"description": _("本身要更正；否则同年度随之变动")})
    before_fen = fields.Integer(required=True)
    after_fen = fields.Integer(required=True)


class CorrectionPreviewTold(Told):
    content_hash = fields.String(required=True, allow_none=True, metadata={"description": _("没有要更正的时为空")})
    claim_count = fields.Integer(required=True)
    before_fen = fields.Integer(required=True)
    after_fen = fields.Integer(required=True)
    more_fen = fields.Integer(required=True, metadata={"description": _("要补付的")})
    less_fen = fields.Integer(required=True, metadata={"description": _("要收回的")})
    is_more = fields.Boolean(required=True, metadata={"description": _("一次更正装不下，余下的下一次")})
    waiting_claim_ids = fields.List(
        fields.Integer(), required=True, metadata={"description": _("现在动不了的：款项在途，或没有方案")}
    )
    lines = fields.List(fields.Nested(CorrectionPreviewLine), required=True, metadata={"description": _("前二百行")})


class CorrectionsQuery(Given):
    is_open = fields.Boolean(load_default=True, metadata={"description": _("等确认的；false 是已了结的")})


class CorrectionHead(Told):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("proposed", "confirmed", "withdrawn")))
    reason_code = fields.String(required=True)
    note = fields.String(required=True)
    claim_count = fields.Integer(required=True)
    before_fen = fields.Integer(required=True)
    after_fen = fields.Integer(required=True)
    content_hash = fields.String(required=True)
    proposed_at = fields.AwareDateTime(required=True)
    proposed_by = fields.Integer(required=True, allow_none=True, metadata={"description": _("系统提出的为空")})
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)
    confirmed_by = fields.Integer(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)


class CorrectionsTold(Told):
    corrections = fields.List(fields.Nested(CorrectionHead), required=True)


class CorrectionLine(CorrectionPreviewLine):
    place = fields.Integer(required=True)
    discharged_on = fields.Date(required=True)


class CorrectionTold(PageTold, CorrectionHead):
    lines = fields.List(fields.Nested(CorrectionLine), required=True)


class OwedLine(Told):
    claim_id = fields.Integer(required=True)
    claim_number = fields.String(required=True)
    fund = fields.String(required=True)
    payee_kind = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    open_fen = fields.Integer(required=True)


class OwedTold(Told):
    owed_back = fields.List(fields.Nested(OwedLine), required=True)


class Filing(Given):
    filed_by = fields.String(
        required=True, validate=validate.OneOf(("member", "institution", "county"), error=_UNKNOWN)
    )
    filer_name = Words(required=True, shortest=2, longest=80)
    paper = Words(required=True, shortest=2, longest=120, metadata={"description": _("申诉书的名称和编号")})
    statement = Words(required=True, shortest=2, longest=LONGEST)
    filed_on = Day(required=True)
    late_reason = Words(
        load_default=None,
        allow_none=True,
        shortest=2,
        longest=LONGEST,
        metadata={"description": _("过了期限为什么还受理；只有审核主管可以")},
    )


class AppealPaperQuery(Given):
    file_name = Words(required=True, longest=LONGEST_NAME, metadata={"description": _("扩展名要与内容一致")})


class Answering(Given):
    version = Whole(required=True, most=MOST_VERSION, metadata={"description": _("看到的申请版本")})
    outcome = fields.String(required=True, validate=validate.OneOf(("upheld", "dismissed"), error=_UNKNOWN))
    answer = Words(required=True, shortest=2, longest=LONGEST, metadata={"description": _("给申诉人的答复")})


class AppealHead(Told):
    id = fields.Integer(required=True)
    claim_id = fields.Integer(required=True)
    filed_by = fields.String(required=True)
    filed_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    outcome = fields.String(required=True, allow_none=True, metadata={"description": _("没有答复时为空")})


class AppealTold(AppealHead):
    filer_name = fields.String(required=True)
    paper = fields.String(required=True)
    statement = fields.String(required=True)
    document_ids = fields.List(fields.Integer(), required=True, metadata={"description": _("它的材料，在申请的材料里")})
    answer = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    decided_by = fields.Integer(required=True, allow_none=True)
    claim_state = fields.String(required=True)
    claim_version = fields.Integer(required=True)


class AppealsQuery(Given):
    is_open = fields.Boolean(load_default=True, metadata={"description": _("等答复的；false 是已答复的")})


class AppealsTold(Told):
    appeals = fields.List(fields.Nested(AppealHead), required=True)
