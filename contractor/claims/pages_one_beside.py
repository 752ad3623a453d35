"""What stands beside one claim: the household, the year's totals under their caps, other stays, what its like cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace

from flask_babel import gettext as _
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from chassis.i18n import language
from chassis.layout import figures, stays
from chassis.layout.formats import yuan
from chassis.web.current import desk_url
from contractor.claims import published
from contractor.claims.foreseeing import year_state
from contractor.claims.record import WholeClaim
from contractor.claims.tables import Settlement
from contractor.claims.words import state_words
from contractor.review.peers import PeerCosts, peers_of
from rulebook.rule_shapes import NO_LIMIT

TIMELINE_WIDTH, PEERS_WIDTH = 450, 440
"""About as wide as their boxes at 1366, so that their letters are as large as the page's."""


def household_of(session: Session, record: Row) -> SimpleNamespace:
    """Head and size of the member's household as the registry has it today."""
    m = published.member.c
    asked = select(func.max(m.name).filter(m.is_head), func.count(), func.max(m.household_number))
    head, size, number = session.execute(
        asked.where(m.county_code == record.county_code, m.household_id == record.household_id)
    ).one()
    return SimpleNamespace(head=head, size=size, number=number)


def year_of(session: Session, found: WholeClaim) -> SimpleNamespace | None:
    """What the member's year has used up and what each cap leaves, each with its article."""
    if found.sheet is None or found.deciding is None:
        return None
    rules, decided_by = found.sheet.rules, found.deciding
    state = year_state(session, found.record, decided_by.year)
    rows = [
        _cap(decided_by, _("统筹基金"), state.pool_paid_fen, rules.cap_fen, "inpatient_cap"),
        _cap(decided_by, _("大病保险"), state.serious_paid_fen, rules.serious_cap_fen, "serious_illness_cap")
        if rules.serious_band_1_ppm
        else None,
        _cap(decided_by, _("补充保险"), state.supplementary_paid_fen, rules.supplementary_cap_fen, "supplementary_cap")
        if rules.supplementary_ppm
        else None,
        _cap(decided_by, _("医疗救助"), state.assistance_paid_fen, rules.assistance_cap_fen, "medical_assistance_cap")
        if rules.assistance_ppm
        else None,
    ]
    return SimpleNamespace(
        year=decided_by.year,
        count=_settled_count(session, found.record, decided_by.year),
        rows=[row for row in rows if row],
    )


def _cap(decided_by, label: str, used_fen: int, cap_fen: int, rule: str) -> SimpleNamespace:
    value = decided_by.schedule.rules[rule].on(decided_by.day) if rule in decided_by.schedule.rules else None
    has_cap = cap_fen < NO_LIMIT
    return SimpleNamespace(
        label=label,
        used_fen=used_fen,
        cap_fen=cap_fen if has_cap else None,
        left_fen=max(cap_fen - used_fen, 0) if has_cap else None,
        article=value.source if value and has_cap else None,
        bar=figures.share_bar(used_fen, cap_fen, width=120) if has_cap and cap_fen else None,
    )


def _settled_count(session: Session, record: Row, year: int) -> int:
    """Decisions in money that stand in the member's year."""
    s, back = Settlement, aliased(Settlement)
    undone = select(back.id).where(back.county_code == s.county_code, back.reverses_settlement_id == s.id).exists()
    mine = (s.county_code == record.county_code, s.member_id == record.member_id, s.year == year)
    return session.scalars(select(func.count()).where(*mine, s.reverses_settlement_id == 0, ~undone)).one()


