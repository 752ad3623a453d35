"""The commands of docs/api.md are run as they stand, with curl, against the real workspace; so is its Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading

import pytest
from werkzeug.serving import make_server

from chassis import clock
from contractor.webhooks.signing import signed
from tests.api.programs import claim_of, make_programs
from tests.documents.files import pdf
from tests.repository.tree import ROOT
from tests.webhooks.subscribed import subscribe

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture
def programs(module_database, tmp_path):
    made = make_programs(module_database, tmp_path / "house", members=12, webhook_targets="any")
    yield made
    made.close()


@pytest.fixture
def base(programs):
    server = make_server("127.0.0.1", 0, programs.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_of_the_page_do_what_it_says(programs, base, tmp_path):
    first = claim_of(programs, 0)
    assert programs.post("/api/v1/claims", first).status_code == 201
    # Its invoice was claimed before, so that it waits for a person.
    again = claim_of(programs, 0) | {"invoice_number": first["invoice_number"]}
    (tmp_path / "claim.json").write_text(json.dumps(again))
    (tmp_path / "invoice.pdf").write_bytes(pdf())
    subscribe(programs, "http://127.0.0.1:9/")
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    given = {"BASE": base} | {role.upper(): programs.token(role) for role in ("intake", "reviewer", "lead")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "no_proxy": "127.0.0.1"} | given,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert json.loads((tmp_path / "decided.json").read_text())["reduced_fen"] == 5_000
    assert (tmp_path / "page-1.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    said = done.stdout.split("\n")
    assert "approved" in said and again["claim_number"] in said and first["claim_number"] in said
    assert "urn:coopmed:stale_version" in said or "urn:coopmed:claim_wrong_state" in said


def test_the_check_of_a_message_that_the_page_shows_finds_genuine_ones_genuine_and_no_other():
    (check,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    scope: dict = {}
    exec(check, scope)
    now, body = int(clock.now().timestamp()), b'{"id":"990121-claim-1-2"}'
    header = signed("new", "old", body=body, timestamp=now)
    assert scope["is_genuine"]("new", body, header) and scope["is_genuine"]("old", body, header)
    assert not scope["is_genuine"]("other", body, header)
    assert not scope["is_genuine"]("new", body + b" ", header)
    assert not scope["is_genuine"]("new", body, signed("new", body=body, timestamp=now - 301))
    assert not scope["is_genuine"]("new", body, "v1=" + "0" * 64)
