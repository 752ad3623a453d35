"""People at the workspace and claims in front of them. No fixtures, only functions."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from tests.api.programs import COUNTY, Programs, claim_of
from tests.sites import sign_in


@dataclass
class Person:
    client: FlaskClient
    staff_id: int

    def read(self, path: str) -> str:
        """The page as text: without tags, blanks made one."""
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        return text_of(answer.get_data(as_text=True))

    def act(self, claim_id: int, key: str, *, version: int, **fields: Any):
        return self.client.post(f"/claims/{claim_id}/{key}", data={"version": version} | fields)


def text_of(page: str) -> str:
    main = page[page.index("<main") :] if "<main" in page else page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def at_desk(programs: Programs, role: str, *, scope: str | None = None, name: str = "林晓岚") -> Person:
    client = programs.app.test_client()
    return Person(client, sign_in(client, role, county_code=COUNTY, scope=scope, name=name))


def sent(programs: Programs, place: int, **changes: Any) -> dict[str, Any]:
    """A claim that was sent and assessed."""
    answer = programs.post("/api/v1/claims", claim_of(programs, place) | changes)
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def waiting(programs: Programs, place: int) -> int:
    """The number of a claim that waits for a reviewer: its invoice was claimed before."""
    first = sent(programs, place)
    number = f"F{first['claim_number']}"
    told = sent(programs, place, invoice_number=number)
    assert told["state"] == "received", told
    return told["id"]
