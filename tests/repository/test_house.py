"""Tests about the house itself: nothing unused, nothing unguarded, nothing undocumented."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from chassis import docs
from chassis.db import house_metadata
from tests.migrations.test_history import all_tables_mapped
from tests.repository.tree import ROOT, files

# Places and tools that are nobody else's business; put together here so that this file does not name them either.
FOREIGN = ("/work" + "/", "farm" + "-studio", "farm" + "-bench", "help" + "er-")


def test_no_template_is_unused():
    templates = {p: p.parts[p.parts.index("templates") + 1 :] for p in files(".html")}
    names = {"/".join(parts): p for p, parts in templates.items()}
    sources = "\n".join(p.read_text(encoding="utf-8") for p in files(".py", ".html"))
    unused = [name for name in names if not re.search(rf"[\"']{re.escape(name)}[\"']", sources)]
    assert unused == []


def test_every_template_import_is_used():
    for path in files(".html"):
        source = path.read_text(encoding="utf-8")
        for alias in re.findall(r"\{%-?\s*import\s+\"[^\"]+\"\s+as\s+(\w+)", source):
            assert re.search(rf"\b{alias}\.", source), f"{path.name} imports {alias} and never uses it"


# A page of a paper stands alone in a sandboxed frame; its policy names its one style by hash (decision 0041).
ALONE = {"sheet.html"}


def test_no_page_carries_inline_script_style_or_handlers():
    forbidden = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|hx-on|javascript:|hx-vals=['\"]js:", re.I)
    found = [
        f"{p.relative_to(ROOT)}: {match.group()}"
        for p in files(".html")
        if p.name not in ALONE
        for match in [forbidden.search(re.sub(r"\{#.*?#\}", "", p.read_text(encoding="utf-8"), flags=re.S))]
        if match
    ]
    assert found == []


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.path)
def test_a_generated_page_of_the_docs_is_fresh(page):
    assert (ROOT / page.path).read_text(encoding="utf-8") == page.text(), "run `make docs`"


def test_every_variable_that_the_code_reads_is_documented():
    variable = re.compile(r"\bCOOPMED_[A-Z]+(?:_[A-Z]+)*\b")
    read = set()
    for path in files(
        ".py", ".mjs", under=("chassis", "contractor", "oversight", "coopmed", "demo", "config", "tests", "dev.py")
    ):
        # A sentence in a test may be cut off in the middle of a name.
        read |= {v for v in variable.findall(path.read_text(encoding="utf-8")) if v != "COOPMED_F"}
    documented = set(variable.findall((ROOT / "docs/settings.md").read_text(encoding="utf-8")))
    assert sorted(read - documented) == []


def test_every_table_is_in_the_glossary():
    all_tables_mapped()
    glossary = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    tables = {table.name for table in house_metadata().tables.values()}
    missing = sorted(name for name in tables if f"`{name}`" not in glossary)
    assert missing == []


def test_every_relative_link_of_the_docs_leads_somewhere():
    broken = []
    for page in files(".md", under=(".",)):
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []


def test_the_project_names_no_place_outside_itself():
    found = []
    for path in files(
        ".py", ".md", ".html", ".yaml", ".toml", ".sql", ".js", ".mjs", ".css", "Makefile", "run", under=(".",)
    ):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in FOREIGN if word in text]
    assert found == []


def test_the_import_contracts_hold():
    answer = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_frame_goes_to_a_file_for_people_without_the_one_writer():
    raw = re.compile(r"\.to_(csv|excel)\(")
    assert [str(p.relative_to(ROOT)) for p in files(".py") if raw.search(p.read_text(encoding="utf-8"))] == []
