"""Baking, looked at through the eyes of Blender: what the dependency graph evaluates."""

import itertools
import math

import bpy
import numpy as np
import pytest
from mien.blender_ops.animation import evaluate, f_curves
from mien.blender_ops.bake import BakeError, BakeOptions, bake, bake_in_steps
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.mapping import match
from mien.models.performance import Performance, Source


def bake_on(chosen, performance, **options):
    character = find_character(chosen)
    return bake(performance, character, match(character), BakeOptions(**options))


def played(mesh, key, frame):
    """A shape key's value as Blender evaluates it at a frame."""
    bpy.context.scene.frame_set(math.floor(frame), subframe=frame % 1)
    graph = bpy.context.evaluated_depsgraph_get()
    return mesh.evaluated_get(graph).data.shape_keys.key_blocks[key].value


def at(performance, channel, seconds):
    return np.interp(seconds, performance.times, performance.channel(channel))


def jaw(values, rate=60.0, **fields):
    """A performance of one channel."""
    times = np.arange(len(values)) / rate
    return Performance(np.array(values)[:, None], times, ("jawOpen",), **fields)


def snapshot():
    """All that a failed bake must leave alone."""
    return (
        sorted(bpy.data.objects.keys()),
        sorted(bpy.data.actions.keys()),
        {key.name: key.animation_data and key.animation_data.action for key in _animated()},
    )


def _animated():
    return [*bpy.data.shape_keys, *bpy.data.objects]


def test_a_bake_plays(puppet, performance):
    bpy.context.scene.render.fps = 24
    result = bake_on(puppet, performance, tolerance=0)
    for frame in (1, 2, 17, 49):
        for channel in ("jawOpen", "eyeBlinkLeft", "mouthFunnel"):
            expected = at(performance, channel, (frame - 1) / 24)
            assert played(puppet, channel, frame) == pytest.approx(expected, abs=1e-4)
    tongue = bpy.data.objects["Tongue"]
    expected = at(performance, "jawOpen", 29 / 24)
    assert played(tongue, "jaw_open", 30) == pytest.approx(expected, abs=1e-4)
    assert result.curves == 53 + 12
    assert result.keys == result.samples == 65 * 49
    assert result.words() == "3185 keys on 65 curves."


def test_it_moves_the_mesh_after_save_and_reload(puppet, tmp_path):
    bake_on(puppet, jaw([0, 0.5, 1], rate=24), tolerance=0)
    file = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=file)
    bpy.context.scene.frame_set(2)
    face = bpy.data.objects["Face"]
    corner = face.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices[3].co
    assert corner.z == pytest.approx(1.5)


RATES = [(24, 1.001), (24, 1), (25, 1), (30, 1.001), (30, 1), (50, 1), (60, 1.001), (60, 1)]


@pytest.mark.parametrize(("fps", "base"), RATES)
def test_time_is_kept_at_every_rate(puppet, fps, base):
    """Ten minutes: on whole frames the value within 1e-4, between them the time within 1 ms."""
    render = bpy.context.scene.render
    render.fps, render.fps_base = fps, base
    rate = fps / base
    times = np.concatenate([[0], np.cumsum(np.random.default_rng(3).uniform(0.01, 0.3, 3900))])
    performance = Performance(np.sin(times)[:, None] / 2 + 0.5, times, ("jawOpen",))
    bake_on(puppet, performance, tolerance=0, start_frame=1)
    curve = f_curves(puppet.data.shape_keys)['key_blocks["jawOpen"].value', 0]
    frames = np.linspace(1, math.floor(1 + times[-1] * rate), 500).astype(int)
    expected = at(performance, "jawOpen", (frames - 1) / rate)
    assert evaluate(curve, frames) == pytest.approx(expected, abs=1e-4)
    bake_on(puppet, performance, tolerance=0, start_frame=1, subframes=True)
    points = f_curves(puppet.data.shape_keys)['key_blocks["jawOpen"].value', 0].keyframe_points
    assert len(points) == len(times)
    assert (points[-1].co.x - 1) / rate == pytest.approx(times[-1], abs=1e-3)


@pytest.mark.parametrize("tolerance", [0.03, 0.005, 0.001])
@pytest.mark.parametrize("subframes", [False, True])
def test_few_keys_stay_within_the_tolerance(puppet, performance, tolerance, subframes):
    bpy.context.scene.render.fps = 24
    result = bake_on(puppet, performance, tolerance=tolerance, subframes=subframes)
    assert result.keys < result.samples
    assert 0 < result.largest_error <= tolerance
    seconds = performance.times if subframes else np.arange(49) / 24
    curves = f_curves(puppet.data.shape_keys)
    worst = 0
    for channel in performance.channels[:-1]:
        curve = curves[f'key_blocks["{channel}"].value', 0]
        found = evaluate(curve, 1 + seconds * 24)
        worst = max(worst, np.abs(found - at(performance, channel, seconds)).max())
    assert worst <= tolerance
    assert f"instead of {result.samples}, largest error" in result.words()


