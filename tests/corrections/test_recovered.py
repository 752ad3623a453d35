"""Money that payees pay back, and what new decisions take from it: two people, the books, and every comparison."""

from __future__ import annotations

import datetime as dt
import threading

import psycopg
import pytest

from contractor.claims import decisions
from contractor.ledger.identity import identities
from contractor.recoveries import repaying
from contractor.recoveries.queries import debts
from contractor.recoveries.refusals import (
    ArrivedTomorrow,
    ConfirmedByAnother,
    EvidenceUsed,
    MoreThanOwed,
    RepaymentEnded,
)
from tests.claims.making import AT, COUNTY, LAW, ON, day
from tests.corrections.paying import Paying
from tests.corrections.test_corrections import Scope, open_debts, reprice, reversal
from tests.sites import settings_for_tests, sign_in, workspace_client


def owing(county: Paying) -> tuple[int, int, int]:
    """A paid stay whose decision was taken back: the claim, the debt and what is owed."""
    (claim_id,) = county.decided(county.stay(0, 3, "3000"))
    county.pay()
    reversal(county, claim_id)
    ((debt, fen),) = county.rows("SELECT id, amount_fen FROM contractor.owed_back WHERE claim_id = %s", claim_id)
    return claim_id, debt, fen


def enter(county: Paying, debt: int, fen: int, reference: str = "hx-1", *, by: str = "cashier", **changes) -> int:
    given = {"way": "bank_credit", "arrived_on": ON} | changes
    with county.database.transaction() as session:
        return repaying.enter(
            session, debt, county_code=COUNTY, amount_fen=fen, reference=reference, by=county.people[by], at=AT, **given
        )


def confirm(county: Paying, number: int, *, by: str = "checker") -> None:
    with county.database.transaction() as session:
        repaying.confirm(session, number, county_code=COUNTY, by=county.people[by], at=AT)


def balances(county: Paying) -> dict[str, int]:
    return dict(county.rows("SELECT account_code, balance_fen FROM contractor.account_balance WHERE balance_fen <> 0"))


def agrees(county: Paying) -> None:
    """Books, claims, payments, bank and the county's own computation say the same."""
    with county.database.transaction() as session:
        assert all(one.holds for one in identities(session, COUNTY))
    assert county.parted() == {}
    assert county.recomputed().differences.to_dict("records") == []


def test_what_is_paid_back_in_parts_by_two_people_stands_in_the_books_and_leaves_the_rest(county):
    _claim, debt, fen = owing(county)
    before = balances(county)
    first = enter(county, debt, 20_000, way="cash_deposit")
    # Nothing is booked while it waits for the second person.
    assert balances(county) == before
    with pytest.raises(ConfirmedByAnother), county.database.transaction() as session:
        repaying.confirm(session, first, county_code=COUNTY, by=county.people["cashier"], at=AT)
    confirm(county, first)
    after = balances(county)
    assert after["M101"] - before["M101"] == after["M203"] == 20_000
    with county.database.transaction() as session:
        (one,) = debts(session, COUNTY, "open", size=9)
    assert (one.open_fen, one.repaid_fen) == (fen - 20_000, 20_000)
    with pytest.raises(MoreThanOwed):
        enter(county, debt, fen - 19_999, "hx-2")
    confirm(county, enter(county, debt, fen - 20_000, "hx-2"))
    with county.database.transaction() as session:
        assert debts(session, COUNTY, "open", size=9) == []
    assert balances(county)["M203"] == fen
    agrees(county)


def test_the_same_evidence_counts_once_and_nothing_ends_twice(county):
    _claim, debt, _fen = owing(county)
    number = enter(county, debt, 100)
    with pytest.raises(EvidenceUsed):
        enter(county, debt, 100, "HX-1")
    with pytest.raises(ArrivedTomorrow):
        enter(county, debt, 100, "hx-9", arrived_on=ON + dt.timedelta(days=1))
    with county.database.transaction() as session:
        repaying.withdraw(session, number, county_code=COUNTY, by=county.people["cashier"], at=AT)
    with pytest.raises(RepaymentEnded):
        confirm(county, number)
    # What was given up frees its evidence.
    confirm(county, enter(county, debt, 100))
    agrees(county)


