"""Every sentence a reader may see goes through the catalogue, and the catalogue's English is whole."""

from __future__ import annotations

import ast
import re

import pytest
from babel.messages.extract import extract_from_file

from chassis.i18n import english
from tests.repository.tree import ROOT, files

CHINESE = re.compile(r"[\u3400-\u9fff]")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
READ_BY_PEOPLE = ("chassis", "contractor", "oversight", "coopmed")

# Chinese that is data, not a sentence of a page.
DATA = {
    "chassis/reading/cells.py": "days as people write them, and the signs between codes",
    "chassis/reading/tables.py": "the name of a sheet that explains",
    "contractor/claims/doors/exchange_docs.py": "headers of a table of the docs, in both languages",
    "contractor/claims/doors/exchange_template.py": "headers of the form to fill in, in both languages",
    "contractor/claims/doors/exchange_columns.py": "headers and examples of the exchange format, in both languages",
    "chassis/layout/tongues.py": "a pattern that tells Chinese from other writing",
    "coopmed/beginning.py": "a county's name and a person's, as examples in a command's help",
    "chassis/vault/masking.py": "compound surnames",
    "chassis/layout/formats.py": "dates for members in Chinese",
    "chassis/layout/sample_words.py": "the invented examples of the component gallery",
    "chassis/layout/samples.py": "the same",
    "oversight/registry/imports/columns.py": "headers and choices of the registry's files, in both languages",
    "oversight/audits/differences.py": "the articles of the scheme's documents, cited beside each step",
}


def sentences() -> set[str]:
    """Every sentence marked for translation in code and templates."""
    found = set()
    for path in files(".py", ".html", under=READ_BY_PEOPLE):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {} if path.suffix == ".py" else {"trimmed": "true", "silent": "false"}
        for _line, message, _comments, _context in extract_from_file(method, str(path), KEYWORDS, (), options):
            found |= {message} if isinstance(message, str) else {m for m in message[:1] if m}
    return {message for message in found if message}


def test_every_sentence_has_its_english():
    catalogue = english()
    missing = sorted(
        message
        for message in sentences()
        if CHINESE.search(message) and not (catalogue.get(message) and catalogue.get(message).string)
    )
    assert missing == []


def test_no_english_translates_a_sentence_that_is_gone():
    current = sentences()
    stale = sorted(
        str(message.id)
        for message in english()
        if message.id and (message.id if isinstance(message.id, str) else message.id[0]) not in current
    )
    assert stale == []


def test_english_keeps_the_places_of_the_chinese():
    place = re.compile(r"%\(\w+\)[sd]")
    wrong = [
        str(m.id)
        for m in english()
        if m.id and isinstance(m.id, str) and sorted(place.findall(m.id)) != sorted(place.findall(str(m.string)))
    ]
    assert wrong == []


def test_english_holds_no_chinese():
    assert [str(m.id) for m in english() if m.id and CHINESE.search(str(m.string))] == []


@pytest.mark.parametrize("path", files(".html", under=READ_BY_PEOPLE), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_holds_no_sentence_outside_the_catalogue(path):
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.S)
    source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", lambda m: _without_marked(m.group()), source, flags=re.S)
    left = [line.strip() for line in source.splitlines() if CHINESE.search(line)]
    assert left == []


@pytest.mark.parametrize("path", files(".py", under=READ_BY_PEOPLE), ids=lambda p: str(p.relative_to(ROOT)))
def test_code_holds_no_sentence_outside_the_catalogue(path):
    if str(path.relative_to(ROOT)) in DATA:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    marked = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in KEYWORDS:
            marked |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            marked.add(id(node.value))  # a docstring
    left = [
        f"{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and id(node) not in marked
    ]
    assert left == []


def _without_marked(expression: str) -> str:
    """The expression without the sentences it hands to the catalogue."""
    return re.sub(
        r"""\b(?:_|gettext|ngettext)\(\s*(?:"[^"]*"|'[^']*')(?:\s*,\s*(?:"[^"]*"|'[^']*'))?""", "", expression
    )
