"""Chinese first: the sentence in the code is the Chinese one, and the English catalogue must be complete.

Each room keeps its English in `en/LC_MESSAGES/parts/<room>.po`; set-up merges them into the catalogue that Flask-Babel
reads (`python -m chassis.i18n compile`).
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, request
from flask_babel import Babel

HERE = Path(__file__).parent
LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
LANGUAGE_COOKIE = "coopmed_language"
CATALOGUE = HERE / "en" / "LC_MESSAGES" / "messages.mo"


class TwoTranslations(Exception):
    """Two rooms translate the same sentence differently; one word per thing."""


def english() -> Catalog:
    """All English sentences of the house, by their Chinese."""
    whole = Catalog(locale="en", domain="messages", fuzzy=False)
    for part in sorted((HERE / "en" / "LC_MESSAGES" / "parts").glob("*.po")):
        with part.open("rb") as file:
            for message in read_po(file, locale="en"):
                if not message.id:
                    continue
                known = whole.get(message.id)
                if known is not None and known.string != message.string:
                    raise TwoTranslations(
                        f"{part.name}: {message.id!r} is {message.string!r}, elsewhere {known.string!r}"
                    )
                whole.add(message.id, message.string, flags=message.flags)
    return whole


def compile_catalogue() -> Path:
    temporary = CATALOGUE.with_suffix(".mo.new")
    with temporary.open("wb") as file:
        write_mo(file, english())
    temporary.replace(CATALOGUE)
    return CATALOGUE


def register(app: Flask) -> None:
    if not CATALOGUE.exists():
        compile_catalogue()
    Babel(
        app,
        default_locale=LANGUAGES["zh"],
        default_timezone="Asia/Shanghai",
        default_translation_directories=str(HERE),
        locale_selector=lambda: LANGUAGES[language()],
    )


def language() -> str:
    """`zh` or `en`: as the reader chose; the first visit is Chinese unless the browser asks for English alone."""
    if "language" not in g:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        g.language = chosen if chosen in LANGUAGES else request.accept_languages.best_match(["zh", "en"], default="zh")
    return g.language