def test_what_was_paid_back_does_not_meet_the_claims_next_decision_again(county):
    """Of 1,190 yuan 400 come back; the claim is approved anew and only what it lacks is paid."""
    claim_id, debt, fen = owing(county)
    confirm(county, enter(county, debt, 40_000))
    with county.database.transaction() as session:
        decisions.reopen(session, {claim_id: 2}, county_code=COUNTY, note="更正", by=county.people["lead"], at=AT)
    with county.database.transaction() as session:
        settled = decisions.approve(
            session, {claim_id: 3}, county_code=COUNTY, law=LAW, keyring=county.world.keyring,
            by=county.people["senior"], at=AT, on=ON,
        )  # fmt: skip
    planned = county.rows("SELECT sum(amount_fen)::bigint FROM contractor.payment WHERE state = 'planned'")
    assert (settled[0].base_fen, planned) == (fen, [(40_000,)])
    assert open_debts(county) == {(claim_id, "pooled"): 40_000}, "by set-offs alone; the rest came back"
    assert balances(county)["M203"] == fen, "set off and paid back, all of the old decision is recovered"
    county.pay()
    agrees(county)


def test_what_a_repricing_sets_off_is_spent_and_recovered_in_the_books_and_moves_nothing_at_the_bank(county):
    ids = county.decided(county.stay(2, 3, "3000"))
    county.pay()
    before = balances(county)
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 2 WHERE item_code = 'A1'")
    reprice(county, Scope(day("2026-01-01"), day("2027-01-01"), "A1"))
    after = balances(county)
    ((met,),) = county.rows("SELECT sum(amount_fen)::bigint FROM contractor.set_off")
    assert after["M301.1"] - before["M301.1"] == after["M203"] == met > 0
    assert after["M101"] == before["M101"] and ids
    agrees(county)


