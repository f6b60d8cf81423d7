"""Actions and curves on every Blender: what is written plays, and nothing is lost."""

import bpy
import numpy as np
import pytest
from mien.blender_ops.animation import (
    BEZIER,
    CONSTANT,
    LINEAR,
    AnimationError,
    Curve,
    Keys,
    evaluate,
    f_curves,
    read_curves,
    write_curves,
    write_curves_in_steps,
)

JAW = 'key_blocks["jawOpen"].value'
HAS_SLOTS = bpy.app.version >= (4, 4)
FUNNEL = 'key_blocks["mouthFunnel"].value'


def line(path, *values, index=0, group=""):
    frames = np.arange(1, len(values) + 1)
    return Curve(path, Keys(frames, np.array(values, float)), index, group)


def played(mesh, key, frame):
    bpy.context.scene.frame_set(frame)
    graph = bpy.context.evaluated_depsgraph_get()
    return mesh.evaluated_get(graph).data.shape_keys.key_blocks[key].value


@pytest.fixture
def keys(puppet):
    return puppet.data.shape_keys


def test_curves_play_after_save_and_reload(puppet, keys, tmp_path):
    armature = puppet.parent
    path = 'pose.bones["head"].rotation_quaternion'
    tongue = bpy.data.objects["Tongue"].data.shape_keys
    write_curves(
        "Take",
        {
            keys: [line(JAW, 0, 0.25, 1, group="Jaw"), line(FUNNEL, 1, 0.5, 0, group="Mouth")],
            tongue: [line('key_blocks["tongueOut"].value', 1, 0, 0.75)],
            armature: [line(path, 1, 0.8, 0.6, index=0), line(path, 0, 0.6, 0.8, index=3)],
        },
    )

    def check():
        puppet, tongue, armature = (bpy.data.objects[n] for n in ("Face", "Tongue", "Puppet"))
        assert played(puppet, "jawOpen", 2) == pytest.approx(0.25)
        assert played(puppet, "mouthFunnel", 3) == 0
        assert played(tongue, "tongueOut", 3) == pytest.approx(0.75)
        bpy.context.scene.frame_set(3)
        evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        turn = evaluated.pose.bones["head"].matrix_basis.to_quaternion()
        assert tuple(turn) == pytest.approx((0.6, 0, 0, 0.8), abs=1e-5)

    check()
    file = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=file)
    check()


def test_one_action_serves_a_character_where_actions_have_slots(puppet, keys):
    tongue = bpy.data.objects["Tongue"].data.shape_keys
    actions = write_curves(
        "Take",
        {keys: [line(JAW, 0, 1)], tongue: [line('key_blocks["tongueOut"].value', 0, 1)]},
    )
    if HAS_SLOTS:
        assert len(actions) == 1
        slots = {keys.animation_data.action_slot, tongue.animation_data.action_slot}
        assert len(slots) == 2
        assert None not in slots
    else:
        assert len(actions) == 2


def test_bezier_keys_come_back_as_they_were_written(keys):
    written = Keys(
        frames=np.array([1, 11, 21]),
        values=np.array([0, 1, 0.5]),
        interpolation=np.array([BEZIER, CONSTANT, LINEAR]),
        left=np.array([[-2, 0], [8, 0.7], [18, 1]]),
        right=np.array([[4, 0.1], [14, 1.2], [24, 0.3]]),
    )
    write_curves("Take", {keys: [Curve(JAW, written, group="Jaw")]})
    (read,) = read_curves(keys)
    assert (read.data_path, read.index, read.group) == (JAW, 0, "Jaw")
    assert read.keys.frames == pytest.approx(written.frames)
    assert read.keys.values == pytest.approx(written.values)
    assert read.keys.left == pytest.approx(written.left)
    assert read.keys.right == pytest.approx(written.right)
    assert list(read.keys.interpolation) == [BEZIER, CONSTANT, LINEAR]
    write_curves("Again", {keys: [read]})
    (again,) = read_curves(keys)
    for name in ("frames", "values", "left", "right", "interpolation", "handle_types"):
        assert np.array_equal(getattr(again.keys, name), getattr(read.keys, name))


def test_what_is_written_is_what_blender_evaluates(puppet, keys):
    values = np.random.default_rng(1).uniform(0, 1, 50)
    write_curves("Take", {keys: [line(JAW, *values)]})
    curve = f_curves(keys)[JAW, 0]
    assert evaluate(curve, np.arange(1, 51)) == pytest.approx(values, abs=1e-6)
    assert evaluate(curve, [1.5])[0] == pytest.approx((values[0] + values[1]) / 2, abs=1e-6)


def test_the_old_action_stays_and_survives_a_save(keys, tmp_path):
    (old,) = write_curves("First", {keys: [line(JAW, 0, 1)]})
    old.use_fake_user = False
    (new,) = write_curves("Second", {keys: [line(JAW, 1, 0)]})
    assert new != old
    assert keys.animation_data.action == new
    file = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    first = bpy.data.actions["First"]
    reloaded = bpy.data.objects["Face"].data.shape_keys
    animation_data = reloaded.animation_data
    animation_data.action = first
    if hasattr(first, "slots"):
        animation_data.action_slot = first.slots[0]
    assert played(bpy.data.objects["Face"], "jawOpen", 2) == 1


