"""What every page shows around its own content: brand, navigation, visitor, language."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from flask import current_app, g, get_flashed_messages, request
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError

from chassis import authorisation
from chassis.i18n import language
from chassis.web.current import NavigationItem, desk_endpoint, desk_url, the_database, the_house, the_site


def frame() -> dict[str, Any]:
    """The context of `layout/desk.html` and `layout/member.html`."""
    visitor = g.get("visitor")
    desk = g.get("desk")
    return {
        "site": SimpleNamespace(
            key=the_site().appearance,
            brand=_brand(),
            subtitle=_subtitle(),
            tag=_tag(),
            phone=the_house().settings.member_phone,
        ),
        "navigation": _navigation() if visitor and not visitor.unfinished else [],
        "visitor": SimpleNamespace(name=visitor.name, role_words=role_words(visitor.roles)) if visitor else None,
        "account_url": desk_url("identity.account") if visitor and desk.has_staff else None,
        "sign_out_url": desk_url("identity.sign_out") if visitor else None,
        "language": language(),
        "other_language_url": _other_language_url(),
        "search_url": _search_url() if visitor and not visitor.unfinished else None,
        "is_demo": the_house().settings.is_demo,
        "messages": get_flashed_messages(with_categories=True),
    }


def role_words(roles) -> str:
    """The roles' names in the reader's language, in the order of the matrix."""
    english = language() == "en"
    words = [r.en if english else r.zh for key, r in authorisation.matrix().roles.items() if key in roles]
    return (", " if english else "、").join(words)


def _brand() -> str:
    return {
        "insurer": _("补偿经办"),
        "county": _("财政局") if g.get("desk") and g.desk.key == "finance" else _("县合管办"),
        "member": _("新农合"),
    }[the_site().appearance]


def _subtitle() -> str:
    place = g.get("place_name")
    words = {"insurer": _("承办方"), "county": _("监督"), "member": ""}[the_site().appearance]
    return " · ".join(part for part in (words, place) if part)


def _tag() -> str | None:
    if the_site().appearance != "county":
        return None
    return _("财政席位") if g.get("desk") and g.desk.key == "finance" else _("只读")


def _navigation() -> list[SimpleNamespace]:
    """The rooms this visitor may enter at this desk, in the site's order."""
    items = []
    here = (request.endpoint or "").rpartition(".")[0]
    for item in the_site().navigation:
        rule = authorisation.matrix().rule(g.desk, item.endpoint, "GET")
        endpoint = desk_endpoint(g.desk, item.endpoint)
        if rule is None or endpoint not in current_app.view_functions or not rule.admits(g.visitor.roles):
            continue
        items.append(
            SimpleNamespace(
                url=desk_url(item.endpoint),
                label=item.label,
                count=_waiting(item),
                is_current=request.endpoint == endpoint or here == endpoint.rpartition(".")[0],
            )
        )
    return items


def _waiting(item: NavigationItem) -> int | str | None:
    """What waits in a room; a figure of 0 is not written, nor one that cannot be asked: an error has this bar too."""
    if item.count is None:
        return None
    try:
        with the_database().transaction() as session:
            return item.count(session, g.visitor) or None
    except DBAPIError:
        return None


def _search_url() -> str | None:
    """Where the field in the bar searches, for those who may look there."""
    endpoint = the_site().search
    rule = authorisation.matrix().rule(g.desk, endpoint, "GET") if endpoint else None
    return desk_url(endpoint) if rule is not None and rule.admits(g.visitor.roles) else None


def _other_language_url() -> str:
    other = "zh" if language() == "en" else "en"
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return f"/language/{other}?next={quote(here)}"