def test_two_confirmations_at_once_never_recover_more_than_is_owed(county):
    _claim, debt, fen = owing(county)
    # Entered by the app's own role past the verb, which would refuse the second.
    first = enter(county, debt, fen)
    with psycopg.connect(county.test_database.url("contractor_rw")) as connection:
        (second,) = connection.execute(
            "INSERT INTO contractor.repayment (county_code, owed_back_id, amount_fen, way, reference, arrived_on, "
            "entered_at, entered_by) VALUES (%s, %s, %s, 'bank_credit', 'hx-2', %s, %s, %s) RETURNING id",
            [COUNTY, debt, fen, ON, AT, county.people["cashier"]],
        ).fetchone()
    said, gate = [], threading.Barrier(2)

    def act(number: int) -> None:
        gate.wait()
        try:
            confirm(county, number)
            said.append("booked")
        except MoreThanOwed:
            said.append("refused")

    threads = [threading.Thread(target=act, args=[number]) for number in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["booked", "refused"]
    assert balances(county)["M203"] == fen
    agrees(county)


def test_the_database_lets_nobody_recover_alone_unbooked_or_beyond_the_debt(county):
    claim_id, debt, fen = owing(county)
    waiting = enter(county, debt, 500)
    done = enter(county, debt, 300, "hx-2")
    confirm(county, done)
    cashier, checker, lead = (county.people[name] for name in ("cashier", "checker", "lead"))
    repayment = (
        "INSERT INTO contractor.repayment (county_code, owed_back_id, amount_fen, way, reference, arrived_on, "
        "entered_at, entered_by, confirmed_at, confirmed_by) VALUES ('990121', {debt}, 10, 'bank_credit', 'hx-9', "
        "'2026-11-20', '2026-11-20 02:00Z', {by}, {confirmed})"
    )
    acts = (
        repayment.format(debt=debt, by=checker, confirmed="NULL, NULL"),
        repayment.format(debt=debt, by=cashier, confirmed=f"now(), {checker}"),
        f"UPDATE contractor.repayment SET confirmed_at = now(), confirmed_by = {cashier} WHERE id = {waiting}",
        f"UPDATE contractor.repayment SET confirmed_at = now(), confirmed_by = {lead} WHERE id = {waiting}",
        # By the right person, and nothing is booked.
        f"UPDATE contractor.repayment SET confirmed_at = now(), confirmed_by = {checker} WHERE id = {waiting}",
        f"UPDATE contractor.repayment SET amount_fen = 400 WHERE id = {waiting}",
        f"UPDATE contractor.repayment SET withdrawn_at = now(), withdrawn_by = {checker} WHERE id = {done}",
        f"DELETE FROM contractor.repayment WHERE id = {waiting}",
        "INSERT INTO contractor.set_off (county_code, owed_back_id, claim_id, settlement_id, fund, amount_fen, at) "
        f"SELECT county_code, id, claim_id, settlement_id, fund, {fen - 299}, now() FROM contractor.owed_back "
        f"WHERE id = {debt}",
        "INSERT INTO contractor.set_off (county_code, owed_back_id, claim_id, settlement_id, fund, amount_fen, at) "
        f"SELECT county_code, id, claim_id, settlement_id, fund, 1, now() FROM contractor.owed_back WHERE id = {debt}",
    )
    laws = (*["two_people"] * 4, "recovery_is_booked", "two_people", "two_people", None, "set_off_is_covered",
            "recovery_is_booked")  # fmt: skip
    with psycopg.connect(county.test_database.url("contractor_rw")) as intruder:
        for act, law in zip(acts, laws, strict=True):
            with pytest.raises(psycopg.Error) as refused:
                touched = intruder.execute(act).rowcount
                intruder.execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise AssertionError(f"passed, {touched} rows: {act}")
            intruder.rollback()
            assert refused.value.sqlstate in ("23001", "42501")
            assert refused.value.diag.constraint_name == law, act
    agrees(county)
    assert claim_id


PLANTED = {
    "a repayment vanishes": "UPDATE contractor.repayment SET confirmed_at = NULL, confirmed_by = NULL",
    "a repayment grows": "UPDATE contractor.repayment SET amount_fen = amount_fen + 1",
    "a leg is turned to another debt": "UPDATE contractor.leg SET owed_back_id = owed_back_id + 1 "
    "WHERE owed_back_id IS NOT NULL",
    "a debt shrinks": "UPDATE contractor.owed_back SET amount_fen = 100",
}


def test_the_nights_comparison_finds_what_a_superuser_changed_of_a_recovery(county):
    _claim, debt, _fen = owing(county)
    confirm(county, enter(county, debt, 20_000))
    agrees(county)
    for what, act in PLANTED.items():
        with psycopg.connect(county.test_database.owner_url) as owner:
            for table in ("repayment", "leg", "owed_back"):
                owner.execute(f"ALTER TABLE contractor.{table} DISABLE TRIGGER ALL")
            owner.execute(act)
            owner.commit()
            assert county.parted(), what
            owner.execute(
                {
                    "a repayment vanishes": "UPDATE contractor.repayment SET confirmed_at = now(), confirmed_by = 2",
                    "a repayment grows": "UPDATE contractor.repayment SET amount_fen = amount_fen - 1",
                    "a leg is turned to another debt": "UPDATE contractor.leg SET owed_back_id = owed_back_id - 1 "
                    "WHERE owed_back_id IS NOT NULL",
                    "a debt shrinks": "SELECT 1",
                }[what]
            )
            owner.commit()
    # The county sees the last of them by itself.
    assert "set_off_beyond_owed" in set(county.recomputed().differences["step"])


def test_a_cashier_enters_what_came_back_and_a_checker_confirms_it_page_by_page(county):
    _claim, debt, fen = owing(county)
    clients = {}
    for name in ("cashier", "checker"):
        client = workspace_client(county.test_database, settings_for_tests(county.folder))
        client.application.config["WTF_CSRF_ENABLED"] = False
        sign_in(client, name, county_code=COUNTY, name=name, stepped_up=True)
        clients[name] = client
    cashier, checker = clients["cashier"], clients["checker"]
    assert "河口" in cashier.get("/recoveries").text or "990121" in cashier.get("/recoveries").text
    address = f"/recoveries/{debt}"
    sent = {"amount": "100.00", "way": "cash_deposit", "reference": "Hx-77", "arrived_on": "2026-11-19"}
    assert cashier.post(address, data=sent | {"amount": "9999999"}).status_code == 409
    assert cashier.post(address, data=sent | {"reference": "?"}).status_code == 422
    assert cashier.post(address, data=sent).status_code == 303
    ((number,),) = county.rows("SELECT id FROM contractor.repayment")
    assert checker.post(address, data=sent).status_code == 403
    assert cashier.post(f"/recoveries/repayments/{number}/confirm").status_code == 403
    assert "确认入账" in checker.get(address).text
    assert checker.post(f"/recoveries/repayments/{number}/confirm").status_code == 303
    assert checker.post(f"/recoveries/repayments/{number}/confirm").status_code == 409
    listed = checker.get("/recoveries/table.csv?which=all").get_data().decode("utf-8-sig")
    assert f"{(fen - 10_000) / 100:.2f}" in listed and "10000" not in listed.splitlines()[0]
    assert balances(county)["M203"] == 10_000
    for client in clients.values():
        for database in client.application.extensions["coopmed"].databases.values():
            database.engine.dispose()
