"""The one layout of the three sites: templates, macros (`cm.html`), style sheets, scripts, number formats.

`register(app)` is called once by each site. The page's own facts (`site`, `navigation`, `visitor` and so on, listed in
`layout/desk.html`) are the site's to supply in a context processor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, request, send_from_directory
from flask_babel import force_locale, get_locale, gettext

from chassis.layout import assets, formats, tongues

_A_YEAR = 365 * 24 * 3600


def register(app: Flask) -> None:
    """Add the layout's templates, its assets under `/assets`, the filters and two globals to a site."""
    blueprint = Blueprint("layout", __name__, template_folder="templates")
    blueprint.add_url_rule(f"{assets.URL_PREFIX}/<name>", "asset", _serve_asset)
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(asset=assets.asset, in_language=in_language)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def in_language(language: str, macro: Callable[..., str], *args: Any, **named: Any) -> str:
    """What a macro says in another language than the page's: the English overleaf of a Chinese letter."""
    readers = g.pop("language", None)
    # Words that choose by the reader's language rather than by the catalogue follow, too.
    g.language = language
    try:
        with force_locale(language):
            return macro(*args, **named)
    finally:
        g.pop("language")
        if readers is not None:
            g.language = readers


def _serve_asset(name: str) -> Response:
    """A bundled file. Its name changes with its content, so browsers may keep it for a year without asking."""
    if name not in assets.served_names():
        abort(404)
    packed = "gzip" in request.accept_encodings
    response = send_from_directory(assets.FOLDER, f"{name}.gz" if packed else name, max_age=_A_YEAR, etag=False)
    response.content_type = "text/javascript; charset=utf-8" if name.endswith(".js") else "text/css; charset=utf-8"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.vary.add("Accept-Encoding")
    return response


def _language() -> str:
    # Every text of a page is asked in which language the page is: what the request has found out once is enough.
    known = g.get("language") if g else None
    if known is not None:
        return known
    return "en" if str(get_locale() or "zh").startswith("en") else "zh"


def _yuan(fen):
    return gettext("不适用") if fen is None else formats.yuan(fen)


def _percent(numerator, denominator, places=2):
    return formats.percent(numerator, denominator, places) if denominator else gettext("不适用")


def _day_for_members(value, with_year=False):
    return formats.day_for_members(value, _language(), with_year)


def _month(value):
    return formats.month(value, _language())


def _own_tongue(value):
    return tongues.in_own_tongue(value, _language())


# 不适用 is not zero: an absent amount and a share of nothing are said in words.
FILTERS = {
    "yuan": _yuan,
    "whole": formats.whole,
    "capped": formats.capped,
    "day": formats.day,
    "day_for_members": _day_for_members,
    "month": _month,
    "instant": formats.instant,
    "clock_time": formats.clock_time,
    "percent": _percent,
    "fingerprint": formats.fingerprint,
    "own_tongue": _own_tongue,
}
