"""The law as a file: one number a row, as the reader's table of the rulebook gives them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response
from flask_babel import gettext as _

from chassis.exports import FILE_TYPES, Column, write_csv, write_xlsx
from chassis.i18n import language
from chassis.law.showing import group_words, shown_number
from rulebook.schedule import Schedule
from rulebook.schedule_table import reader_table


def law_file(schedule: Schedule, *, on: dt.date | None, file_type: str, name: str) -> Response:
    """A download of the whole law, or of one day's."""
    rows = [_cells(row) for row in reader_table(schedule, on=on)]
    columns = _columns()
    body = write_csv(columns, rows) if file_type == "csv" else write_xlsx(columns, rows, sheet=_("补偿方案"))
    answer = Response(body, content_type=FILE_TYPES[file_type])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{file_type}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _columns() -> list[Column]:
    return [
        Column("group", _("部分")),
        Column("title", _("项目")),
        Column("part", _("对象")),
        Column("number", _("数")),
        Column("unit", _("单位")),
        Column("from_on", _("起"), "day"),
        Column("until_on", _("停用日"), "day"),
        Column("source", _("条款")),
        Column("checked_on", _("核对"), "day"),
        Column("assumed", _("假定")),
    ]


def _cells(row: Any) -> dict[str, Any]:
    tongue = "_en" if language() == "en" else ""
    words = {name: getattr(row, name + tongue) for name in ("title", "part", "unit", "assumed")}
    days = {name: getattr(row, name) for name in ("from_on", "until_on", "checked_on")}
    number = shown_number(row.rule, row.text) if row.text else _("废止")
    return words | days | {"group": group_words(row.group), "number": number, "source": row.source}
