"""The law of corrections by name: each act past the verbs is refused by the trigger that is there for it."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest

from contractor.corrections import appeals, proposing
from contractor.corrections.proposing import REVERSAL
from contractor.second import households
from tests.claims.making import AT, COUNTY, LAW, ON
from tests.corrections.test_corrections import correct, reversal

OWED = (
    "INSERT INTO contractor.owed_back (county_code, claim_id, settlement_id, fund, payee_kind, institution_code, "
    "amount_fen, reason_code, at, by) SELECT county_code, claim_id, id, '{fund}', 'institution', '990121001', {fen}, "
    "'audit', now(), 1 FROM contractor.settlement WHERE claim_id = {claim} AND reverses_settlement_id = 0"
)
SET_OFF = (
    "INSERT INTO contractor.set_off (county_code, owed_back_id, claim_id, settlement_id, fund, amount_fen, at) "
    "SELECT county_code, {debt}, claim_id, {settlement}, '{fund}', {fen}, now() FROM contractor.settlement "
    "WHERE claim_id = {claim} AND reverses_settlement_id = 0"
)
APPEAL = "UPDATE contractor.appeal SET outcome = 'upheld', answer = 'x', decided_at = now(), decided_by = {by}"


def test_each_law_of_corrections_refuses_what_it_is_there_for(county):
    gone, stands, appealed = county.decided(
        county.stay(0, 3, "3000"), county.stay(2, 3, "3000"), county.stay(3, 4, "3000")
    )
    county.pay()
    reversal(county, gone)
    with county.database.transaction() as session:
        foreseen = proposing.reversal_foreseen(session, COUNTY, stands, law=LAW)
        # Whoever is near says nothing until the end: the claim's household becomes theirs.
        households.declare(
            session, county_code=COUNTY, staff_id=county.people["senior2"], card_number=county.world.card(2),
            relation="own", by=county.people["administrator"], at=AT,
        )  # fmt: skip
        appeals.file_appeal(
            session, appealed, county_code=COUNTY, filed_by="member", filer_name="张", paper="申诉书", statement="不服",
            filed_on=ON, by=county.people["lead"], at=AT + dt.timedelta(minutes=1),
        )  # fmt: skip
    number = correct(county, REVERSAL, foreseen, confirmed=False)
    ((debt, fen),) = county.rows("SELECT id, amount_fen FROM contractor.owed_back")
    ((paid_fen, settlement),) = county.rows(
        "SELECT amount_fen, settlement_id FROM contractor.payment WHERE claim_id = %s", stands
    )
    own = f"(SELECT id FROM contractor.settlement WHERE claim_id = {gone} AND reverses_settlement_id = 0)"
    confirm = "UPDATE contractor.correction SET confirmed_at = now(), confirmed_by = {by} WHERE id = " + str(number)
    people = county.people
    acts = {
        "a correction by one whose household it is": (confirm.format(by=people["senior2"]), "two_people"),
        "a correction without the role": (confirm.format(by=people["cashier"]), "two_people"),
        "a correction twice ended": (
            confirm.format(by=people["lead"]).replace(" WHERE", ", withdrawn_at = now(), withdrawn_by = 1 WHERE"),
            "two_people",
        ),
        "a debt of what nobody paid": (OWED.format(claim=gone, fund="serious", fen=5), "owed_back_is_held"),
        "a debt of a decision that stands": (
            OWED.format(claim=stands, fund="pooled", fen=paid_fen), "owed_back_is_held",
        ),
        "a set-off for another claim": (
            SET_OFF.format(debt=debt, claim=stands, settlement=settlement, fund="pooled", fen=1), "set_off_is_covered",
        ),
        "a set-off of another fund": (
            SET_OFF.format(debt=debt, claim=gone, settlement=own, fund="serious", fen=1), "set_off_is_covered",
        ),
        "a set-off against no decision": (
            SET_OFF.format(debt=debt, claim=gone, settlement=99_999_999, fund="pooled", fen=1), "set_off_is_covered",
        ),
        "a set-off beyond the debt": (
            SET_OFF.format(debt=debt, claim=gone, settlement=own, fund="pooled", fen=fen + 1), "set_off_is_covered",
        ),
        "a reversal that no event tells of": (
            f"UPDATE contractor.claim SET state = 'reversed', version = version + 1 WHERE id = {stands}",
            "has_its_event",
        ),
        "an appeal answered without the role": (APPEAL.format(by=people["cashier"]), "same_person"),
        "an appeal changed": ("UPDATE contractor.appeal SET statement = 'x'", "same_person"),
        "an appeal answered and changed": (
            APPEAL.format(by=people["senior"]).replace(" SET", " SET statement = 'x',"), "same_person",
        ),
    }  # fmt: skip
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder:
        for what, (act, constraint) in acts.items():
            with pytest.raises(psycopg.Error) as refused:
                touched = intruder.execute(act).rowcount
                intruder.execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise AssertionError(f"{what} passed: {touched} rows")
            intruder.rollback()
            assert refused.value.diag.constraint_name == constraint, (what, refused.value)
    # Near the claim of the appeal, too.
    with county.database.transaction() as session:
        households.declare(
            session, county_code=COUNTY, staff_id=people["senior"], card_number=county.world.card(3), relation="kin",
            by=people["administrator"], at=AT,
        )  # fmt: skip
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder, pytest.raises(psycopg.Error) as near:
        intruder.execute(APPEAL.format(by=people["senior"]))
    assert near.value.diag.constraint_name == "same_person"
