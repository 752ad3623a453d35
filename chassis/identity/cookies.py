"""The cookies of a desk's people: session, waiting sign-in, known device. Each desk names its own."""

from __future__ import annotations

from flask import Response, g, request
from flask import session as form_session

from chassis.desks import Desk
from chassis.identity.sessions import DEVICE_KNOWN
from chassis.identity.sign_in import PENDING, SignedIn
from chassis.web.current import the_house

LONGEST = 100
SESSION, WAITING, DEVICE = "", "_waiting", "_device"


def name_of(desk: Desk, purpose: str = SESSION) -> str:
    prefix = "__Host-" if the_house().settings.is_production else ""
    return f"{prefix}{desk.cookie}{purpose}"


def read(purpose: str = SESSION) -> str | None:
    token = request.cookies.get(name_of(g.desk, purpose))
    return token if token and len(token) <= LONGEST else None


def forget_forms() -> None:
    """What forms were made under before is no longer taken. Before a page is made, not after: it carries a form."""
    form_session.clear()


def keep_session(response: Response, token: str) -> None:
    """Give the browser the session's token."""
    _set(response, SESSION, token, max_age=None)


def keep_signed_in(response: Response, signed_in: SignedIn) -> None:
    forget_forms()
    keep_session(response, signed_in.token)
    _set(response, DEVICE, signed_in.device_token, max_age=int(DEVICE_KNOWN.total_seconds()))
    _drop(response, WAITING)


def keep_waiting(response: Response, token: str) -> None:
    _set(response, WAITING, token, max_age=int(PENDING.total_seconds()))


def drop_session(response: Response) -> None:
    forget_forms()
    _drop(response, SESSION)


def _set(response: Response, purpose: str, token: str, *, max_age: int | None) -> None:
    response.set_cookie(name_of(g.desk, purpose), token, max_age=max_age, **_attributes())


def _drop(response: Response, purpose: str) -> None:
    response.delete_cookie(name_of(g.desk, purpose), **_attributes())


def _attributes() -> dict:
    return {"path": "/", "httponly": True, "samesite": "Lax", "secure": the_house().settings.is_production}