def test_the_default_is_few_keys(puppet, performance):
    bpy.context.scene.render.fps = 60
    result = bake_on(puppet, performance)
    assert result.keys < result.samples / 4


def test_weights_stay_within_the_sliders(puppet):
    block = puppet.data.shape_keys.key_blocks["jawOpen"]
    block.slider_min, block.slider_max = 0.1, 0.8
    for tolerance in (0, 0.005):
        bake_on(puppet, jaw(np.linspace(-0.2, 1.05, 60)), tolerance=tolerance)
        curve = f_curves(puppet.data.shape_keys)['key_blocks["jawOpen"].value', 0]
        values = evaluate(curve, np.linspace(0, 30, 400))
        assert values.min() == pytest.approx(0.1)
        assert values.max() == pytest.approx(0.8)


def test_a_new_action_each_time_and_the_old_one_kept(puppet, performance):
    source = performance.replace(source=Source("talk.mov"))
    first = bake_on(puppet, source)
    second = bake_on(puppet, source, action_name="Second")
    assert puppet.data.shape_keys.animation_data.action in second.actions
    for action in first.actions:
        assert action.name.startswith("talk.mov")
        assert action.use_fake_user
    assert not set(first.actions) & set(second.actions)


def test_curves_are_grouped_by_region(puppet, performance):
    bake_on(puppet, performance)
    groups = {curve.group.name for curve in f_curves(puppet.data.shape_keys).values()}
    assert groups == {"Eyes", "Brows", "Jaw", "Mouth", "Cheeks", "Nose"}
    assert {c.group.name for c in f_curves(puppet.parent).values()} == {"Head", "Eyes"}


@pytest.mark.parametrize("tolerance", [0, 0.005])
def test_a_range_within_what_was_there(puppet, tolerance):
    bpy.context.scene.render.fps = 60
    bake_on(puppet, jaw(np.full(100, 0.2)), tolerance=0)
    result = bake_on(
        puppet,
        jaw(np.full(200, 0.8)),
        tolerance=tolerance,
        frame_range=(30, 70),
        blend_in=10,
        blend_out=20,
    )
    frames = [1, 29, 30, 35, 40, 50, 60, 70, 71, 100]
    found = [played(puppet, "jawOpen", frame) for frame in frames]
    expected = [0.2, 0.2, 0.2, 0.5, 0.8, 0.8, 0.5, 0.2, 0.2, 0.2]
    assert found == pytest.approx(expected, abs=0.006)
    assert result.samples == 2 * 41
    with pytest.raises(BakeError, match="frames 1 to 200"):
        bake_on(puppet, jaw(np.full(200, 0.8)), frame_range=(300, 400))


def test_a_turn_blends_the_short_way(puppet, performance):
    bpy.context.scene.render.fps = 60
    bone = puppet.parent.pose.bones["head"]
    # The same pose as none at all, but on the other side of the sphere.
    bone.rotation_quaternion = (-1, 0, 0, 0)
    bake_on(puppet, performance, tolerance=0, frame_range=(1, 121), blend_in=20)
    turns = []
    for frame in range(1, 22):
        bpy.context.scene.frame_set(frame)
        turns.append(bone.matrix_basis.to_quaternion())
    steps = [a.rotation_difference(b).angle for a, b in itertools.pairwise(turns)]
    assert max(min(step, 2 * math.pi - step) for step in steps) < 0.2


def test_lost_faces_are_told_and_marked(puppet):
    confidence = np.ones(240)
    confidence[126:150] = 0
    bpy.context.scene.render.fps = 24
    performance = jaw(np.linspace(0, 1, 240), confidence=confidence)
    result = bake_on(puppet, performance, start_frame=11)
    assert result.lost == (pytest.approx((2.1, 0.4)),)
    assert "no face for 0.4 s at 2.1 s" in result.words()
    result = bake_on(puppet, performance, start_frame=11)
    for action in result.actions:
        assert [(m.name, m.frame) for m in action.pose_markers] == [
            ("face lost", round(11 + 2.1 * 24)),
            ("face found", 11 + 60),
        ]
    for action in bake_on(puppet, performance, markers=False).actions:
        assert len(action.pose_markers) == 0


