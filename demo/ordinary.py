"""Two ordinary years of the county: stays and visits in which nothing is out of order.

Every draw is a member's own, so a small county's people fall ill exactly as the same people of a large one do.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping

from demo import illnesses
from demo.bills import stay_entries, visit_entries
from demo.county import SEED, Family, Person
from demo.drafts import Draft, Referral
from demo.illnesses import Illness
from demo.institutions import AGREEMENT_LOST_ON, Institution
from demo.lives import FIRST_DAY, LAST_DAY, Life, age_on

STAYS_A_YEAR_PERCENT = ((1, 6), (14, 3), (40, 3), (60, 5), (75, 9), (200, 13))
"""Up to which age how many of a hundred members are admitted in a year: about one in twenty in all."""
VISITS_A_YEAR_PERCENT = 48
DAYS_BETWEEN = 25
"""Between a discharge and what comes next: nothing of this looks like a stay cut in two."""


def ordinary_claims(
    families: list[Family], lives: Mapping[str, Life], institutions: tuple[Institution, ...]
) -> Iterator[Draft]:
    """Stay by stay and visit by visit, in no particular order of days."""
    places = Places(institutions)
    for family in families:
        for person in family.people:
            life = lives[person.card_number]
            rng = random.Random(f"{SEED}/illness/{person.card_number}")  # noqa: S311 – made-up illness
            stays = list(_stays(rng, family, person, life, places))
            yield from stays
            yield from _visits(rng, family, person, life, places, stays)


class Places:
    """Where people of a township go, by tier."""

    def __init__(self, institutions: tuple[Institution, ...]) -> None:
        self.all = institutions
        self.hospitals = [one for one in institutions if one.tier == 2]
        self.city = [one for one in institutions if one.tier == 3 and one.agreed_until_on is None]
        self.lapsed = [one for one in institutions if one.agreed_until_on == AGREEMENT_LOST_ON]
        self.branches = [one for one in institutions if one.is_branch]
        self.centre = {
            one.township_code: one
            for one in institutions
            if one.tier == 1 and one.takes_inpatients and not one.is_branch
        }
        self.clinics: dict[str | None, list[Institution]] = {}
        for one in institutions:
            if one.tier == 1 and not one.takes_inpatients:
                self.clinics.setdefault(one.township_code, []).append(one)

    def inpatient(self, rng: random.Random, illness: Illness, township: str) -> Institution:
        weights = illness.tiers if self.city else (illness.tiers[0], illness.tiers[1] + illness.tiers[2], 0)
        tier = rng.choices((1, 2, 3), weights)[0]
        if tier == 1:
            return self.centre[township]
        if tier == 3:
            return rng.choice(self.city)
        if len(self.hospitals) > 2 and illness.department in ("妇产科", "新生儿科", "儿科"):
            return self.hospitals[2] if rng.random() < 0.6 else self.hospitals[0]
        return rng.choice(self.hospitals)

    def outpatient(self, rng: random.Random, illness: Illness, township: str) -> Institution:
        if rng.choices((1, 2), illness.tiers[:2])[0] == 2:
            return rng.choice(self.hospitals)
        return self.centre[township] if rng.random() < 0.4 else rng.choice(self.clinics[township])


def stay(
    rng: random.Random,
    family: Family,
    person: Person,
    illness: Illness,
    institution: Institution,
    admitted_on: dt.date,
    days: int,
) -> Draft:
    """One direct claim as the institution would send it some days after the discharge."""
    discharged_on = admitted_on + dt.timedelta(days=days)
    return Draft(
        family=family,
        person=person,
        route="direct",
        institution=institution,
        illness=illness,
        admitted_on=admitted_on,
        discharged_on=discharged_on,
        submitted_on=min(discharged_on + dt.timedelta(days=rng.randint(0, 5)), max(LAST_DAY, discharged_on)),
        entries=stay_entries(rng, illness, institution, admitted_on=admitted_on, days=days, sex=person.sex),
        doctor=doctor_of(rng, institution, illness),
        procedures=illness.procedures,
    )


def visit(
    rng: random.Random, family: Family, person: Person, illness: Illness, institution: Institution, on: dt.date
) -> Draft:
    return Draft(
        family=family,
        person=person,
        route="outpatient",
        institution=institution,
        illness=illness,
        admitted_on=on,
        discharged_on=on,
        submitted_on=on,
        entries=visit_entries(rng, illness, institution, on=on),
        doctor=doctor_of(rng, institution, illness),
    )


def refer(rng: random.Random, draft: Draft, from_institution: Institution) -> None:
    """Give the stay a slip that is good on its first day."""
    first = draft.admitted_on - dt.timedelta(days=rng.randint(0, 3))
    draft.referral = Referral(
        draft.person,
        from_institution,
        draft.institution,
        f"{draft.illness.name}，需上级医院诊治",
        first,
        first + dt.timedelta(days=15),
    )


def treated_elsewhere(rng: random.Random, draft: Draft, *, payee: Person) -> None:
    """The member paid, came home, and claims at the township office."""
    draft.route, draft.payee = "manual", payee
    draft.submitted_on = draft.discharged_on + dt.timedelta(days=rng.randint(6, 40))


def payee_of(family: Family, person: Person) -> Person | None:
    """Who of the household has an account, beginning with the patient."""
    return next((one for one in (person, *family.people) if one.bank_account), None)


def doctor_of(rng: random.Random, institution: Institution, illness: Illness) -> str:
    many = 3 if institution.takes_inpatients else 1
    ward = sum(ord(letter) for letter in illness.department) % 40
    return f"{institution.code}D{ward:02d}{rng.randint(1, many)}"


def _stays(rng: random.Random, family: Family, person: Person, life: Life, places: Places) -> Iterator[Draft]:
    """At most a few, far apart."""
    free_from = FIRST_DAY
    for year in (FIRST_DAY.year, LAST_DAY.year):
        percent = next(p for up_to, p in STAYS_A_YEAR_PERCENT if age_on(person, dt.date(year, 7, 1)) <= up_to)
        for _ in range(2):
            is_ill = rng.random() * 100 < percent
            admitted_on = dt.date(year, 1, 1) + dt.timedelta(days=rng.randrange(365))
            if not is_ill or admitted_on < free_from or not life.is_covered(admitted_on):
                break
            drawn = _stay(rng, family, person, life, places, admitted_on)
            if drawn is None:
                break
            free_from = drawn.discharged_on + dt.timedelta(days=DAYS_BETWEEN)
            yield drawn
            # Whoever was ill once is ill again more often.
            percent *= 2


def _stay(
    rng: random.Random, family: Family, person: Person, life: Life, places: Places, admitted_on: dt.date
) -> Draft | None:
    age = age_on(person, admitted_on)
    fitting = [one for one in illnesses.inpatient() if one.fits(age=age, sex=person.sex)]
    illness = rng.choices(fitting, [one.share for one in fitting])[0]
    if illness.code.startswith("P") and (admitted_on - person.born_on).days > 28:
        return None
    institution = places.inpatient(rng, illness, person.card_number[:9])
    days = rng.randint(*illness.days)
    if life.died_on and life.died_on < admitted_on + dt.timedelta(days=days):
        days = (life.died_on - admitted_on).days
    # A stay that ends after the last day, or in a year without enrolment, has no claim.
    last = admitted_on + dt.timedelta(days=days)
    if last > LAST_DAY or not life.is_covered(last):
        return None
    draft = stay(rng, family, person, illness, institution, admitted_on, days)
    payee = payee_of(family, person)
    if institution.tier == 3:
        refer(rng, draft, rng.choice(places.hospitals))
        if payee and rng.random() < 0.55:
            treated_elsewhere(rng, draft, payee=payee)
    if draft.route == "direct" and rng.random() < 0.08:
        draft.institution_reduced_fen = rng.randint(20, 180) * 100
    if illness.code.startswith("S") and rng.random() < 0.06:
        # Whoever caused the accident has paid a part.
        draft.paid_elsewhere_fen = draft.charged_fen * rng.randint(20, 60) // 10_000 * 100
    return draft if draft.submitted_on <= LAST_DAY else None


def _visits(
    rng: random.Random, family: Family, person: Person, life: Life, places: Places, stays: list[Draft]
) -> Iterator[Draft]:
    """A visit now and then, never in the middle of a stay or just around it."""
    day = FIRST_DAY + dt.timedelta(days=rng.randrange(760))
    while day <= LAST_DAY:
        is_free = all(
            day < one.admitted_on - dt.timedelta(days=3) or day > one.discharged_on + dt.timedelta(days=3)
            for one in stays
        )
        if is_free and life.is_covered(day) and day > person.born_on:
            fitting = [one for one in illnesses.outpatient() if one.fits(age=age_on(person, day), sex=person.sex)]
            illness = rng.choices(fitting, [one.share for one in fitting])[0]
            yield visit(rng, family, person, illness, places.outpatient(rng, illness, person.card_number[:9]), day)
        day += dt.timedelta(days=rng.randint(35, 2 * 365 * 100 // VISITS_A_YEAR_PERCENT))
