"""A site with nothing but the layout, under the strict CSP: what the layout's own tests open."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, abort, render_template, request
from flask_babel import Babel, gettext
from flask_wtf.csrf import CSRFProtect
from werkzeug.serving import make_server

from chassis import layout
from chassis.layout import samples

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ROOT = Path(__file__).parents[2]
PARTS = ROOT / "chassis/i18n/en/LC_MESSAGES/parts/layout.po"
SITES = ("insurer", "county", "member")


def english_into(folder: Path) -> None:
    """Compile the layout's English words to where flask-babel looks for them."""
    target = folder / "en/LC_MESSAGES"
    target.mkdir(parents=True, exist_ok=True)
    with PARTS.open("rb") as source, (target / "messages.mo").open("wb") as compiled:
        write_mo(compiled, read_po(source))


def say_in(language: str):
    return lambda chinese, english: english if language == "en" else chinese


def site_of(key: str, language: str) -> SimpleNamespace:
    say = say_in(language)
    brand, subtitle, tag = {
        "insurer": (say("安禾健康险", "Anhe Health"), say("补偿经办 · 青禾县", "Claims · Qinghe County"), None),
        "county": (say("青禾县合管办", "Qinghe Office"), say("监督", "Oversight"), say("只读", "read only")),
        "member": (say("青禾县新农合", "Qinghe medical scheme"), None, None),
    }[key]
    return SimpleNamespace(key=key, brand=brand, subtitle=subtitle, tag=tag, phone="0000-1234567")


def navigation_of(key: str, language: str) -> list[SimpleNamespace]:
    say = say_in(language)
    items = {
        "insurer": [
            ("待办", "To do", "1,284"),
            ("申请", "Claims", ""),
            ("批次", "Batches", "3"),
            ("周转金", "Turnover fund", ""),
            ("规则", "Rules", ""),
            ("对账", "Reconcile", ""),
            ("报表", "Reports", ""),
        ],
        "county": [
            ("总览", "Overview", ""),
            ("批次复算", "Recomputation", ""),
            ("抽样", "Sampling", ""),
            ("发现与追回", "Findings", "7"),
            ("考核", "Appraisal", ""),
            ("周转金", "Turnover fund", "1"),
            ("补充保险", "Supplementary", "12"),
            ("投诉公示", "Complaints", ""),
            ("登记", "Registry", ""),
        ],
        "member": [],
    }[key]
    return [
        SimpleNamespace(url="#", label=say(chinese, english), count=count, is_current=place == 0)
        for place, (chinese, english, count) in enumerate(items)
    ]


def make_app(translations: Path) -> Flask:
    """Pages /<site>/<language>/components, …/letter, …/error, …/blank and parts for htmx; no database."""
    app = Flask("layout_harness", static_folder=None)
    app.config.update(SECRET_KEY="only for the layout's tests", BABEL_DEFAULT_LOCALE="zh")
    english_into(translations)

    def language() -> str:
        return (request.view_args or {}).get("language", "zh")

    Babel(app, locale_selector=language, default_translation_directories=str(translations))
    CSRFProtect(app)
    layout.register(app)

    @app.context_processor
    def _facts():
        key, words = (request.view_args or {}).get("site", "insurer"), language()
        say = say_in(words)
        return {
            "site": site_of(key, words),
            "navigation": navigation_of(key, words),
            "visitor": SimpleNamespace(name=say("林晓岚", "Lin Xiaolan"), role_words=say("审核", "reviewer")),
            "account_url": "#",
            "sign_out_url": "/sign-out",
            "language": words,
            "other_language_url": f"/{key}/{'zh' if words == 'en' else 'en'}/components",
            "search_url": "/search" if key == "insurer" else None,
            "is_demo": True,
            "messages": [("ok", say("已保存", "Saved"))],
        }

    @app.after_request
    def _strict(response):
        response.headers["Content-Security-Policy"] = CSP
        return response

    @app.get("/<any(insurer, county, member):site>/<any(zh, en):language>/<page>")
    def show(site: str, language: str, page: str):
        if page == "components":
            return render_template(
                "layout/components.html", sample=samples.gallery(language), checked_on=dt.date(2026, 10, 30)
            )
        if page == "letter":
            return render_template(
                "layout/components_letter.html", front=samples.gallery("zh"), back=samples.gallery("en")
            )
        if page == "error":
            return render_template(
                "layout/error.html",
                title=gettext("组件与状态"),
                text="E",
                status=500 if site == "county" else 409,
                facts=[("expected", "6")],
                reference="E-7Q2K-0194",
            )
        if page == "blank":
            return app.jinja_env.from_string(BLANK).render(**_context(app))
        if page == "part":
            return '<section id="part"><h2>Brought in</h2><p>New.</p></section>'
        return abort(404)

    @app.route("/log", methods=["GET", "POST"])
    def log():
        app.extensions["requests_seen"].append(request.method)
        return "seen"

    app.extensions["requests_seen"] = []
    return app


BLANK = """{% extends "layout/desk.html" %}{% import "cm.html" as cm %}{% block title %}t{% endblock %}
{% block main %}{{ cm.page_head("t") }}
{{ cm.confirm_panel("p", 100, ["1"], "7f3a91c20b5ed418", "/log", "approve") }}
<button type="button" data-key="x" data-approval-probe>x</button>
<form action="/log" method="get" data-approval><button type="submit" data-key="y">y</button></form>
<form action="/log" method="get"><button type="submit" data-key="w">w</button></form>
{{ cm.textarea("why", "why", keep="blank-why") }}
<button id="load" type="button" hx-get="part" hx-target="#part" hx-swap="outerHTML">load</button>
<section id="part"><p>old</p></section>
{{ cm.keys_dialog([(["N"], "next")]) }}
{% endblock %}"""


def _context(app: Flask) -> dict:
    context: dict = {}
    app.update_template_context(context)
    return context


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app on a free port of this machine, stopped again whatever happens."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
