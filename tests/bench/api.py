"""One claim by the API, decided in the answer: what a hospital's program waits for."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.api.programs import Programs, claim_of, make_programs
from tests.bench.trail import migrated_database

CLAIMS = int(os.environ.get("COOPMED_BENCH_API_CLAIMS", "300"))


def main() -> None:
    with migrated_database() as database, tempfile.TemporaryDirectory(prefix="coopmed-bench-") as folder:
        programs = make_programs(database, Path(folder), members=200)
        _send(programs, 20)  # the engine is compiled, the pools are open
        working = time.process_time()
        seconds = _send(programs, CLAIMS)
        own_ms = (time.process_time() - working) * 1000 / CLAIMS
        programs.close()
    seconds.sort()
    median, late = statistics.median(seconds), seconds[int(len(seconds) * 0.95)]
    print(f"  {CLAIMS} claims one after the other, each decided in the answer (goal: 30 ms in the median)")
    print(
        f"  median {median * 1000:.1f} ms, 95 of 100 within {late * 1000:.1f} ms, fastest {seconds[0] * 1000:.1f} ms; "
        f"{own_ms:.1f} ms of processor time in the web process, load {os.getloadavg()[0]:.1f}"
    )


def _send(programs: Programs, count: int) -> list[float]:
    token, client = programs.token("intake"), programs.client()
    taken = []
    for number in range(count):
        body = json.dumps(claim_of(programs, number % len(programs.world.members))).encode()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"bench-{count}-{number:06d}"}
        began = time.perf_counter()
        answer = client.post("/api/v1/claims", data=body, content_type="application/json", headers=headers)
        taken.append(time.perf_counter() - began)
        assert answer.status_code == 201, answer.get_json()
    return taken
