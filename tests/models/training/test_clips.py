# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest
from mien.models.arkit import CHANNELS, mirrored
from mien.models.errors import TrainingError
from mien.models.performance import Performance
from mien.models.training.clips import (
    Clip,
    Split,
    as_clip,
    find_recordings,
    held_out,
    kept,
    load_clips,
    mirror,
)


def numbered(seconds, rate=60.0):
    frames = int(seconds * rate)
    return Clip("numbers", np.repeat(np.arange(frames)[:, None], 52, axis=1), rate)


def test_blocks_of_two_seconds_every_fifth_from_the_third_are_held_out():
    blocks = held_out(numbered(20))
    assert [(block.weights[0, 0], block.weights[-1, 0]) for block in blocks] == [
        (240, 359),  # third block: 4–6 s
        (840, 959),  # eighth: 14–16 s
    ]


def test_what_is_kept_stays_half_a_second_away():
    stretches = kept(numbered(20))
    edges = [(part.weights[0, 0], part.weights[-1, 0]) for part in stretches]
    assert edges == [(0, 209), (390, 809), (990, 1199)]


def test_nothing_is_both_kept_and_held_out():
    clip = numbered(61.3, 29.97)
    held = {frame for block in held_out(clip) for frame in block.weights[:, 0]}
    used = {frame for part in kept(clip) for frame in part.weights[:, 0]}
    assert not held & used
    gaps = sorted(set(range(len(clip.weights))) - held - used)
    assert len(gaps) == 2 * 15 * len(held_out(clip))


def test_a_clip_shorter_than_two_blocks_is_kept_whole():
    assert not held_out(numbered(3.9))
    assert len(kept(numbered(3.9))[0].weights) == 234


def test_a_split_of_ones_own():
    blocks = held_out(numbered(10), Split(block=1.0, every=2, first=0, guard=0.0))
    assert [block.weights[0, 0] for block in blocks] == [0, 120, 240, 360, 480]


def test_a_mirrored_clip_has_left_and_right_exchanged():
    clip = Clip("columns", np.arange(52.0)[None].repeat(2, axis=0), 60)
    twin = mirror(clip)
    for index, name in enumerate(CHANNELS):
        assert twin.weights[0, CHANNELS.index(mirrored(name))] == index
    np.testing.assert_array_equal(mirror(twin).weights, clip.weights)


def test_weights_are_clipped_ordered_and_evenly_sampled():
    times = np.array([0, 0.02, 0.03, 0.06, 0.1])
    names = CHANNELS[::-1]
    weights = np.repeat((10 * times)[:, None], 52, axis=1)
    weights[:, names.index("jawOpen")] = 2.0
    clip = as_clip(Performance(weights, times, names), "uneven", 100.0)
    np.testing.assert_allclose(clip.weights[:, 0], np.arange(11) / 10, atol=1e-6)
    assert (clip.weights[:, CHANNELS.index("jawOpen")] == 1).all()


def test_a_missing_channel_is_named():
    performance = Performance(np.zeros((3, 51)), np.arange(3.0), CHANNELS[1:])
    with pytest.raises(TrainingError, match="eyeBlinkLeft"):
        as_clip(performance, "short")


def test_a_single_frame_is_no_motion():
    with pytest.raises(TrainingError, match="single frame"):
        as_clip(Performance(np.zeros((1, 52)), np.zeros(1)), "still")


def test_places_without_recordings_are_refused(tmp_path):
    with pytest.raises(TrainingError, match="no “"):
        find_recordings([tmp_path / "missing"])
    with pytest.raises(TrainingError, match="holds no recording"):
        find_recordings([tmp_path])
    damaged = tmp_path / "damaged.csv"
    damaged.write_text("nothing of the kind")
    with pytest.raises(TrainingError):
        load_clips([tmp_path])


@pytest.mark.shared
def test_the_training_takes_are_all_found(shared):
    clips = load_clips([shared / "performances" / "train"], 60.0)
    assert len(clips) == 4
    assert sum(clip.seconds for clip in clips) == pytest.approx(294, abs=1)
    assert all(clip.weights.min() >= 0 and clip.weights.max() <= 1 for clip in clips)
