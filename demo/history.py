"""Two years of the demo county: what its registry says, the claims that were sent, and the key to what was planted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache

from contractor.claims.incoming import IncomingClaim
from demo.advances import reckon_advances
from demo.county import COUNTY, CountyPlan, Family, Person, demo_county, other_county
from demo.drafts import Case, Draft, Referral
from demo.institutions import Institution, institutions_of
from demo.lives import FAMILIAR_HOUSEHOLDS, LAST_DAY, YEARS, Life, lives_of
from demo.ordinary import ordinary_claims
from demo.planted import bills, care, days, edges, people, places, registry, stays, sums
from demo.planted.edges import Edge
from demo.planted.stage import FIRST_PART, Stage

GROWN_UP = dt.date(2000, 1, 1)
HOUSEHOLDS_A_ROUND = 160
"""So many of the last households play the parts of one round of irregularities, and have no claims beside."""
HOUSEHOLDS_OF_HABITS = 200
"""So many before them play the parts of what takes a crowd; only where the county is played in several rounds."""


@dataclass(frozen=True)
class Planted:
    """One claim of the key: what was planted, whether it is irregular, and the other claims it takes."""

    claim_number: str
    institution_code: str
    rule: str
    is_irregular: bool
    why: str
    with_claims: tuple[str, ...]
    is_last: bool
    """Of the case's claims the one that began last: of a pair, the one a rule would name."""


@dataclass(frozen=True)
class History:
    """Everything but the people and places. `claims` are in the order in which they were sent."""

    county: CountyPlan = field(repr=False)
    institutions: tuple[Institution, ...] = field(repr=False)
    lives: dict[str, Life] = field(repr=False)
    referrals: tuple[Referral, ...] = field(repr=False)
    claims: tuple[IncomingClaim, ...] = field(repr=False)
    key: tuple[Planted, ...] = field(repr=False)
    edges: tuple[tuple[str, str, int], ...] = field(repr=False)
    """Claim number, the number of the law, fen from it."""


@cache
def history_of(county_code: str = COUNTY, *, households: int | None = None, rounds: int = 1) -> History:
    """The same for the same arguments, on every machine.

    Args:
        households: of the first county; None for the small one of the tests.
        rounds: how often each irregularity is planted.
    """
    if county_code != COUNTY:
        return _written(other_county(), [])
    county = demo_county() if households is None else demo_county(households)
    casts = [county.families[-HOUSEHOLDS_A_ROUND * (n + 1) : _end(n)] for n in range(rounds)]
    crowd = county.families[-HOUSEHOLDS_A_ROUND * rounds - HOUSEHOLDS_OF_HABITS : _end(rounds)] if rounds > 1 else ()
    return _written(county, casts, crowd)


def _end(n: int) -> int | None:
    return -HOUSEHOLDS_A_ROUND * n or None


def _written(county: CountyPlan, casts: list[tuple[Family, ...]], crowd: tuple[Family, ...] = ()) -> History:
    institutions, lives = institutions_of(county), lives_of(county)
    playing = {family.household_number for cast in (*casts, crowd) for family in cast}
    assert not casts or len(playing) + FAMILIAR_HOUSEHOLDS <= len(county.families)
    ordinary = [family for family in county.families if family.household_number not in playing]
    drafts = list(ordinary_claims(ordinary, lives, institutions))
    cases: list[Case] = []
    on_edge: list[Edge] = []
    idle = Idle.of(county, lives, {draft.person.card_number for draft in drafts})
    for n, cast in enumerate(casts):
        stage = Stage(n, list(cast), lives, institutions)
        on_edge += plant(stage, idle)
        drafts += stage.drafts
        cases += stage.cases
    if crowd:
        stage = Stage(len(casts), list(crowd), lives, institutions)
        for each in (places.plant_busy_surgeons, places.plant_one_day_stays, places.plant_december):
            each(stage)
        drafts += stage.drafts
        cases += stage.cases
    drafts.sort(key=lambda one: (one.submitted_on, one.institution.code, one.admitted_on, one.person.card_number))
    referrals = _number(drafts)
    reckon_advances(county.county_code, drafts, lives)
    return History(
        county=county,
        institutions=institutions,
        lives=lives,
        referrals=referrals,
        claims=tuple(draft.finished() for draft in drafts),
        key=tuple(entry for case in cases for entry in _entries(case)),
        edges=tuple((edge.draft.claim_number, edge.of, edge.fen_from_edge) for edge in on_edge),
    )


