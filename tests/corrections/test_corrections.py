"""Corrections of what was paid: only the difference moves, history stays, and the county comes to the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import event

from contractor.corrections import proposing
from contractor.corrections.foreseeing import foresee_scope
from contractor.corrections.proposing import REPRICE, REVERSAL
from contractor.corrections.refusals import CorrectionChanged, NotByTheSamePerson
from contractor.corrections.standing import Scope
from rulebook.registry import Timeline
from rulebook.schedule import from_canonical
from tests.claims.making import AT, COUNTY, LAW, day, line, lines


def money(county) -> dict[str, int]:
    """Everything that moved, by where it stands."""
    found = dict(
        county.rows(
            "SELECT state || ' ' || fund, sum(amount_fen)::bigint FROM contractor.payment "
            "WHERE state IN ('paid', 'planned') GROUP BY 1"
        )
    )
    found["owed back"] = county.rows("SELECT coalesce(sum(amount_fen), 0)::bigint FROM contractor.owed_back")[0][0]
    found["set off"] = county.rows("SELECT coalesce(sum(amount_fen), 0)::bigint FROM contractor.set_off")[0][0]
    return found


def correct(county, kind, foreseen, *, subject="x", reason="wrong_catalogue", law=LAW, confirmed=True) -> int:
    given = {"county_code": COUNTY, "at": AT}
    with county.database.transaction() as session:
        number = proposing.propose(
            session,
            kind,
            foreseen,
            subject=subject,
            reason_code=reason,
            note="试验",
            by=county.people["senior"],
            **given,
        )
    if confirmed:
        confirm(county, number, law=law)
    return number


def confirm(county, number, *, by="lead", law=LAW):
    (sha,) = county.rows("SELECT content_sha256 FROM contractor.correction WHERE id = %s", number)[0]
    with county.database.transaction() as session:
        return proposing.confirm(
            session, number, shown_sha256=bytes(sha), county_code=COUNTY, law=law, keyring=county.world.keyring,
            by=county.people[by], at=AT,
        )  # fmt: skip


def reversal(county, claim_id, *, law=LAW) -> int:
    with county.database.transaction() as session:
        foreseen = proposing.reversal_foreseen(session, COUNTY, claim_id, law=law)
    return correct(county, REVERSAL, foreseen, subject=f"claim/{claim_id}", reason="wrong_person", law=law)


def standing(county) -> dict[int, int]:
    return dict(
        county.rows(
            "SELECT claim_id, benefits_fen FROM contractor.settlement AS s WHERE reverses_settlement_id = 0 "
            "AND NOT EXISTS (SELECT FROM contractor.settlement AS r WHERE r.reverses_settlement_id = s.id)"
        )
    )


def test_a_reversal_owes_back_what_was_paid_and_the_years_cut_claims_are_settled_anew(county):
    ids = county.decided(county.stay(9, 1), county.stay(9, 3), county.stay(9, 5), county.stay(8, 2, "3000"))
    county.pay()
    assert county.recomputed().differences.to_dict("records") == []
    before = standing(county)
    reversal(county, ids[0])
    assert standing(county).keys() == before.keys() - {ids[0]}
    assert money(county)["owed back"] == before[ids[0]]
    assert county.recomputed().differences.to_dict("records") == []
    # The system proposes what the cap had cut; nothing has moved yet.
    (again,) = county.rows(
        "SELECT id, kind, before_fen, after_fen, proposed_by FROM contractor.correction WHERE kind <> 'reversal'"
    )
    assert (again[1], again[4]) == ("readjudication", None)
    confirm(county, again[0])
    after = standing(county)
    assert (after[ids[1]], after[ids[2]]) == (before[ids[0]], before[ids[1]])
    # Fund by fund: what the cap had cut is paid, what serious-illness insurance gave in its place stays owed back.
    assert money(county)["planned pooled"] == 3_912_000 - 2_176_000
    debts = open_debts(county)
    assert (debts[ids[0], "pooled"], debts[ids[2], "serious"]) == (3_912_000, 868_000)
    assert sum(fen for (claim, _fund), fen in debts.items() if claim == ids[0]) == before[ids[0]]
    county.pay()
    assert county.recomputed().differences.to_dict("records") == []
    assert county.parted() == {}


def test_a_wrong_entry_of_the_catalogue_pays_or_recovers_only_the_difference(county):
    """CAPPED was entered with a limit of 100 yuan where 150 was meant, and B1 in class B instead of C."""
    first = day("2026-03-02")
    ids = county.decided(
        county.stay(0, 3, lines=lines(line(item="CAPPED", yuan="200", quantity=20, performed_on=first))),
        county.stay(1, 3, lines=lines(line(item="B1", yuan="3000", performed_on=first))),
        county.stay(2, 3, "3000"),
    )
    county.pay()
    before = standing(county)
    county.trade.owner.execute(
        "UPDATE registry.catalogue_item SET limit_township_e4 = 1500000 WHERE item_code = 'CAPPED'"
    )
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 3 WHERE item_code = 'B1'")
    # The county sees it at once: its own catalogue says otherwise than what was settled.
    assert set(county.recomputed().differences["claim_id"]) == {ids[0], ids[1]}
    moved_before = history(county)
    for item in ("CAPPED", "B1"):
        reprice(county, Scope(day("2026-01-01"), day("2027-01-01"), item))
    after = standing(county)
    assert after[ids[0]] - before[ids[0]] == 80_000 and after[ids[1]] < before[ids[1]]
    assert after[ids[2]] == before[ids[2]]
    found = money(county)
    assert found["planned pooled"] == 80_000
    assert open_debts(county) == {(ids[1], "pooled"): before[ids[1]] - after[ids[1]]}
    # History stays: every row that was there is there as it was.
    assert history(county)[: len(moved_before)] == moved_before
    county.pay()
    assert county.recomputed().differences.to_dict("records") == []


def test_a_wrong_schedule_is_repriced_and_what_was_decided_by_it_is_still_held_to_it(county):
    wrong = with_rate(LAW, "80", "70")
    ids = county.decided(county.stay(3, 2, "30000"), county.stay(3, 4, "30000"), county.stay(4, 4, "500"), law=wrong)
    county.pay()
    assert county.recomputed(wrong).differences.to_dict("records") == []
    before = standing(county)
    reprice(county, Scope(day("2026-01-01"), day("2027-01-01")), reason="wrong_schedule")
    after = standing(county)
    assert all(after[claim] > before[claim] for claim in ids[:2])
    planned_fen = sum(fen for name, fen in money(county).items() if name.startswith("planned"))
    more_fen = sum(after.values()) - sum(before.values())
    assert planned_fen - sum(open_debts(county).values()) == more_fen > 0
    assert planned_fen < sum(before.values())
    county.pay()
    known = replace(LAW, older=tuple(schedule for _period, schedule in wrong.spans))
    assert county.recomputed(known).differences.to_dict("records") == []
    # Without the schedule that was found wrong the county cannot follow what was decided by it.
    assert len(county.recomputed(LAW).differences) > 0


def test_what_is_repriced_down_and_up_again_is_paid_once(county):
    ids = county.decided(county.stay(5, 3, lines=lines(line(item="B1", yuan="3000", performed_on=day("2026-03-02")))))
    county.pay()
    before = standing(county)
    for catalogue_class in (3, 2):
        county.trade.owner.execute(
            "UPDATE registry.catalogue_item SET catalogue_class = %s WHERE item_code = 'B1'", [catalogue_class]
        )
        reprice(county, Scope(day("2026-01-01"), day("2027-01-01"), "B1"))
    assert standing(county) == before
    assert "planned pooled" not in money(county)
    assert open_debts(county) == {}
    assert county.recomputed().differences.to_dict("records") == []
    assert ids


def test_nothing_is_written_by_a_preview(county):
    county.decided(county.stay(0, 3))
    county.pay()
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 2 WHERE item_code = 'A1'")
    before = history(county), county.rows("SELECT last_value FROM contractor.settlement_id_seq")
    with county.database.transaction() as session:
        found = foresee_scope(session, COUNTY, Scope(day("2026-01-01"), day("2027-01-01"), "A1"), law=LAW)
        assert session.new == session.dirty == session.deleted == set() or not session.dirty
    assert found.changed
    assert (history(county), county.rows("SELECT last_value FROM contractor.settlement_id_seq")) == before


def test_one_person_alone_corrects_nothing(county):
    (claim_id,) = county.decided(county.stay(0, 3))
    county.pay()
    with county.database.transaction() as session:
        foreseen = proposing.reversal_foreseen(session, COUNTY, claim_id, law=LAW)
    number = correct(county, REVERSAL, foreseen, confirmed=False)
    with pytest.raises(NotByTheSamePerson):
        confirm(county, number, by="senior")
    assert open_debts(county) == {}


def test_what_has_moved_since_the_preview_is_not_confirmed(county):
    ids = county.decided(county.stay(9, 1), county.stay(9, 3))
    county.pay()
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 2 WHERE item_code = 'A1'")
    with county.database.transaction() as session:
        shown = foresee_scope(session, COUNTY, Scope(day("2026-01-01"), day("2027-01-01"), "A1"), law=LAW)
    number = correct(county, REPRICE, shown, confirmed=False)
    county.decided(county.stay(9, 5))
    with pytest.raises(CorrectionChanged):
        confirm(county, number)
    with county.database.transaction() as session:
        again = proposing.renew(session, number, county_code=COUNTY, law=LAW, by=county.people["lead2"], at=AT)
    confirm(county, again)
    county.pay()
    assert county.recomputed().differences.to_dict("records") == []
    assert ids


def test_a_claim_whose_payment_is_on_its_way_waits_with_its_whole_year(county):
    ids = county.decided(county.stay(9, 1), county.stay(9, 3))
    county.trade.approved()
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 2 WHERE item_code = 'A1'")
    with county.database.transaction() as session:
        found = foresee_scope(session, COUNTY, Scope(day("2026-01-01"), day("2027-01-01"), "A1"), law=LAW)
    assert (list(found.lines), sorted(found.waiting)) == ([], ids)


def test_a_reversal_takes_the_entitlement_to_assistance_back(county):
    with psycopg.connect(county.test_database.owner_url) as owner:
        owner.execute(
            "INSERT INTO registry.member_status (county_code, member_id, status, from_on, document, recorded_at) "
            "VALUES (%s, %s, 'five_guarantee', '2020-01-01', '证', %s)",
            [COUNTY, county.world.members[6], AT],
        )
    (claim_id,) = county.decided(county.stay(6, 3, "9000"))
    (given,) = county.rows("SELECT amount_fen FROM contractor.assistance_entitlement")
    county.pay()
    reversal(county, claim_id)
    assert county.rows("SELECT claim_id, amount_fen FROM contractor.assistance_taken_back") == [(claim_id, given[0])]
    assert county.recomputed().differences.to_dict("records") == []


@pytest.mark.parametrize("order", ["as the years go", "all members at once"])
def test_a_correction_asks_the_database_as_often_for_a_hundred_claims_as_for_one(county, order):
    places = [0] if order == "as the years go" else list(range(12))
    county.decided(*[county.stay(place, 3, "3000") for place in places])
    county.trade.owner.execute("UPDATE registry.catalogue_item SET catalogue_class = 2 WHERE item_code = 'A1'")
    asked = []
    event.listen(county.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    reprice(county, Scope(day("2026-01-01"), day("2027-01-01"), "A1"))
    COUNTS[order] = len(asked)
    assert len(set(COUNTS.values())) == 1, COUNTS


COUNTS: dict[str, int] = {}


def reprice(county, scope: Scope, *, reason="wrong_catalogue") -> int:
    with county.database.transaction() as session:
        shown = foresee_scope(session, COUNTY, scope, law=LAW)
    return correct(county, REPRICE, shown, reason=reason, subject=scope.item_code or "schedule")


def with_rate(law: Timeline, old: str, new: str) -> Timeline:
    """The same law with another rate at the township's health centres."""
    ((period, schedule),) = law.spans
    content = json.loads(schedule.canonical)
    for rates in content["rules"]["inpatient_rate"]["values"].values():
        rates["township"] = {band: new if rate == old else rate for band, rate in rates["township"].items()}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Timeline(((period, from_canonical(text, content_hash=hashlib.sha256(text.encode()).hexdigest())),))


def open_debts(county) -> dict[tuple[int, str], int]:
    """What is still owed back, by claim and fund."""
    found: dict[tuple[int, str], int] = {}
    for claim_id, fund, fen in county.rows("SELECT claim_id, fund, amount_fen FROM contractor.owed_back"):
        found[claim_id, fund] = found.get((claim_id, fund), 0) + fen
    for claim_id, fund, fen in county.rows("SELECT claim_id, fund, amount_fen FROM contractor.set_off"):
        found[claim_id, fund] -= fen
    return {key: fen for key, fen in found.items() if fen}


def history(county) -> list[tuple]:
    return county.rows("SELECT s::text FROM contractor.settlement AS s ORDER BY id")
