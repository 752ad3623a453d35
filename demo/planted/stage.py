"""Who plays a part, where and when: members of the last households, who have no other claims."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping

from demo import illnesses
from demo.county import SEED, Family, Person
from demo.drafts import Case, Draft
from demo.illnesses import Illness
from demo.institutions import Institution
from demo.lives import LAST_DAY, YEARS, Life, age_on
from demo.ordinary import Places, stay, visit

FIRST_PART = dt.date(2025, 1, 20)
DAY = dt.timedelta(days=1)


class Stage:
    """The last households, taken one after another; each member plays once."""

    def __init__(
        self, number: int, families: list[Family], lives: Mapping[str, Life], institutions: tuple[Institution, ...]
    ) -> None:
        self.number = number
        self.rng = random.Random(f"{SEED}/planted/{number}")  # noqa: S311 – made-up cases
        self.places = Places(institutions)
        self.is_recent = False
        """Whether what is planted happened a few weeks ago, so that nobody has decided on it yet."""
        self.cases: list[Case] = []
        self.drafts: list[Draft] = []
        self._lives = lives
        self._whole = [
            family for family in families if all(lives[person.card_number].is_plain for person in family.people)
        ]
        self._single: list[tuple[Family, Person]] = []

    @property
    def hospital(self) -> Institution:
        return self.places.hospitals[0]

    @property
    def other_hospital(self) -> Institution:
        return self.places.hospitals[1]

    def day(self, *, room: int = 60) -> dt.date:
        """Early enough that what follows within `room` days lies before the demo's last day."""
        if self.is_recent:
            return LAST_DAY - self.rng.randint(36, 44) * DAY
        last = LAST_DAY - room * DAY
        return FIRST_PART + self.rng.randrange((last - FIRST_PART).days) * DAY

    def family(self, people: int, *, fits: Callable[[Family], bool] | None = None) -> Family:
        """A household of at least so many."""
        return self._taken(lambda family: len(family.people) >= people and (fits is None or fits(family)))

    def neighbours(self, count: int) -> list[tuple[Family, Person]]:
        """So many grown-up people of one village, at most two of a household."""
        by_village: dict[str, list[tuple[Family, Person]]] = {}
        for family in self._whole:
            grown = [person for person in family.people if age_on(person, FIRST_PART) >= 20]
            by_village.setdefault(family.village_code, []).extend((family, person) for person in grown[:2])
        chosen = max(by_village.values(), key=len)[:count]
        if len(chosen) < count:
            raise TooFewPeople(f"no village with {count} people left")
        gone = {family.household_number for family, _ in chosen}
        self._whole = [family for family in self._whole if family.household_number not in gone]
        return chosen

    def strangers(self, count: int) -> list[tuple[Family, Person]]:
        """The heads of so many households."""
        families = [self.family(1) for _ in range(count)]
        for family in families:
            self._single += [(family, person) for person in family.people[1:]]
        return [(family, family.people[0]) for family in families]

    def person(
        self,
        *,
        sex: str | None = None,
        ages: tuple[int, int] = (25, 80),
        has_account: bool = False,
        is_supplemented: bool = False,
    ) -> tuple[Family, Person]:
        """Anyone who has not played yet."""

        def suits(person: Person) -> bool:
            return (
                sex in (None, person.sex)
                and ages[0] <= age_on(person, FIRST_PART) <= ages[1]
                and (person.bank_account is not None or not has_account)
                and (len(self._lives[person.card_number].supplemented) == len(YEARS) or not is_supplemented)
            )

        for place, (_, person) in enumerate(self._single):
            if suits(person):
                return self._single.pop(place)
        family = self._taken(lambda one: any(suits(person) for person in one.people))
        self._single += [(family, person) for person in family.people]
        return next(self._single.pop(n) for n, (_, person) in enumerate(self._single) if suits(person))

    def stay(
        self,
        of: tuple[Family, Person],
        illness: Illness | str,
        admitted_on: dt.date,
        days: int,
        *,
        at: Institution | None = None,
    ) -> Draft:
        what = illnesses.by_code(illness) if isinstance(illness, str) else illness
        return stay(self.rng, *of, what, at or self.hospital, admitted_on, days)

    def visit(self, of: tuple[Family, Person], code: str, on: dt.date, *, at: Institution | None = None) -> Draft:
        what = next(one for one in illnesses.outpatient() if one.code == code)
        return visit(self.rng, *of, what, at or self.hospital, on)

    def irregular(self, rule: str, why: str, *drafts: Draft) -> None:
        self._plant(rule, True, why, drafts)

    def regular(self, rule: str, why: str, *drafts: Draft) -> None:
        self._plant(rule, False, why, drafts)

    def _plant(self, rule: str, is_irregular: bool, why: str, drafts: tuple[Draft, ...]) -> None:
        assert all(draft.submitted_on <= LAST_DAY for draft in drafts), (rule, why)
        self.cases.append(Case(rule, is_irregular, why, drafts))
        self.drafts += [draft for draft in drafts if draft not in self.drafts[-40:]]

    def _taken(self, fits: Callable[[Family], bool]) -> Family:
        for place, family in enumerate(self._whole):
            if fits(family):
                return self._whole.pop(place)
        raise TooFewPeople("the demo's last households are too few for what is to be planted among them")


class TooFewPeople(Exception):
    """The county is too small for its irregularities."""
