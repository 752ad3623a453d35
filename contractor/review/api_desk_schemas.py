"""What programs send and are told before a decision: forecasts, drafts, views, the board."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from chassis.api.fields import Fen, Given, Told, Whole, Words
from contractor.claims.api_schemas import SheetStep
from contractor.claims.incoming import ROUTES
from contractor.review.api_schemas import MOST_LINES, MOST_VERSION, ReducedLine
from contractor.review.board import AGES
from contractor.review.drafts import LONGEST_NOTE
from contractor.review.forms import HANDS, STATES, TERMS
from contractor.review.leasing import MOST_HANDED_OVER
from contractor.review.views import LONGEST_NAME
from rulebook.reasons import REDUCE

_UNKNOWN = _("没有这个代号")


class Forecasting(Given):
    lines = fields.List(fields.Nested(ReducedLine), load_default=list, validate=validate.Length(max=MOST_LINES))


class ForecastTold(Told):
    benefits_fen = fields.Integer(required=True, allow_none=True, metadata={"description": _("算不出来时为空")})
    sheet = fields.List(fields.Nested(SheetStep), required=True)
    why_not = fields.String(required=True, allow_none=True, metadata={"description": _("为什么算不出来")})


class Household(Told):
    number = fields.String(required=True, allow_none=True)
    size = fields.Integer(required=True)


class Cap(Told):
    label = fields.String(required=True)
    used_fen = fields.Integer(required=True)
    cap_fen = fields.Integer(required=True, allow_none=True, metadata={"description": _("没有封顶线时为空")})
    left_fen = fields.Integer(required=True, allow_none=True)
    article = fields.String(required=True, allow_none=True)


class Year(Told):
    year = fields.Integer(required=True)
    settled_count = fields.Integer(required=True, attribute="count")
    caps = fields.List(fields.Nested(Cap), required=True, attribute="rows")


class OtherStay(Told):
    claim_number = fields.String(required=True, attribute="number")
    admitted_on = fields.Date(required=True, attribute="from_on")
    discharged_on = fields.Date(required=True, attribute="left_on")
    diagnosis = fields.String(required=True)
    charged_fen = fields.Integer(required=True)
    is_this = fields.Boolean(required=True)
    is_overlapping = fields.Boolean(required=True)


class Peers(Told):
    category = fields.String(required=True)
    stay_count = fields.Integer(required=True, attribute="count")
    is_telling = fields.Boolean(required=True, metadata={"description": _("同类病例够多，看得出高低")})
    place = fields.Integer(required=True, metadata={"description": _("一百件里有多少件比这件便宜")})
    median_fen = fields.Integer(required=True)
    p75_fen = fields.Integer(required=True)
    p95_fen = fields.Integer(required=True)
    measured_at = fields.AwareDateTime(required=True)


class BesideTold(Told):
    household = fields.Nested(Household, required=True)
    year = fields.Nested(Year, required=True, allow_none=True)
    stays = fields.List(fields.Nested(OtherStay), required=True)
    peers = fields.Nested(Peers, required=True, allow_none=True)


class DraftedLine(Given):
    line_no = Whole(required=True, least=1, most=10**6)
    reduced_fen = Fen(required=True)
    reason_code = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(tuple(REDUCE), error=_UNKNOWN)
    )


class Drafting(Given):
    version = Whole(required=True, most=MOST_VERSION)
    lines = fields.List(fields.Nested(DraftedLine), load_default=list, validate=validate.Length(max=MOST_LINES))
    note = Words(load_default="", shortest=0, longest=LONGEST_NOTE)


class Draft(Told):
    version = fields.Integer(required=True, attribute="claim_version")
    lines = fields.List(fields.Nested(DraftedLine), required=True)
    note = fields.String(required=True)
    saved_at = fields.AwareDateTime(required=True)


class DraftTold(Told):
    draft = fields.Nested(Draft, required=True, allow_none=True, metadata={"description": _("没有草稿时为空")})


class HoldTold(Told):
    held_until = fields.AwareDateTime(required=True)


class Filters(Given):
    """The queue's filters; what is not named is not filtered by."""

    text = Words(load_default="", shortest=0, longest=60)
    state = fields.String(load_default="", validate=validate.OneOf(("", *STATES), error=_UNKNOWN))
    route = fields.String(load_default="", validate=validate.OneOf(("", *ROUTES), error=_UNKNOWN))
    institution_code = Words(load_default="", shortest=0, longest=20)
    rule = Words(load_default="", shortest=0, longest=20)
    least_fen = Whole(load_default=None, allow_none=True, most=10**13)
    term = fields.String(load_default="", validate=validate.OneOf(("", *TERMS), error=_UNKNOWN))
    hand = fields.String(load_default="", validate=validate.OneOf(("", *HANDS), error=_UNKNOWN))


class Viewing(Given):
    name = Words(required=True, longest=LONGEST_NAME)
    filters = fields.Nested(Filters, required=True)


class View(Told):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    filters = fields.Nested(Filters, required=True)


class ViewsTold(Told):
    views = fields.List(fields.Nested(View), required=True)


class Hand(Told):
    staff_id = fields.Integer(required=True)
    held_count = fields.Integer(required=True)
    loss_fen = fields.Integer(required=True, metadata={"description": _("手上各件的预计损失之和")})
    earliest_due_on = fields.Date(required=True, allow_none=True)
    decided_today = fields.Integer(required=True)
    decided_in_days = fields.Integer(required=True, metadata={"description": _("近七天审结的")})


class DayCount(Told):
    on = fields.Date(required=True)
    decided_count = fields.Integer(required=True)


class AgeCount(Told):
    workdays_left = fields.String(required=True, validate=validate.OneOf(AGES))
    claim_count = fields.Integer(required=True)


class Reviewer(Told):
    staff_id = fields.Integer(required=True)
    name = fields.String(required=True)


class BoardTold(Told):
    hands = fields.List(fields.Nested(Hand), required=True)
    by_day = fields.List(fields.Nested(DayCount), required=True)
    ages = fields.List(fields.Nested(AgeCount), required=True)
    reviewers = fields.List(fields.Nested(Reviewer), required=True, metadata={"description": _("可以转给谁")})


class HandingOver(Given):
    from_hand = Whole(required=True, least=1, most=2**62)
    to_hand = Whole(required=True, allow_none=True, least=1, most=2**62, metadata={"description": _("空：放回待审")})
    most = Whole(required=True, least=1, most=MOST_HANDED_OVER)
    note = Words(required=True, shortest=2, longest=200, metadata={"description": _("写下为什么")})


class HandedOver(Told):
    handed_over_count = fields.Integer(required=True)
