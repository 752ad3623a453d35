"""A file of 100,000 claims with 600,000 lines in one go: by the command, and by a program through site and worker."""

from __future__ import annotations

import argparse
import csv
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from chassis.launcher.sockets import free_port
from chassis.launcher.throwaway import throwaway_servers
from contractor.claims.doors.exchange_columns import COLUMNS
from migrations.apply import ensure_database, ensure_roles, upgrade
from tests.api.programs import make_programs
from tests.bench.reading import made
from tests.claims.making import AT, COUNTY, HOSPITAL
from tests.conftest import PASSWORDS, TestDatabase
from tests.soak.record import ROOT, Result

NAME = "intake-100k"
DESCRIPTION = (
    "A file of 100,000 claims with 600,000 lines in one go: by `coopmed import-claims`, and sent to a running site and "
    "taken in by its worker; beside it a file of a fifth of that, so that what grows with the file is seen."
)
MEMBERS, ITEMS, LINES = 20_000, 3_000, 6
MORE_MEMORY_MIB = 120
"""How much more of a process a file five times as large may take: its claims' numbers, what reading has learned."""
PATIENCE_SECONDS = 1_800


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--claims", type=int, default=100_000)


@dataclass
class Run:
    """One way of one size: what was seen from outside the process that took the file in."""

    way: str
    claims: int
    file_mb: float
    seconds: float
    most_mib: int
    beside_mib: int = 0
    decided_seconds: float = 0
    told: list[str] = field(default_factory=list)

    @property
    def row(self) -> str:
        return (
            f"| {self.way} | {self.claims:,} | {self.claims * LINES:,} | {self.file_mb:.0f} | {self.seconds:.1f} | "
            f"{self.claims / self.seconds:,.0f} | {self.most_mib:,} | {self.beside_mib or '–'} | "
            f"{self.decided_seconds:.1f} |"
        )


