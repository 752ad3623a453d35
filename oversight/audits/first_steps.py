"""Where each settlement first differs: filled from results to inputs, so that the earliest step is written last."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oversight.audits.bills import LINE_STEPS
from oversight.audits.differences import NO_LAW, OTHER_SCHEDULE
from oversight.audits.own_inputs import DIED, LINE, MONEY, NO_CLAIM, NO_INSTITUTION, NOT_ENROLLED, STEPS, OwnInputs

Column = np.ndarray
Columns = Mapping[str, Column]

YES, NO = "yes", "no"


class FirstSteps:
    """One row for each settlement; `kind` is empty where nothing differs."""

    def __init__(self, rows: int) -> None:
        self.kind, self.step, self.section, self.article, self.published_word, self.recomputed_word = (
            np.full(rows, "", dtype=object) for _ in range(6)
        )
        self.published_fen, self.recomputed_fen, self.line_no = (np.zeros(rows, dtype=np.int64) for _ in range(3))
        self.is_money = np.zeros(rows, dtype=bool)

    @classmethod
    def of(cls, settlement_ids: Column, told: pd.DataFrame, broken: pd.DataFrame) -> FirstSteps:
        """From what `differences` and `broken_years` say of the settlements."""
        steps = cls(len(settlement_ids))
        order = np.argsort(settlement_ids, kind="stable")
        rows = order[np.searchsorted(settlement_ids[order], told["settlement_id"].to_numpy())]
        step = told["step"].to_numpy(dtype=object)
        steps.kind[rows] = np.where(np.isin(step, (NO_LAW.name, OTHER_SCHEDULE.name)), "law", "benefit")
        steps.step[rows], steps.is_money[rows] = step, True
        steps.section[rows] = told["section"].to_numpy(dtype=object)
        steps.article[rows] = told["article"].to_numpy(dtype=object)
        steps.published_fen[rows] = told["published_fen"].to_numpy()
        steps.recomputed_fen[rows] = told["recomputed_fen"].to_numpy()
        rows = order[np.searchsorted(settlement_ids[order], broken["settlement_id"].to_numpy())]
        steps._words(rows, "law", broken["fault"].to_numpy(dtype=object), YES, NO)
        steps.section[rows] = "6"
        return steps

    def put_inputs(self, first: Column, settlements: Columns, claims: Columns, own: OwnInputs) -> None:
        """`first`: as `own_inputs.first_differing` says."""
        for number, step in enumerate(STEPS):
            rows = np.flatnonzero(first == number)
            if not len(rows):
                continue
            at = own.place[rows]
            if step == LINE:
                self._lines(rows, at, claims)
            elif step in MONEY:
                sides = (
                    (claims["charged_fen"][at], claims["billed_fen"][at])
                    if step == "charged_fen"
                    else (settlements[step][rows], own.columns[step][rows])
                )
                self._amounts(rows, "input", step, *sides)
            elif step == DIED:
                self._words(rows, "input", step, NO, YES)
            elif step in (NO_CLAIM, NO_INSTITUTION, NOT_ENROLLED):
                self._words(rows, "input", step, YES, NO)
            else:
                here = own.year if step == "year" else own.columns[step]
                self._words(rows, "input", step, settlements[step][rows].astype(str), here[rows].astype(str))
            self.section[rows], self.article[rows] = "1", ""

    def rows(self) -> Column:
        return np.flatnonzero(self.kind != "")

    def columns(self, rows: Column) -> dict[str, Column]:
        return {name: column[rows] for name, column in vars(self).items()}

    def _lines(self, rows: Column, at: Column, claims: Columns) -> None:
        steps = np.array(LINE_STEPS, dtype=object)[claims["line_step"][at]]
        there, here = claims["line_published"][at], claims["line_recomputed"][at]
        self._words(rows, "line", steps, there.astype(str), here.astype(str))
        self.line_no[rows] = claims["line_no"][at]
        is_amount = steps == "charged_fen"
        self._amounts(rows[is_amount], "line", "charged_fen", there[is_amount], here[is_amount])

    def _amounts(self, rows: Column, kind: str, step: str, there: Column, here: Column) -> None:
        self.kind[rows], self.step[rows], self.is_money[rows] = kind, step, True
        self.published_fen[rows], self.recomputed_fen[rows] = there, here
        self.published_word[rows], self.recomputed_word[rows] = "", ""

    def _words(self, rows: Column, kind: str, step: Column | str, there: Column | str, here: Column | str) -> None:
        self.kind[rows], self.step[rows], self.is_money[rows] = kind, step, False
        self.published_fen[rows], self.recomputed_fen[rows] = 0, 0
        self.published_word[rows], self.recomputed_word[rows] = there, here