@dataclass(frozen=True)
class Idle:
    """People with something particular about them and no claim of their own; whoever plays a part is taken out."""

    dead: list[tuple[Family, Person, dt.date]]
    poor: list[tuple[Family, Person]]
    not_enrolled: list[tuple[Family, Person, int]]

    @classmethod
    def of(cls, county: CountyPlan, lives: dict[str, Life], busy: set[str]) -> Idle:
        idle = cls([], [], [])
        for family in county.families[FAMILIAR_HOUSEHOLDS:]:
            for person in family.people:
                life = lives[person.card_number]
                missing = [year for year in YEARS if year not in life.enrolled_from]
                if person.card_number in busy or person.born_on > GROWN_UP:
                    continue
                if life.died_on is not None:
                    # Early enough in a year for a stay forty days later to lie in it too.
                    is_enrolled = life.died_on.year in life.enrolled_from
                    if is_enrolled and 20 < life.died_on.timetuple().tm_yday < 240:
                        idle.dead.append((family, person, life.died_on))
                elif missing:
                    idle.not_enrolled.append((family, person, missing[0]))
                elif all(life.status_on(day) == 1 for day in (FIRST_PART, LAST_DAY)):
                    idle.poor.append((family, person))
        return idle


def plant(stage: Stage, idle: Idle) -> list[Edge]:
    """One round of everything."""
    people.plant_village_groups(stage)
    people.plant_families(stage)
    bills.plant_duplicates(stage)
    people.plant_shared_accounts(stage)
    found = edges.plant_edges(stage, idle.poor)
    people.plant_after_death(stage, idle.dead)
    registry.plant_not_enrolled(stage, idle.not_enrolled)
    for each in (
        people.plant_borrowed_cards,
        people.plant_too_young,
        registry.plant_lapsed_agreements,
        registry.plant_bad_slips,
        stays.plant_split_stays,
        stays.plant_wide_split_stays,
        stays.plant_relays,
        stays.plant_visits_during_stays,
        stays.plant_two_places,
        days.plant_days_without_care,
        days.plant_bed_only,
        days.plant_repeated_items,
        days.plant_too_many,
        days.plant_bed_days,
        days.plant_over_supply,
        bills.plant_prices,
        bills.plant_outliers,
        bills.plant_high_value,
        bills.plant_cut_bills,
        care.plant_unbundled,
        care.plant_other_names,
        care.plant_without_reason,
        care.plant_batteries,
        care.plant_long_stays,
        care.plant_emergencies,
        sums.plant_stock_piling,
        sums.plant_distant_care,
        sums.plant_near_ceiling,
        sums.plant_advances,
        places.plant_over_beds,
        places.plant_low_threshold,
    ):
        each(stage)
    stage.is_recent = True
    for each in (
        registry.plant_on_notice,
        people.plant_borrowed_cards,
        stays.plant_split_stays,
        days.plant_repeated_items,
        bills.plant_prices,
        bills.plant_high_value,
    ):
        each(stage)
    return found


def _number(drafts: list[Draft]) -> tuple[Referral, ...]:
    """Claims by institution and year, invoices and slips through the county, in the order of submission."""
    counts: dict[tuple[str, int], int] = {}
    slips: dict[int, Referral] = {}
    for place, draft in enumerate(drafts, 1):
        where = (draft.institution.code, draft.submitted_on.year)
        counts[where] = counts.get(where, 0) + 1
        draft.claim_number = f"{where[0]}-{where[1]}-{counts[where]:05d}"
        draft.invoice_number = f"{draft.submitted_on:%y}{place:08d}"
        slip = draft.referral
        if slip and id(slip) not in slips:
            slip.slip_number = f"ZZ{draft.submitted_on:%Y}{len(slips) + 1:05d}"
            slips[id(slip)] = slip
    return tuple(slips.values())


def _entries(case: Case) -> list[Planted]:
    """One row a claim."""
    numbers = [draft.claim_number for draft in case.drafts]
    last = max(case.drafts, key=lambda draft: (draft.admitted_on, draft.submitted_on, draft.claim_number))
    return [
        Planted(
            claim_number=draft.claim_number,
            institution_code=draft.institution.code,
            rule=case.rule,
            is_irregular=case.is_irregular,
            why=case.why,
            with_claims=tuple(number for number in numbers if number != draft.claim_number),
            is_last=draft is last,
        )
        for draft in case.drafts
    ]
