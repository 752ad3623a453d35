"""Where what was published and what the county has recomputed do not agree, told by the first step that differs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rulebook.refusals import Refused

Column = np.ndarray


class NotTheSameRows(Refused):
    """The published rows and the recomputed ones are not the same. Facts: `only_published`, `only_recomputed`."""


@dataclass(frozen=True)
class Step:
    """One step of the order of benefits, by the name of its column."""

    name: str
    section: str
    article: str


NO_LAW = Step("law", "2", "")
OTHER_SCHEDULE = Step("schedule_hash", "2", "")
# In the order of the law: what differs first is where the two methods part. A view need not publish all of them.
BENEFIT_STEPS = (
    Step("eligible_fen", "4.1", "[0] 四 3"),
    Step("above_deductible_fen", "4.2", "[0] 三、补助原则和办法 2 第5句"),
    Step("base_share_fen", "4.3", "[0] 三、补助原则和办法 2 第6、7句"),
    Step("top_up_share_fen", "4.4", "[2] 二、7"),
    Step("base_fen", "4.3–4.5", "[0] 三、补助原则和办法 2 第6、7、8句"),
    Step("top_up_fen", "4.4, 4.5", "[2] 二、7; [0] 三、补助原则和办法 2 第8句"),
    Step("serious_fen", "4.6", "[2] 一 末句; 二、8"),
    Step("supplementary_fen", "4.7", "[4] 三（五）"),
    Step("assistance_fen", "4.8", "[0] 五; [2] 三、6; [3] 四、5"),
    Step("benefits_fen", "4.9", ""),
    Step("member_pays_fen", "4.9", ""),
)
ACCOUNT_STEPS = (
    Step("paid_fen", "7", "[0] 三、补助原则和办法 2 第9句"),
    Step("balance_fen", "7", "[0] 三、补助原则和办法 2 第10句"),
)
PAID = ("base_fen", "top_up_fen", "serious_fen", "supplementary_fen", "assistance_fen")


def differences(published: pd.DataFrame, recomputed: pd.DataFrame) -> pd.DataFrame:
    """One row for each settlement on which the two do not agree, in the order of member, year and settlement number.

    Args:
        published: `published.SETTLEMENTS`; where it has a `claim_id` the rows carry it.
        recomputed: as `recompute` returns it, of the same settlements.

    Returns:
        settlement_id, claim_id where published, member_id, year, settlement_no; step, section, article: the first
        step that differs; published_fen, recomputed_fen: its amounts (of all benefits where the law itself differs);
        follows_earlier: an earlier settlement of the same year differs too, so this one may only be its consequence.

    Raises: NotTheSameRows.
    """
    place = _places(published, recomputed, "settlement_id")
    first, step_fen = _first_differing(published, recomputed, place, BENEFIT_STEPS)
    totals = [np.sum([frame[name].to_numpy() for name in PAID], axis=0) for frame in (published, recomputed)]
    totals[1] = totals[1][place]
    steps = [*BENEFIT_STEPS, OTHER_SCHEDULE, NO_LAW]
    if "schedule_hash" in published:
        used = recomputed["schedule_hash"].array
        known = used.categories.get_indexer(pd.Index(published["schedule_hash"]))
        _tell(known != used.codes[place], first, step_fen, steps.index(OTHER_SCHEDULE), totals)
    _tell(~recomputed["has_law"].to_numpy()[place], first, step_fen, steps.index(NO_LAW), totals)
    rows = np.flatnonzero(first >= 0)
    told = {name: published[name].to_numpy()[rows] for name in ("settlement_id", "claim_id") if name in published}
    told["member_id"] = published["member_id"].to_numpy()[rows]
    told["year"] = recomputed["year"].to_numpy()[place[rows]]
    told["settlement_no"] = published["settlement_no"].to_numpy()[rows]
    frame = pd.DataFrame(told | _named(steps, first[rows], step_fen[:, rows]))
    frame = frame.sort_values(["member_id", "year", "settlement_no"], kind="stable", ignore_index=True)
    return frame.assign(follows_earlier=frame.duplicated(["member_id", "year"]).to_numpy())


def account_differences(published: pd.DataFrame, recomputed: pd.DataFrame) -> pd.DataFrame:
    """One row for each entry of a household account on which the two do not agree. Raises: NotTheSameRows."""
    place = _places(published, recomputed, "entry_id")
    first, step_fen = _first_differing(published, recomputed, place, ACCOUNT_STEPS)
    rows = np.flatnonzero(first >= 0)
    told = {name: published[name].to_numpy()[rows] for name in ("entry_id", "household_id", "account_no")}
    frame = pd.DataFrame(told | _named(ACCOUNT_STEPS, first[rows], step_fen[:, rows]))
    frame = frame.sort_values(["household_id", "account_no"], kind="stable", ignore_index=True)
    return frame.assign(follows_earlier=frame.duplicated(["household_id"]).to_numpy())


def _places(published: pd.DataFrame, recomputed: pd.DataFrame, key: str) -> Column:
    """For each published row the place of the recomputed one."""
    asked, known = published[key].to_numpy(), recomputed[key].to_numpy()
    if len(asked) == len(known) and (asked == known).all():
        return np.arange(len(asked))
    index = pd.Index(known)
    place = index.get_indexer(asked) if index.is_unique else np.full(len(asked), -1)
    if (place < 0).any() or len(asked) != len(known):
        raise NotTheSameRows(only_published=int((place < 0).sum()), only_recomputed=int((~index.isin(asked)).sum()))
    return place


def _first_differing(
    published: pd.DataFrame, recomputed: pd.DataFrame, place: Column, steps: tuple[Step, ...]
) -> tuple[Column, Column]:
    """The number of the first differing step of each row, −1 for none, and the two amounts of that step."""
    first, step_fen = np.full(len(place), -1), np.zeros((2, len(place)), dtype=np.int64)
    for number, step in enumerate(steps):
        if step.name in published and step.name in recomputed:
            there, here = published[step.name].to_numpy(), recomputed[step.name].to_numpy()[place]
            differs = (there != here) & (first < 0)
            _tell(differs, first, step_fen, number, [there, here])
    return first, step_fen


def _tell(differs: Column, first: Column, step_fen: Column, number: int, amounts: list[Column]) -> None:
    if differs.any():
        first[differs] = number
        step_fen[0, differs], step_fen[1, differs] = amounts[0][differs], amounts[1][differs]


def _named(steps: tuple[Step, ...] | list[Step], first: Column, step_fen: Column) -> dict[str, object]:
    return {
        "step": pd.array([steps[number].name for number in first], dtype="str"),
        "section": pd.array([steps[number].section for number in first], dtype="str"),
        "article": pd.array([steps[number].article for number in first], dtype="str"),
        "published_fen": step_fen[0],
        "recomputed_fen": step_fen[1],
    }
