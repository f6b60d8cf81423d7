# SPDX-License-Identifier: GPL-3.0-or-later
"""How steady a held expression is while the head turns, counted by hand."""

import numpy as np
import pytest
from mien.benchmarks.table2_turned import (
    EXPRESSIONS,
    POSES,
    STRAIGHT,
    Reading,
    clip_of,
    figures,
    readings,
    truth_of,
    worst,
)
from mien.models.arkit import CHANNELS


def row(**channels):
    weights = np.zeros(len(CHANNELS))
    for name, value in channels.items():
        weights[CHANNELS.index(name)] = value
    return weights


def reading(pose, straight, values):
    return Reading("lopsided", pose, row(jawOpen=0.5, cheekPuff=0.5, jawLeft=0.2), straight, values)


def test_the_clip_begins_at_rest_and_shows_every_expression_in_every_pose():
    clip = clip_of()
    assert clip[0] == ("", STRAIGHT)
    assert not truth_of("").any()
    assert set(clip[1:]) == {(name, pose) for name in EXPRESSIONS for pose in POSES}
    assert all((truth_of(name) > 0.2).sum() >= 6 for name in EXPRESSIONS)


def test_a_reading_is_of_the_end_of_its_stretch_against_all_visits_straight_ahead():
    clip = [("", STRAIGHT)] + [
        (name, pose) for name in EXPRESSIONS for pose in (STRAIGHT, "20° up", STRAIGHT)
    ]
    weights = np.zeros((len(clip), 10, len(CHANNELS)))
    weights[1, -4:] = row(jawOpen=0.4)
    weights[2] = row(jawOpen=1)
    weights[2, -4:] = row(jawOpen=0.1)
    weights[3, -4:] = row(jawOpen=0.6)
    first = readings(weights.reshape(-1, len(CHANNELS)), clip)[0]
    jaw = CHANNELS.index("jawOpen")
    assert (first.pose, first.values[jaw]) == ("20° up", pytest.approx(0.1))
    assert first.straight[jaw] == pytest.approx(0.5)
    assert first.change[jaw] == pytest.approx(0.4)


def test_a_channel_that_is_never_seen_counts_as_steady_but_not_as_seen():
    steady = reading("20° up", row(jawOpen=0.4), row(jawOpen=0.35, jawLeft=0.9))
    moved = reading("20° down", row(jawOpen=0.4), row(jawOpen=0.7))
    found = figures([steady, moved])
    # jawLeft is no more than 0.2 in truth: jawOpen and cheekPuff are asked, twice.
    assert found["steady"] == 0.75
    assert found["change"] == pytest.approx((0.05 + 0.3) / 4)
    assert (found["seen"], found["steady_of_seen"]) == (0.5, 0.5)
    assert found["most"] == pytest.approx(0.3)
    assert found["error"] == pytest.approx((0.15 + 0.5 + 0.2 + 0.5) / 4)


def test_the_worst_is_named_where_it_is_worst():
    steady = reading("20° up", row(jawOpen=0.4), row(jawOpen=0.35))
    moved = reading("20° down", row(jawOpen=0.4), row(jawOpen=0.7))
    first = worst([steady, moved])[0]
    assert (first["channel"], first["pose"]) == ("jawOpen", "20° down")
    assert first["turned"] == pytest.approx(0.7)