def test_what_the_character_lacks_is_told(puppet, performance):
    blocks = puppet.data.shape_keys.key_blocks
    blocks["jawForward"].name = "something"
    result = bake_on(puppet, performance)
    assert result.missing == ("jawForward",)
    assert "1 channel not on this character: jawForward" in result.words()
    still = performance.weights.copy()
    still[:, performance.index("jawForward")] = 0
    assert bake_on(puppet, performance.replace(weights=still)).missing == ()


def test_driven_keys_are_told(puppet):
    puppet.data.shape_keys.key_blocks["jawOpen"].driver_add("value")
    result = bake_on(puppet, jaw([0, 1]))
    assert "1 face key cannot be moved: Face: jawOpen" in result.words()
    assert "jawOpen" in result.words()


def test_the_result_as_plain_data(puppet, performance):
    import json

    result = bake_on(puppet, performance)
    data = json.loads(json.dumps(result.to_json()))
    assert data["keys"] == result.keys
    assert data["actions"] == [action.name for action in result.actions]


def test_muted_and_locked_keys_are_keyed_all_the_same(puppet):
    block = puppet.data.shape_keys.key_blocks["jawOpen"]
    block.mute = True
    if hasattr(block, "lock_shape"):
        block.lock_shape = True
    bake_on(puppet, jaw([0, 1]), tolerance=0)
    f_curves(puppet.data.shape_keys)['key_blocks["jawOpen"].value', 0].lock = True
    result = bake_on(puppet, jaw([1, 0.5], rate=24), tolerance=0)
    assert result.keys == 4
    curve = f_curves(puppet.data.shape_keys)['key_blocks["jawOpen"].value', 0]
    assert evaluate(curve, [1])[0] == 1


@pytest.mark.parametrize("tolerance", [0, 0.005])
def test_small_performances(puppet, tolerance):
    one = bake_on(puppet, jaw([0.7]), tolerance=tolerance)
    assert (one.keys, one.curves) == (2, 2), "on the face and on the tongue"
    assert played(puppet, "jawOpen", 5) == pytest.approx(0.7)
    bpy.context.scene.render.fps = 60
    two = bake_on(puppet, jaw([0.7, 0.7]), tolerance=tolerance)
    assert two.keys == (4 if tolerance == 0 else 2)
    short = bake_on(puppet, jaw([0, 1, 0.5], rate=1000), tolerance=tolerance)
    assert short.samples == 2


def test_names_that_need_escaping(puppet):
    odd = 'Left "head" \\ one.jawOpen'
    puppet.data.shape_keys.key_blocks["jawOpen"].name = odd
    bake_on(puppet, jaw([0, 1], rate=24), tolerance=0)
    assert played(puppet, odd, 2) == 1


# --- What animators ask for ----------------------------------------------------------------


@pytest.mark.parametrize("hold", [2, 3])
def test_poses_that_hold_on_twos_and_threes(puppet, performance, hold):
    bpy.context.scene.render.fps = 24
    result = bake_on(puppet, performance, hold=hold, tolerance=0.01, subframes=True)
    assert result.samples == 65 * 49
    assert 0 < result.keys < 65 * (49 // hold + 1)
    assert result.largest_error <= 0.01
    for channel in ("jawOpen", "mouthFunnel"):
        for first in range(1, 48 - hold, hold):
            shown = {played(puppet, channel, first + i / 2) for i in range(2 * hold - 1)}
            (value,) = shown
            moved = [at(performance, channel, (first - 1 + i) / 24) for i in range(hold)]
            assert min(abs(value - each) for each in moved) <= 0.0101


def test_a_blink_within_a_held_pose_closes_the_eye(puppet):
    bpy.context.scene.render.fps = 24
    for peak in (20, 21, 22):
        weights = np.zeros((60, 2))
        weights[peak, 0] = 1
        weights[:, 1] = np.linspace(0, 1, 60)
        names = ("eyeBlinkLeft", "jawOpen")
        bake_on(puppet, Performance(weights, np.arange(60) / 24, names), hold=3)
        assert max(played(puppet, "eyeBlinkLeft", frame) for frame in range(1, 61)) == 1


def test_what_never_moves_is_left_out(puppet):
    weights = np.tile([0.0, 0.3, 0.5], (50, 1))
    weights[:, 2] += np.linspace(0, 0.4, 50)
    performance = Performance(
        weights, np.arange(50) / 24, ("browInnerUp", "cheekPuff", "mouthFunnel")
    )
    bpy.context.scene.render.fps = 24
    keys = puppet.data.shape_keys
    bake_on(puppet, performance, drop_still=True)
    found = {path.split('"')[1] for path, _ in f_curves(keys)}
    assert found == {"cheekPuff", "mouthFunnel"}, "a still weight that is not 0 needs its key"
    # An older animation of it would go along, so now it does need a key.
    bake_on(puppet, performance.replace(weights=1 - weights))
    bake_on(puppet, performance, drop_still=True)
    assert played(puppet, "browInnerUp", 10) == 0


def test_a_tolerance_for_a_region(puppet, performance):
    bpy.context.scene.render.fps = 60
    bake_on(puppet, performance, tolerance=0.05, region_tolerance={"mouth": 0.001, "jaw": 0})
    curves = f_curves(puppet.data.shape_keys)
    frames = np.arange(1, 122)

    def error(channel):
        found = evaluate(curves[f'key_blocks["{channel}"].value', 0], frames)
        return np.abs(found - performance.channel(channel)).max()

    assert error("mouthFunnel") <= 0.001
    assert 0.001 < error("browInnerUp") <= 0.05
    assert len(curves['key_blocks["jawOpen"].value', 0].keyframe_points) == 121


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": -1}, "negative"),
        ({"region_tolerance": {"mouth": -0.1}}, "negative"),
        ({"hold": 0}, "counted"),
        ({"blend_in": -2}, "counted"),
        ({"frame_range": (10, 5)}, "ends before it starts"),
    ],
)
def test_options_that_make_no_sense(options, message):
    with pytest.raises(BakeError, match=message):
        BakeOptions(**options)


