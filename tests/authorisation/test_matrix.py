"""B1: role × route × record × state, own county and another's, as config/authorisation.yaml says and nothing else.

The cells are generated from the apps' URL maps and the file; each is one real request by a really signed-in person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter
from werkzeug.routing import Rule as UrlRule

from chassis import authorisation, clock
from chassis.api.tables import DESKS_WITH_PROGRAMS
from chassis.authorisation import ANYONE, API_PATH, SIGNED_IN, Rule, matrix, routes_of
from chassis.desks import DESKS, SITES, Desk, desks_of
from chassis.errors import Misconfigured
from tests.authorisation import (  # noqa: F401 – register their makers
    objects_audits,
    objects_claims,
    objects_documents,
    objects_law,
    objects_payments,
    objects_people,
    objects_recoveries,
    objects_registry,
    objects_review,
    objects_rules,
    objects_second,
    objects_webhooks,
)
from tests.authorisation.bodies import body_of_a_program, file_of_a_program, query_of_a_program
from tests.authorisation.objects import CITY, MAKERS, OWN, Records
from tests.authorisation.people import person, program, signed_in
from tests.authorisation.rolled_back import RolledBack
from tests.sites import apps_of_the_house, grant, house_for, settings_for_tests

STAFF_SITES = ("workspace", "portal")
SCOPES = {"institution": "H001", "township": "990121101", "department": "health"}


@dataclass
class Stage:
    """One site with its people signed in and its records made, on a database that forgets each request."""

    app: Flask
    databases: dict[str, RolledBack]
    tokens: dict[tuple[str, str, bool], str]
    """(desk, role, stepped up) → session token. Role "" is a signed-in person without any role."""
    programs: dict[tuple[str, str], str]
    """(desk, role) → token of a program; role "": of a person who no longer holds the token's role."""
    records: dict[tuple[str, str], Records]

    def ask(
        self,
        desk: Desk,
        token: str | None,
        method: str,
        path: str,
        fields: dict[str, str],
        *,
        bearer: str | None = None,
    ) -> int | str:
        """The status of the answer; a redirect to the sign-in or step-up page is named, and so is a refusal of a
        program that is not worded for programs."""
        client = self.app.test_client(use_cookies=True)
        if token is not None:
            client.set_cookie(desk.cookie, token)
        headers = {"Idempotency-Key": "of-the-matrix"} if path.startswith(API_PATH) else {}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            body = body_of_a_program(path) if method != "GET" else None
            sent = {"data": fields if method != "GET" else None} if body is None else {"json": body}
            if method != "GET" and (file := file_of_a_program(path)) is not None:
                sent = {"data": file, "content_type": "application/pdf"}
            answer = client.open(path + query_of_a_program(path), method=method, headers=headers, **sent)
        finally:
            for database in self.databases.values():
                database.forget()
        if path.startswith(API_PATH) and answer.status_code >= 400 and answer.mimetype != "application/problem+json":
            return f"{answer.status_code} as {answer.mimetype}"
        if answer.status_code in (302, 303):
            for name in ("sign-in", "step-up"):
                if answer.location.startswith(f"{desk.path}/{name}"):
                    return name
        return answer.status_code


@pytest.fixture(scope="module")
def test_settings():
    return settings_for_tests()


@pytest.fixture(scope="module", params=STAFF_SITES)
def stage(request, module_database, test_settings):
    site = request.param
    at = clock.now()
    databases = {desk.key: module_database.desk(desk.key) for desk in desks_of(site)}
    house = house_for(site, databases, test_settings)
    tokens, programs, records = {}, {}, {}
    for key, database in databases.items():
        with database.transaction() as session:
            for role in [*matrix().roles_of(key), None]:
                for stepped_up in (False, True):
                    name = f"{role.key if role else 'none'}-{'up' if stepped_up else 'in'}".replace("_", "-")
                    seat = CITY if role and role.level == "city" else OWN
                    staff_id = person(session, seat, name, at=at)
                    if role:
                        grant(session, seat, staff_id, role.key, at=at, scope=SCOPES.get(role.scope or ""))
                    token = signed_in(session, seat, staff_id, at=at, stepped_up=stepped_up)
                    tokens[key, role.key if role else "", stepped_up] = token
                if key in DESKS_WITH_PROGRAMS:
                    acts_in = role.key if role else "intake"
                    programs[key, role.key if role else ""] = program(session, seat, staff_id, acts_in, at=at)
            for (desk_key, kind), maker in MAKERS.items():
                if desk_key == key:
                    records[key, kind] = maker(session, at, house.keyring)
    rolled_back = {key: RolledBack(database) for key, database in databases.items()}
    app = apps_of_the_house(site, house_for(site, rolled_back, test_settings))
    app.config["WTF_CSRF_ENABLED"] = False  # forms without a token are tried in tests/identity
    yield Stage(app, rolled_back, tokens, programs, records)
    for database in rolled_back.values():
        database.close()


