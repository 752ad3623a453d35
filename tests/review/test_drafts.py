"""Drafts of reviewers: one's own, for the version they saw, kept until they are committed or thrown away."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis.errors import StaleVersion
from contractor.review.drafts import LONGEST_NOTE, DraftedLine, DraftTooLong, NewerDraft, discard, draft_of, keep
from tests.claims.conftest import session, world  # noqa: F401 – the county of the claims' tests
from tests.claims.making import AT, COUNTY, take

MINE, THEIRS = 7, 8
LINES = (DraftedLine(1, 50_000, "not_necessary"), DraftedLine(3, 0, None))


@pytest.fixture()
def claim_id(session, world) -> int:  # noqa: F811
    return take(session, world, world.claim(0)).claim_ids[0]


def kept(session, claim_id, *, version=1, lines=LINES, note="", by=MINE, at=AT, **more) -> None:  # noqa: F811
    keep(
        session, county_code=COUNTY, claim_id=claim_id, claim_version=version, lines=lines, note=note, by=by, at=at,
        **more,
    )  # fmt: skip


def found(session, claim_id, by=MINE):  # noqa: F811
    return draft_of(session, county_code=COUNTY, claim_id=claim_id, by=by)


def test_a_draft_comes_back_as_it_was_saved(session, claim_id):  # noqa: F811
    kept(session, claim_id, note="查病历")
    draft = found(session, claim_id)
    assert (draft.lines, draft.note, draft.saved_at) == (LINES, "查病历", AT)
    assert draft.is_for(1) and not draft.is_for(2)


def test_the_draft_of_another_reviewer_is_not_seen(session, claim_id):  # noqa: F811
    kept(session, claim_id, note="别人的", by=THEIRS)
    assert found(session, claim_id) is None
    kept(session, claim_id, note="我的")
    assert (found(session, claim_id).note, found(session, claim_id, THEIRS).note) == ("我的", "别人的")


def test_the_last_saved_stands_in_place_of_the_one_before(session, claim_id):  # noqa: F811
    kept(session, claim_id)
    later = AT + dt.timedelta(minutes=1)
    kept(session, claim_id, lines=LINES[:1], note="改了", at=later)
    assert found(session, claim_id).lines == LINES[:1] and found(session, claim_id).saved_at == later


def test_an_old_window_cannot_write_over_the_draft_of_a_newer_version(session, claim_id):  # noqa: F811
    kept(session, claim_id, version=3, note="新的")
    with pytest.raises(StaleVersion):
        kept(session, claim_id, version=2, note="旧窗口")
    assert found(session, claim_id).note == "新的"


def test_an_old_window_cannot_write_over_what_another_one_saved_since(session, claim_id):  # noqa: F811
    """Both on the same version of the claim: the newer words stand, whoever types last."""
    kept(session, claim_id, note="第一个窗口", window="a")
    seen_at, later = found(session, claim_id).saved_at, AT + dt.timedelta(minutes=1)
    kept(session, claim_id, note="第二个窗口看过第一个的", window="b", seen_at=seen_at, at=later)
    with pytest.raises(NewerDraft):
        kept(session, claim_id, note="第一个窗口没看过第二个的", window="a", at=later + dt.timedelta(minutes=1))
    with pytest.raises(NewerDraft):
        kept(session, claim_id, note="只看过第一个", window="c", seen_at=seen_at)
    assert found(session, claim_id).note == "第二个窗口看过第一个的"
    kept(session, claim_id, note="自己接着写", window="b", seen_at=seen_at, at=later + dt.timedelta(minutes=2))
    assert found(session, claim_id).note == "自己接着写"


def test_an_empty_or_ended_draft_stands_in_no_windows_way(session, claim_id):  # noqa: F811
    kept(session, claim_id, lines=(), window="a")
    kept(session, claim_id, note="接着写", window="b")
    discard(session, county_code=COUNTY, claim_id=claim_id, by=MINE, at=AT)
    kept(session, claim_id, note="又来", window="c")
    assert found(session, claim_id).note == "又来"


def test_what_was_said_of_findings_is_kept_and_thrown_away_with_the_rest(session, claim_id):  # noqa: F811
    kept(session, claim_id, lines=(), verdicts={2: "confirmed", 10: "false_alarm"})
    assert found(session, claim_id).verdicts == {2: "confirmed", 10: "false_alarm"}
    discard(session, county_code=COUNTY, claim_id=claim_id, by=MINE, at=AT)
    assert found(session, claim_id) is None


def test_a_draft_that_was_thrown_away_is_gone_and_a_new_one_may_begin(session, claim_id):  # noqa: F811
    kept(session, claim_id, note="不要了")
    assert discard(session, county_code=COUNTY, claim_id=claim_id, by=MINE, at=AT)
    assert found(session, claim_id) is None
    assert not discard(session, county_code=COUNTY, claim_id=claim_id, by=MINE, at=AT)
    kept(session, claim_id, note="又来")
    assert found(session, claim_id).note == "又来"


def test_throwing_away_ones_own_leaves_anothers(session, claim_id):  # noqa: F811
    kept(session, claim_id, note="别人的", by=THEIRS)
    kept(session, claim_id, note="我的")
    discard(session, county_code=COUNTY, claim_id=claim_id, by=MINE, at=AT)
    assert found(session, claim_id, THEIRS).note == "别人的"


def test_an_empty_draft_is_none(session, claim_id):  # noqa: F811
    kept(session, claim_id, lines=(), note="")
    assert found(session, claim_id) is None


def test_more_than_a_draft_holds_is_refused_by_name(session, claim_id):  # noqa: F811
    with pytest.raises(DraftTooLong):
        kept(session, claim_id, note="字" * (LONGEST_NOTE + 1))
