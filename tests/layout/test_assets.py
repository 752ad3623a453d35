"""The bundle: names by content, long caching, compressed copies, and how small it is."""

from __future__ import annotations

import gzip
import re

import pytest

from chassis.layout import assets
from tests.layout.harness import ROOT

KB = 1024
TEMPLATES = sorted(path for room in ("chassis", "contractor", "oversight") for path in (ROOT / room).rglob("*.html"))


def test_an_address_names_the_content_and_may_be_kept_for_a_year(site_app):
    client = site_app.test_client()
    url = assets.asset("desk.css")
    assert re.fullmatch(r"/assets/desk-[A-Z0-9]{8}\.css", url)
    answer = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    plain = client.get(url)
    assert plain.headers.get("Content-Encoding") is None
    assert gzip.decompress(answer.data) == plain.data
    assert plain.content_type == "text/css; charset=utf-8"
    assert client.get(assets.asset("desk.js")).content_type == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "name", ["manifest.json", "desk.css", "../build.mjs", "..%2fbuild.mjs", "desk.css.gz", "x", "desk-AAAAAAAA.css"]
)
def test_only_files_of_the_bundle_are_served(site_app, name):
    assert site_app.test_client().get(f"/assets/{name}").status_code == 404


def test_a_missing_bundle_says_which_command_makes_it(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    with pytest.raises(assets.AssetsNotBuilt, match=r"node chassis/layout/build\.mjs"):
        assets.asset("desk.css")


def test_an_unknown_asset_names_those_there_are(built):
    with pytest.raises(KeyError, match=r"desk\.css"):
        assets.asset("dask.css")


def test_a_desk_page_loads_under_150_kb_and_a_members_under_6(site_app, built):
    sizes = {name: built["sizes"][file]["gzip"] for name, file in built["files"].items()}
    client = site_app.test_client()
    desk = len(gzip.compress(client.get("/insurer/zh/components").data))
    member = len(gzip.compress(client.get("/member/zh/components").data))
    assert desk + sizes["desk.css"] + sizes["desk.js"] + sizes["plots.js"] + sizes["webauthn.js"] < 150 * KB
    assert sizes["member.css"] < 3 * KB
    assert member + sizes["member.css"] < 10 * KB


def test_the_bundle_sets_no_style_and_compiles_no_text(built):
    """The site's own scripts: neither eval nor inline style. (htmx's constructor is replaced at its start.)"""
    for path in (ROOT / "chassis/layout/source").rglob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(r"\beval\(|new Function|setAttribute\(.style|\.style\.|innerHTML", text), path


def test_no_template_carries_code_or_style_of_its_own_or_trusts_a_text():
    # A sheet of a paper stands alone in its frame; its policy names its one style by hash (decision 0041).
    for path in (path for path in TEMPLATES if path.name != "sheet.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
        found = re.search(r"\bstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|<style|hx-on|[\"']js:|\|\s*safe\b|Markup", text)
        assert not found, f"{path}: {found}"


def test_every_class_in_a_template_has_a_style(built):
    """Ours (cm-) and Tabler's utilities alike: of Tabler only a part is shipped, the rest would silently do nothing."""
    sheets = "".join(
        (assets.FOLDER / built["files"][name]).read_text("utf-8") for name in ("desk.css", "member.css", "letter.css")
    )
    styled = set(re.findall(r"\.(-?[_a-zA-Z][\w-]*)", sheets)) | {"cm-keys-open", "cm-no-implicit"}
    unknown = set()
    for path in TEMPLATES:
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
        named = set(re.findall(r"(?<![\w-])(?:cm-[a-z][\w-]*|(?:[mp][tbsexy]?|d|w|gap|col|flex)-\w+)(?![\w-])", text))
        unknown |= {f"{path.name}: {name}" for name in named - styled if f'id="{name}' not in text}
    assert unknown == set()
