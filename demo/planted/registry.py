"""What the county's own records contradict: enrolment, agreement, referral. The rules have no number in CLAIM_RULES."""

from __future__ import annotations

import datetime as dt

from demo.county import Family, Person
from demo.drafts import Draft
from demo.institutions import AGREEMENT_LOST_ON
from demo.lives import LAST_DAY
from demo.ordinary import payee_of, refer, treated_elsewhere
from demo.planted.stage import DAY, Stage


def plant_not_enrolled(stage: Stage, outside: list[tuple[Family, Person, int]]) -> None:
    """`outside` are members with the year for which they did not enrol."""
    for _ in range(2):
        family, person, year = outside.pop(0)
        day = dt.date(year, 3, 1) + stage.rng.randrange(180) * DAY
        draft = stage.stay((family, person), "J18.9", day, 7)
        stage.irregular("enrolment", f"admitted in {year}, for which nobody of the household enrolled", draft)
    who = stage.person(ages=(30, 80))
    stage.regular("enrolment", "enrolled on that day", stage.stay(who, "J18.9", stage.day(), 7))


def plant_lapsed_agreements(stage: Stage) -> None:
    (lapsed,) = stage.places.lapsed
    for days, is_irregular, why in (
        (0, True, "discharged and admitted on or after the first day without an agreement"),
        (20, True, "admitted three weeks after the agreement ended"),
        (-9, False, "discharged on the last day of the agreement"),
        (-60, False, "two months before the agreement ended"),
    ):
        admitted_on = AGREEMENT_LOST_ON + days * DAY
        draft = stage.stay(stage.person(ages=(40, 80)), "M51.2", admitted_on, 8, at=lapsed)
        refer(stage.rng, draft, stage.hospital)
        (stage.irregular if is_irregular else stage.regular)("agreement", why, draft)


def plant_bad_slips(stage: Stage) -> None:
    draft = _elsewhere(stage)
    draft.referral = None
    stage.irregular("referral", "treated in the city and claimed by hand, no slip", draft)
    draft = _elsewhere(stage)
    assert draft.referral
    draft.referral.valid_from_on = draft.admitted_on - 15 * DAY
    draft.referral.valid_until_on = draft.admitted_on
    stage.irregular("referral", "the slip was good until the day before the admission", draft)
    draft = _elsewhere(stage)
    assert draft.referral
    draft.referral.valid_from_on = draft.admitted_on - 14 * DAY
    draft.referral.valid_until_on = draft.admitted_on + DAY
    stage.regular("referral", "admitted on the slip's last day", draft)
    draft = _elsewhere(stage)
    assert draft.referral
    draft.referral.valid_from_on = draft.admitted_on
    draft.referral.valid_until_on = draft.admitted_on + 15 * DAY
    stage.regular("referral", "admitted on the slip's first day", draft)


def plant_on_notice(stage: Stage) -> None:
    """Claims by hand that came in these days: in order, and not yet to be paid."""
    for days in (3, 6, 9):
        draft = _elsewhere(stage)
        draft.submitted_on = LAST_DAY - days * DAY
        stage.regular("referral", "treated in the city and claimed by hand, with a slip", draft)


def _elsewhere(stage: Stage) -> Draft:
    family, person = stage.person(ages=(40, 80), has_account=True)
    draft = stage.stay((family, person), "C16.9", stage.day(room=90), 14, at=stage.places.city[2])
    refer(stage.rng, draft, stage.hospital)
    payee = payee_of(family, person)
    assert payee
    treated_elsewhere(stage.rng, draft, payee=payee)
    return draft
