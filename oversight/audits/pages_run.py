"""One run: agreement in one word, or the differences first, each with its evidence beside the list."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Response, g, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from chassis import clock
from chassis.errors import NotFound
from chassis.exports import FILE_TYPES, MOST_ROWS, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.trail.appending import append
from chassis.trail.chain import Actor, ActorKind, Entry
from chassis.web.current import desk_url, the_database, the_visitor
from oversight.audits import queries
from oversight.audits.evidence import ClaimAsRead, read_claim
from oversight.audits.queries import Wanted
from oversight.audits.showing import both_sides, pill_of, shown_difference
from oversight.audits.tables import Recomputation, RecomputationDifference
from oversight.audits.words import kind_words, occasion_words, stage_words
from oversight.registry.queries import counties_seen_by
from oversight.registry.schedules.law import law_of

EXPORTS = "exports"
KINDS = ("line", "input", "law", "benefit", "account", "payment", "event", "trail")


def show(county_code: str, recomputation_id: int):
    with the_database().transaction() as session:
        run, county = record(session, county_code, recomputation_id)
        wanted, after = _wanted(), _number("after") or 0
        found = queries.differences_page(session, run, wanted, after=after)
        rows, more = found[: queries.PAGE_ROWS], len(found) > queries.PAGE_ROWS
        counts = queries.counts_of(session, run)
        institutions = queries.institutions_in(session, run)
        names = _institution_names(session, run, institutions)
        numbers = queries.claim_numbers(session, county_code, [row.claim_id for row in rows if row.claim_id])
        chosen = _chosen(session, run, rows)
        evidence = _evidence(session, run, wanted, chosen, names) if chosen else None
    kept = _kept(wanted)
    shown = [_row(run, row, names, numbers, kept, after) for row in rows]
    return render_template(
        "audits/run.html",
        run=_head(run, county),
        rows=shown,
        evidence=evidence,
        tabs=_tabs(run, counts, wanted),
        wanted=wanted,
        kinds=[("", _("全部")), *((kind, kind_words(kind)) for kind in KINDS if kind in counts)],
        institutions=[("", _("全部")), *((code, names.get(code, code)) for code in institutions)],
        action=_url(run),
        tags=_tags(run, kept, names),
        first_url=_url(run, **kept) if after else None,
        next_url=_url(run, **kept, after=rows[-1].difference_no) if more else None,
        export_urls=[
            (words, _url(run, "export", file_type=kind, **kept))
            for kind, words in (("xlsx", _("导出 Excel")), ("csv", _("导出 CSV")))
        ],
    )


def export(county_code: str, recomputation_id: int, file_type: str):
    """The list as a file; that it left the house is itself an entry."""
    visitor = the_visitor()
    with the_database().transaction() as session:
        run, _county = record(session, county_code, recomputation_id)
        rows = queries.differences_page(session, run, _wanted(), most=MOST_ROWS)[:MOST_ROWS]
        names = _institution_names(session, run, [row.institution_code for row in rows if row.institution_code])
        numbers = queries.claim_numbers(session, county_code, [row.claim_id for row in rows if row.claim_id])
        entry = Entry(
            act="recomputation.exported",
            subject_kind="recomputation",
            subject_id=str(run.id),
            by=Actor(ActorKind.STAFF, str(visitor.person_id)),
            facts={"rows": len(rows), "kind": file_type, "county": county_code},
        )
        append(session, county_code=visitor.county_code, stream=EXPORTS, entries=[entry], at=g.at)
    columns = [
        Column("no", _("序号"), "whole"),
        Column("kind", _("哪里不符")),
        Column("step", _("从哪一步起")),
        Column("line_no", _("行号"), "whole"),
        Column("claim_number", _("结算单号")),
        Column("institution", _("医疗机构")),
        Column("published", _("承办方"), "money"),
        Column("recomputed", _("县复算"), "money"),
        Column("published_word", _("承办方（非金额）")),
        Column("recomputed_word", _("县复算（非金额）")),
        Column("effect", _("差额"), "money"),
        Column("follows", _("由前一笔引起")),
    ]
    table = [_exported(row, names, numbers) for row in rows]
    body = write_csv(columns, table) if file_type == "csv" else write_xlsx(columns, table, sheet="recomputation")
    answer = Response(body, content_type=FILE_TYPES[file_type])
    name = f"recomputation-{county_code}-{run.id}-{clock.local_day(g.at)}.{file_type}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def record(session: Session, county_code: str, recomputation_id: int) -> tuple[Recomputation, str]:
    """The run and its county's name, where this visitor may see that county; else it is not there."""
    counties = {c.county_code: c for c in counties_seen_by(session, the_visitor().county_code)}
    run = queries.run_of(session, county_code, recomputation_id) if county_code in counties else None
    if run is None:
        raise NotFound(kind="recomputation")
    county = counties[county_code]
    return run, county.name_en if language() == "en" else county.name_zh


def shown_progress(run: Recomputation) -> SimpleNamespace:
    return SimpleNamespace(
        done=run.done_count,
        all=run.total_count,
        note=stage_words(run.stage),
        url=_url(run, "progress"),
        page_url=_url(run),
        is_over=run.finished_at is not None,
    )


