"""Pages of the docs that are drawn from the code: `python -m chassis.docs` writes them, a test keeps them fresh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from chassis import authorisation
from chassis.desks import DESKS
from chassis.settings import Settings

ROOT = Path(__file__).parent.parent


# Read by the launcher, by gunicorn's configuration and by the tests, before or beside the apps' own settings.
BESIDE_THE_APPS = {
    "COOPMED_WORKSPACE_PORT": "Port of the insurer's workspace; 8101, or the next free one, when not set.",
    "COOPMED_PORTAL_PORT": "Port of the county's portal; 8102, or the next free one, when not set.",
    "COOPMED_CLAIMANTS_PORT": "Port of the members' site; 8103, or the next free one, when not set.",
    "COOPMED_HOST": "Address the launcher's sites listen on; 127.0.0.1 when not set.",
    "COOPMED_SITE": "Which site a process serves; the launcher sets it.",
    "COOPMED_WEB_WORKERS": "gunicorn's worker processes per site; 2 when not set.",
    "COOPMED_WEB_THREADS": "Threads of each; 4 when not set.",
    "COOPMED_FORWARDED_ALLOW_IPS": "Proxies whose X-Forwarded headers gunicorn believes; none when not set.",
    "COOPMED_LOG_LEVEL": "gunicorn's own log level; info when not set.",
    "COOPMED_PG_BIN": "Folder of the PostgreSQL programs to use instead of the wheel's.",
    "COOPMED_VALKEY_BIN": "The Valkey or Redis server to use instead of the wheel's.",
    "COOPMED_CHROMIUM": "The browser of the browser tests; /usr/bin/chromium when not set.",
    "COOPMED_TEST_ADMIN_DATABASE_URL": "Run the suite on this PostgreSQL (a superuser) instead of a throw-away one.",
    "COOPMED_TEST_REDIS_URL": "Run the suite on this Redis instead of a throw-away one.",
    "COOPMED_BENCH_API_CLAIMS": "Claims of the API's bench; 300 when not set.",
    "COOPMED_BENCH_QUEUE_CLAIMS": "Claims of the queue's bench; 1,000,000 when not set.",
    "COOPMED_BENCH_QUEUE_CLICKS": "Pages each of its sixteen reviewers opens; 25 when not set.",
    "COOPMED_BENCH_PAYMENTS": "Payments of the payments' bench; 10,000 when not set.",
    "COOPMED_BENCH_TRAIL_ROWS": "Rows of the trail's bench; 1,000,000 when not set.",
    "COOPMED_SHARED_DATA": "Folder of the real input that some tests read; without it they skip and say so.",
    "COOPMED_FAIL_AT": "In the environment `test` only: a named point at which a process kills itself.",
}


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
    lines += ["", "## The launcher, the servers and the tests", "", "| variable | what it means |", "| --- | --- |"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in BESIDE_THE_APPS.items()]
    return "\n".join(lines) + "\n"


def authorisation_page() -> str:
    """Who may open which route at which desk; the file `config/authorisation.yaml` as tables to read."""
    matrix = authorisation.matrix()
    lines = [
        "# Who may do what",
        "",
        "Drawn from `config/authorisation.yaml`, which the apps obey. Another county's record answers as if it did not",
        "exist. ▲ asks for proof of identity within the last five minutes. A method “by token” is a door for programs.",
    ]
    for desk in DESKS.values():
        lines += ["", f"## {desk.key}", "", "| route | method | who | record | ▲ |", "| --- | --- | --- | --- | --- |"]
        for rule in sorted(
            (r for r in matrix.rules.values() if r.desk == desk.key), key=lambda r: (r.endpoint, r.method)
        ):
            who = ", ".join(sorted(rule.who))
            step_up = "▲" if rule.step_up else ""
            method = f"{rule.method} by token" if rule.by_token else rule.method
            lines.append(f"| {rule.endpoint} | {method} | {who} | {rule.object or ''} | {step_up} |")
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
