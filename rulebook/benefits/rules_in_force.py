"""From a county's dated schedule to the plain numbers `step` reads: one set for each status, tier and span of days."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rulebook.benefits.terms import Rules
from rulebook.money import PPM
from rulebook.registry import NotApproved, Timeline
from rulebook.rule_shapes import BANDS, CLASSES, NO_LIMIT, STATUSES, TIERS
from rulebook.schedule import NotInForce, Schedule

CELLS_A_SPAN = len(STATUSES) * len(TIERS)
RULES_DTYPE = np.dtype([(name, np.int64) for name in Rules._fields])


def cell_of(span: int, status: int, tier: int) -> int:
    """The place of a set of rules in the table."""
    return span * CELLS_A_SPAN + status * len(TIERS) + tier


@lru_cache(maxsize=4096)
def rules_for(schedule: Schedule, day: date, status: str, tier: str) -> Rules:
    """What a schedule says on a day for a status and a tier.

    Raises: NotInForce where a rule no scheme can be without does not exist on that day.
    """

    def number(rule: str, *part: str) -> int:
        return schedule.number(rule, day, *part)

    def number_or(otherwise: int, rule: str, *part: str) -> int:
        return schedule.number(rule, day, *part) if schedule.has(rule, day) else otherwise

    waived = schedule.has("deductible_waived", day) and schedule.word("deductible_waived", day, status) == "yes"
    extra = number_or(0, "serious_illness_extra", status)
    is_serious = schedule.has("serious_illness_rate", day)
    serious_ppm = [number("serious_illness_rate", band) + extra if is_serious else 0 for band in BANDS]
    shares = [number("catalogue_class_share", name, tier) for name in CLASSES]
    rates = [number("inpatient_rate", tier, band) for band in BANDS]
    return Rules(
        class_a_ppm=shares[0],
        class_b_ppm=shares[1],
        class_c_ppm=shares[2],
        deductible_fen=0 if waived else number("inpatient_deductible", tier),
        band_1_up_to_fen=number("inpatient_bands", "band_1_up_to"),
        band_2_up_to_fen=number("inpatient_bands", "band_2_up_to"),
        band_1_ppm=rates[0],
        band_2_ppm=rates[1],
        band_3_ppm=rates[2],
        top_up_ppm=number_or(0, "poor_top_up", status),
        cap_fen=number("inpatient_cap", "a_year"),
        serious_threshold_fen=number_or(NO_LIMIT, "serious_illness_threshold", status),
        serious_band_1_up_to_fen=number_or(NO_LIMIT, "serious_illness_bands", "band_1_up_to"),
        serious_band_2_up_to_fen=number_or(NO_LIMIT, "serious_illness_bands", "band_2_up_to"),
        serious_band_1_ppm=serious_ppm[0],
        serious_band_2_ppm=serious_ppm[1],
        serious_band_3_ppm=serious_ppm[2],
        serious_cap_fen=number_or(NO_LIMIT, "serious_illness_cap", "a_year"),
        supplementary_ppm=number_or(0, "supplementary_share", "of_the_cut"),
        supplementary_cap_fen=number_or(0, "supplementary_cap", "a_year"),
        assistance_ppm=number_or(0, "medical_assistance_rate", status),
        assistance_cap_fen=number_or(0, "medical_assistance_cap", status),
    )


def rules_table(timeline: Timeline, span_starts: Sequence[date]) -> NDArray[np.void]:
    """Every set of rules for spans of days that each begin on one of `span_starts`.

    A span in which no law is in force has rates of -1; `packing` refuses claims of such days before they are computed.
    """
    table = np.full(len(span_starts) * CELLS_A_SPAN, -1, dtype=np.int64).astype(RULES_DTYPE)
    for span, day in enumerate(span_starts):
        try:
            schedule = timeline.schedule_on(day)
            for status, status_word in enumerate(STATUSES):
                for tier, tier_word in enumerate(TIERS):
                    table[cell_of(span, status, tier)] = tuple(rules_for(schedule, day, status_word, tier_word))
        except (NotInForce, NotApproved):
            continue
    return table


def is_usable(table: NDArray[np.void]) -> NDArray[np.bool_]:
    """For each set of rules whether it is law at all."""
    return (table["class_a_ppm"] >= 0) & (table["class_a_ppm"] <= PPM)
