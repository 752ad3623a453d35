"""Events are told at least once and never before they are committed; a listener that fails is asked again."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter

import pytest
from sqlalchemy import text, update

from chassis import clock
from chassis.errors import NotFound
from chassis.queue.tables import Task
from contractor.claims import decisions
from contractor.webhooks import jobs, subscribing
from contractor.webhooks.delivering import PAUSES, begin_run
from contractor.webhooks.refusals import NothingToReplay, SubscriptionOff, TargetRefused, TooManySubscriptions
from contractor.webhooks.signing import EVENT_ID, SIGNATURE, is_genuine
from contractor.webhooks.tables import WebhookDelivery, WebhookSubscription
from tests.api.programs import Programs, claim_of
from tests.claims.making import CITY_HOSPITAL, COUNTY
from tests.webhooks.listening import Listener, free_port
from tests.webhooks.subscribed import LEAD, subscribe, task


@pytest.fixture
def subscribed(programs, listener):
    made = subscribe(programs, listener.url)
    yield made
    if made.row().off_at is None:
        made.turn_off()


def decided(programs: Programs, place: int, **changes) -> dict:
    answer = programs.post("/api/v1/claims", claim_of(programs, place, **changes))
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def waiting(programs: Programs, place: int) -> dict:
    first = claim_of(programs, place)
    programs.post("/api/v1/claims", first)
    return programs.post(
        "/api/v1/claims", claim_of(programs, place) | {"invoice_number": first["invoice_number"]}
    ).get_json()


def test_a_decision_is_told_signed_with_its_event_and_nothing_of_the_person(programs, listener, subscribed):
    claim = decided(programs, 0)
    assert claim["state"] == "approved"
    assert subscribed.deliver()
    (heard,) = listener.heard
    assert is_genuine(subscribed.secret, heard.body, heard.headers[SIGNATURE], now=int(clock.now().timestamp()))
    told = json.loads(heard.body)
    assert told["id"] == heard.headers[EVENT_ID] == f"{COUNTY}-claim-{claim['id']}-{claim['version']}"
    assert (told["type"], told["data"]["state"]) == ("claim.decided", "approved")
    assert told["data"]["claim_number"] == claim["claim_number"]
    assert told["at"] == claim["events"][-1]["at"].replace("Z", "+00:00")
    assert programs.world.card(0).encode() not in heard.body
    (delivery,) = subscribed.deliveries()
    assert delivery.state == "delivered"
    assert not subscribed.deliver()


def test_an_event_that_is_rolled_back_was_never_told(programs, listener, subscribed):
    claim = waiting(programs, 1)
    before = len(subscribed.deliveries())

    class Changed(Exception):
        pass

    at = clock.now()
    with pytest.raises(Changed), programs.database.transaction() as session:
        seen = {claim["id"]: claim["version"]}
        decisions.take_up(session, seen, county_code=COUNTY, by=LEAD, at=at)
        seen = {claim["id"]: claim["version"] + 1}
        decisions.refuse(session, seen, county_code=COUNTY, reason_code="duplicate", by=LEAD, at=at)
        inside = session.scalar(
            text("SELECT count(*) FROM contractor.webhook_delivery WHERE subject_id = :claim"), {"claim": claim["id"]}
        )
        assert inside == 1
        assert not subscribed.deliver(), "nobody sees a delivery before its event is committed"
        raise Changed
    assert len(subscribed.deliveries()) == before
    subscribed.deliver()
    assert all(json.loads(one.body)["data"]["claim_id"] != claim["id"] for one in listener.heard)


def test_papers_asked_for_are_told_with_their_list(programs, listener, subscribed):
    claim = waiting(programs, 2)
    at, on = clock.now(), clock.local_day(clock.now())
    with programs.database.transaction() as session:
        decisions.take_up(session, {claim["id"]: claim["version"]}, county_code=COUNTY, by=LEAD, at=at)
        seen = {claim["id"]: claim["version"] + 1}
        decisions.send_back(session, seen, ["invoice", "bill"], county_code=COUNTY, by=LEAD, at=at, on=on)
    subscribed.deliver()
    told = [json.loads(one.body) for one in listener.heard]
    (sent_back,) = [one for one in told if one["type"] == "claim.sent_back"]
    assert sent_back["data"]["documents"] == ["bill", "invoice"]


def test_only_what_was_asked_for_is_told(programs, listener):
    none_of_these = subscribe(programs, listener.url, kinds=["payment.settled"])
    elsewhere = subscribe(programs, listener.url, institution_code=CITY_HOSPITAL)
    decided(programs, 3)
    decided(programs, 4, route="outpatient")
    own = decided(programs, 5, institution_code=CITY_HOSPITAL)
    manual = programs.post("/api/v1/claims", claim_of(programs, 6, route="manual", institution_code=CITY_HOSPITAL))
    assert manual.status_code == 201
    assert none_of_these.deliveries() == []
    assert own["state"] in ("approved", "rejected"), "decided at once, so that it is told"
    assert [one.subject_id for one in elsewhere.deliveries()] == [own["id"]]
    none_of_these.turn_off()
    elsewhere.turn_off()


def test_a_listener_that_fails_is_asked_again_with_the_same_event_and_growing_pauses(programs, listener, subscribed):
    listener.answers = [500, 503, 200]
    decided(programs, 7)
    pauses = []
    for _try in range(3):
        at = clock.now()
        assert subscribed.deliver()
        (delivery,) = subscribed.deliveries()
        pauses.append(delivery.next_at - at)
        subscribed.make_due()
    assert len({one.headers[EVENT_ID] for one in listener.heard}) == 1
    assert len({one.body for one in listener.heard}) == 1
    assert pauses[0] < pauses[1] and pauses[1] >= PAUSES[1]
    assert [(one.outcome, one.status) for one in subscribed.attempts()] == [
        ("answered", 500), ("answered", 503), ("answered", 200),
    ]  # fmt: skip
    assert delivery.state == "delivered"


def test_after_a_day_of_failures_a_delivery_is_dead_and_a_person_has_it_sent_again(programs, listener, subscribed):
    listener.answers = [500]
    decided(programs, 8)
    for _try in range(len(PAUSES) + 1):
        assert subscribed.deliver()
        subscribed.make_due()
    (delivery,) = subscribed.deliveries()
    assert delivery.state == "dead" and not subscribed.deliver()
    assert sum(PAUSES, dt.timedelta()) <= dt.timedelta(days=1)
    listener.answers = [200]
    with programs.database.transaction() as session:
        assert subscribing.replay(session, subscribed.id, None, county_code=COUNTY, by=LEAD, at=clock.now()) == 1
    assert subscribed.deliver()
    (delivery,) = subscribed.deliveries()
    assert (delivery.state, delivery.tries, delivery.replayed_by) == ("delivered", 1, LEAD)
    assert [one.attempt_no for one in subscribed.attempts()] == list(range(1, len(PAUSES) + 3))
    assert len({one.headers[EVENT_ID] for one in listener.heard}) == 1


def test_what_was_delivered_can_be_sent_again_and_what_waits_cannot(programs, listener, subscribed):
    decided(programs, 9)
    (delivery,) = subscribed.deliveries()
    at = clock.now()
    with pytest.raises(NothingToReplay), programs.database.transaction() as session:
        subscribing.replay(session, subscribed.id, [delivery.id], county_code=COUNTY, by=LEAD, at=at)
    subscribed.deliver()
    with programs.database.transaction() as session:
        subscribing.replay(session, subscribed.id, [delivery.id], county_code=COUNTY, by=LEAD, at=clock.now())
    subscribed.deliver()
    assert len(listener.heard) == 2 and listener.heard[0].body == listener.heard[1].body


def test_a_listener_that_hangs_is_hung_up_on_and_left_alone_for_a_while(programs, listener, subscribed):
    listener.hangs = True
    decided(programs, 10)
    decided(programs, 11)
    assert subscribed.deliver(whole_seconds=0.3)
    assert [one.outcome for one in subscribed.attempts()] == ["timeout"]
    assert len(listener.heard) == 1, "the second was not tried on a listener that had just been silent"
    assert subscribed.row().resting_until is not None and not subscribed.deliver()
    listener.hangs = False
    subscribed.make_due()
    assert subscribed.deliver()
    assert {one.state for one in subscribed.deliveries()} == {"delivered"}


def test_nobody_there_is_noted_and_tried_again(programs):
    lonely = subscribe(programs, f"http://127.0.0.1:{free_port()}/")
    decided(programs, 12)
    assert lonely.deliver()
    assert [one.outcome for one in lonely.attempts()] == ["unreachable"]
    assert [one.state for one in lonely.deliveries()] == ["waiting"]
    lonely.turn_off()


def test_a_redirect_is_not_followed_wherever_it_leads(programs, listener, subscribed):
    inside = Listener()
    listener.answers, listener.location = [307], inside.url
    decided(programs, 13)
    assert subscribed.deliver()
    assert inside.heard == []
    assert [(one.outcome, one.status) for one in subscribed.attempts()] == [("redirected", 307)]
    assert [one.state for one in subscribed.deliveries()] == ["waiting"]
    inside.close()


def test_a_worker_that_dies_after_sending_has_another_send_it_again(programs, listener, subscribed):
    decided(programs, 14)
    dead_workers = {"county_code": COUNTY, "keyring": programs.house.keyring, "at": clock.now()}
    with programs.database.transaction() as session:
        run = begin_run(session, subscribed.id, **dead_workers)
    assert run is not None and not subscribed.deliver(), "nobody else sends what a worker has in hand"
    subscribed.make_due()
    assert subscribed.deliver()
    assert [one.headers[EVENT_ID] for one in listener.heard] == [run.messages[0].event_id]


def test_no_transaction_is_open_while_a_listener_is_waited_for(programs, listener, subscribed):
    open_ones = []

    def look() -> None:
        with programs.database.transaction() as session:
            asked = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
            open_ones.append(session.scalar(asked))

    listener.before_answer = look
    decided(programs, 15)
    at = clock.now()
    with programs.database.transaction() as session:
        jobs.deliver(session, task(programs, "webhooks.deliver", subscription=subscribed.id), at)
    assert open_ones == [0]
    assert [one.state for one in subscribed.deliveries()] == ["delivered"]


def test_the_sweep_posts_a_task_for_each_subscription_with_something_due(programs, listener, subscribed):
    idle = subscribe(programs, listener.url, kinds=["payment.returned"])
    decided(programs, 16)
    with programs.database.transaction() as session:
        jobs.sweep(session, task(programs, "webhooks.sweep"), clock.now())
        session.flush()
        posted = Counter(
            one.payload["subscription"]
            for one in session.query(Task).filter(Task.kind == "webhooks.deliver", Task.state == "waiting")
        )
    assert posted[subscribed.id] == 1 and posted[idle.id] == 0
    idle.turn_off()


def test_a_test_is_told_through_all_that_a_real_event_goes_through(programs, listener, subscribed):
    for _click in range(2):
        with programs.database.transaction() as session:
            subscribing.send_test(session, subscribed.id, county_code=COUNTY, by=LEAD, at=clock.now())
    assert subscribed.deliver()
    told = [json.loads(one.body) for one in listener.heard]
    assert [one["type"] for one in told] == ["test", "test"]
    assert told[0]["id"] != told[1]["id"] and told[0]["data"] == {}


def test_a_subscription_that_is_off_is_told_nothing_and_never_begins_again(programs, listener):
    own = subscribe(programs, listener.url)
    decided(programs, 17)
    own.turn_off()
    decided(programs, 18)
    assert [one.state for one in own.deliveries()] == ["dropped"] and not own.deliver()
    with pytest.raises(SubscriptionOff), programs.database.transaction() as session:
        subscribing.send_test(session, own.id, county_code=COUNTY, by=LEAD, at=clock.now())
    with pytest.raises(Exception, match="keeps what it holds"), programs.database.transaction() as session:
        session.execute(
            update(WebhookSubscription).where(WebhookSubscription.id == own.id).values(off_at=None, off_by=None)
        )


def test_whom_a_subscription_tells_is_never_changed(programs, subscribed):
    s = WebhookSubscription
    for change in ({"url": "https://elsewhere.example/"}, {"event_kinds": ["payment.settled"]}):
        with pytest.raises(Exception, match="keeps what it holds"), programs.database.transaction() as session:
            session.execute(update(s).where(s.id == subscribed.id).values(change))


def test_a_secret_is_told_once_and_lies_sealed(programs, listener, subscribed):
    sealed = bytes(subscribed.row().signing_key_sealed)
    assert subscribed.secret.startswith("coopmed_wh_") and len(subscribed.secret) > 40
    assert subscribed.secret.encode() not in sealed


def test_another_countys_subscription_is_not_there(programs, subscribed):
    with pytest.raises(NotFound), programs.database.transaction() as session:
        subscribing.turn_off(session, subscribed.id, county_code="990122", by=LEAD, at=clock.now())


def test_a_target_inside_the_house_is_refused_when_it_is_added(programs):
    with pytest.raises(TargetRefused):
        subscribe(programs, "https://localhost/", allowed="public")


def test_a_county_tells_no_more_programs_than_it_may(programs, listener, monkeypatch):
    monkeypatch.setattr(subscribing, "MOST_ON", 1)
    own = subscribe(programs, listener.url)
    with pytest.raises(TooManySubscriptions):
        subscribe(programs, listener.url)
    own.turn_off()


def test_a_delivery_of_one_event_is_written_once(programs, subscribed):
    decided(programs, 19)
    (own,) = subscribed.deliveries()
    again = {
        name: getattr(own, name)
        for name in ("county_code", "subscription_id", "event_kind", "subject", "subject_id", "event_no")
    }
    with pytest.raises(Exception, match="uq_webhook_delivery_event"), programs.database.transaction() as session:
        session.add(WebhookDelivery(**again, happened_at=own.happened_at, next_at=own.next_at))