def other_stays(found: WholeClaim) -> SimpleNamespace | None:
    """The member's stays around this one, drawn and listed; None where it is the only one."""
    if len(found.stays) < 2:
        return None
    year = found.head.discharged_on.year
    this = next((one for one in found.stays if one.id == found.head.id), None)
    in_year = [one for one in found.stays if one.admitted_on.year <= year <= one.discharged_on.year]
    drawn = [
        stays.Stay(
            place_of(one),
            one.admitted_on,
            one.discharged_on,
            _("本件") if one.id == found.head.id else one.diagnosis_code,
            is_this=one.id == found.head.id,
            is_overlapping=any(_days_in_common(one, other) > 0 for other in in_year if other.id != one.id),
        )
        for one in in_year
    ]
    rows = [_stay(found, one, this) for one in found.stays]
    return SimpleNamespace(
        year=year,
        plot=stays.timeline(drawn, year=year, width=TIMELINE_WIDTH),
        rows=rows,
        overlap_count=sum(1 for row in rows if row.is_overlapping),
    )


def place_of(one: Row) -> str:
    return (one.name_en if language() == "en" else one.name_zh) or one.institution_code


def _stay(found: WholeClaim, one: Row, this: Row | None) -> SimpleNamespace:
    common = _days_in_common(one, this) if this is not None and one.id != this.id else 0
    return SimpleNamespace(
        url=desk_url("claims.claim", claim_id=one.id) if one.id != found.head.id else None,
        number=one.claim_number,
        institution=place_of(one),
        diagnosis=one.diagnosis_name or one.diagnosis_code,
        from_on=one.admitted_on,
        left_on=one.discharged_on,
        charged_fen=one.charged_fen,
        state=state_words(one.state),
        is_this=one.id == found.head.id,
        is_overlapping=common > 0,
        beside=_beside(one, this, common),
    )


def _beside(one: Row, this: Row | None, common: int) -> str:
    """How a stay lies to this one: so many days at once, or so many between."""
    if this is None or one.id == this.id:
        return "–"
    if common > 0:
        return _("重叠 %(days)s 日", days=common)
    first, second = sorted((one, this), key=lambda stay: stay.admitted_on)
    return _("相隔 %(days)s 日", days=max((second.admitted_on - first.discharged_on).days, 0))


def _days_in_common(one: Row, other: Row) -> int:
    """Days on which both lay in bed. Leaving here and coming there on one day is a transfer, and no overlap."""
    start = max(one.admitted_on, other.admitted_on)
    end = min(one.discharged_on, other.discharged_on)
    return max((end - start) // dt.timedelta(days=1), 0)


def peers_beside(session: Session, found: WholeClaim) -> SimpleNamespace | None:
    """This cost beside the same diagnosis category at the same tier; None for visits and where nothing was measured."""
    head = found.head
    if head.route == "outpatient" or head.tier is None or not head.diagnosis_code:
        return None
    peers = peers_of(session, county_code=head.county_code, diagnosis_code=head.diagnosis_code, tier=head.tier)
    if peers is None:
        return None
    return SimpleNamespace(
        category=peers.category,
        count=peers.stay_count,
        is_telling=peers.is_telling,
        place=peers.place_of(head.charged_fen),
        is_high=peers.place_of(head.charged_fen) >= 95,
        median_fen=peers.percentile(50),
        p75_fen=peers.percentile(75),
        p95_fen=peers.percentile(95),
        this_fen=head.charged_fen,
        measured_at=peers.measured_at,
        plot=_peers_plot(peers, head.charged_fen) if peers.is_telling else None,
    )


def _peers_plot(peers: PeerCosts, this_fen: int) -> figures.Scale:
    marks = {f"p{number}": float(peers.percentile(number)) for number in (5, 25, 50, 75, 95)}
    marks["this"] = float(this_fen)
    highest = _round_top(max(*marks.values(), 100.0) * 1.08)
    ticks = [(highest * part / 3, yuan(round(highest * part / 3)).removesuffix(".00")) for part in range(4)]
    return figures.scale(marks, highest=highest, ticks=ticks, width=PEERS_WIDTH)


def _round_top(fen: float) -> float:
    """The next amount that three equal steps of plain hundreds reach."""
    steps: Sequence[int] = (300, 600, 900, 1_500, 3_000, 6_000, 9_000, 15_000)
    scale = 100
    while True:
        for step in steps:
            if step * scale >= fen:
                return float(step * scale)
        scale *= 10
