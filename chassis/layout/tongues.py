"""Chinese on an English page: names and people's own words stay as they are, and say what language they are in.

Without it a screen reader spells Chinese names with an English voice, which cannot say them at all (WCAG 3.1.2).
"""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

_SIGN = "\u3400-\u9fff\uf900-\ufaff"
# A run goes on over Chinese punctuation, and over figures that stand inside it: 青合管委〔2010〕3号 is one.
_RUN = re.compile(f"[{_SIGN}](?:[0-9.%-]*[{_SIGN}\u3000-\u303f\uff00-\uffef·])*")
_TAG = re.compile("(<[^>]*>)")
_MARKED = r'<span lang="zh-Hans">\g<0></span>'


def in_own_tongue(value: Any, page_language: str) -> Any:
    """Text with its Chinese marked as such, on an English page; anything else unchanged.

    Plain text is escaped first. A translated sentence comes as markup, its names escaped already: only what stands
    between its tags is marked.
    """
    if page_language != "en" or not isinstance(value, str) or not _RUN.search(value) or 'lang="zh' in value:
        return value
    parts = _TAG.split(str(escape(value)))
    marked = (part if part.startswith("<") else _RUN.sub(_MARKED, part) for part in parts)
    return Markup("".join(marked))  # noqa: S704 – escaped just now
