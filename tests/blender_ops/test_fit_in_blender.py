# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender plays fitted keys exactly as `models.curves.bezier` says it does."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.animation import BEZIER, CONSTANT, Curve, f_curves, read_keys, write_curves
from mien.blender_ops.animation import Keys as BlenderKeys
from mien.models.curves.bezier import Keys, evaluate
from mien.models.curves.fit import fit, fit_rotation
from mien.models.curves.simplify import simplify
from mien.models.curves.step import step


def written(*curves):
    """The F-Curves that Blender has after keys are written to it."""
    holder = bpy.data.objects.new("Holder", None)
    for number in range(len(curves)):
        holder[f"{number}"] = 0.0
    write_curves(
        "Test",
        {
            holder: [
                Curve(
                    f'["{number}"]',
                    BlenderKeys(
                        keys.times,
                        keys.values,
                        np.where(keys.held, CONSTANT, BEZIER).astype(np.int32),
                        keys.left,
                        keys.right,
                    ),
                )
                for number, keys in enumerate(curves)
            ]
        },
    )
    found = f_curves(holder)
    return [found[f'["{number}"]', 0] for number in range(len(curves))]


def played(curve, frames):
    return np.array([curve.evaluate(frame) for frame in frames], np.float32)


def everything(count):
    """Channels of every kind of movement, in 0–1."""
    random = np.random.default_rng(5)
    phase = np.arange(count) / count
    walk = np.cumsum(random.normal(0, 0.03, (count, 4)), axis=0)
    return np.column_stack(
        [
            np.full(count, 0.25),
            phase,
            (phase > 0.4).astype(float),
            np.where(np.arange(count) % 50 == 7, 1, 0),
            random.uniform(size=count),
            0.5 + 0.5 * np.sin(40 * phase),
            np.clip(2 * np.sin(20 * phase), 0, 1),
            np.clip(walk, 0, 1),
        ]
    )


@pytest.mark.parametrize("tolerance", [0.0, 0.002, 0.015])
@pytest.mark.parametrize(
    "times",
    [
        1.0 + np.arange(400),
        36000.25 + 0.4 * np.arange(400),
        -20 + np.cumsum(np.random.default_rng(1).uniform(0.1, 2, 400)),
    ],
    ids=["frames", "late sub-frames", "uneven"],
)
def test_blender_plays_the_samples_within_the_tolerance(times, tolerance):
    values = everything(len(times))
    fitted = fit(times, values, tolerance, 0, 1)
    single = times.astype(np.float32).astype(float)
    for curve, keys, samples in zip(written(*fitted), fitted, values.T, strict=True):
        stored = read_keys(curve)
        assert np.array_equal(stored.left, keys.left)
        assert np.array_equal(stored.right, keys.right)
        at_samples = played(curve, single)
        assert np.abs(at_samples - samples.astype(np.float32)).max() <= tolerance
        assert np.allclose(at_samples, evaluate(keys, single), rtol=0, atol=2e-7)
        for share in (0.13, 0.5, 0.77):
            frames = single[:-1] + share * np.diff(single)
            between = played(curve, frames)
            assert np.allclose(between, evaluate(keys, frames), rtol=0, atol=2e-7)
            # Blender adds up in single precision.
            assert between.min() >= -2e-7 and between.max() <= 1 + 2e-7


def test_blender_shortens_long_handles_as_evaluate_does():
    points = np.array([[1, 0], [5, 1], [20, 0.2], [30, 0.8]], np.float32)
    keys = Keys(
        points[:, 0],
        points[:, 1],
        left=points - np.float32([9, 0.4]),
        right=points + np.float32([14, 0.3]),
        held=np.array([False, False, True, False]),
    )
    (curve,) = written(keys)
    frames = np.linspace(-3, 33, 721)
    assert np.allclose(played(curve, frames), evaluate(keys, frames), rtol=0, atol=2e-6)


def angle(first, second):
    """Radians between two turns."""
    return 2 * np.arccos(min(1, abs(first.dot(second))))


def test_a_turning_head_stays_within_the_angle():
    random = np.random.default_rng(11)
    turns = np.cumsum(random.normal(0, 0.03, (200, 4)), axis=0) + np.eye(4)[0]
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    turns[100:] *= -1
    times = 1.0 + np.arange(200)
    keys = fit_rotation(times, turns, 0.005)
    holder = bpy.data.objects.new("Head", None)
    holder.rotation_mode = "QUATERNION"
    bpy.context.scene.collection.objects.link(holder)
    write_curves(
        "Test",
        {
            holder: [
                Curve(
                    "rotation_quaternion",
                    BlenderKeys(each.times, each.values, BEZIER, each.left, each.right),
                    number,
                )
                for number, each in enumerate(keys)
            ]
        },
    )
    from mathutils import Quaternion

    before = None
    for frame in range(1, 201):
        bpy.context.scene.frame_set(frame)
        seen = holder.matrix_world.to_quaternion()
        # Single precision: the angle of a turn this small is good to about 1e-3.
        assert angle(seen, Quaternion(turns[frame - 1])) <= 0.005 + 1e-3
        if before is not None:
            assert angle(before, seen) < 0.5
        before = seen


def test_stepped_and_simplified_curves_play_too():
    times = 1.0 + np.arange(200)
    values = everything(200)[:, 5:]
    stepped = step(times, values)
    for curve, keys in zip(written(*stepped), stepped, strict=True):
        frames = np.linspace(1, 200, 797)
        assert np.array_equal(played(curve, frames), evaluate(keys, frames))
    dense = fit(times, values, 0)
    curves = written(*dense)
    simpler = simplify(
        dense, [lambda at, curve=curve: played(curve, at) for curve in curves], 0.005
    )
    for old, new, curve in zip(dense, simpler, written(*simpler), strict=True):
        assert len(new) <= len(old) / 2 or len(old) < 20
        assert np.abs(played(curve, times) - evaluate(old, times)).max() <= 0.005
