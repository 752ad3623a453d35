"""docs/registry_files.md names every column of every kind that is read."""

from __future__ import annotations

from oversight.registry.imports.kinds import KINDS
from tests.repository.tree import ROOT


def test_every_column_of_every_kind_stands_in_the_documentation():
    page = (ROOT / "docs/registry_files.md").read_text(encoding="utf-8")
    sections = {part.split("`")[0]: part for part in page.split("\n## `")[1:]}
    assert list(sections) == list(KINDS)
    for kind in KINDS.values():
        for column in kind.table.columns:
            needed = "needed" if column.is_filled else ""
            assert f"| {column.title} | {column.title_en} | {needed} |" in sections[kind.key], column.key
