"""The factory of the three sites: request id, desk, visitor, guard, headers, refusals in words."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis import authorisation, clock, i18n, layout
from chassis.desks import Desk, desk_for_path
from chassis.errors import Misconfigured, NotAllowed, NotFound, NotSignedIn, Refusal, StepUpNeeded
from chassis.house import House
from chassis.operations import web_metrics
from chassis.reading import wording as _wording  # noqa: F401 – registers the words
from chassis.settings import site_secret
from chassis.web import words as _words  # noqa: F401 – registers the words
from chassis.web.addresses import page_behind
from chassis.web.answers import Answer, answer_to, faults_in_words
from chassis.web.current import Site, desk_url, the_house, the_site
from chassis.web.frame import frame
from chassis.web.places import place_name
from rulebook.refusals import Refused

log = structlog.get_logger()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}
LARGEST_FORM_BYTES = 1 << 20
"""Of one request. A room that takes files says how large in `extensions["coopmed_largest_bodies"]`, by endpoint."""
OPEN_ENDPOINTS = frozenset({"layout.asset"})


def make_site(site: Site, house: House, desks: Sequence[Desk]) -> Flask:
    """A site as a Flask app. Refuses to start with a route that the authorisation matrix does not declare."""
    settings = house.settings
    app = Flask(site.key, static_folder=None)
    app.config.update(
        SECRET_KEY=site_secret(settings, site.key),
        SESSION_COOKIE_NAME=("__Host-" if settings.is_production else "") + f"coopmed_{site.key}_form",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.is_production,
        TRUSTED_HOSTS=[h.strip() for h in settings.public_hosts.split(",") if h.strip()] or None,
    )
    if settings.is_production and not app.config["TRUSTED_HOSTS"]:
        raise Misconfigured("COOPMED_PUBLIC_HOSTS is not set. Name the hosts this site may be called by.")
    app.extensions["coopmed"] = house
    app.extensions["coopmed_site"] = site
    app.extensions["coopmed_place_name"] = place_name
    app.extensions["coopmed_largest_bodies"] = {}
    app.jinja_env.autoescape = True
    if int(settings.proxies):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=int(settings.proxies), x_proto=int(settings.proxies))
    i18n.register(app)
    layout.register(app)
    app.before_request(_open_request)
    CSRFProtect(app)
    app.after_request(_close_request)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(Refused, _refused_by_the_rules)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_mistake)
    app.context_processor(_what_every_page_shows)
    for desk in desks:
        for mount in site.rooms:
            mount(app, desk)
    missing = [
        route for route in authorisation.undeclared_routes(app, site.key) if route.split()[2] not in OPEN_ENDPOINTS
    ]
    if missing:
        raise Misconfigured("config/authorisation.yaml does not declare: " + "; ".join(missing))
    mistaken = authorisation.mistaken_doors(app, site.key)
    if mistaken:
        raise Misconfigured(
            "config/authorisation.yaml takes people's doors for programs' or the reverse: " + "; ".join(mistaken)
        )
    return app


def _open_request() -> None:
    g.request_id = secrets.token_hex(8)
    g.at = clock.now()
    g.started_at_seconds = time.perf_counter()
    g.visitor = None
    g.desk = desk_for_path(the_site().key, request.path)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id, desk=g.desk.key)
    if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS:
        return
    rule = authorisation.matrix().rule(g.desk, authorisation.own_endpoint(g.desk, request.endpoint), request.method)
    if rule is None:  # OPTIONS, or a method that the URL map answers itself
        return
    find = current_app.extensions.get("coopmed_find_caller" if rule.by_token else "coopmed_find_visitor")
    g.visitor = find() if find else None
    authorisation.check(rule, g.visitor, at=g.at)
    # After the guard: whoever may not come in does not make us read 200 MB first.
    request.max_content_length = current_app.extensions["coopmed_largest_bodies"].get(request.endpoint)


def _close_request(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if the_house().settings.is_production:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    response.headers["X-Request-Id"] = g.get("request_id", "")
    _count(response)
    if g.get("visitor") is not None or request.method == "POST":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _count(response: Response) -> None:
    """One line and two figures a request; assets and probes are counted and not written down."""
    endpoint = request.endpoint or "none"
    desk = g.desk.key if "desk" in g else "none"
    seconds = time.perf_counter() - g.get("started_at_seconds", time.perf_counter())
    web_metrics.REQUESTS.labels(desk, endpoint, request.method, response.status_code).inc()
    web_metrics.SECONDS.labels(desk, endpoint).observe(seconds)
    if endpoint in OPEN_ENDPOINTS or endpoint.startswith("operations."):
        return
    visitor = g.get("visitor")
    log.info(
        "request",
        endpoint=endpoint,
        method=request.method,
        status=response.status_code,
        took_ms=round(seconds * 1000, 1),
        county_code=visitor.county_code if visitor else None,
        person=f"{visitor.desk_key}/{visitor.county_code}/{visitor.person_id}" if visitor else None,
    )


def wants_json() -> bool:
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
        == "application/json"
    )


def _refused(refusal: Refusal):
    web_metrics.REFUSALS.labels(g.desk.key, refusal.key).inc()
    if isinstance(refusal, NotSignedIn) and not wants_json():
        here = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(desk_url("identity.sign_in") + (f"?next={quote(here)}" if here else ""), 303)
    if isinstance(refusal, StepUpNeeded) and not wants_json():
        return redirect(desk_url("identity.step_up") + f"?next={quote(page_behind())}", 303)
    if isinstance(refusal, NotAllowed) and refusal.facts.get("unfinished") and not wants_json():
        return redirect(desk_url("identity.unfinished"), 303)
    answered, status = _answer(answer_to(refusal), refusal.status, key=refusal.key, faults=refusal.facts.get("faults"))
    wait_seconds = refusal.facts.get("retry_after_seconds")
    return answered, status, {"Retry-After": str(wait_seconds)} if wait_seconds else {}


def _refused_by_the_rules(refusal: Refused):
    web_metrics.REFUSALS.labels(g.desk.key, refusal.key).inc()
    return _answer(answer_to(refusal), 409, key=refusal.key)


def _form_too_old(error: CSRFError):
    return _answer(
        Answer(_("这一页放得太久了"), _("什么都没有改动。请返回上一页，刷新后再提交一次。")), 400, key="form_too_old"
    )


def _http_error(error: HTTPException):
    if error.code in (404, 405):
        # What else there is at the address is said to those who asked with the wrong method.
        answer, status = _answer(answer_to(NotFound()), error.code, key="not_found")
        return answer, status, [(name, value) for name, value in error.get_headers() if name == "Allow"]
    if error.code == 413:
        most = (request.max_content_length or LARGEST_FORM_BYTES) >> 20
        return _answer(
            Answer(_("内容太大"), _("一次最多 %(most)s MB。什么都没有存下。", most=most)), 413, key="too_large"
        )
    if error.code is not None and error.code < 400:
        return error.get_response()
    return _answer(
        Answer(_("看不懂这个请求"), _("什么都没有改动。请从上方菜单重新进入。")), error.code or 400, key="bad_request"
    )


def _our_mistake(error: Exception):
    log.error("request failed", error=type(error).__name__, exc_info=True)
    return _answer(
        Answer(_("没有存上，您的内容还在上一页"), _("请返回再试一次；若还不行，把下面的编号报给管理员。")),
        500,
        key="our_mistake",
    )


def _answer(answer: Answer, status: int, *, key: str, faults: Any = None):
    if wants_json():
        return _problem(answer, status, key=key, faults=faults), status
    page = render_template(
        "layout/error.html",
        title=answer.title,
        text=answer.text,
        facts=answer.facts,
        status=status,
        reference=g.get("request_id", ""),
    )
    return page, status


def _problem(answer: Answer, status: int, *, key: str, faults: Any) -> Response:
    """RFC 9457, with what a program needs besides: facts, faults by field, a reference to quote."""
    problem = jsonify(
        type=f"urn:coopmed:{key}",
        title=answer.title,
        detail=answer.text,
        status=status,
        reference=g.get("request_id", ""),
        **({"facts": [list(fact) for fact in answer.facts]} if answer.facts else {}),
        **({"faults": faults_in_words(faults)} if faults else {}),
    )
    problem.headers["Content-Type"] = "application/problem+json"
    if status == 401 and request.path.startswith("/api/"):
        problem.headers["WWW-Authenticate"] = "Bearer"
    return problem


def _what_every_page_shows() -> dict[str, Any]:
    return frame() | {"csrf_token": generate_csrf, "desk_url": desk_url}
