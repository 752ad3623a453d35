"""One claim on one screen: who, where, when; its lines with what was found on them; how the amount came about.

The reviewer reads from the finding to the line to the sheet and decides on the same screen; the institution reads it to
learn what was cut and why. Both read the same lines and the same sheet; what the insurer alone weighs is not shown to
the institution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.api.fields import MOST_ID
from chassis.errors import NotFound
from chassis.people.queries import names_of
from chassis.visitors import Visitor
from chassis.web.current import desk_url, the_database, the_house, the_visitor
from chassis.web.rooms import at
from contractor.claims import acts, judging, reasons, slots
from contractor.claims.pages_one_beside import household_of, other_stays, peers_beside, year_of
from contractor.claims.pages_one_deciding import Desk, desk_of
from contractor.claims.pages_one_head import facts_of, head_of
from contractor.claims.pages_one_lines import NOTHING_TYPED, Typed, shown_lines, told_of, totals
from contractor.claims.record import WholeClaim, whole_claim
from contractor.claims.sight import Sight, sight_of
from contractor.claims.words import EVENT_KINDS, event_words, rule_title, shown_finding, shown_steps
from contractor.law.loading import law_if_any
from rulebook.registry import Timeline


def add(room: Blueprint) -> None:
    at(room, "/<int:claim_id>", "claim", {"GET": show})


def show(claim_id: int):
    return screen(claim_id)


def screen(
    claim_id: int,
    *,
    typed: Typed | None = None,
    note: str | None = None,
    errors: Mapping[str, str] | None = None,
    stale: Any = None,
    status: int = 200,
) -> Response:
    """The whole screen; what was typed stands in the fields again, whatever became of the act."""
    visitor = the_visitor()
    errors = errors or {}
    with the_database().transaction() as session:
        found = claim_seen(session, visitor, claim_id)
        people = {event.acted_by for event in found.events if event.acted_by} | {found.record.held_by or 0}
        names = names_of(session, visitor.county_code, people)
        desk = desk_of(session, visitor, found, names, typed=typed, note=note)
        context = page_of(found, visitor, names, desk) | beside_of(session, found, visitor)
        context["verdicts"] = judging.fields(session, found, desk.draft, form="decide-lines") if desk.is_open else None
    context |= {
        "errors": errors,
        "error_list": [(text, None if field == "form" else f"f-{field}") for field, text in errors.items()],
        "stale": stale_words(found, names, stale.facts.get("expected")) if stale is not None else None,
    }
    response = make_response(render_template("claims/claim.html", **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def claim_seen(session: Session, visitor: Visitor, claim_id: int) -> WholeClaim:
    """The claim as this visitor may see it; where it is out of sight, it is not there."""
    if not 0 < claim_id <= MOST_ID:
        raise NotFound(kind="claim")
    return whole_claim(session, sight_of(visitor), claim_id, law=law_in_force(session, visitor.county_code))


def law_in_force(session: Session, county_code: str) -> Timeline | None:
    """The county's law, or None."""
    return law_if_any(session, county_code, is_production=the_house().settings.is_production)


def page_of(found: WholeClaim, visitor: Visitor, names: dict[int, str], desk: Desk | None = None) -> dict[str, Any]:
    """What the screen and the pages of the acts both show."""
    sight = sight_of(visitor)
    lines = shown_lines(found, desk.typed if desk else NOTHING_TYPED)
    of_claim = [one for one in found.findings if one.line_no is None]
    own_acts = acts.offered(found.record, visitor, is_closed=desk is not None and desk.closed is not None)
    return head_of(found, clock.local_day(g.at)) | {
        "more_facts": facts_of(found, sight),
        "lines": lines,
        "total": totals(lines),
        "findings": [_finding(one, sight) for one in of_claim],
        "line_finding_count": len(found.findings) - len(of_claim),
        "steps": desk.steps if desk else shown_steps(found.sheet),
        "assumptions": desk.assumptions if desk else [],
        "is_foreseen": found.is_foreseen,
        "why_no_sheet": found.why_no_sheet,
        "settlement": found.settlement,
        "entry": found.entry,
        "events": [_event(one, names) for one in reversed(found.events)],
        "holder": names.get(found.record.held_by or 0),
        "holds": found.record.held_by == visitor.person_id,
        "acts": [act for act in own_acts if act.is_in_bar],
        "more_acts": [act for act in own_acts if not act.is_in_bar],
        "sees_all": sight.is_whole,
        "desk": desk,
    }


def beside_of(session: Session, found: WholeClaim, visitor: Visitor) -> dict[str, Any]:
    """What the insurer alone weighs: the household, the year under its caps, other stays, what its like cost."""
    is_whole = sight_of(visitor).is_whole
    parts = slots.filled(session, visitor, found.record, is_whole=is_whole)
    if not is_whole:
        return {"household": None, "year": None, "others": other_stays(found), "peers": None, "parts_of": parts}
    return {
        "household": household_of(session, found.record),
        "year": year_of(session, found),
        "others": other_stays(found),
        "peers": peers_beside(session, found),
        "parts_of": parts,
    }


def amount_of(found: WholeClaim) -> int | None:
    """What the claim is worth to whoever is paid: decided, or foreseen; None where nothing can be reckoned."""
    if found.settlement is not None:
        return found.settlement.benefits_fen
    if found.entry is not None:
        return found.entry.paid_fen
    return found.sheet.outcome.benefits_fen if found.sheet else None


def stale_words(found: WholeClaim, names: dict[int, str], expected: Any) -> dict[str, Any]:
    """Who was first, and which versions: what was typed stays on the page."""
    last = found.events[-1] if found.events else None
    who = names.get(last.acted_by or 0) if last else None
    return {
        "who": who or _("规则"),
        "at": last.at if last else found.record.received_at,
        "expected": expected,
        "found": found.record.version,
    }


def _finding(one, sight: Sight) -> SimpleNamespace:
    other = one.other_claim_id
    return SimpleNamespace(
        badge=shown_finding(one.rule, one.severity),
        number=one.finding_no,
        rule_name=rule_title(one.rule),
        told=told_of(one),
        source=one.source,
        other=other,
        other_url=desk_url("claims.claim", claim_id=other) if other and sight.is_whole else None,
    )


def _event(one, names: dict[int, str]) -> dict[str, Any]:
    parts: Iterable[str] = [
        reasons.reason_words(one.event, one.reason_code) if one.reason_code else "",
        "、".join(reasons.document_words(code) for code in one.documents or []),
        one.note or "",
    ]
    return {
        "at": one.at,
        "by": names.get(one.acted_by, str(one.acted_by)) if one.acted_by else _("规则"),
        "what": event_words(one.event),
        "kind": EVENT_KINDS.get(one.event, "note"),
        "note": " · ".join(part for part in parts if part) or None,
    }
