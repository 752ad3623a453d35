"""What programs send when a reviewer decides through them, and what they are told."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from chassis.api.fields import Fen, Given, Told, Whole, Words
from contractor.claims.api_schemas import MOST_A_PAGE, ClaimHead, ClaimTold
from contractor.claims.incoming import ROUTES
from contractor.review.forms import HANDS, TERMS
from contractor.rules.verdicts import VERDICTS
from rulebook.reasons import PAPERS, REDUCE, REFUSE, WITHDRAW

MOST_VERSION = 2**31 - 1
MOST_LINES = 1_000
_UNKNOWN = _("没有这个代号")


def _note(*, shortest: int = 0):
    if shortest:
        return Words(required=True, shortest=shortest, longest=300, metadata={"description": _("写下为什么")})
    return Words(load_default="", shortest=0, longest=300, metadata={"description": _("说明，可以不写")})


class Seen(Given):
    """Every act names the version that was looked at; another one is refused."""

    version = Whole(required=True, most=MOST_VERSION, metadata={"description": _("看到的版本；已被改动的申请回答 409")})


class Noted(Seen):
    note = _note()


class SayingWhy(Seen):
    note = _note(shortest=2)


class Said(Given):
    finding_no = Whole(required=True, least=1, most=10**6)
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS, error=_UNKNOWN))


class Judging(Noted):
    """What a decision says of the findings goes with it."""

    verdicts = fields.List(
        fields.Nested(Said),
        load_default=list,
        validate=validate.Length(max=MOST_LINES),
        metadata={"description": _("对各项发现的核实结果，可以不写")},
    )


class ReducedLine(Given):
    line_no = Whole(required=True, least=1, most=10**6)
    reduced_fen = Fen(required=True, metadata={"description": _("这一行共减多少；0 为不减")})
    reason_code = fields.String(required=True, validate=validate.OneOf(tuple(REDUCE), error=_UNKNOWN))


class Approval(Judging):
    benefits_fen = Fen(
        load_default=None,
        allow_none=True,
        metadata={"description": _("看到的补偿额；核准时算出的不同就不办。不填不核对")},
    )
    lines = fields.List(
        fields.Nested(ReducedLine),
        load_default=list,
        validate=validate.Length(max=MOST_LINES),
        metadata={"description": _("核准以前要减的行，可以不写")},
    )


class Refusing(Judging):
    reason_code = fields.String(required=True, validate=validate.OneOf(tuple(REFUSE), error=_UNKNOWN))


class Withdrawing(Noted):
    reason_code = fields.String(required=True, validate=validate.OneOf(tuple(WITHDRAW), error=_UNKNOWN))


class SendingBack(Noted):
    documents = fields.List(
        fields.String(validate=validate.OneOf(tuple(PAPERS), error=_UNKNOWN)),
        required=True,
        validate=validate.Length(min=1, max=len(PAPERS)),
        metadata={"description": _("缺的材料，一次要齐")},
    )


class Reducing(Judging):
    lines = fields.List(fields.Nested(ReducedLine), required=True, validate=validate.Length(min=1, max=MOST_LINES))


class Decided(ClaimTold):
    waits_for_second = fields.Boolean(
        required=True, metadata={"description": _("意见已记下，还要另一位审核员决定；之前什么都不生效")}
    )


class QueueQuery(Given):
    """The filters of the queue's page."""

    text = Words(load_default="", shortest=0, longest=60)
    state = fields.String(load_default="", validate=validate.OneOf(("", "received", "in_review", "in_second_review")))
    route = fields.String(load_default="", validate=validate.OneOf(("", *ROUTES)))
    institution_code = Words(load_default="", shortest=0, longest=20)
    rule = Words(load_default="", shortest=0, longest=40)
    least_fen = Whole(load_default=None, allow_none=True, most=10**13)
    term = fields.String(load_default="", validate=validate.OneOf(("", *TERMS)))
    hand = fields.String(load_default="", validate=validate.OneOf(("", *HANDS)))
    cursor = Words(load_default="", shortest=0, longest=100, metadata={"description": _("上一页给的 next")})
    limit = Whole(load_default=50, least=1, most=MOST_A_PAGE)


class QueueTold(Told):
    claims = fields.List(fields.Nested(ClaimHead), required=True)
    overtaking = fields.Integer(required=True, metadata={"description": _("本页排在前面、因为快到期的有几件")})
    next = fields.String(required=True, allow_none=True, metadata={"description": _("下一页的 cursor；没有了为空")})
