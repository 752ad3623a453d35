"""Townships and villages, a row a village: what a county enters before its first household."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import select
from sqlalchemy.orm import Session

from oversight.registry.plans import Incoming, Plan, compare
from oversight.registry.tables import Township, Village
from oversight.registry.writing import Row, insert_rows, update_rows

TOWNSHIP_DIGITS, VILLAGE_DIGITS = 9, 12


@dataclass(frozen=True, slots=True)
class PlaceRow:
    township_code: str
    township_name_zh: str
    village_code: str
    village_name_zh: str
    township_name_en: str | None = None
    """None: in pinyin, until somebody gives one"""
    village_name_en: str | None = None
    office_phone: str | None = None
    row: int = 0


def plan_places(session: Session, county_code: str, rows: Sequence[PlaceRow]) -> Plan:
    """Compare with what is known. Rows of one township say the same of it."""
    plan = Plan()
    plan.refuse_twice(((r.row, r.village_code) for r in rows), column="village_code")
    for r in rows:
        _judge_code(plan, r.row, "township_code", r.township_code, county_code, TOWNSHIP_DIGITS)
        _judge_code(plan, r.row, "village_code", r.village_code, r.township_code, VILLAGE_DIGITS)
    townships = compare(plan, _townships(plan, rows), _known_townships(session, county_code), kept_when_empty=KEPT)
    # The counts are of villages: a township's rows are as many as it has villages.
    plan.added, plan.same, plan.changed = 0, 0, 0
    rows_of_changed_townships = {change.row for change in plan.changes}
    known = _known_villages(session, county_code)
    villages = compare(plan, [_village(r) for r in rows], known, kept_when_empty=KEPT)
    rows_of_changed_villages = {one.row for one, _record in villages.changed} | {one.row for one in villages.new}
    for _row in rows_of_changed_townships - rows_of_changed_villages:
        plan.same, plan.changed = plan.same - 1, plan.changed + 1
    _will_write(plan, Township, county_code, townships)
    _will_write(plan, Village, county_code, villages)
    return plan


KEPT = frozenset({"name_en", "office_phone"})


def _judge_code(plan: Plan, row: int, column: str, code: str, above: str, digits: int) -> None:
    if not (code.isascii() and code.isdigit() and len(code) == digits and code.startswith(above)):
        plan.faults.add(row, column, "not_within", expected=f"{above}{'0' * (digits - len(above))}", found=code)


def _townships(plan: Plan, rows: Sequence[PlaceRow]) -> list[Incoming]:
    first: dict[str, Incoming] = {}
    for r in rows:
        values = {"name_zh": r.township_name_zh, "name_en": r.township_name_en, "office_phone": r.office_phone}
        one = first.setdefault(r.township_code, Incoming(r.row, r.township_code, r.township_code, values))
        for name, said in values.items():
            if said != one.values[name]:
                column = name if name == "office_phone" else f"township_{name}"
                plan.faults.add(r.row, column, "contradicts_row", expected=one.values[name] or "", found=said or "")
    return list(first.values())


def _village(r: PlaceRow) -> Incoming:
    values = {"township_code": r.township_code, "name_zh": r.village_name_zh, "name_en": r.village_name_en}
    return Incoming(r.row, r.village_code, r.village_code, values)


def _will_write(plan: Plan, mapped: Any, county_code: str, compared: Any) -> None:
    new = [_named({"county_code": county_code, "code": one.key, **one.values}) for one in compared.new]
    changed = [_named({"county_code": county_code, "code": one.key, **record}) for one, record in compared.changed]
    plan.steps.append(lambda session, _stamp: insert_rows(session, mapped, new))
    plan.steps.append(lambda session, _stamp: update_rows(session, mapped, changed, key=("county_code", "code")))


def _named(row: Row) -> Row:
    spelled = lazy_pinyin(row["name_zh"])
    return {**row, "name_pinyin": " ".join(spelled), "name_en": row["name_en"] or "".join(spelled).capitalize()}


def _known_townships(session: Session, county_code: str) -> dict[Any, dict[str, Any]]:
    found = session.execute(
        select(Township.code, Township.name_zh, Township.name_en, Township.office_phone).where(
            Township.county_code == county_code
        )
    )
    return {
        code: {"name_zh": name_zh, "name_en": name_en, "office_phone": phone} for code, name_zh, name_en, phone in found
    }


def _known_villages(session: Session, county_code: str) -> dict[Any, dict[str, Any]]:
    found = session.execute(
        select(Village.code, Village.township_code, Village.name_zh, Village.name_en).where(
            Village.county_code == county_code
        )
    )
    return {
        code: {"township_code": township, "name_zh": name_zh, "name_en": name_en}
        for code, township, name_zh, name_en in found
    }
