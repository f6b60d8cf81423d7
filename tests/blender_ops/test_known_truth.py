# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered heads whose weights are known: the same each time, and where the lens says."""

import bpy
import numpy as np
import pytest
from mien.benchmarks.known_truth.clips import ACTORS, clips_of
from mien.benchmarks.known_truth.foreign import face_cap, makehuman
from mien.benchmarks.known_truth.heads import IctFaceKit, rotation
from mien.benchmarks.known_truth.look import random_look
from mien.benchmarks.known_truth.paint import ict_outlines, paint
from mien.benchmarks.known_truth.scene import Lens, Stage
from mien.models.arkit import CHANNELS

PLACE = np.array((0.0, 0.0, -60.0))
LENS = Lens(96, 0.5)


def with_weights(**weights):
    row = np.zeros(52, np.float32)
    for name, value in weights.items():
        row[CHANNELS.index(name)] = value
    return row


@pytest.fixture(scope="module")
def head(shared):
    return IctFaceKit(shared).head(np.zeros(10))


@pytest.fixture(scope="module")
def painted(shared, head):
    return paint(ict_outlines(shared, head.vertices))


@pytest.mark.shared
def test_a_picture_is_the_same_each_time_and_a_blink_shows_at_the_eye(head, painted):
    stage = Stage(head, painted, random_look(3), LENS, 2)
    rest = stage.render(with_weights(), np.eye(3), PLACE).astype(int)
    blink = stage.render(with_weights(eyeBlinkLeft=1), np.eye(3), PLACE).astype(int)
    again = Stage(head, painted, random_look(3), LENS, 2)
    assert np.array_equal(rest, again.render(with_weights(), np.eye(3), PLACE))
    changed = np.abs(blink - rest).sum(axis=2)
    left, right = LENS.projected(head.eye_centres + PLACE).round().astype(int)

    def around(eye):
        return changed[eye[1] - 3 : eye[1] + 4, eye[0] - 4 : eye[0] + 5].mean()

    assert around(left) > 40
    assert around(left) > 5 * around(right)
    # The subject's left is on the right of the picture.
    assert left[0] > right[0]


@pytest.mark.shared
def test_a_head_turned_to_its_left_looks_to_the_right_of_the_picture(head, painted):
    turn = rotation(*np.radians((30.0, 0.0, 0.0)))
    nose = head.vertices[head.vertices[:, 2].argmax()]
    assert LENS.projected(nose @ turn.T + PLACE)[0] > LENS.projected(nose + PLACE)[0] + 5


@pytest.mark.skipif(bpy.app.version < (4, 5), reason="reads ASCII FBX from 4.5 on")
@pytest.mark.shared
def test_foreign_heads_have_arkit_s_channels_on_the_right_side(shared):
    for made in (makehuman(shared), face_cap(shared)):
        moved = np.abs(made.deltas).max(axis=(1, 2)) > 0.05
        missing = {CHANNELS[i] for i in np.flatnonzero(~moved)}
        assert missing <= {"tongueOut"}
        for name, side in (("mouthSmileLeft", 1), ("mouthSmileRight", -1)):
            strength = np.abs(made.deltas[CHANNELS.index(name)]).sum(axis=1)
            assert side * (strength @ made.vertices[:, 0]) > 0
        assert made.eye_centres[0, 0] > 2 and made.eye_centres[1, 0] < -2


@pytest.mark.shared
def test_clips_move_every_channel_from_rest(shared):
    for actor in ACTORS:
        reach, speech, turning = clips_of(actor, shared)
        assert reach.weights.max(axis=0).min() >= 0.6
        for clip in (reach, speech, turning):
            assert clip.weights[:4].max() == 0
        assert np.degrees(np.arcsin(np.abs(turning.turns[:, 0, 2]).max())) == pytest.approx(
            28, abs=2
        )
