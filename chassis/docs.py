"""Pages of the docs that are drawn from the code: `python -m chassis.docs` writes them, a test keeps them fresh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from chassis import authorisation
from chassis.desks import DESKS
from chassis.settings import Settings

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Page:
    path: str
    text: Callable[[], str]


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Every process reads its settings from the environment once, when it starts. Drawn from `chassis/settings.py`.",
        "",
        "| variable | what it means | default |",
        "| --- | --- | --- |",
    ]
    for field in fields(Settings):
        default = field.metadata["default"]
        shown = f"`{default}`" if default else "–"
        lines.append(f"| `{field.metadata['env']}` | {field.metadata['meaning']} | {shown} |")
    return "\n".join(lines) + "\n"


def authorisation_page() -> str:
    """Who may open which route at which desk; the file `config/authorisation.yaml` as tables to read."""
    matrix = authorisation.matrix()
    lines = [
        "# Who may do what",
        "",
        "Drawn from `config/authorisation.yaml`, which the apps obey. Another county's record answers as if it did not",
        "exist. ▲ asks for proof of identity within the last five minutes.",
    ]
    for desk in DESKS.values():
        lines += ["", f"## {desk.key}", "", "| route | method | who | record | ▲ |", "| --- | --- | --- | --- | --- |"]
        for rule in sorted(
            (r for r in matrix.rules.values() if r.desk == desk.key), key=lambda r: (r.endpoint, r.method)
        ):
            who = ", ".join(sorted(rule.who))
            step_up = "▲" if rule.step_up else ""
            lines.append(f"| {rule.endpoint} | {rule.method} | {who} | {rule.object or ''} | {step_up} |")
    return "\n".join(lines) + "\n"


PAGES = (Page("docs/settings.md", settings_page), Page("docs/authorisation.md", authorisation_page))


def write() -> list[str]:
    for page in PAGES:
        target = ROOT / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.text(), encoding="utf-8")
    return [page.path for page in PAGES]


if __name__ == "__main__":
    print("\n".join(write()))
