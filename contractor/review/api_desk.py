"""The desk before anything is decided, for programs: what it would come to, the draft, what stands beside the claim.

And the queue's other half: saved views, the hold of an open screen, the lead's board and handing over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.api.operations import Ask, JsonBody, Operation
from chassis.errors import NotFound, UnreadableInput
from chassis.people.queries import people_with_roles
from contractor.claims.api_asking import law_in_force, require_seen, who, whole_seen
from contractor.claims.api_telling import told_step
from contractor.claims.decisions import Reduction
from contractor.claims.foreseeing import Foreseen, foreseen
from contractor.claims.pages_one_beside import household_of, other_stays, peers_beside, year_of
from contractor.claims.refusals import ReductionTooLarge
from contractor.review import api_desk_schemas as schemas
from contractor.review import drafts, leasing, views
from contractor.review.board import DAYS, board
from contractor.review.forms import QueueRequest, request_of
from contractor.review.queue import Asked
from contractor.review.refusals import NobodyToHandTo

REVIEWERS = ("reviewer", "senior", "lead")


def reductions_of(lines: Sequence[dict[str, Any]]) -> list[Reduction]:
    """Raises: UnreadableInput, where a line is there twice."""
    reductions = [Reduction(**line) for line in lines]
    if len({one.line_no for one in reductions}) < len(reductions):
        raise UnreadableInput(faults={"lines": [_("同一行写了两次")]})
    return reductions


def preview(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """What an approval with these lines would come to. The database itself holds the transaction to reading."""
    session.execute(text("SET TRANSACTION READ ONLY"))
    found = whole_seen(session, ask, claim_id)
    charged = {line.line_no: line.charged_fen for line in found.lines}
    cuts = {one.line_no: one.reduced_fen for one in reductions_of(ask.body["lines"])}
    for line_no, reduced_fen in cuts.items():
        if reduced_fen > charged.get(line_no, -1):
            raise ReductionTooLarge(claim_id=claim_id, lines=[line_no])
    forecast = foreseen(session, found.record, law_in_force(session, ask), reduced_fen=cuts)
    if not isinstance(forecast, Foreseen):
        return {"benefits_fen": None, "sheet": [], "why_not": forecast.key}
    steps = [told_step(step) for step in forecast.sheet.steps]
    return {"benefits_fen": forecast.sheet.outcome.benefits_fen, "sheet": steps, "why_not": None}


def tell_beside(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    found = whole_seen(session, ask, claim_id, with_stays=True)
    others = other_stays(found)
    return {
        "household": household_of(session, found.record),
        "year": year_of(session, found),
        "stays": others.rows if others else [],
        "peers": peers_beside(session, found),
    }


def tell_draft(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    require_seen(session, ask, claim_id)
    county, by = ask.visitor.county_code, ask.visitor.person_id
    return {"draft": drafts.draft_of(session, county_code=county, claim_id=claim_id, by=by)}


def keep_draft(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: StaleVersion, where a newer draft of this reviewer is there."""
    found = whole_seen(session, ask, claim_id)
    lines = [drafts.DraftedLine(**line) for line in ask.body["lines"]]
    version = min(ask.body["version"], found.record.version)
    given = {"claim_version": version, "lines": lines, "note": ask.body["note"]}
    drafts.keep(session, claim_id=claim_id, **given, **who(ask))
    return tell_draft(session, ask, claim_id)


