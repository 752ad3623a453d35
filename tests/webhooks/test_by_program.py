"""Webhooks by program: what did not arrive, a test, and a new secret that is told once and kept nowhere."""

from __future__ import annotations

from sqlalchemy import select

from chassis.api.tables import IdempotencyKey
from contractor.webhooks.delivering import PAUSES
from tests.api.programs import Programs, claim_of
from tests.webhooks.listening import Listener
from tests.webhooks.subscribed import Subscribed, subscribe
from tests.webhooks.test_secrets import who_believes


def post(own: Subscribed, what: str, body: object = b"", *, key: str | None = None):
    return own.programs.post(f"/api/v1/webhooks/{own.id}/{what}", body, role="lead", key=key)


def deliveries(own: Subscribed, query: str = "") -> dict:
    return own.programs.get(f"/api/v1/webhooks/{own.id}/deliveries{query}", role="lead").get_json()


def test_what_did_not_arrive_is_listed_page_by_page_and_sent_again(programs: Programs, listener: Listener):
    own = subscribe(programs, listener.url)
    listener.answers = [500]
    for place in (25, 26, 27):
        programs.post("/api/v1/claims", claim_of(programs, place % 24, route="outpatient"))
    for _try in range(len(PAUSES) + 1):
        own.deliver()
        own.make_due()
    dead = deliveries(own, "?state=dead&limit=2")
    rest = deliveries(own, f"?state=dead&limit=2&cursor={dead['next']}")
    found = [one["event_id"] for one in dead["deliveries"] + rest["deliveries"]]
    assert len(found) == len(set(found)) == 3 and rest["next"] is None
    assert {(one["outcome"], one["status"]) for one in dead["deliveries"]} == {("answered", 500)}
    (told,) = [
        one for one in programs.get("/api/v1/webhooks", role="lead").get_json()["subscriptions"] if one["id"] == own.id
    ]
    assert (told["dead_count"], told["is_on"], told["secret_no"]) == (3, True, 1)
    one_id = dead["deliveries"][0]["id"]
    assert post(own, "replay", {"delivery_ids": [one_id]}).get_json() == {"replayed_count": 1}
    assert post(own, "replay", {}).get_json() == {"replayed_count": 2}
    nothing = post(own, "replay", {})
    assert nothing.status_code == 409 and nothing.get_json()["type"] == "urn:coopmed:webhook_nothing_to_replay"
    assert post(own, "off").get_json()["is_on"] is False
    assert post(own, "test").status_code == 409


def test_a_new_secret_is_told_the_first_time_alone_and_lies_nowhere_in_words(programs, listener):
    own = subscribe(programs, listener.url)
    body = {"seen_no": 1, "overlap_hours": 24}
    first = post(own, "rotate", body, key="rotate-this-once")
    assert first.status_code == 200, first.text
    secret = first.get_json()["secret"]
    again = post(own, "rotate", body, key="rotate-this-once")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == first.get_json() | {"secret": None}
    with programs.database.transaction() as session:
        kept = session.scalars(select(IdempotencyKey.answer).where(IdempotencyKey.key == "rotate-this-once")).one()
    assert secret not in kept
    assert who_believes(own, listener, secret, own.secret) == [True, True]
    stale = post(own, "rotate", body)
    assert stale.status_code == 409 and stale.get_json()["type"] == "urn:coopmed:webhook_secret_changed"
    assert post(own, "rotate", body | {"overlap_hours": 5}).status_code == 422
    own.turn_off()


def test_only_the_leads_program_comes_here_and_adds_nobody(programs, listener):
    own = subscribe(programs, listener.url)
    for role in ("senior", "reviewer", "cashier"):
        assert programs.get("/api/v1/webhooks", role=role).status_code == 403
    added = programs.post("/api/v1/webhooks", {"url": listener.url}, role="lead")
    assert added.status_code == 405
    own.turn_off()
