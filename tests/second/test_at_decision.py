"""Rolling limits and the draw hold where a decision takes effect: by the verbs, by raw SQL, and many at once."""

from __future__ import annotations

import datetime as dt
import threading

import psycopg
import pytest

from contractor.claims import decisions
from contractor.second.policy import drawn_ppm
from tests.claims.making import AT, CITY_HOSPITAL, COUNTY, LAW, MEMBER_ACCOUNT
from tests.second.attacks import World, _settle
from tests.second.reviewing import at_the_desk, of_yuan, opinion, policy, propose, state_of, version_of

LATER = AT + dt.timedelta(days=8)
WORTH_FEN = 35_000
"""What 800 yuan at the county's hospital give."""


def raw_decision(county, claim_id: int, *, policy_id: int | None, by: str = "reviewer", stake: int = WORTH_FEN) -> str:
    """A reviewer's yes past every verb, as the app's own role: a proposal that lies, money, event, state."""
    drawn = "contractor.drawn_ppm(p.seed, c.id, c.version)" if policy_id else "NULL"
    person = county.people[by]
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder:
        try:
            intruder.execute(
                "INSERT INTO contractor.review_proposal (county_code, claim_id, claim_version, proposed, stake_fen, "
                "household_fen, payee_fen, grounds, policy_id, drawn_ppm, proposed_at, proposed_by) "
                f"SELECT c.county_code, c.id, c.version, 'approve', {stake}, {stake}, 0, '{{}}', "
                f"{policy_id or 'NULL'}, {drawn}, %s, {person} FROM contractor.claim AS c "
                f"LEFT JOIN contractor.review_policy AS p ON p.id = {policy_id or 0} WHERE c.id = {claim_id}",
                [AT],
            )
            world = World(intruder, county.people, {"own": claim_id}, {}, 0, 0, 0, 0, 0)
            settled = _settle(world, "own", person, stake).replace("now()", f"'{AT}'")
            intruder.execute(settled.replace(", 900,", f", {1000 + claim_id},"))
            intruder.execute(
                "INSERT INTO contractor.claim_event "
                "(county_code, claim_id, event_no, event, state_after, at, acted_by) "
                f"SELECT county_code, id, version + 1, 'approved', 'approved', %s, {person} "
                f"FROM contractor.claim WHERE id = {claim_id}",
                [AT + dt.timedelta(hours=1)],
            )
            intruder.execute(
                "UPDATE contractor.claim SET state = 'approved', version = version + 1, held_by = NULL, "
                f"held_until = NULL WHERE id = {claim_id}"
            )
            intruder.commit()
        except psycopg.Error as error:
            intruder.rollback()
            # Whichever comes first: the law of money or that of events.
            assert error.diag.constraint_name in ("hands_apart", "second_review"), error
            return "refused"
    return "passed"


def test_a_proposal_from_before_others_of_the_household_were_decided_does_not_take_effect(county):
    number = policy(county, household_limit_fen=60_000)
    early, first, second = (
        at_the_desk(county, place, **of_yuan(800), invoice_number=f"EARLY{n}") for n, place in enumerate((0, 0, 1))
    )
    assert propose(county, first).waiting == {}
    # One more would reach the limit: by the verb it waits for a second person, past it the database refuses.
    assert raw_decision(county, early, policy_id=number) == "refused"
    assert propose(county, early).waiting == {early: ("household",)}
    assert raw_decision(county, second, policy_id=number) == "refused"
    assert [state_of(county, one) for one in (early, first, second)] == ["in_second_review", "approved", "in_review"]


def test_a_draw_is_not_escaped_by_a_proposal_that_names_no_policy(county):
    policy(county, share_ppm=1_000_000)
    claim_id = at_the_desk(county, 2, **of_yuan(700), invoice_number="UNDRAWN")
    assert raw_decision(county, claim_id, policy_id=None) == "refused"
    assert raw_decision(county, claim_id, policy_id=None, by="senior") == "refused"
    assert drawn_ppm(b"s" * 32, claim_id, 1) < 1_000_000


def test_a_stake_told_too_small_does_not_settle_more(county):
    number = policy(county, limit_fen=100_000)
    claim_id = at_the_desk(county, 3, invoice_number="SMALL")
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder, pytest.raises(psycopg.Error) as found:
        intruder.execute(
            "INSERT INTO contractor.review_proposal (county_code, claim_id, claim_version, proposed, stake_fen, "
            "household_fen, payee_fen, grounds, policy_id, drawn_ppm, proposed_at, proposed_by) "
            "SELECT c.county_code, c.id, c.version, 'approve', 1, 1, 0, '{}', p.id, "
            "contractor.drawn_ppm(p.seed, c.id, c.version), %s, %s FROM contractor.claim AS c, "
            "contractor.review_policy AS p WHERE c.id = %s AND p.id = %s",
            [AT, county.people["reviewer"], claim_id, number],
        )
        world = World(intruder, county.people, {"own": claim_id}, {"own": 1}, 0, 0, 0, 0, number)
        intruder.execute(_settle(world, "own", county.people["reviewer"], 99_000).replace("now()", f"'{AT}'"))
    assert found.value.diag.constraint_name == "hands_apart"


