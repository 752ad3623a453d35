"""Terms of handling a claim: how long each party has. Dated like every number of the order; a term has no float."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from rulebook.refusals import Refused

FILE = Path(__file__).parent / "handling_terms.yaml"


class NoSuchTerm(Refused):
    """The term does not exist on this day. Facts: `term`, `day`."""


@dataclass(frozen=True)
class Term:
    """One term with its values by date."""

    name: str
    title: str
    title_en: str
    unit: str
    source: str
    assumed: str
    assumed_en: str
    checked_on: date
    dated: tuple[tuple[date, int], ...]

    def on(self, day: date) -> int:
        """How long the term is on a day. Raises: NoSuchTerm."""
        in_force = [value for from_on, value in self.dated if from_on <= day]
        if not in_force:
            raise NoSuchTerm(article=self.source, term=self.name, day=day)
        return in_force[-1]


@cache
def handling_terms(file: Path = FILE) -> dict[str, Term]:
    """Every term the house has on file."""
    terms = {}
    for name, page in yaml.safe_load(file.read_text(encoding="utf-8")).items():
        dated = tuple(sorted((day, int(value)) for day, value in page.pop("values").items()))
        assert dated and all(value > 0 for _, value in dated), f"{name}: a term has at least one day"
        terms[name] = Term(name=name, dated=dated, **page)
    return terms


def term_on(name: str, day: date) -> int:
    """One term on a day. Raises: NoSuchTerm."""
    return handling_terms()[name].on(day)
