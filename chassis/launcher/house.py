"""A whole house on one machine: servers, migrations, three sites, their workers; and its orderly end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from chassis.launcher.errand import Errand
from chassis.launcher.errors import CannotStart, StopRequested
from chassis.launcher.folder_lock import FolderLock
from chassis.launcher.keepsakes import write_private
from chassis.launcher.logs import end_of
from chassis.launcher.plan import OWNER, Plan, Site
from chassis.launcher.ports import address_of, open_doors
from chassis.launcher.processes import become_subreaper, collect_orphans, spawn
from chassis.launcher.servers import HouseServers
from chassis.launcher.supervisor import Child, Supervisor

PROJECT = Path(__file__).resolve().parents[2]
TICK_SECONDS = 0.2
WEB_GRACE_SECONDS, WORKER_GRACE_SECONDS = 25, 30
BEACON_AT = {"worker": 10, "sweeper": 20}
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_house(folder: Path, plan: Plan | None = None, env: Mapping[str, str] | None = None) -> int:
    """Run the house in `folder` until it is asked to stop; the exit code says whether it ended as it should."""
    house = House(Path(folder), plan or Plan(), dict(os.environ if env is None else env))
    try:
        house.run()
    except CannotStart as reason:
        say(f"The house cannot go on: {reason}")
        return 1
    return 0


def running_house(folder: Path) -> dict | None:
    """What a running house left for tools beside it (`pid`, `sites`, `environment`), or None when none runs."""
    note = Path(folder) / "running.json"
    if not note.exists() or not FolderLock(Path(folder) / "lock", "The house").is_held_by_someone():
        return None
    return json.loads(note.read_text())


def say(sentence: str) -> None:
    """The terminal may be gone when the house is told to stop; that must not keep it from stopping."""
    with contextlib.suppress(OSError):
        print(sentence, flush=True)


class House:
    def __init__(self, folder: Path, plan: Plan, env: dict[str, str]) -> None:
        self.folder, self.plan, self.env = folder.resolve(), plan, env
        self.servers = HouseServers(self.folder, plan, env, say)
        self.supervisor = Supervisor(say)
        self.web: list[Child] = []
        self.workers: list[Child] = []
        self.doors: dict[str, socket.socket] = {}
        self.demo_county: Errand | None = None
        self.stop_signals = 0

    def run(self) -> None:
        """Start, stay, stop. Whatever ends it, everything it started has ended when this returns."""
        began = time.monotonic()
        self._make_folder()
        lock = FolderLock(self.folder / "lock", "The house")
        lock.take()
        become_subreaper()
        former = {number: signal.signal(number, self._asked_to_stop) for number in STOP_SIGNALS}
        try:
            self.doors = open_doors(self.plan.sites, self.env)
            self.servers.start(self._check)
            self._prepare()
            self._start_sites()
            self._wait_until_healthy()
            self._announce(began)
            self._start_workers()
            self._bring_in_demo_county()
            self._stay()
        except StopRequested:
            pass
        finally:
            self._stop()
            lock.release()
            for number, handler in former.items():
                signal.signal(number, handler)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        # Only counted here: an exception thrown into the middle of a fork would lose a child nobody then stops.
        self.stop_signals += 1

    def _check(self) -> None:
        if self.stop_signals:
            raise StopRequested

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            (self.folder / "logs").mkdir(mode=0o700, exist_ok=True)
        except PermissionError as error:
            raise CannotStart(f"{self.folder} cannot be written ({error}); choose a folder with --folder.") from error

    def _prepare(self) -> None:
        """Roles, migrations and the demo county, in one process that alone knows the owner's connection."""
        if OWNER not in self.servers.connections:
            return
        log = self.folder / "logs" / "prepare.log"
        log.unlink(missing_ok=True)
        say("Preparing the database …")
        process = spawn(self._command("prepare"), env=self.servers.owner_environment(), log=log, cwd=PROJECT)
        try:
            while process.poll() is None:
                self._check()
                time.sleep(0.05)
        except StopRequested:
            process.terminate()
            process.wait()
            raise
        if process.returncode != 0:
            raise CannotStart(f"The database could not be prepared. The end of {log}:\n{end_of(log, 30)}")

    def _start_sites(self) -> None:
        say("Starting the sites …")
        if self.servers.postgres:
            self.supervisor.follow("postgresql", self.servers.postgres.log)
        for site in self.plan.sites:
            metrics = self.folder / "metrics" / site.name
            shutil.rmtree(metrics, ignore_errors=True)
            metrics.mkdir(parents=True)
            env = {**self.servers.environment_of(site), "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
            self.web.append(self._web_child(site, env))
            self.workers += [self._worker_child(part, site, env) for part in ("worker", "sweeper")]
        for child in self.web:
            self.supervisor.start(child)

    def _web_child(self, site: Site, env: dict[str, str]) -> Child:
        door = self.doors[site.name].fileno()
        settings = PROJECT / "config" / "gunicorn.py"
        return Child(
            name=site.name,
            argv=[sys.executable, "-m", "gunicorn", "--config", settings, "--bind", f"fd://{door}", site.app],
            env=env,
            log=self.folder / "logs" / f"{site.name}.log",
            cwd=PROJECT,
            grace_seconds=WEB_GRACE_SECONDS,
            pass_fds=(door,),
        )

    def _worker_child(self, part: str, site: Site, env: dict[str, str]) -> Child:
        return Child(
            name=f"{site.name} {part}",
            argv=self._command(part, site.name),
            env={**env, "COOPMED_BEACON_PORT": str(site.port + BEACON_AT[part])},
            log=self.folder / "logs" / f"{site.name}-{part}.log",
            cwd=PROJECT,
            grace_seconds=WORKER_GRACE_SECONDS,
        )

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + self.plan.healthy_within_seconds
        waiting = list(self.web)
        while waiting:
            self._check()
            waiting = [child for child in waiting if not _is_healthy(self.doors[child.name])]
            for child in waiting:
                if child.deaths >= 2 or time.monotonic() > deadline:
                    raise CannotStart(
                        f"The {child.name} does not answer /health. The end of {child.log}:\n{end_of(child.log, 30)}"
                    )
            self.supervisor.tick(self.servers.pids())
            time.sleep(0.05)

    def _start_workers(self) -> None:
        """People wait for the pages, so workers start after them: on a small machine they would only slow them."""
        for child in self.workers:
            self._check()
            self.supervisor.start(child)

    def _announce(self, began: float) -> None:
        sites = {site.name: address_of(self.doors[site.name]) for site in self.plan.sites}
        environment = self.servers.owner_environment()
        told = {name: value for name, value in environment.items() if name.startswith("COOPMED_")}
        note = {"pid": os.getpid(), "sites": sites, "environment": told}
        write_private(self.folder / "running.json", json.dumps(note, indent=1))
        say("\n" + "\n".join(f"  {name:<12} {address}" for name, address in sites.items()) + "\n")
        if environment["COOPMED_ENVIRONMENT"] == "demo":
            shown = subprocess.run(
                self._command("demo-sign-ins"), env=environment, cwd=PROJECT, capture_output=True, text=True
            )
            say(shown.stdout.rstrip() if shown.returncode == 0 else f"No demo sign-ins: {shown.stderr.strip()[-500:]}")
        seconds = time.monotonic() - began
        say(f"\nReady after {seconds:.1f} s. Data and logs: {self.folder}. Ctrl-C stops everything.")

    def _bring_in_demo_county(self) -> None:
        """Beside the open sites, because it takes a minute or two that nobody should wait for."""
        environment = self.servers.owner_environment()
        if self.plan.has_demo_county and environment["COOPMED_ENVIRONMENT"] == "demo" and OWNER in environment:
            log = self.folder / "logs" / "demo-county.log"
            command = self._command("demo-county")
            self.demo_county = Errand("demo county", command, env=environment, log=log, cwd=PROJECT, say=say)

    def _start_simulated_bank(self) -> None:
        """Once the demo's past is in: what is sent from then on goes to this bank, which knows none of our secrets."""
        env = {name: value for name, value in self.env.items() if not name.startswith("COOPMED_")}
        folder = Path(self.servers.common_environment()["COOPMED_DATA_DIR"]) / "bank"
        bank = Child(
            name="simulated bank",
            argv=[sys.executable, "-m", "simulated_bank", "--folder", folder],
            env=env,
            log=self.folder / "logs" / "simulated-bank.log",
            cwd=PROJECT,
            grace_seconds=WORKER_GRACE_SECONDS,
        )
        self.workers.append(bank)
        self.supervisor.start(bank)

    def _stay(self) -> None:
        while True:
            self._check()
            errand = self.demo_county
            working = {errand.process.pid} if errand and errand.process else set()
            self.supervisor.tick(self.servers.pids() | working)
            if errand and errand.is_over():
                self.demo_county = None
                self._start_simulated_bank()
            self.servers.look_after(self._check)
            time.sleep(TICK_SECONDS)

    def _stop(self) -> None:
        """Doors first, data last. A second signal ends the patience with sites and workers, never PostgreSQL's."""
        before = self.stop_signals
        say("\nStopping: sites, workers, Valkey, PostgreSQL …")
        (self.folder / "running.json").unlink(missing_ok=True)
        with contextlib.ExitStack() as rising:
            rising.callback(collect_orphans, set())
            rising.callback(self.servers.stop)
            rising.callback(self.supervisor.stop, self.workers, lambda: self.stop_signals > before)
            rising.callback(self.supervisor.stop, self.web, lambda: self.stop_signals > before)
            if self.demo_county:
                rising.callback(self.demo_county.stop)
            # Ours is the last hold on the doors once a site lets go; callers are then refused instead of left waiting.
            for door in self.doors.values():
                door.close()
        say("Stopped. The data stays for the next run.")

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", self.plan.module, *words]


def _is_healthy(door: socket.socket) -> bool:
    host, port = door.getsockname()[:2]
    line = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    try:
        line.request("GET", "/health")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
