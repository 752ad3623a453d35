"""Machines ask each process how it is; the answers name no person and tell strangers nothing."""

from __future__ import annotations

import io
import json
import logging
import urllib.error
import urllib.request

import pytest
import structlog
from sqlalchemy import text

from chassis.db import Database, make_engine
from chassis.desks import CONTRACTOR
from chassis.house import House
from chassis.operations import logs, readiness
from chassis.operations.beacon import light
from tests.sites import apps_of_the_house, settings_for_tests, workspace_client


def house_on(house_database, **changes) -> House:
    return House(settings_for_tests(**changes), "workspace", {"contractor": house_database.desk("contractor")})


def test_a_process_is_ready_when_its_database_is_at_the_revision_its_code_expects(house_database, servers):
    house = house_on(house_database, redis_url=servers.redis_url)
    answer = readiness.ask(house)
    assert answer.checks == {"database.contractor": "ok", "redis": "ok"}
    assert answer.is_ready
    house.close()


def test_without_redis_the_house_is_slower_and_not_down(house_database):
    house = house_on(house_database, redis_url="redis://127.0.0.1:1/0")
    answer = readiness.ask(house)
    assert answer.checks["redis"] == "unreachable"
    assert answer.is_ready
    house.close()


def test_a_database_at_another_revision_is_not_served(fresh_database):
    engine = make_engine(fresh_database.owner_url, schema="contractor")
    with engine.begin() as connection:
        connection.execute(text("UPDATE house.alembic_version SET version_num = '0001'"))
    engine.dispose()
    house = House(settings_for_tests(), "workspace", {"contractor": fresh_database.desk("contractor")})
    assert readiness.ask(house).checks["database.contractor"] == "other_revision"
    assert not readiness.ask(house).is_ready
    client = apps_of_the_house("workspace", house).test_client()
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200
    house.close()


def test_a_database_that_is_away_is_not_ready_and_its_address_is_not_told(house_database):
    away = make_engine("postgresql://contractor_rw:secret@127.0.0.1:1/none", schema="contractor")
    house = House(settings_for_tests(), "workspace", {"contractor": Database(CONTRACTOR, away)})
    answer = readiness.ask(house)
    assert answer.checks["database.contractor"] == "unreachable"
    assert "secret" not in json.dumps(answer.checks)


def test_metrics_are_for_this_machine_where_no_token_is_set(house_database):
    client = workspace_client(house_database, settings_for_tests())
    client.get("/sign-in")
    own = client.get("/metrics")
    assert own.status_code == 200
    assert 'coopmed_requests_total{desk="contractor",endpoint="identity.sign_in",method="GET",status="200"}' in own.text
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403


def test_metrics_ask_for_their_token_where_one_is_set(house_database, tmp_path):
    token = tmp_path / "token"
    token.write_text("a-long-token-of-the-scraper\n")
    client = workspace_client(house_database, settings_for_tests(metrics_token_file=str(token)))
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    right = {"Authorization": "Bearer a-long-token-of-the-scraper"}
    assert client.get("/metrics", headers=right).status_code == 200


def test_a_worker_answers_beside_its_work(house_database):
    house = house_on(house_database)
    server = light(house, 0)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    assert urllib.request.urlopen(f"{address}/health").status == 200
    assert json.load(urllib.request.urlopen(f"{address}/ready"))["ready"] is True
    assert b"coopmed_tasks" in urllib.request.urlopen(f"{address}/metrics").read()
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{address}/anything")
    second = light(house, server.server_address[1])
    assert second.server_address[1] != server.server_address[1]
    for one in (server, second):
        one.shutdown()
        one.server_close()
    house.close()


@pytest.fixture()
def log_lines(monkeypatch):
    """The process's log as it would stand in the file, and logging as it was afterwards."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    keyring = House(settings_for_tests(), "workspace", {}).keyring
    logs.configure("workspace", keyring)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def test_a_log_line_is_json_with_its_request_and_no_number_of_a_person(log_lines):
    structlog.contextvars.bind_contextvars(request_id="0123456789abcdef")
    structlog.get_logger("coopmed").warning(
        "failed", reason="card 6222020200012345678 of 110101199003074557", note="a field nobody vouched for", by=17
    )
    logging.getLogger("somebody.else").error("tel 13812345678 was called")
    first, second = log_lines()
    assert first["request_id"] == "0123456789abcdef"
    assert first["note"] == "[not an allowed field]"
    assert first["by"].startswith("p-")
    whole = json.dumps([first, second])
    for secret in ("6222020200012345678", "110101199003074557", "13812345678"):
        assert secret not in whole
    structlog.contextvars.clear_contextvars()


def test_an_answer_carries_the_id_that_its_log_line_carries(house_database):
    client = workspace_client(house_database, settings_for_tests())
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert len(answer.headers["X-Request-Id"]) == 16