@pytest.mark.parametrize("way", ["by the verbs", "by raw SQL"])
def test_one_stay_split_in_six_and_decided_by_six_at_once_stays_below_the_limit(county, way):
    """Each would give 350 yuan and is far below; two of the household are, three are not."""
    number = policy(county, household_limit_fen=100_000)
    tag = way[-3:]
    ids = [
        at_the_desk(county, place, **of_yuan(800), invoice_number=f"SIX{tag}{n}")
        for n, place in enumerate(((6, 7) if tag == "rbs" else (8, 9)) * 3)
    ]
    said: dict[int, object] = {}
    gate = threading.Barrier(len(ids))

    def decide(claim_id: int) -> None:
        gate.wait()
        if tag == "rbs":
            said[claim_id] = propose(county, claim_id).waiting.get(claim_id, ())
        else:
            said[claim_id] = raw_decision(county, claim_id, policy_id=number)

    threads = [threading.Thread(target=decide, args=[claim_id]) for claim_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = ("household",) if tag == "rbs" else "refused"
    passed = () if tag == "rbs" else "passed"
    assert sorted(map(str, said.values())) == sorted(map(str, [passed] * 2 + [refused] * 4))
    assert [state_of(county, one) for one in ids].count("approved") == 2
    assert county.rows("SELECT sum(benefits_fen)::bigint FROM contractor.settlement WHERE claim_id = ANY(%s)", ids) == [
        (2 * WORTH_FEN,)
    ]


def on_notice(county, place: int, *, yuan: int, **changes) -> int:
    """A manual claim that one reviewer put on public notice."""
    claim_id = at_the_desk(
        county, place, route="manual", institution_code=CITY_HOSPITAL, payee_name="张", payee_account=MEMBER_ACCOUNT,
        **of_yuan(yuan), **changes,
    )  # fmt: skip
    propose(county, claim_id)
    return claim_id


def end_notices(county, *ids: int) -> None:
    with county.database.transaction() as session:
        decisions.end_notices(
            session, {one: version_of(county, one) for one in ids}, county_code=COUNTY, law=LAW,
            keyring=county.world.keyring, at=LATER, on=LATER.date(),
        )  # fmt: skip


def test_a_notice_that_one_person_began_goes_back_to_review_when_more_was_decided_meanwhile(county):
    policy(county, household_limit_fen=60_000)
    claim_id = on_notice(county, 4, yuan=1000, invoice_number="NOTICE1")
    assert state_of(county, claim_id) == "on_public_notice"
    # Rules ask for no second person; what they decide counts all the same.
    county.decided(county.stay(5, 3, "3000"))
    end_notices(county, claim_id)
    assert state_of(county, claim_id) == "in_review"
    assert county.rows(
        "SELECT event, acted_by, reason_code FROM contractor.claim_event WHERE claim_id = %s "
        "ORDER BY event_no DESC LIMIT 1",
        claim_id,
    ) == [("objected", None, "asks_for_two")]
    # The first reviewer proposes again, another decides, and then the notice ends.
    assert propose(county, claim_id).waiting == {claim_id: ("household",)}
    opinion(county, claim_id, by="senior")
    assert state_of(county, claim_id) == "on_public_notice"
    end_notices(county, claim_id)
    assert state_of(county, claim_id) == "approved"


def test_a_critical_finding_of_the_notices_days_asks_for_a_second_person(county):
    policy(county, is_on_critical=True)
    plain, found = (on_notice(county, place, yuan=300, invoice_number=f"NIGHT{place}") for place in (10, 11))
    county.trade.owner.execute(
        "INSERT INTO contractor.claim_finding (county_code, claim_id, finding_no, rule, severity, expected, found, "
        "source, found_at) VALUES (%s, %s, 99, 'F01', 'C', '', '', '', %s)",
        [COUNTY, found, AT],
    )
    end_notices(county, plain, found)
    assert [state_of(county, one) for one in (plain, found)] == ["approved", "in_review"]


def test_the_database_settles_no_notice_that_asks_for_two(county):
    policy(county)
    claim_id = on_notice(county, 3, yuan=400, invoice_number="NOTICE9")
    policy(county, limit_fen=1)
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder, pytest.raises(psycopg.Error) as found:
        world = World(intruder, county.people, {"own": claim_id}, {"own": 2}, 0, 0, 0, 0, 0)
        intruder.execute(_settle(world, "own", "NULL", 5_000).replace("now()", f"'{AT}'"))
    assert found.value.diag.constraint_name == "hands_apart"