def discard_draft(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    require_seen(session, ask, claim_id)
    drafts.discard(session, claim_id=claim_id, **who(ask))
    return {"draft": None}


def hold(session: Session, ask: Ask, claim_id: int) -> dict[str, Any]:
    """Raises: HoldOver, where another took the claim up."""
    require_seen(session, ask, claim_id)
    return {"held_until": leasing.renew(session, claim_id, **who(ask))}


def tell_views(session: Session, ask: Ask) -> dict[str, Any]:
    rows = views.views_of(session, county_code=ask.visitor.county_code, by=ask.visitor.person_id)
    told = [{"id": row.id, "name": row.name, "filters": request_of(row.query).asked} for row in rows]
    return {"views": told}


def save_view(session: Session, ask: Ask) -> dict[str, Any]:
    """Raises: TooManyViews."""
    filters = QueueRequest(Asked(**ask.body["filters"]), None, 1)
    views.save(session, name=ask.body["name"], query=filters.query, **who(ask))
    return tell_views(session, ask)


def remove_view(session: Session, ask: Ask, view_id: int) -> dict[str, Any]:
    if not 0 < view_id <= MOST_ID:
        raise NotFound(kind="review_view")
    views.remove(session, view_id, **who(ask))
    return tell_views(session, ask)


def tell_board(session: Session, ask: Ask) -> dict[str, Any]:
    on, county = clock.local_day(ask.at), ask.visitor.county_code
    since = clock.day_began_at(on - dt.timedelta(days=DAYS - 1))
    found = board(session, county, at=ask.at, on=on, since=since)
    people = people_with_roles(session, county, REVIEWERS, at=ask.at)
    return {
        "hands": found.hands,
        "by_day": [{"on": on_day, "decided_count": count} for on_day, count in found.by_day],
        "ages": [{"workdays_left": age, "claim_count": count} for age, count in found.ages],
        "reviewers": [{"staff_id": staff_id, "name": name} for staff_id, name in people.items()],
    }


def hand_over(session: Session, ask: Ask) -> dict[str, Any]:
    """Raises: NobodyToHandTo."""
    people = people_with_roles(session, ask.visitor.county_code, REVIEWERS, at=ask.at)
    to_hand = ask.body["to_hand"]
    if to_hand is not None and (to_hand not in people or to_hand == ask.body["from_hand"]):
        raise NobodyToHandTo(staff_id=to_hand)
    return {"handed_over_count": leasing.hand_over(session, **ask.body, **who(ask))}


_ONE = "/claims/<int:claim_id>"

OPERATIONS = (
    Operation(
        "preview",
        "POST",
        f"{_ONE}/preview",
        preview,
        _("试算"),
        schemas.ForecastTold(),
        description=_("照这些行减额再核准，会是多少。什么都不改动。"),
        body=JsonBody(schemas.Forecasting()),
        refusals={409: _("减额多于这一行的金额，或没有这一行")},
    ),
    Operation(
        "beside",
        "GET",
        f"{_ONE}/beside",
        tell_beside,
        _("一件申请旁边的"),
        schemas.BesideTold(),
        description=_("参合户、本年已用和各封顶线、这个人的其他住院、同类病例的费用。"),
    ),
    Operation("draft", "GET", f"{_ONE}/draft", tell_draft, _("自己的草稿"), schemas.DraftTold()),
    Operation(
        "keep_draft",
        "POST",
        f"{_ONE}/draft",
        keep_draft,
        _("存草稿"),
        schemas.DraftTold(),
        description=_("只有自己看得到；裁定或放弃以前都在。"),
        body=JsonBody(schemas.Drafting()),
        is_once=True,
        refusals={409: _("有更新的草稿")},
    ),
    Operation(
        "discard_draft",
        "POST",
        f"{_ONE}/discard-draft",
        discard_draft,
        _("放弃草稿"),
        schemas.DraftTold(),
        is_once=True,
    ),
    Operation(
        "hold",
        "POST",
        f"{_ONE}/hold",
        hold,
        _("还在审这一件"),
        schemas.HoldTold(),
        description=_("领取后每隔一会儿说一次；到时不说，别人可以领去。"),
        is_once=True,
        refusals={409: _("已由别人接手")},
    ),
    Operation("views", "GET", "/queue/views", tell_views, _("自己存的视图"), schemas.ViewsTold()),
    Operation(
        "save_view",
        "POST",
        "/queue/views",
        save_view,
        _("存一个视图"),
        schemas.ViewsTold(),
        body=JsonBody(schemas.Viewing()),
        is_once=True,
        refusals={409: _("视图太多")},
    ),
    Operation(
        "remove_view",
        "POST",
        "/queue/views/<int:view_id>/remove",
        remove_view,
        _("去掉一个视图"),
        schemas.ViewsTold(),
        is_once=True,
    ),
    Operation(
        "board",
        "GET",
        "/board",
        tell_board,
        _("审核看板"),
        schemas.BoardTold(),
        description=_("谁手上有什么、审结了多少、期限还剩多久。"),
    ),
    Operation(
        "hand_over",
        "POST",
        "/board/hand-over",
        hand_over,
        _("转给别人审"),
        schemas.HandedOver(),
        description=_("把一个人手上的转给另一个人，或放回待审；按规定不能由对方审的留在原处。"),
        body=JsonBody(schemas.HandingOver()),
        is_once=True,
        refusals={409: _("不能转给这个人")},
    ),
)
