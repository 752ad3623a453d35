"""Who it was said to be: F10, F12, F14, F15, F33, F37."""

from __future__ import annotations

import datetime as dt

from demo import illnesses
from demo.bills import entry_of
from demo.county import Family, Person
from demo.lives import age_on
from demo.ordinary import refer, treated_elsewhere
from demo.planted.stage import DAY, Stage


def plant_after_death(stage: Stage, dead: list[tuple[Family, Person, dt.date]]) -> None:
    """The dead come from the whole county; those who had claims of their own keep them."""
    after, later, same_day, in_bed = (dead.pop(0) for _ in range(4))
    for (family, person, died_on), days in ((after, 1), (later, 40)):
        draft = stage.stay((family, person), "I50.9", died_on + days * DAY, 8)
        stage.irregular("F10", f"admitted {days} days after the death", draft)
    family, person, died_on = same_day
    draft = stage.stay((family, person), "I21.9", died_on, 0)
    stage.regular("F10", "admitted and died on the same day", draft)
    family, person, died_on = in_bed
    draft = stage.stay((family, person), "I61.9", died_on - 6 * DAY, 6)
    stage.regular("F10", "died in hospital on the last day of the stay", draft)


def plant_borrowed_cards(stage: Stage) -> None:
    draft = stage.stay(stage.person(sex="female", ages=(40, 75)), illnesses.by_code("N40"), stage.day(), 8)
    stage.irregular("F12", "a prostate operation on a woman's card", draft)
    draft = stage.stay(stage.person(sex="male", ages=(20, 40)), illnesses.by_code("O80.0"), stage.day(), 3)
    draft.entries.append(entry_of(draft.institution, "单胎顺产接生", draft.admitted_on))
    stage.irregular("F12", "a delivery on a man's card", draft)
    draft = stage.stay(stage.person(sex="male", ages=(40, 75)), illnesses.by_code("C50.9"), stage.day(), 11)
    stage.regular("F12", "cancer of the breast in a man: rare, and real", draft)
    draft = stage.stay(stage.person(sex="male", ages=(60, 80)), illnesses.by_code("N40"), stage.day(), 8)
    stage.regular("F12", "a prostate operation on a man's card", draft)


def plant_families(stage: Stage) -> None:
    for people in (3, 4):
        family, day = stage.family(people), stage.day()
        drafts = [stage.stay((family, person), "J18.9", day, 7) for person in family.people[:people]]
        stage.irregular("F14", f"{people} of one household admitted on one day", *drafts)
    family, day = stage.family(2), stage.day()
    pair = [stage.stay((family, person), "J18.9", day, 7) for person in family.people[:2]]
    stage.regular("F14", "two of one household: not more than two", *pair)
    family, day = stage.family(3), stage.day()
    row = [stage.stay((family, one), "J18.9", day + n * DAY, 7) for n, one in enumerate(family.people[:3])]
    stage.regular("F14", "three of one household, on three days after each other", *row)


def plant_village_groups(stage: Stage) -> None:
    for people in (5, 6):
        day = stage.day()
        drafts = [stage.stay(who, "M51.2", day + n % 3 * DAY, 9) for n, who in enumerate(stage.neighbours(people))]
        stage.irregular("F15", f"{people} neighbours, one hospital, three days, one diagnosis", *drafts)
    day = stage.day()
    four = [stage.stay(who, "M51.2", day + n % 3 * DAY, 9) for n, who in enumerate(stage.neighbours(4))]
    stage.regular("F15", "four neighbours: one fewer than a group", *four)
    day, codes = stage.day(), ("J18.9", "K35.8", "S52.5", "N39.0", "M51.2")
    five = [
        stage.stay(who, code, day + n % 3 * DAY, 7)
        for n, (who, code) in enumerate(zip(stage.neighbours(5), codes, strict=True))
    ]
    stage.regular("F15", "five neighbours after a fair, five different illnesses", *five)


def plant_too_young(stage: Stage) -> None:
    draft = stage.stay(stage.person(ages=(22, 36)), illnesses.by_code("H25.9"), stage.day(), 3)
    stage.irregular("F33", "an operation for the cataract of old age, long before forty", draft)
    draft = stage.stay(stage.person(ages=(41, 59)), illnesses.by_code("H25.9"), stage.day(), 3)
    assert age_on(draft.person, draft.admitted_on) >= 40
    stage.regular("F33", "an early cataract, over forty", draft)


def plant_shared_accounts(stage: Stage) -> None:
    strangers = stage.strangers(4)
    _, collector = stage.person(ages=(30, 60), has_account=True)
    _elsewhere(stage, strangers, collector, rule="F37", why="four people of four households paid to one account")
    _, collector = stage.person(ages=(30, 60), has_account=True)
    five = stage.strangers(5)
    _elsewhere(stage, five, collector, rule="F37", why="five people of five households paid to one account")
    family = stage.family(4, fits=lambda one: one.people[0].bank_account is not None)
    relatives = [(family, person) for person in family.people[:4]]
    why = "four of one household paid to its head's account"
    _elsewhere(stage, relatives, family.people[0], rule="F37", why=why, is_irregular=False)
    three = stage.strangers(3)
    _, neighbour = stage.person(ages=(30, 60), has_account=True)
    why = "three people paid to a neighbour's account: not more than three"
    _elsewhere(stage, three, neighbour, rule="F37", why=why, is_irregular=False)


def _elsewhere(
    stage: Stage,
    patients: list[tuple[Family, Person]],
    payee: Person,
    *,
    rule: str,
    why: str,
    is_irregular: bool = True,
) -> None:
    """Stays in the city, weeks apart, each claimed at the township office for the same account."""
    drafts, day = [], stage.day(room=110)
    for n, patient in enumerate(patients):
        draft = stage.stay(patient, "J18.9", day + n * 9 * DAY, 8, at=stage.places.city[0])
        refer(stage.rng, draft, stage.hospital)
        treated_elsewhere(stage.rng, draft, payee=payee)
        drafts.append(draft)
    (stage.irregular if is_irregular else stage.regular)(rule, why, *drafts)