def run(args: argparse.Namespace) -> Result:
    faults: list[str] = []
    runs: list[Run] = []
    with throwaway_servers(durable=True) as servers:
        for count in (max(args.claims // 5, 1), args.claims):
            with ExitStack() as stack:
                house = House(servers, f"intake_{count}", args.seed)
                stack.callback(house.close)
                house.killed_half_way(count, faults)
                for way in (house.by_command, house.by_program):
                    runs.append(way(count, faults))
                    print(f"  {runs[-1].row}", flush=True)
    for small, large in zip(runs[:2], runs[2:], strict=True):
        if large.most_mib > small.most_mib + MORE_MEMORY_MIB:
            faults.append(f"{large.way}: {large.most_mib} MiB for the large file, {small.most_mib} for the small one")
    last = runs[-2:]
    table = "\n".join(
        (
            "| way | claims | lines | MB | seconds | claims/s | most memory, MiB | site, MiB | decided after, s |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *(one.row for one in runs),
        )
    )
    return Result(
        {"claims of the large file": args.claims, "lines": args.claims * LINES, "members": MEMBERS, "items": ITEMS},
        faults,
        [
            "Seconds run from the start of the command, or from the first byte sent, until all of the file is in the "
            "database. “Decided after” is what workers then need to check, settle and decide all of it; the command's "
            "file waits for a worker to be started first, so its figure includes that worker's start.",
            "Most memory is the peak resident set of the process that reads and takes in: the command, or the worker.",
            f"Progress as told by the command: “{last[0].told[len(last[0].told) // 2]}”.",
            f"Progress as told to the program that asked: “{last[1].told[len(last[1].told) // 2]}”.",
            "Before each, the same command was killed (SIGKILL) in the middle of the file: nothing of it was there.",
            f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.",
        ],
        [table],
    )


class House:
    """A workspace on a database of its own: the command, a site under gunicorn and one worker."""

    def __init__(self, servers, name: str, seed: int) -> None:
        self.seed = seed
        ensure_database(servers.postgres.superuser_url(), name)
        owner_url = servers.postgres.superuser_url(name)
        ensure_roles(owner_url, PASSWORDS)
        upgrade(owner_url)
        self.folder = servers.folder / name
        self.folder.mkdir()
        database = TestDatabase(owner_url)
        self.programs = make_programs(database, self.folder, members=MEMBERS)
        self.token = self.programs.token("intake")
        self.owner = psycopg.connect(owner_url, autocommit=True)
        self._catalogue()
        self.port = free_port()
        self.env = os.environ | {
            "COOPMED_ENVIRONMENT": "test",
            "COOPMED_KEY_FILE": str(self.folder / "keys.json"),
            "COOPMED_SECRET_KEY_FILE": str(self.folder / "secret"),
            "COOPMED_DATA_DIR": str(self.folder / "data"),
            "COOPMED_CONTRACTOR_DATABASE_URL": database.url("contractor_rw"),
            "COOPMED_REDIS_URL": servers.valkey.url(),
        }
        self._processes: list[subprocess.Popen] = []

    def close(self) -> None:
        self._stop()
        self.owner.close()
        self.programs.close()

    def _catalogue(self) -> None:
        """As many items as a county lists, so that every batch meets new ones."""
        self.owner.execute(
            "INSERT INTO registry.catalogue_item (county_code, item_code, name, catalogue_class, kind, from_on, "
            "recorded_at) SELECT %s, 'D' || lpad(n::text, 5, '0'), 'D' || n, 1 + n %% 3, 'drug', '2003-01-01', %s "
            "FROM generate_series(0, %s) AS n",
            [COUNTY, AT, ITEMS - 1],
        )
        self.owner.execute("ANALYZE registry.catalogue_item")

    def write(self, count: int, mark: str) -> Path:
        path, chance = self.folder / f"{mark}-{count}.csv", random.Random(f"{self.seed} {mark}")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.title for column in COLUMNS])
            for claim, lines in made(count):
                claim["claim_number"] = mark + claim["claim_number"]
                claim["invoice_number"] = mark + claim["invoice_number"]
                claim["institution_code"] = HOSPITAL
                claim["card_number"] = self.programs.world.card(chance.randrange(MEMBERS))
                writer.writerows([[{**claim, **line}[column.key] for column in COLUMNS] for line in lines])
        return path

    def _command(self, path: Path, count: int) -> subprocess.Popen:
        return self._start(
            ["coopmed", "import-claims", str(path), "--county", COUNTY, "--claims", str(count)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def killed_half_way(self, count: int, faults: list[str]) -> None:
        process = self._command(self.write(count, "K"), count)
        said = []
        for line in process.stderr:
            said.append(line)
            if (found := re.match(r" *(\d[\d,]*) claims, ", line)) and int(found[1].replace(",", "")) >= count // 2:
                break
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            faults.append(f"the command was over before it was killed: {''.join(said)[-500:]}")
        if left := self._one("SELECT count(*) FROM contractor.claim") + self._one(
            "SELECT count(*) FROM contractor.claim_file"
        ):
            faults.append(f"a command killed in the middle of {count:,} claims left {left:,} rows")

    def by_command(self, count: int, faults: list[str]) -> Run:
        path = self.write(count, "C")
        begun = time.monotonic()
        process = self._command(path, count)
        told = [line.strip() for line in process.stderr if "claims" in line]
        said = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        if process.returncode or f"{count:,} claims, {count * LINES:,} lines" not in said:
            faults.append(f"the command ended with {process.returncode}: {said[-300:]} {told[-3:]}")
        if not any("a second" in line and "left" in line for line in told):
            faults.append("the command told neither rate nor time left")
        self._compare(path, "C", count, faults)
        begun = time.monotonic()
        self._start(["coopmed", "worker", "workspace"], log="worker-1")
        self._wait_until_decided(count)
        decided = time.monotonic() - begun
        self._stop()
        return Run(
            "command", count, path.stat().st_size / 1e6, seconds, usage.ru_maxrss >> 10, 0, decided, told or ["nothing"]
        )

    def by_program(self, count: int, faults: list[str]) -> Run:
        path = self.write(count, "P")
        site = self._start(
            ["gunicorn", "--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{self.port}",
             "contractor.app:create_app()"],
            log="site",
        )  # fmt: skip
        worker = self._start(["coopmed", "worker", "workspace"], log="worker-2")
        self._wait_until_ready()
        begun = time.monotonic()
        status, upload = self._ask(
            "POST", f"/api/v1/claim-files?file_name={path.name}", path,
            {"Content-Type": "text/csv", "Idempotency-Key": f"soak-{count}-file"},
        )  # fmt: skip
        assert status == 202, upload
        told: list[str] = []
        while upload["state"] == "waiting" and time.monotonic() - begun < PATIENCE_SECONDS:
            time.sleep(0.5)
            upload = self._ask("GET", f"/api/v1/claim-files/{upload['id']}")[1]
            told.append(json.dumps({name: upload[name] for name in PROGRESS if name in upload}))
        seconds = time.monotonic() - begun
        if upload["state"] != "taken":
            faults.append(f"the file that was sent is {upload['state']}: {upload['refusal']} {upload['faults'][:3]}")
        self._compare(path, "P", count, faults)
        decided = time.monotonic()
        self._wait_until_decided(2 * count)
        run = Run(
            "site and worker", count, path.stat().st_size / 1e6, seconds, _most_mib(worker.pid),
            max(map(_most_mib, _family(site.pid))), time.monotonic() - decided, told,
        )  # fmt: skip
        if left := list((self.folder / "data" / "incoming").iterdir()):
            faults.append(f"{len(left)} files of those that were sent still lie on disk")
        self._stop()
        return run

    def _compare(self, path: Path, mark: str, count: int, faults: list[str]) -> None:
        """What is in the file and what is in the database, to the fen."""
        with path.open(encoding="utf-8", newline="") as file:
            place = [column.key for column in COLUMNS].index("line_charged")
            rows = csv.reader(file)
            next(rows)
            sent_fen = sum(int(row[place].replace(".", "")) for row in rows)
        found = self.owner.execute(
            "SELECT count(*), (SELECT count(*) FROM contractor.claim_line AS l JOIN contractor.claim AS o "
            "ON o.county_code = l.county_code AND o.id = l.claim_id WHERE starts_with(o.claim_number, %(mark)s)), "
            "sum(charged_fen)::bigint FROM contractor.claim WHERE starts_with(claim_number, %(mark)s)",
            {"mark": f"{mark}ZY"},
        ).fetchone()
        if found != (count, count * LINES, sent_fen):
            faults.append(f"{path.name} holds {count:,} claims for {sent_fen} fen; the database {found}")

    def _wait_until_decided(self, count: int) -> None:
        begun = time.monotonic()
        while self._one("SELECT count(*) FROM contractor.claim WHERE assessed_at IS NOT NULL") < count:
            assert time.monotonic() - begun < PATIENCE_SECONDS, "workers did not get through the claims"
            time.sleep(0.5)

    def _wait_until_ready(self) -> None:
        for _ in range(240):
            try:
                if self._ask("GET", "/api/v1/claims?limit=1")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.5)
        raise AssertionError("the site did not open: " + (self.folder / "site.log").read_text()[-2000:])

    def _ask(self, method: str, path: str, body: Path | None = None, headers: dict[str, str] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        own = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None:
            own["Content-Length"] = str(body.stat().st_size)
        with body.open("rb") if body else open(os.devnull, "rb") as sent:
            connection.request(method, path, body=sent if body else None, headers=own)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        connection.close()
        return answer.status, told

    def _start(self, words: list[str], *, log: str = "", **given: Any) -> subprocess.Popen:
        if log:
            file = (self.folder / f"{log}.log").open("ab")
            given = {"stdout": file, "stderr": file}
        process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=self.env, **given)
        self._processes.append(process)
        return process

    def _stop(self) -> None:
        while self._processes:
            process = self._processes.pop()
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _one(self, question: str) -> Any:
        return self.owner.execute(question).fetchone()[0]


PROGRESS = ("state", "claims_seen", "claims_a_second", "seconds_left")


def _most_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) >> 10


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [pid, *map(int, children)]
