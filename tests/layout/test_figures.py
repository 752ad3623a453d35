"""Places in the small drawings."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis.layout import figures, stays


def test_right_is_good_whichever_way_the_indicator_runs():
    higher = figures.band_bar(95, floor=85, target=97)
    lower = figures.band_bar(0.2, floor=1.0, target=0.1)
    assert (higher.floor_x, higher.target_x) == (lower.floor_x, lower.target_x)
    for band in (higher, lower):
        assert band.floor_x < band.mark_x < band.target_x
    assert figures.band_bar(0.05, floor=1.0, target=0.1).mark_x > lower.target_x


@pytest.mark.parametrize("value", [-1000, 0, 1000])
def test_a_value_off_the_scale_is_drawn_at_its_end(value):
    band = figures.band_bar(value, floor=85, target=97)
    assert 0 < band.mark_x < band.width


def test_a_part_and_what_is_on_its_way_never_exceed_the_whole():
    assert figures.share_bar(0, 100, width=100).filled == 0
    assert figures.share_bar(100, 100, width=100).is_full
    over = figures.share_bar(150, 100, pending=50, width=100)
    assert (over.filled, over.pending) == (100, 0)
    both = figures.share_bar(90, 100, pending=50, width=100)
    assert both.filled + both.pending == 100


def test_the_tallest_bar_stays_below_the_top_and_ticks_are_round():
    plot = figures.histogram([("a", 1902), ("b", 0), ("c", 7)])
    assert [tick.label for tick in plot.ticks] == ["0", "500", "1,000", "1,500", "2,000"]
    assert plot.bars[1].height == 0
    assert all(0 <= bar.y <= plot.baseline for bar in plot.bars)


@pytest.mark.parametrize("counts", [[], [("a", 0)], [("a", 1)], [("a", 10**9)]])
def test_a_histogram_of_little_or_much_is_drawn(counts):
    plot = figures.histogram(counts)
    assert 2 <= len(plot.ticks) <= 6


@pytest.mark.parametrize("values", [[], [("Q1", 3)], [("Q1", 3), ("Q2", 3)]])
def test_a_short_or_level_series_is_drawn(values):
    plot = figures.sparkline(values, limit=3)
    assert len(plot.dots) == len(values)


def test_stays_stand_in_lanes_and_no_label_covers_another_stay():
    county, tcm = "县人民医院", "县中医院"
    close = [
        stays.Stay(county, dt.date(2026, 10, 12), dt.date(2026, 10, 22), "10-12 脑梗死 3,977.20"),
        stays.Stay(county, dt.date(2026, 10, 26), dt.date(2026, 11, 5), "本件", is_this=True),
        stays.Stay(tcm, dt.date(2026, 3, 4), dt.date(2026, 3, 11), "03-04 脑梗死"),
    ]
    plot = stays.timeline(close, year=2026)
    assert [lane.label for lane in plot.lanes] == [county, tcm]
    first, this, _ = plot.bars
    assert first.anchor == "end" and first.text_x < first.x
    assert this.anchor == "start" and this.text_x > this.x + this.width
    assert first.x + first.width < this.x


def test_a_stay_without_room_for_its_label_is_left_to_the_list():
    crowded = [
        stays.Stay("h", dt.date(2026, 1, 1), dt.date(2026, 5, 1), "a long label that needs much room"),
        stays.Stay("h", dt.date(2026, 5, 2), dt.date(2026, 12, 31), "another label that needs much room"),
    ]
    assert [bar.has_text for bar in stays.timeline(crowded, year=2026).bars] == [False, False]


def test_a_stay_across_new_year_is_cut_at_the_year():
    plot = stays.timeline([stays.Stay("h", dt.date(2025, 12, 20), dt.date(2027, 1, 9), "x")], year=2026)
    bar = plot.bars[0]
    assert bar.x == plot.left
    assert bar.x + bar.width <= plot.width
