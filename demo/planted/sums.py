"""What a year comes to for a person: F22, F35, F36; and what the institution advanced."""

from __future__ import annotations

import datetime as dt

from demo.bills import brought_to, entry_of
from demo.ordinary import refer
from demo.planted.edges import CAP_FEN, first_reaching, shares_fen
from demo.planted.stage import DAY, Stage

HALF_YEAR = dt.date(2025, 2, 3)
ENOUGH_FEN = 1_000_000
"""A fifth of what a year's care far away may cost."""


def plant_stock_piling(stage: Stage) -> None:
    """Boxes of one drug from clinics and centres of the county within half a year."""
    for boxes, places, is_irregular, why in (
        ((16, 16, 15, 14), (0, 1, 2, 3), True, "61 boxes from four places in half a year"),
        ((30, 30, 30), (0, 1, 2), True, "90 boxes from three places in half a year"),
        ((20, 20, 20), (0, 1, 2), False, "60 boxes from three places: not more than sixty"),
        ((40, 40), (0, 1), False, "80 boxes from two places"),
        ((31, 30, 30), (0, 1, 2), False, "91 boxes, of which the last thirty in the next half-year"),
    ):
        who, day = stage.person(ages=(50, 80)), HALF_YEAR + stage.rng.randrange(20) * DAY
        drafts = []
        for n, (count, place) in enumerate(zip(boxes, places, strict=True)):
            on = day + n * 30 * DAY
            if not is_irregular and count == 30 and n == 2:
                on = dt.date(2025, 8, 4)
            draft = stage.visit(who, "I10", on, at=stage.places.hospitals[place])
            draft.entries = [entry for entry in draft.entries if entry.item.kind != "drug"]
            draft.entries.append(entry_of(draft.institution, "氨氯地平片", on, count))
            drafts.append(draft)
        (stage.irregular if is_irregular else stage.regular)("F22", why, *drafts)


def plant_distant_care(stage: Stage) -> None:
    for count, fen, has_slip, is_irregular, why in (
        (5, ENOUGH_FEN + 1, False, True, "five stays in the city without a slip, a few fen above 50,000 yuan"),
        (6, ENOUGH_FEN, False, True, "six stays in the city without a slip"),
        (5, ENOUGH_FEN, False, False, "five stays that cost 50,000 yuan to the fen"),
        (4, 2 * ENOUGH_FEN - 300_000, False, False, "four stays only"),
        (5, ENOUGH_FEN + 1, True, False, "five stays, each with a slip"),
    ):
        who = stage.person(ages=(40, 75))
        first, drafts = dt.date(2025, 1, 25) + stage.rng.randrange(30) * DAY, []
        for n in range(count):
            draft = stage.stay(who, "C34.9", first + n * 40 * DAY, 14, at=stage.places.city[n % 3])
            draft.entries = brought_to(draft.entries, fen, first_day=draft.admitted_on)
            if has_slip:
                refer(stage.rng, draft, stage.hospital)
            drafts.append(draft)
        (stage.irregular if is_irregular else stage.regular)("F35", why, *drafts)


def plant_near_ceiling(stage: Stage) -> None:
    """Compensation in a year at and just below ninety-five of a hundred of the cap."""
    edge_fen = CAP_FEN * 95 // 100
    targets = ((edge_fen, True), (edge_fen + 200_000, True), (edge_fen - 1, False), (9_000_000, False))
    for target_fen, is_irregular in targets:
        eligible_fen = first_reaching(lambda fen: shares_fen(fen, tier=3), target_fen)
        draft = stage.stay(stage.person(ages=(45, 80)), "I61.9", stage.day(room=150), 19, at=stage.places.city[0])
        draft.entries = brought_to(draft.entries, eligible_fen, first_day=draft.admitted_on)
        refer(stage.rng, draft, stage.hospital)
        why = f"compensated with {target_fen} fen of a year's {CAP_FEN}"
        (stage.irregular if is_irregular else stage.regular)("F36", why, draft)


def plant_advances(stage: Stage) -> None:
    for off_fen in (1, -5_000):
        draft = stage.stay(stage.person(ages=(30, 80)), "M51.2", stage.day(), 9)
        draft.advance_off_fen = off_fen
        stage.irregular("advance_differs", f"advanced {off_fen} fen more than the compensation", draft)
    draft = stage.stay(stage.person(ages=(30, 80)), "M51.2", stage.day(), 9)
    stage.regular("advance_differs", "advanced to the fen", draft)
    draft = stage.stay(stage.person(ages=(30, 80)), "M51.2", stage.day(), 9)
    draft.institution_reduced_fen = 12_345
    stage.regular("advance_differs", "advanced to the fen after the institution took something off itself", draft)
