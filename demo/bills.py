"""What stands on a bill: the lines of a stay or a visit, day by day, at the prices of the institution."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable

from demo.catalogue import AS_CHARGED, Item, charged_price_e4, drugs_of, items
from demo.drafts import Entry
from demo.illnesses import Illness
from demo.institutions import Institution

ONE_E4 = 10_000
DAY = dt.timedelta(days=1)
MOST_E4_A_UNIT = 900_000_000
"""A unit of ninety thousand yuan: dearer lines are billed as several days' lines."""
BEDS = {1: "乡镇卫生院普通床位费", 2: "三人间床位费", 3: "双人间床位费"}
BOXES_OF_A_MONTH = 4
INJECTED = ("注射用", "注射液")


def stay_entries(
    rng: random.Random, illness: Illness, institution: Institution, *, admitted_on: dt.date, days: int, sex: str
) -> list[Entry]:
    """A stay of so many nights: a bed and nursing every day, tests at the start, the operation, drugs to the end."""
    bill = _Bill(institution)
    nights = max(days, 1)
    intensive = min(nights // 3, 4) if illness.bed == "intensive" else 0
    for n in range(nights):
        day = admitted_on + n * DAY
        bill.add(day, "重症监护床位费" if n < intensive else BEDS[institution.tier])
        bill.add(day, _nursing(n, intensive, has_operation=illness.operation is not None))
    bill.add(admitted_on, "住院诊查费")
    for n, test in enumerate(illness.tests):
        day = admitted_on + min(n // 4, days) * DAY
        if items()[test].reserved_sex in (None, sex):
            bill.add(day, test)
    if days >= 7:
        bill.add(admitted_on + (days - 2) * DAY, illness.tests[0])
    _operation(rng, bill, illness, day=admitted_on + min(1, max(days - 1, 0)) * DAY)
    _drugs(rng, bill, illness, admitted_on=admitted_on, days=days)
    return bill.entries()


def visit_entries(rng: random.Random, illness: Illness, institution: Institution, *, on: dt.date) -> list[Entry]:
    """A visit: the doctor, perhaps a test, and drugs for less than a week; a month of them for a chronic illness."""
    bill = _Bill(institution)
    if institution.takes_inpatients:
        bill.add(on, "普通门诊诊查费")
    if illness.tests and institution.takes_inpatients and rng.random() < 0.6:
        bill.add(on, rng.choice(illness.tests))
    for care in illness.care:
        bill.add(on, care)
    cheap = [item for group in illness.drugs for item in cheap_drugs(group)]
    for item in rng.sample(cheap, min(len(cheap), rng.choice((1, 1, 2)))):
        bill.add_item(on, item, BOXES_OF_A_MONTH if illness.is_chronic else 1)
    return bill.entries()


def cheap_drugs(group: str) -> list[Item]:
    """What a clinic has on its shelf: what is taken by mouth or put on, below thirty yuan."""
    return [item for item in drugs_of(group) if item.price_e4 < 300_000 and not item.name.endswith(INJECTED)]


def brought_to(entries: list[Entry], target_fen: int, *, first_day: dt.date) -> list[Entry]:
    """A bill whose every line counts in full and whose sum is exactly `target_fen`."""
    kept: list[Entry] = []
    left_fen = target_fen
    for entry in entries:
        # Class A without exception: what is eligible is then what was charged.
        if entry.item.catalogue_class == 1 and entry.charged_fen < left_fen:
            kept.append(entry)
            left_fen -= entry.charged_fen
    item, day = items()[AS_CHARGED], first_day
    while left_fen > 0:
        part_fen = min(left_fen, MOST_E4_A_UNIT // 100)
        kept.append(Entry(day, item, ONE_E4, part_fen * 100))
        left_fen, day = left_fen - part_fen, day + DAY
    return sorted(kept, key=lambda entry: (entry.performed_on, entry.item.code))


def entry_of(institution: Institution, name: str, day: dt.date, count: int = 1) -> Entry:
    """One line of the catalogue at this institution's price."""
    item = items()[name]
    return Entry(day, item, count * ONE_E4, charged_price_e4(item, institution.code, institution.tier))


def total_fen(entries: Iterable[Entry]) -> int:
    return sum(entry.charged_fen for entry in entries)


class _Bill:
    """Lines by day and item: what is given twice a day is one line of two."""

    def __init__(self, institution: Institution) -> None:
        self._institution = institution
        self._counts: dict[tuple[dt.date, str], tuple[Item, int]] = {}

    def add(self, day: dt.date, name: str, count: int = 1) -> None:
        self.add_item(day, items()[name], count)

    def add_item(self, day: dt.date, item: Item, count: int) -> None:
        _, before = self._counts.get((day, item.code), (item, 0))
        self._counts[day, item.code] = (item, before + count)

    def entries(self) -> list[Entry]:
        code, tier = self._institution.code, self._institution.tier
        return [
            Entry(day, item, count * ONE_E4, charged_price_e4(item, code, tier))
            for (day, _), (item, count) in sorted(self._counts.items(), key=lambda cell: cell[0])
        ]


def _nursing(n: int, intensive: int, *, has_operation: bool) -> str:
    if n < intensive:
        return "重症监护护理"
    return "一级护理" if n < 2 or (has_operation and n < 4) else "二级护理"


def _operation(rng: random.Random, bill: _Bill, illness: Illness, *, day: dt.date) -> None:
    if illness.operation is None:
        return
    bill.add(day, illness.operation)
    if illness.anaesthesia:
        bill.add(day, illness.anaesthesia)
        bill.add(day, "麻醉中监测")
    for material in illness.materials:
        bill.add(day, material, rng.choice((1, 2)) if items()[material].price_e4 < 500_000 else 1)


def _drugs(rng: random.Random, bill: _Bill, illness: Illness, *, admitted_on: dt.date, days: int) -> None:
    """Two or three drugs of the illness every day, one or two bottles to carry them, and what is done with them."""
    chosen: list[tuple[Item, int]] = []
    for group in illness.drugs:
        shelf = drugs_of(group)
        for item in rng.sample(shelf, min(len(shelf), 2 if group != "theatre" else 4)):
            is_boxed = group == "theatre" or not item.name.endswith(INJECTED)
            # A box lasts the stay, a bottle the day.
            chosen.append((item, 0 if is_boxed else rng.choice((1, 2))))
    operation_day = admitted_on + min(1, max(days - 1, 0)) * DAY
    for item, a_day in chosen:
        if a_day == 0:
            bill.add_item(operation_day if item.group == "theatre" else admitted_on, item, 1)
            continue
        ends = days if item.price_e4 < 500_000 else min(days, 3)
        for n in range(max(ends, 1)):
            bill.add_item(admitted_on + n * DAY, item, a_day)
    for n in range(max(days, 1)):
        for care in illness.care:
            bill.add(admitted_on + n * DAY, care)
        if illness.glucose:
            bill.add(admitted_on + n * DAY, "葡萄糖测定", illness.glucose)
    if days >= 4:
        # Boxes to take home, dispensed on the day of discharge.
        for group in illness.drugs[:1]:
            boxes = cheap_drugs(group)
            if boxes:
                bill.add_item(admitted_on + days * DAY, rng.choice(boxes), 1)