def _head(run: Recomputation, county: str) -> SimpleNamespace:
    seconds = (run.finished_at - run.begun_at).total_seconds() if run.finished_at and run.begun_at else None
    return SimpleNamespace(
        id=run.id,
        row=run,
        county=county,
        pill=pill_of(run),
        occasion=occasion_words(run.occasion),
        seconds=None if seconds is None else f"{seconds:.1f}",
        progress=None if run.finished_at is not None else shown_progress(run),
        is_finished=run.state == "finished",
        is_failed=run.state == "failed",
        agrees=run.state == "finished" and not run.difference_count,
        net_fen=(run.overpaid_fen or 0) - (run.underpaid_fen or 0),
        unlisted=(run.difference_count or 0) - (run.kept_count or 0),
        list_url=desk_url("audits.list"),
    )


def _row(
    run: Recomputation, row: RecomputationDifference, names: dict[str, str], numbers: dict[int, str],
    kept: dict[str, Any], after: int,
) -> SimpleNamespace:  # fmt: skip
    shown = shown_difference(row)
    shown.url = _url(run, **kept, d=row.difference_no, **({"after": after} if after else {}))
    shown.claim_number = numbers.get(row.claim_id or 0, "")
    shown.institution = names.get(row.institution_code or "", row.institution_code or "")
    return shown


def _chosen(session: Session, run: Recomputation, rows: Any) -> RecomputationDifference | None:
    """The difference whose evidence is shown: the one asked for, else the first of the page."""
    number = _number("d")
    chosen = queries.difference_of(session, run, number) if number else None
    return chosen or (rows[0] if rows else None)


def _evidence(
    session: Session, run: Recomputation, wanted: Wanted, row: RecomputationDifference, names: dict[str, str]
) -> SimpleNamespace:
    claim = _read(session, run, row.claim_id) if row.claim_id else None
    before, after = queries.neighbours(session, run, wanted, row.difference_no)
    kept = _kept(wanted)
    sheet = next((one for one in claim.sheets if one.settlement_id == row.settlement_id), None) if claim else None
    shown = shown_difference(row)
    result = None
    if row.effect_fen:
        result = (shown.effect_word, shown.effect_fen, shown.effect_mark)
    return SimpleNamespace(
        no=row.difference_no,
        shown=shown,
        institution=names.get(row.institution_code or "", row.institution_code or ""),
        claim=claim.claim if claim else None,
        claim_url=desk_url("audits.claim", county_code=run.county_code, claim_id=row.claim_id) if claim else None,
        member_url=desk_url("registry.member", county_code=run.county_code, member_id=row.member_id)
        if row.member_id
        else None,
        law_url=desk_url("schedules.list"),
        sides=both_sides(sheet) if sheet and sheet.recomputed else [],
        result=result,
        before_url=_url(run, **kept, d=before) if before else None,
        after_url=_url(run, **kept, d=after) if after else None,
    )


def _read(session: Session, run: Recomputation, claim_id: int) -> ClaimAsRead | None:
    """Both sides as they stand now."""
    return read_claim(session, run.county_code, claim_id, lambda: law_of(session, run.county_code))


def _exported(row: RecomputationDifference, names: dict[str, str], numbers: dict[int, str]) -> dict[str, Any]:
    shown = shown_difference(row)
    return {
        "no": row.difference_no,
        "kind": shown.kind,
        "step": shown.step,
        "line_no": row.line_no,
        "claim_number": numbers.get(row.claim_id or 0, ""),
        "institution": names.get(row.institution_code or "", row.institution_code or ""),
        "published": row.published_fen,
        "recomputed": row.recomputed_fen,
        "published_word": None if shown.is_money else shown.published,
        "recomputed_word": None if shown.is_money else shown.recomputed,
        "effect": row.effect_fen,
        "follows": _("是") if row.follows_earlier else "",
    }


def _tabs(run: Recomputation, counts: dict[str, tuple[int, int]], wanted: Wanted) -> list[tuple[str, str, bool]]:
    whole = sum(count for count, _effect in counts.values())
    tabs = [(f"{_('全部')} {whole:,}", _url(run), not wanted.kind)]
    for kind in KINDS:
        if kind in counts:
            tabs.append((f"{kind_words(kind)} {counts[kind][0]:,}", _url(run, kind=kind), wanted.kind == kind))
    return tabs


def _tags(run: Recomputation, kept: dict[str, Any], names: dict[str, str]) -> list[tuple[str, str]]:
    said = {
        "kind": lambda value: kind_words(value),
        "institution": lambda value: names.get(value, value),
        "begins": lambda value: _("只看从这里起的"),
        "claim": lambda value: _("申请 %(number)s", number=value),
    }
    return [
        (said[name](value), _url(run, **{other: kept[other] for other in kept if other != name}))
        for name, value in kept.items()
    ]


def _institution_names(session: Session, run: Recomputation, codes: Any) -> dict[str, str]:
    found = queries.names_of_institutions(session, run.county_code, list(codes))
    return {code: (name_en or name_zh) if language() == "en" else name_zh for code, (name_zh, name_en) in found.items()}


def _wanted() -> Wanted:
    kind, institution = request.args.get("kind", ""), request.args.get("institution", "")
    return Wanted(
        kind=kind if kind in KINDS else "",
        institution=institution if institution.isascii() and institution.isalnum() and len(institution) <= 20 else "",
        begins=request.args.get("begins") == "1",
        claim_id=_number("claim"),
    )


def _kept(wanted: Wanted) -> dict[str, Any]:
    parts = {
        "kind": wanted.kind,
        "institution": wanted.institution,
        "begins": "1" if wanted.begins else "",
        "claim": wanted.claim_id,
    }
    return {name: value for name, value in parts.items() if value}


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _url(run: Recomputation, endpoint: str = "run", **values: Any) -> str:
    return desk_url(f"audits.{endpoint}", county_code=run.county_code, recomputation_id=run.id, **values)
