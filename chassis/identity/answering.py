"""What the pages of sign-in and account share: where a request comes from, how a page or a key is answered."""

from __future__ import annotations

from typing import Any

from flask import g, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _

from chassis.errors import TooManyTries
from chassis.identity import cookies, tokens
from chassis.identity.security_keys import RelyingParty
from chassis.identity.sign_in import Caller
from chassis.identity.throttle import Throttled
from chassis.web.addresses import safe_next
from chassis.web.answers import answer_to
from chassis.web.current import desk_url, the_house


def caller() -> Caller:
    return Caller(
        network_digest=tokens.network_digest(the_house().keyring, request.remote_addr),
        device_token=cookies.read(cookies.DEVICE),
        device_words=tokens.device_words(request.user_agent.string or ""),
    )


def relying_party() -> RelyingParty:
    """This site as the browser addressed it; in production only hosts named in the settings get this far."""
    host = request.host
    return RelyingParty(id=host.rpartition(":")[0] or host, name="Coopmed", origin=f"{request.scheme}://{host}")


def home() -> str:
    return f"{g.desk.path}/"


def next_page() -> str:
    """Where the reader wanted to go, if that is a page of this site."""
    return safe_next(request.values.get("next"), home())


def page(template: str, status: int = 200, **context: Any):
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def go(endpoint: str, **values: Any):
    return redirect(desk_url(f"identity.{endpoint}", **values), 303)


def key_done(url: str):
    """What a security key's script does next."""
    return jsonify(next=url)


def key_refused(message: str, status: int = 422):
    response = jsonify(message=message)
    response.status_code = status
    return response


def wait_words(throttled: Throttled) -> str:
    return answer_to(TooManyTries(minutes=throttled.wait_minutes)).text


def not_accepted() -> str:
    return _("这把安全密钥没有通过核对。请再试一次，或换一把登记过的。")
