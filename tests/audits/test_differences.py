"""How a difference is told: the settlement, the first step that differs, both amounts."""

import numpy as np
import pandas as pd
import pytest

from oversight.audits.differences import NotTheSameRows, differences
from oversight.audits.recomputation import broken_years, recompute
from oversight.audits.yearly_order import GAP
from rulebook.registry import Timeline
from rulebook.schedule_files import load_schedule
from tests.audits.planted import SPANS
from tests.rulebook.hand_cases import FOLDERS
from tests.rulebook.random_county import random_county

SCHEDULE = load_schedule(FOLDERS["zhengzhou"])
LAW = Timeline.unapproved(SCHEDULE)
FIRST, LAST = SPANS["zhengzhou"]


@pytest.fixture
def recomputed():
    return recompute(county(), LAW, keeps_steps=True)


@pytest.fixture
def published(recomputed):
    """A county whose contractor has settled everything as the county does."""
    results = recomputed.drop(columns=["settlement_id", "has_law", "year"])
    frame = pd.concat([pd.DataFrame(county()), results], axis=1)
    return frame.assign(
        schedule_hash=frame["schedule_hash"].astype("str"), claim_id="C" + frame["settlement_id"].astype("str")
    )


def county():
    return random_county(2_000, seed=2, first=FIRST, last=LAST, members=300)


def test_nothing_is_told_where_nothing_differs(published, recomputed):
    assert differences(published, recomputed).empty


def test_a_difference_names_claim_step_article_and_both_amounts(published, recomputed):
    row = int(np.flatnonzero(published["serious_fen"].to_numpy() > 100)[0])
    right = published.loc[row, "serious_fen"]
    published.loc[row, "serious_fen"] = right + 1
    published.loc[row, "assistance_fen"] += 5
    (told,) = differences(published, recomputed).to_dict("records")
    assert told["settlement_id"] == published.loc[row, "settlement_id"]
    assert told["claim_id"] == published.loc[row, "claim_id"]
    assert (told["step"], told["published_fen"], told["recomputed_fen"]) == ("serious_fen", right + 1, right)
    assert (told["section"], told["article"]) == ("4.6", "[2] 一 末句; 二、8")
    assert not told["follows_earlier"]


def test_an_intermediate_amount_that_is_published_too_tells_the_earlier_step(published, recomputed):
    row = int(np.flatnonzero(published["base_share_fen"].to_numpy() > 100)[0])
    published.loc[row, ["base_share_fen", "base_fen"]] += 1
    assert list(differences(published, recomputed)["step"]) == ["base_share_fen"]
    without = published.drop(columns="base_share_fen")
    assert list(differences(without, recomputed)["step"]) == ["base_fen"]


def test_a_later_difference_of_the_same_year_is_told_as_one_that_may_follow(published, recomputed):
    busiest = published.loc[published["settlement_no"].idxmax()]
    same_year = (published["member_id"] == busiest["member_id"]) & (
        published["discharged_on"].dt.year == busiest["discharged_on"].year
    )
    published.loc[same_year, "eligible_fen"] += 1
    told = differences(published, recomputed)
    assert list(told["settlement_no"]) == list(range(1, same_year.sum() + 1))
    assert list(told["follows_earlier"]) == [False] + [True] * (same_year.sum() - 1)


def test_another_schedule_than_the_one_in_force_is_told_even_where_the_amounts_agree(published, recomputed):
    published.loc[4, "schedule_hash"] = "0" * 64
    (told,) = differences(published, recomputed).to_dict("records")
    assert (told["settlement_id"], told["step"]) == (published.loc[4, "settlement_id"], "schedule_hash")
    assert told["published_fen"] == told["recomputed_fen"]


def test_a_benefit_paid_where_no_law_was_in_force_is_told(published):
    before_the_law = published.assign(
        admitted_on=pd.Timestamp("2010-12-30"), discharged_on=pd.Timestamp("2010-12-31")
    ).iloc[:1]
    before_the_law = before_the_law.assign(settlement_no=1, reverses_settlement_id=0, member_id=1)
    (told,) = differences(before_the_law, recompute(before_the_law, LAW)).to_dict("records")
    assert (told["step"], told["recomputed_fen"]) == ("law", 0)


def test_rows_are_matched_by_their_identity_not_by_their_place(published, recomputed):
    shuffled = recomputed.sample(frac=1, random_state=1, ignore_index=True)
    assert differences(published, shuffled).empty


def test_a_settlement_that_only_one_side_has_is_refused(published, recomputed):
    with pytest.raises(NotTheSameRows) as refused:
        differences(published, recomputed.iloc[1:])
    assert refused.value.facts == {"only_published": 1, "only_recomputed": 0}


def test_every_broken_year_is_listed_so_that_the_others_can_be_recomputed():
    frame = pd.DataFrame(county())
    frame.loc[frame["settlement_no"].idxmax(), "settlement_no"] += 1
    gone = frame["settlement_no"].max()
    broken = broken_years(frame, LAW)
    assert list(broken["fault"]) == [GAP]
    assert list(broken["settlement_id"]) == list(frame.loc[frame["settlement_no"] == gone, "settlement_id"])
    kept = frame[~frame["member_id"].isin(broken["member_id"])]
    assert len(recompute(kept, LAW)) == len(kept)