def test_other_curves_of_the_old_action_go_along(puppet, keys):
    armature = puppet.parent
    walk = 'pose.bones["neck"].location'
    write_curves("Walk", {armature: [line(walk, 0, 2, index=1)]})
    modifier = f_curves(armature)[walk, 1].modifiers.new("CYCLES")
    write_curves("Take", {armature: [line('pose.bones["head"].location', 0, 5)]})
    curves = f_curves(armature)
    assert set(curves) == {(walk, 1), ('pose.bones["head"].location', 0)}
    assert curves[walk, 1].modifiers[0].type == modifier.type
    bpy.context.scene.frame_set(2)
    graph = bpy.context.evaluated_depsgraph_get()
    assert armature.evaluated_get(graph).pose.bones["neck"].location.y == pytest.approx(2)


def test_an_action_that_two_data_blocks_share(puppet, keys):
    """Blender's own keyframe_insert does that from 4.5 on, and animators do by hand."""
    tongue = bpy.data.objects["Tongue"].data.shape_keys
    keys.key_blocks["jawOpen"].keyframe_insert("value", frame=1)
    puppet.keyframe_insert("location", frame=1)
    write_curves("Take", {keys: [line(JAW, 0.5, 1)], puppet: [line("location", 3, 4)]})
    assert played(puppet, "jawOpen", 2) == 1
    assert puppet.evaluated_get(bpy.context.evaluated_depsgraph_get()).location.x == 4
    tongue.animation_data_create().action = keys.animation_data.action
    if HAS_SLOTS:
        tongue.animation_data.action_slot = keys.animation_data.action_slot
    write_curves("Both", {keys: [line(JAW, 0, 0.25)], tongue: [line(JAW, 0, 0.25)]})
    assert played(puppet, "jawOpen", 2) == 0.25


def test_writing_again_on_grouped_curves(puppet, keys):
    for value in (0.25, 0.75):
        write_curves("Take", {keys: [line(JAW, value, value, group="Jaw")]})
        assert played(puppet, "jawOpen", 1) == value
    assert f_curves(keys)[JAW, 0].group.name == "Jaw"


def test_an_action_from_another_file_is_copied_not_changed(puppet, keys, tmp_path):
    write_curves("Shared", {keys: [line(JAW, 0, 1), line(FUNNEL, 0.5, 0.5)]})
    file = str(tmp_path / "library.blend")
    bpy.data.libraries.write(file, set(bpy.data.actions), fake_user=True)
    keys.animation_data.action = None
    bpy.data.actions.remove(bpy.data.actions["Shared"])
    with bpy.data.libraries.load(file, link=True) as (_, wanted):
        wanted.actions = ["Shared"]
    linked = wanted.actions[0]
    keys.animation_data.action = linked
    if HAS_SLOTS:
        keys.animation_data.action_slot = linked.slots[0]
    (new,) = write_curves("Take", {keys: [line(JAW, 0, 0.25)]})
    assert new.library is None
    assert bpy.data.actions["Shared"].library is not None
    assert played(puppet, "jawOpen", 2) == 0.25
    assert played(puppet, "mouthFunnel", 2) == 0.5


def test_a_failure_leaves_all_as_it_was(puppet, keys):
    (old,) = write_curves("First", {keys: [line(JAW, 0, 1)]})
    bad = Curve(FUNNEL, Keys(np.arange(3), np.array([0, 1])))
    tongue = bpy.data.objects["Tongue"].data.shape_keys
    with pytest.raises(ValueError, match="broadcast"):
        write_curves("Bad", {tongue: [line(JAW, 0, 1)], keys: [line(JAW, 1, 1), bad]})
    assert list(bpy.data.actions) == [old]
    assert keys.animation_data.action == old
    assert tongue.animation_data is None
    assert played(puppet, "jawOpen", 2) == 1


def test_stopping_between_steps_leaves_all_as_it_was(keys):
    (old,) = write_curves("First", {keys: [line(JAW, 0, 1)]})
    steps = write_curves_in_steps("Stopped", {keys: [line(JAW, 1, 0), line(FUNNEL, 1, 0)]})
    assert 0 < next(steps) < 1
    steps.close()
    assert list(bpy.data.actions) == [old]
    assert keys.animation_data.action == old


def test_an_nla_strip_that_is_being_edited_is_left_alone(keys):
    write_curves("First", {keys: [line(JAW, 0, 1)]})
    animation_data = keys.animation_data
    track = animation_data.nla_tracks.new()
    strip = track.strips.new("First", 1, animation_data.action)
    if hasattr(strip, "action_slot"):
        strip.action_slot = animation_data.action_slot
    animation_data.action = None
    strip.select = track.select = True
    animation_data.nla_tracks.active = track
    animation_data.use_tweak_mode = True
    assert animation_data.use_tweak_mode
    with pytest.raises(AnimationError, match="tweak mode"):
        write_curves("Take", {keys: [line(JAW, 0, 1)]})
