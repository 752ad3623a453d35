"""From a folder of files to a schedule, with every fault named by file, line and article.

Numbers must be quoted: YAML would otherwise make floats of them, and a float has no fen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rulebook.money import RefusedAmount
from rulebook.refusals import Refused
from rulebook.rule_shapes import SHAPES, Kind
from rulebook.schedule import FOLDER, Schedule, UnknownSchedule, built_from, number, part_texts
from rulebook.schedule_checks import faults_across

_STR, _NULL, _DAY = ("tag:yaml.org,2002:" + kind for kind in ("str", "null", "timestamp"))
_SCHEME_WORDS = ("key", "county", "county_en", "title", "title_en", "documents", "checked_on")
_RULE_WORDS = ("title", "title_en", "unit", "source", "checked_on", "values")
_MAY = ("assumed", "assumed_en")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a schedule. `line` is 0 where the fault lies between files."""

    file: str
    line: int
    article: str
    fault: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.fault} [{self.article}]"


class FaultySchedule(Refused):
    """A folder that is no schedule. Facts: `faults`, all of them at once."""


class _Page:
    """One file, read without letting YAML guess: texts, days and nulls, and the line each of them stands on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.lines: dict[tuple[str, ...], int] = {}
        self.article = ""
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as broken:
            self.content: Any = {}
            mark = broken.problem_mark
            self.faults.append(Fault(path.name, mark.line + 1 if mark else 1, "", f"no YAML: {broken.problem}"))
            return
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == "source":
                    self.article = value.value
        self.content = self._read(node, ())
        if not isinstance(self.content, dict):
            self.content = {}
            self.fault((), "a file of names and values is expected")

    def fault(self, where: tuple[str, ...], text: str) -> None:
        line = next((self.lines[where[:end]] for end in range(len(where), -1, -1) if where[:end] in self.lines), 1)
        self.faults.append(Fault(self.path.name, line, self.article, text))

    def _read(self, node: yaml.Node | None, where: tuple[str, ...]) -> Any:
        if node is not None:
            self.lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            read: dict[str, Any] = {}
            for key, value in node.value:
                self.lines[(*where, key.value)] = key.start_mark.line + 1
                if key.value in read:
                    self.fault((*where, key.value), f"{key.value} is stated twice")
                read[key.value] = self._read(value, (*where, key.value))
            return read
        if isinstance(node, yaml.ScalarNode) and node.tag in (_STR, _DAY):
            return node.value
        if isinstance(node, yaml.ScalarNode) and node.tag == _NULL:
            return None
        self.fault(where, "a number, a yes or a no must be quoted" if isinstance(node, yaml.ScalarNode) else "a list")
        return ""


def load_schedule(folder: Path) -> Schedule:
    """The schedule a folder holds. Raises: FaultySchedule with every fault."""
    content, faults = read_folder(folder)
    if not faults:
        schedule = built_from(content)
        faults = [Fault(f"{rule}.yaml", 0, article, fault) for rule, article, fault in faults_across(schedule)]
    if faults:
        raise FaultySchedule(folder=folder.name, faults=faults)
    return schedule


def read_folder(folder: Path) -> tuple[dict[str, Any], list[Fault]]:
    """The content of a folder and what is wrong with its form, file by file."""
    faults: list[Fault] = []
    content: dict[str, Any] = {"scheme": {}, "rules": {}}
    for path in sorted(folder.glob("*.yaml")):
        page = _Page(path)
        if path.stem == "scheme":
            _require_words(page, _SCHEME_WORDS)
            content["scheme"] = page.content
        elif path.stem in SHAPES:
            _check_rule(path.stem, page)
            content["rules"][path.stem] = page.content
        else:
            page.fault((), f"no rule is called {path.stem}")
        faults += page.faults
    if not (folder / "scheme.yaml").exists():
        faults.append(Fault("scheme.yaml", 0, "", "the file is missing"))
    for name, shape in SHAPES.items():
        if shape.is_required and name not in content["rules"]:
            faults.append(Fault(f"{name}.yaml", 0, "", "the file is missing and no scheme can be without this rule"))
    return content, faults


def _require_words(page: _Page, words: tuple[str, ...]) -> None:
    for word in words:
        if not page.content.get(word):
            page.fault((), f"{word} is missing")
    if page.content.get("checked_on"):
        _require_day(page, ("checked_on",), page.content["checked_on"])


def _require_day(page: _Page, where: tuple[str, ...], text: object) -> None:
    try:
        # 2007-1-1 and 20070101 are the same day written otherwise; one way to write it keeps the hash one hash.
        if not isinstance(text, str) or date.fromisoformat(text).isoformat() != text:
            raise ValueError
    except ValueError:
        page.fault(where, f"{text} is no day written as 2026-01-31")


def _check_rule(name: str, page: _Page) -> None:
    _require_words(page, _RULE_WORDS)
    shape = SHAPES[name]
    for word in set(page.content) - {*_RULE_WORDS, *_MAY}:
        page.fault((word,), f"{word} is no word of a rule")
    if page.content.get("unit") not in (*shape.units, None):
        page.fault(("unit",), f"the unit is {page.content['unit']}, expected {shape.units[0]}")
    values = page.content.get("values")
    if not isinstance(values, Mapping):
        page.fault(("values",), "values by date are expected")
        page.content["values"] = {}
        return
    days = list(values)
    if days != sorted(days):
        page.fault(("values",), "the days do not follow one another")
    for day, stated in values.items():
        _require_day(page, ("values", day), day)
        if stated is None and day == days[0]:
            page.fault(("values", day), "a rule cannot be repealed before it begins")
        elif stated is not None:
            _check_value(name, page, day, stated)


def _check_value(name: str, page: _Page, day: str, stated: Any) -> None:
    shape = SHAPES[name]
    where = ("values", day)
    if not isinstance(stated, Mapping):
        page.fault(where, "the numbers are expected by their names")
        return
    told = part_texts({word: text for word, text in stated.items() if word not in ("source", *_MAY)})
    for part in shape.parts:
        if part not in told:
            page.fault(where, f"{'.'.join(part)} is missing")
    for part, text in told.items():
        if part not in shape.parts:
            page.fault((*where, *part), f"{'.'.join(part)} is no part of {name}")
        elif text is None:
            page.fault((*where, *part), f"{'.'.join(part)} is empty; only a whole rule is repealed")
        elif shape.kind is Kind.CHOICE and text not in shape.choices:
            page.fault((*where, *part), f"{text} is none of {', '.join(shape.choices)}")
        elif shape.kind is not Kind.CHOICE:
            try:
                number(name, text)
            except RefusedAmount as refused:
                page.fault((*where, *part), f"{text!r} is refused: {refused.key}")


@cache
def schedules_on_file(folder: Path = FOLDER) -> Mapping[str, Schedule]:
    """Every scheme that comes with the house, by its key."""
    return {path.name: load_schedule(path) for path in sorted(folder.iterdir()) if path.is_dir()}


def schedule_by_hash(content_hash: str) -> Schedule:
    """The schedule on file with this content. Raises: UnknownSchedule."""
    for schedule in schedules_on_file().values():
        if schedule.content_hash == content_hash:
            return schedule
    raise UnknownSchedule(content_hash=content_hash)