def expected(rule: Rule, role: str | None, *, stepped_up: bool) -> int | str | None:
    """The refusal the file demands of this person, or None where the file lets them through."""
    if ANYONE in rule.who:
        return None
    if role is None:
        return 401 if rule.by_token else "sign-in"
    if SIGNED_IN not in rule.who and role not in rule.who:
        return 403
    if (rule.step_up or rule.step_up_if_protected) and not stepped_up:
        return "step-up"
    return rule.leads_to


@pytest.mark.timeout(900)
def test_every_cell_answers_as_the_file_says(stage):
    wrong, cells = [], 0
    for desk, endpoint, method, url in routes_of(stage.app, stage.app.name):
        rule = matrix().rule(desk, endpoint, method)
        if rule is None:
            continue  # the layout's assets
        url_rule = next(r for r in stage.app.url_map.iter_rules() if r.rule == url and method in r.methods)
        for role in [None, "", *(r.key for r in matrix().roles_of(desk.key))]:
            asks_for_proof = role is not None and (rule.step_up or rule.step_up_if_protected)
            for stepped_up in (False, True) if asks_for_proof else (False,):
                refusal = expected(rule, role, stepped_up=stepped_up)
                paths = list(_paths(stage, desk, rule, url_rule, role))
                # Whom the guard refuses it refuses before any record is looked up: one state of a record is enough.
                one_state = [paths[0], *(path for path in paths[1:] if path[0] != "own")]
                for case, state, path, fields in paths if refusal is None else one_state:
                    cells += 1
                    token = stage.tokens[desk.key, role, stepped_up] if role is not None else None
                    if rule.by_token:
                        bearer = stage.programs[desk.key, role] if role is not None else None
                        found = stage.ask(desk, None, method, path, fields, bearer=bearer)
                    else:
                        found = stage.ask(desk, token, method, path, fields)
                    if case == "other county" and role and matrix().roles[role].level == "city":
                        case = "own"  # the city sees all its counties
                    if not _right(rule, found, refusal, case, state, role):
                        who = role if role is not None else "nobody"
                        wrong.append(f"{desk.key} {method} {path} as {who} ({case} {state}, {stepped_up=}): {found}")
    print(f"\n{cells} cells of {stage.app.name}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("stage", ["workspace"], indirect=True)
def test_a_cookie_opens_no_door_for_programs_and_a_token_opens_no_page(stage):
    """Each way in is tried by somebody whom the file admits, so that nothing but the way in is refused."""
    wrong, tried = [], {True: 0, False: 0}
    for desk, endpoint, method, url in routes_of(stage.app, stage.app.name):
        rule = matrix().rule(desk, endpoint, method)
        if rule is None or ANYONE in rule.who:
            continue
        url_rule = next(r for r in stage.app.url_map.iter_rules() if r.rule == url and method in r.methods)
        role = next(r.key for r in matrix().roles_of(desk.key) if rule.admits({r.key}))
        _case, _state, path, fields = next(_paths(stage, desk, rule, url_rule, role))
        tried[rule.by_token] += 1
        if rule.by_token:
            found, right = stage.ask(desk, stage.tokens[desk.key, role, True], method, path, fields), 401
        else:
            found = stage.ask(desk, None, method, path, fields, bearer=stage.programs[desk.key, role])
            right = "sign-in"
        if found != right:
            wrong.append(f"{method} {path} as {role}: {found}")
    assert wrong == [], "\n".join(wrong)
    assert min(tried.values()) > 0


def test_a_door_for_programs_outside_its_place_keeps_the_site_from_starting(house_database, test_settings, monkeypatch):
    real = authorisation.matrix()
    one_wrong = dict(real.rules)
    page = ("contractor", "law.page", "GET")
    one_wrong[page] = replace(one_wrong[page], by_token=True)
    monkeypatch.setattr(authorisation, "matrix", lambda: authorisation.Matrix(real.roles, real.conflicts, one_wrong))
    database = house_database.desk("contractor")
    with pytest.raises(Misconfigured, match=r"law\.page"):
        apps_of_the_house("workspace", house_for("workspace", {"contractor": database}, test_settings))
    database.engine.dispose()


@pytest.mark.parametrize("stage", ["portal"], indirect=True)
def test_a_session_of_one_desk_opens_nothing_at_the_other(stage):
    county, finance = DESKS["county"], DESKS["finance"]
    client = stage.app.test_client()
    client.set_cookie(finance.cookie, stage.tokens["county", "director", False])
    client.set_cookie(county.cookie, stage.tokens["finance", "finance_head", False])
    for path in ("/", "/finance/"):
        assert client.get(path).status_code == 303, path


def test_a_route_the_file_does_not_declare_keeps_the_site_from_starting(house_database, test_settings, monkeypatch):
    real = authorisation.matrix()
    one_less = dict(real.rules)
    one_less.pop(("contractor", "home.page", "GET"))
    monkeypatch.setattr(authorisation, "matrix", lambda: authorisation.Matrix(real.roles, real.conflicts, one_less))
    database = house_database.desk("contractor")
    with pytest.raises(Misconfigured, match=r"home\.page"):
        apps_of_the_house("workspace", house_for("workspace", {"contractor": database}, test_settings))
    database.engine.dispose()


def test_the_file_declares_no_route_that_is_not_there(house_database):
    # The demo has every room of production and the gallery besides.
    settings = settings_for_tests(environment="demo")
    routes = set()
    for site in SITES:
        databases = {desk.key: house_database.desk(desk.key) for desk in desks_of(site)}
        app = apps_of_the_house(site, house_for(site, databases, settings))
        routes |= {(desk.key, endpoint, method) for desk, endpoint, method, _ in routes_of(app, site)}
        for database in databases.values():
            database.engine.dispose()
    assert sorted(set(matrix().rules) - routes) == []


def test_every_kind_of_record_the_file_names_has_a_maker():
    named = {(rule.desk, rule.object) for rule in matrix().rules.values() if rule.object and rule.desk != "claimant"}
    assert sorted(named - MAKERS.keys()) == []


def test_the_three_administrators_exclude_each_other_and_all_business():
    three = {key for key, role in matrix().roles.items() if role.kind == "administration"}
    assert three == {"administrator", "security_officer", "log_auditor"}
    for one in three:
        for other in matrix().roles.keys() - {one}:
            assert frozenset((one, other)) in matrix().conflicts


def test_no_county_role_is_admitted_to_a_route_of_the_insurer():
    insurers = {key for key, role in matrix().roles.items() if "contractor" in role.desks}
    for rule in matrix().rules.values():
        if rule.desk == "contractor":
            assert rule.who <= insurers | {ANYONE, SIGNED_IN}, rule.endpoint


def test_readers_are_admitted_to_no_act():
    readers = {key for key, role in matrix().roles.items() if role.kind == "reader"}
    acts = [r for r in matrix().rules.values() if r.method != "GET" and r.who & readers]
    assert [(r.endpoint, r.method) for r in acts] == []


def _paths(stage: Stage, desk: Desk, rule: Rule, url_rule: UrlRule, role: str | None):
    """(case, state, path, fields) for each record that stands for a class of records."""
    if rule.object is None:
        values = {name: _plain(stage, url_rule, name) for name in url_rule.arguments}
        yield "plain", "", _path(stage, url_rule, values), {}
        return
    records = stage.records[desk.key, rule.object]
    for state, values in records.own_of.get(role or "", records.own).items():
        yield "own", state, _path(stage, url_rule, values), records.fields
    if records.other is not None:
        yield "other county", "", _path(stage, url_rule, records.other), records.fields
    if role in records.beyond:
        yield "beyond the scope", "", _path(stage, url_rule, records.beyond[role]), records.fields
    yield "nowhere", "", _path(stage, url_rule, records.nowhere), records.fields


def _path(stage: Stage, url_rule: UrlRule, values: dict) -> str:
    with stage.app.test_request_context():
        adapter = stage.app.url_map.bind("localhost")
        wanted = {name: values[name] for name in url_rule.arguments}
        return adapter.build(url_rule.endpoint, wanted, method=next(iter(url_rule.methods - {"OPTIONS", "HEAD"})))


def _plain(stage: Stage, url_rule: UrlRule, name: str):
    """A value for a part of the address that names no record: a language, a token."""
    converter = url_rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else {"language": "en"}.get(name, "no-such-thing")


def _right(rule: Rule, found: int | str, refusal: int | str | None, case: str, state: str, role: str | None) -> bool:
    if refusal is not None:
        return found == refusal
    if case in ("other county", "nowhere", "beyond the scope"):
        return found == 404
    if case == "own" and rule.states:
        return found == rule.answer_in(state, role or "")
    # Let through: the page, or an answer about the form's own fields; never a refusal of the person, never a crash.
    # An open page may say that a token is unknown.
    refused = {401, 403, "step-up"} | (set() if ANYONE in rule.who else {404, "sign-in"})
    return found not in refused and (isinstance(found, str) or found < 500)
