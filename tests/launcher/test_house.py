"""A house starts, continues, survives the death of its parts, and ends without a trace of a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from chassis.launcher.processes import children_of
from chassis.launcher.throwaway import throwaway_servers
from tests.launcher.conftest import PROJECT, RunningHouse, eventually, processes_about

StartHouse = Callable[..., RunningHouse]
ONE_SITE = ("app", "workspace")
ROLE_URLS = ("CONTRACTOR", "COUNTY", "FINANCE", "CLAIMANT", "AUDITOR")


def runs_so_far(house: RunningHouse) -> int:
    note = json.loads((house.folder / "running.json").read_text())
    with psycopg.connect(note["environment"]["COOPMED_OWNER_DATABASE_URL"]) as connection:
        return connection.execute("SELECT count(*) FROM runs").fetchone()[0]


def child_running(house: RunningHouse, word: str) -> int:
    for pid in children_of(house.process.pid):
        if word in Path(f"/proc/{pid}/cmdline").read_text():
            return pid
    return 0


def test_it_continues_with_the_same_data_and_stops_doors_first_and_data_last(
    folder: Path, start_house: StartHouse
) -> None:
    house = start_house(env={"TINY_NOTES_ENDS": "yes"}).wait_ready()
    assert "sign in as anybody" in house.text()
    assert house.ask("portal").startswith("portal ")
    eventually(lambda: "[claimants sweeper] WARNING" in house.text())
    assert stat.S_IMODE((house.folder / "running.json").stat().st_mode) == 0o600
    assert house.stop(signal.SIGINT) == 0
    assert processes_about(folder) == []

    ends = (house.folder / "documents" / "ends").read_text().splitlines()
    assert [line.split()[0] for line in ends[:3]] == ["web"] * 3
    assert sorted(line.split()[0] for line in ends[3:]) == ["sweeper"] * 3 + ["worker"] * 3
    assert all(line.endswith("postgres=up valkey=up") for line in ends), ends
    valkey, postgres = house.folder / "valkey" / "server.log", house.folder / "postgres" / "server.log"
    assert valkey.stat().st_mtime_ns < postgres.stat().st_mtime_ns
    assert "database system is shut down" in postgres.read_text()

    again = start_house(*ONE_SITE).wait_ready(times=2)
    assert runs_so_far(again) == 2
    with ThreadPoolExecutor() as caller:
        under_way = caller.submit(again.ask, "workspace", "/slow")
        eventually((again.folder / "documents" / "asked").exists)
        assert again.stop(signal.SIGHUP) == 0
        assert under_way.result() == "paid"
    assert processes_about(folder) == []


def test_each_process_is_given_its_own_connections_and_no_others(start_house: StartHouse) -> None:
    house = start_house().wait_ready()
    given = {}
    for site in ("workspace", "portal", "claimants"):
        known = json.loads(house.ask(site, "/environment"))
        given[site] = {name for name in known if name.endswith("_DATABASE_URL")}
        assert known["COOPMED_ENVIRONMENT"] == "demo"
        for name in ("COOPMED_KEY_FILE", "COOPMED_SECRET_KEY_FILE"):
            assert stat.S_IMODE(Path(known[name]).stat().st_mode) in (0o400, 0o600)
    assert given == {
        "workspace": {"COOPMED_CONTRACTOR_DATABASE_URL"},
        "portal": {f"COOPMED_{desk}_DATABASE_URL" for desk in ("COUNTY", "FINANCE", "AUDITOR")},
        "claimants": {"COOPMED_CLAIMANT_DATABASE_URL"},
    }
    # No proxy was named, so nobody's word about one is taken, however it is spelt.
    assert house.ask("portal", "/scheme", {"X-Forwarded-Proto": "https"}) == "http"
    with pytest.raises(urllib.error.HTTPError, match="400"):
        house.ask("portal", "/scheme", {"X_Forwarded_Proto": "https"})
    worker = Path(f"/proc/{child_running(house, 'worker')}/environ").read_text()
    assert "COOPMED_OWNER_DATABASE_URL" not in worker
    assert "superuser" not in worker


def test_whatever_dies_is_brought_back_and_said(start_house: StartHouse) -> None:
    house = start_house(*ONE_SITE).wait_ready()
    before = house.ask("workspace")
    for word, sentence in (
        ("gunicorn", "workspace ended by signal SIGKILL"),
        ("bin/postgres", "PostgreSQL is back"),
        ("valkey-server", "Valkey is back"),
    ):
        os.kill(child_running(house, word), signal.SIGKILL)
        eventually(lambda sentence=sentence: sentence in house.text())
    eventually(lambda: house.ask("workspace") != before)
    assert runs_so_far(house) == 1
    worker = child_running(house, "worker\0workspace")
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: child_running(house, "worker\0workspace") not in (0, worker))


def test_killed_itself_it_takes_every_process_along_and_the_next_run_continues(
    folder: Path, start_house: StartHouse
) -> None:
    house = start_house(*ONE_SITE).wait_ready()
    house.stop(signal.SIGKILL)
    eventually(lambda: not processes_about(folder))
    again = start_house(*ONE_SITE).wait_ready(times=2)
    assert runs_so_far(again) == 2


def test_a_second_house_is_refused_and_so_is_reset_while_one_runs(folder: Path, start_house: StartHouse) -> None:
    house = start_house(*ONE_SITE).wait_ready()
    second = RunningHouse(house.folder, *ONE_SITE)
    assert second.process.wait(60) == 1
    assert f"already in use by process {house.process.pid}" in second.text()
    refused = launcher("reset", "--yes", "--folder", str(house.folder))
    assert refused.returncode == 1
    assert "Stop it first" in refused.stdout
    told = launcher("status", "--folder", str(house.folder))
    assert told.returncode == 0
    assert told.stdout.count(" ok") == 1
    assert house.ask("workspace")
    house.stop()

    assert launcher("status", "--folder", str(house.folder)).returncode == 1
    assert launcher("reset", "--folder", str(house.folder), answer="no\n").returncode == 1
    assert house.folder.exists()
    assert launcher("reset", "--folder", str(house.folder), answer="yes\n").returncode == 0
    assert not house.folder.exists()


def test_a_taken_port_is_passed_over_but_a_named_one_is_not(folder: Path, start_house: StartHouse) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        named = start_house(*ONE_SITE, env={"COOPMED_WORKSPACE_PORT": str(port)})
        assert named.process.wait(60) == 1
        assert f"COOPMED_WORKSPACE_PORT asks for port {port}, which cannot be used" in named.text()
        assert not (folder / "house" / "postgres").exists()
    with socket.socket() as usual:
        usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            usual.bind(("127.0.0.1", 8801))
        except OSError:
            # Someone else holds the port already, which serves as well.
            usual.close()
        else:
            usual.listen()
        house = start_house(*ONE_SITE).wait_ready()
        sites = json.loads((house.folder / "running.json").read_text())["sites"]
        assert not sites["workspace"].endswith(":8801")
        assert house.ask("workspace")


@pytest.mark.parametrize(
    ("arguments", "env", "sentence"),
    [
        (ONE_SITE, {"TINY_CANNOT_PREPARE": "1"}, "the county's schedule of 2031 is unreadable"),
        (("not_there", "workspace"), {}, "The workspace does not answer /health"),
        (ONE_SITE, {"COOPMED_COUNTY_DATABASE_URL": "postgresql://x"}, "set COOPMED_CONTRACTOR_DATABASE_URL, COOPMED_F"),
        (ONE_SITE, {"COOPMED_ENVIRONMENT": "production"}, "COOPMED_KEY_FILE is not set"),
    ],
)
def test_what_keeps_it_from_starting_is_said_and_nothing_stays_behind(
    folder: Path, start_house: StartHouse, arguments: tuple[str, ...], env: dict[str, str], sentence: str
) -> None:
    house = start_house(*arguments, env=env)
    assert house.process.wait(90) == 1
    assert sentence in house.text()
    assert processes_about(folder) == []


def test_a_stop_asked_for_while_starting_stops_it(folder: Path, start_house: StartHouse) -> None:
    house = start_house(*ONE_SITE)
    eventually(lambda: "Starting PostgreSQL" in house.text())
    assert house.stop() == 0
    assert processes_about(folder) == []
    assert "Ready after" not in house.text()


def test_a_lost_key_beside_old_data_is_refused_instead_of_replaced(start_house: StartHouse) -> None:
    house = start_house(*ONE_SITE).wait_ready()
    house.stop()
    (house.folder / "secrets" / "vault.key").unlink()
    again = start_house(*ONE_SITE)
    assert again.process.wait(60) == 1
    assert "is gone. Restore it" in again.text()


def test_given_connections_are_used_instead_of_starting_servers(start_house: StartHouse) -> None:
    with throwaway_servers(tcp=True) as own:
        url = own.postgres.superuser_url()
        env = {f"COOPMED_{desk}_DATABASE_URL": url for desk in (*ROLE_URLS, "OWNER")}
        house = start_house(*ONE_SITE, env={**env, "COOPMED_REDIS_URL": own.valkey.url()}).wait_ready()
        assert runs_so_far(house) == 1
        assert not (house.folder / "postgres").exists()
        assert not (house.folder / "valkey").exists()
        assert json.loads(house.ask("workspace", "/environment"))["COOPMED_REDIS_URL"] == own.valkey.url()
        assert house.stop() == 0


def launcher(*arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chassis.launcher", *arguments],
        cwd=PROJECT,
        input=answer,
        capture_output=True,
        text=True,
    )


def test_the_demo_county_comes_in_beside_the_open_sites_and_then_the_simulated_bank_opens(
    folder: Path, start_house: StartHouse
) -> None:
    house = start_house(*ONE_SITE, env={"TINY_DEMO_COUNTY": "comes"}).wait_ready()
    eventually(lambda: "[demo county] county of twenty thousand: 1 ÷ 2" in house.text())
    eventually(lambda: child_running(house, "simulated_bank") > 0)
    environment = Path(f"/proc/{child_running(house, 'simulated_bank')}/environ").read_bytes()
    assert b"COOPMED_" not in environment, "the bank knows nothing of the house"
    assert house.stop() == 0
    assert processes_about(folder) == []


def test_a_demo_county_that_fails_is_told_and_the_house_goes_on(folder: Path, start_house: StartHouse) -> None:
    house = start_house(*ONE_SITE, env={"TINY_DEMO_COUNTY": "fails"}).wait_ready()
    eventually(lambda: "demo county ended with code 1; the next start goes on" in house.text())
    assert "the county is in disorder" in house.text()
    assert house.ask("workspace").startswith("workspace ")
    assert house.stop() == 0


def test_a_house_that_is_stopped_stops_the_demo_county_too(folder: Path, start_house: StartHouse) -> None:
    house = start_house(*ONE_SITE, env={"TINY_DEMO_COUNTY": "hangs"}).wait_ready()
    eventually(lambda: "1 ÷ 2" in house.text())
    assert house.stop() == 0
    assert processes_about(folder) == []