# --- What goes wrong -----------------------------------------------------------------------


def test_none_of_the_keys_is_known(puppet, performance):
    for mesh in ("Face", "Tongue"):
        for block in bpy.data.objects[mesh].data.shape_keys.key_blocks:
            block.name = f"odd {block.name} one"
    before = snapshot()
    with pytest.raises(CharacterError, match="name of a face channel"):
        bake_on(puppet, performance)
    with pytest.raises(CharacterError, match="name of a face channel"):
        bake_on(puppet, Performance(np.zeros((3, 0)), [0, 1, 2], ()))
    assert snapshot() == before


def test_objects_deleted_meanwhile(puppet, performance):
    character = find_character(puppet)
    mapping = match(character)
    bpy.data.objects.remove(puppet)
    before = snapshot()
    with pytest.raises(CharacterError, match="deleted"):
        bake(performance, character, mapping)
    assert snapshot() == before


def test_a_bone_or_key_removed_meanwhile(puppet, performance):
    character = find_character(puppet)
    mapping = match(character)
    puppet.shape_key_remove(puppet.data.shape_keys.key_blocks["jawOpen"])
    with pytest.raises(CharacterError, match="no longer has the shape key “jawOpen”"):
        bake(performance, character, mapping)
    character = find_character(puppet)
    bpy.context.view_layer.objects.active = puppet.parent
    bpy.ops.object.mode_set(mode="EDIT")
    bones = puppet.parent.data.edit_bones
    bones.remove(bones["head"])
    bpy.ops.object.mode_set(mode="OBJECT")
    with pytest.raises(CharacterError, match="no longer has the bone “head”"):
        bake(performance, character, match(character))
    assert len(bpy.data.actions) == 0


def test_a_failure_or_a_stop_leaves_the_scene_as_it_was(puppet, performance):
    bake_on(puppet, jaw([0, 1], rate=24), tolerance=0)
    character = find_character(puppet)
    mapping = match(character)
    before = snapshot()
    for stop_after in (0.1, 0.5, 0.99):
        steps = bake_in_steps(performance, character, mapping, BakeOptions(head="EMPTY"))
        for share in steps:
            assert 0 < share <= 1
            if share > stop_after:
                break
        steps.close()
        assert snapshot() == before
    assert played(puppet, "jawOpen", 2) > 0


def test_steps_are_short(puppet):
    """A window that draws between the steps does not freeze: none takes over 0.1 s."""
    import time

    random = np.random.default_rng(5)
    weights = np.clip(np.cumsum(random.normal(0, 0.05, (6000, 51)), axis=0) % 1, 0, 1)
    performance = Performance(weights, np.arange(6000) / 60, _channels()[:51])
    character = find_character(puppet)
    steps = bake_in_steps(performance, character, match(character), BakeOptions(tolerance=0))
    lengths = []
    before = time.perf_counter()
    for _ in steps:
        now = time.perf_counter()
        lengths.append(now - before)
        before = now
    assert np.median(lengths) < 0.1


def _channels():
    from mien.models.arkit import CHANNELS

    return CHANNELS
