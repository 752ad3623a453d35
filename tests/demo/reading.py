"""A plain reading of the rules of CLAIM_RULES.md, a few lines each, written apart from `rulebook.checks`.

Each takes a county's two years and the claims of one planted case and says whether the rule's sentence is true of it.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from statistics import fmean, median, pstdev

from contractor.claims.incoming import IncomingClaim
from demo import catalogue
from demo.history import History
from demo.lives import age_on

PLANNED = ("Z51.1", "Z49.1")


class Reading:
    def __init__(self, history: History) -> None:
        self.history = history
        self.claims = {claim.claim_number: claim for claim in history.claims}
        self.people = {person.card_number: person for person in history.county.people}
        self.household = {person.card_number: family for family in history.county.families for person in family.people}
        self.tier = {one.code: one.tier for one in history.institutions}
        self.items = {item.code: item for item in catalogue.items().values()}
        self.slips = {slip.slip_number: slip for slip in history.referrals}
        self.of_person: dict[str, list[IncomingClaim]] = {}
        for claim in history.claims:
            self.of_person.setdefault(claim.card_number, []).append(claim)

    def holds(self, rule: str, claims: list[IncomingClaim]) -> bool:
        return getattr(self, f"_{rule}")(claims)

    def _stays(self, claims):
        return sorted((c for c in claims if c.route != "outpatient"), key=lambda c: (c.admitted_on, c.discharged_on))

    def _follow(self, claims, *, gap, same_place, true_of):
        """A pair of one person's stays that do not overlap, so many days apart."""
        return any(
            first.card_number == second.card_number
            and (first.institution_code == second.institution_code) == same_place
            and 0 <= (second.admitted_on - first.discharged_on).days <= gap
            and true_of(first, second)
            for first, second in combinations(self._stays(claims), 2)
        )

    def _F01(self, claims):
        return self._follow(
            claims, gap=7, same_place=True, true_of=lambda a, b: a.diagnosis_code[:3] == b.diagnosis_code[:3]
        )

    def _F02(self, claims):
        return self._follow(
            claims,
            gap=15,
            same_place=True,
            true_of=lambda a, b: a.diagnosis_code not in PLANNED and b.diagnosis_code not in PLANNED,
        )

    def _F03(self, claims):
        return self._follow(claims, gap=1, same_place=False, true_of=lambda a, b: not b.referral_slip)

    def _F04(self, claims):
        stays, visits = self._stays(claims), [c for c in claims if c.route == "outpatient"]
        return any(
            v.card_number == s.card_number and s.admitted_on < v.admitted_on < s.discharged_on
            for s in stays
            for v in visits
        )

    def _F05(self, claims):
        (claim,) = claims
        days = (claim.discharged_on - claim.admitted_on).days
        with_items = {line.performed_on for line in claim.lines}
        whole = [claim.admitted_on + n * (claim.discharged_on - claim.admitted_on) // days for n in range(1, days)]
        return days >= 3 and any(day not in with_items for day in whole)

    def _F06(self, claims):
        (claim,) = claims
        fixed = sum(ln.charged_fen for ln in claim.lines if self.items[ln.item_code].kind in ("bed", "nursing"))
        return (claim.discharged_on - claim.admitted_on).days >= 5 and fixed * 100 > claim.charged_fen * 70

    def _F07(self, claims):
        """At a branch of two beds two may lie: a third is more than 1.1 times the beds."""
        nights = Counter(
            (c.institution_code, c.admitted_on.toordinal() + n)
            for c in claims
            for n in range((c.discharged_on - c.admitted_on).days)
        )
        beds = {one.code: one.beds for one in self.history.institutions}
        return any(count > beds[place] * 1.1 for (place, _), count in nights.items())

    def _F08(self, claims):
        def is_low(c):
            drugs = sum(ln.charged_fen for ln in c.lines if self.items[ln.item_code].kind == "drug")
            is_short = (c.discharged_on - c.admitted_on).days <= 2
            return is_short and not c.procedure_codes and drugs * 5 > c.charged_fen * 3

        return sum(map(is_low, claims)) >= 3

    def _F10(self, claims):
        (claim,) = claims
        died_on = self.history.lives[claim.card_number].died_on
        return died_on is not None and claim.admitted_on > died_on

    def _F12(self, claims):
        (claim,) = claims
        sex = self.people[claim.card_number].sex
        return any(self.items[line.item_code].reserved_sex not in (None, sex) for line in claim.lines)

    def _F13(self, claims):
        return any(
            a.card_number == b.card_number
            and a.institution_code != b.institution_code
            and max(a.admitted_on, b.admitted_on) < min(a.discharged_on, b.discharged_on)
            for a, b in combinations(self._stays(claims), 2)
        )

    def _F14(self, claims):
        days = Counter((self.household[c.card_number].household_number, c.admitted_on) for c in claims)
        return max(days.values()) > 2

    def _F15(self, claims):
        return any(
            len(
                {
                    c.card_number
                    for c in claims
                    if c.institution_code == one.institution_code
                    and c.diagnosis_code == one.diagnosis_code
                    and self.household[c.card_number].village_code == self.household[one.card_number].village_code
                    and 0 <= (c.admitted_on - one.admitted_on).days <= 2
                }
            )
            >= 5
            for one in claims
        )

    def _F16(self, claims):
        (claim,) = claims
        return max(Counter((line.item_code, line.performed_on) for line in claim.lines).values()) >= 2

    def _F17(self, claims):
        def stay(c):
            return c.card_number, c.institution_code, c.admitted_on, c.discharged_on, c.charged_fen

        return any(a.invoice_number == b.invoice_number or stay(a) == stay(b) for a, b in combinations(claims, 2))

    def _F18(self, claims):
        (claim,) = claims
        tier = self.tier[claim.institution_code]
        limits = [(line, catalogue.limit_e4(self.items[line.item_code], tier)) for line in claim.lines]
        return any(limit is not None and line.unit_price_e4 > limit for line, limit in limits)

    def _F19(self, claims):
        """One level of nursing a day; a local anaesthetic is part of a general one."""
        (claim,) = claims
        by_day: dict[object, set[str]] = {}
        for line in claim.lines:
            by_day.setdefault(line.performed_on, set()).add(self.items[line.item_code].name)
        levels = {"特级护理", "一级护理", "二级护理", "三级护理"}
        return any(len(names & levels) > 1 or {"全身麻醉", "局部浸润麻醉"} <= names for names in by_day.values())

    def _F20(self, claims):
        """One bed a day, half a dozen of any examination."""
        (claim,) = claims
        most = {"bed": 1, "examination": 6}
        return any(line.quantity_e4 > most.get(self.items[line.item_code].kind, 99) * 10_000 for line in claim.lines)

    def _F21(self, claims):
        """A box is three days' supply, and a week's of what is taken for months."""
        (claim,) = claims
        chronic = claim.diagnosis_code in ("I10", "E11.9")
        drugs = [line.quantity_e4 for line in claim.lines if self.items[line.item_code].kind == "drug"]
        return any(boxes > (40_000 if chronic else 20_000) for boxes in drugs)

    def _F22(self, claims):
        halves: dict[tuple, list] = {}
        for c in claims:
            for ln in c.lines:
                if self.items[ln.item_code].name == "氨氯地平片":
                    key = (c.admitted_on.year, c.admitted_on.month > 6)
                    halves.setdefault(key, []).append((c.institution_code, ln.quantity_e4))
        return any(
            len({place for place, _ in drawn}) >= 3 and sum(units for _, units in drawn) > 600_000
            for drawn in halves.values()
        )

    def _F24(self, claims):
        """Fewer than half of the letters of both names together are shared."""
        (claim,) = claims
        names = [(line.hospital_item_name, self.items[line.item_code].name) for line in claim.lines]
        return any(4 * len(set(own) & set(name)) < len(set(own)) + len(set(name)) for own, name in names)

    def _F26(self, claims):
        """Of the planted tests: the head for a stroke, the back for a back, and nothing below two hundred yuan."""
        (claim,) = claims
        asked = {"颅脑磁共振": "I6", "腰椎磁共振": "M"}
        return any(
            line.charged_fen > 20_000 and not claim.diagnosis_code.startswith(asked[self.items[line.item_code].name])
            for line in claim.lines
            if self.items[line.item_code].name in asked
        )

    def _F27(self, claims):
        (claim,) = claims
        large = {"颅脑CT", "胸部CT", "腹部CT", "心脏彩超", "颅脑磁共振", "颈部血管彩超", "下肢血管彩超", "动态心电图"}
        early = {
            self.items[line.item_code].name for line in claim.lines if (line.performed_on - claim.admitted_on).days <= 1
        }
        return len(early & large) >= 4 and not claim.diagnosis_code.startswith("S")

    def _F28(self, claims):
        first = claims[0]
        group = [
            math.log(c.charged_fen)
            for c in self.history.claims
            if c.diagnosis_code[:3] == first.diagnosis_code[:3]
            and c.route != "outpatient"
            and self.tier[c.institution_code] == self.tier[first.institution_code]
        ]
        if len(group) < 30:
            middle = median(group)
            spread = 1.4826 * median(abs(value - middle) for value in group)
        else:
            middle, spread = fmean(group), pstdev(group)
        return any((math.log(c.charged_fen) - middle) / spread > 3 for c in claims)

    def _F29(self, claims):
        return any(c.charged_fen > 5_000_000 for c in claims)

    def _F30(self, claims):
        (claim,) = claims
        like = sorted(
            (c.discharged_on - c.admitted_on).days
            for c in self.history.claims
            if c.diagnosis_code[:3] == claim.diagnosis_code[:3]
            and c.route != "outpatient"
            and self.tier[c.institution_code] == self.tier[claim.institution_code]
        )
        days = (claim.discharged_on - claim.admitted_on).days
        return len(like) >= 30 and days > 7 and sum(one < days for one in like) > 0.95 * len(like)

    def _F33(self, claims):
        (claim,) = claims
        return "13.4100" in claim.procedure_codes and age_on(self.people[claim.card_number], claim.admitted_on) < 40

    def _F34(self, claims):
        (claim,) = claims
        fees = [line for line in claim.lines if self.items[line.item_code].name == "急诊诊查费"]
        return bool(fees) and claim.diagnosis_code in (*PLANNED, "H25.9")

    def _F35(self, claims):
        without = [c for c in claims if not c.referral_slip and self.tier[c.institution_code] == 3]
        return len(without) >= 5 and sum(c.charged_fen for c in without) > 5_000_000

    def _F36(self, claims):
        """Nothing but class A in the city: 55 of a hundred above 600 yuan, of a cap of 100,000."""
        (claim,) = claims
        return (claim.charged_fen - 60_000) * 55 / 100 + 0.5 >= 9_500_000

    def _F37(self, claims):
        houses: dict[str, dict[str, str]] = {}
        for c in claims:
            if c.payee_account:
                people = houses.setdefault(c.payee_account, {})
                people[c.card_number] = self.household[c.card_number].household_number
        return any(len(people) > 3 and len(set(people.values())) > 1 for people in houses.values())

    def _F39(self, claims):
        near = sorted(c.admitted_on for c in claims if 1_800_000 <= c.charged_fen <= 2_000_000)
        return any((third - first).days < 7 for first, third in zip(near, near[2:], strict=False))

    def _F41(self, claims):
        (claim,) = claims
        beds = sum(ln.quantity_e4 for ln in claim.lines if self.items[ln.item_code].kind == "bed")
        return beds > ((claim.discharged_on - claim.admitted_on).days + 1) * 10_000

    def _enrolment(self, claims):
        (claim,) = claims
        return not self.history.lives[claim.card_number].is_covered(claim.admitted_on)

    def _agreement(self, claims):
        (claim,) = claims
        (place,) = (one for one in self.history.institutions if one.code == claim.institution_code)
        return place.agreed_until_on is not None and claim.admitted_on >= place.agreed_until_on

    def _referral(self, claims):
        (claim,) = claims
        slip = self.slips.get(claim.referral_slip)
        return slip is None or not slip.valid_from_on <= claim.admitted_on < slip.valid_until_on
