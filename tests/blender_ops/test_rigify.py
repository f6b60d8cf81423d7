"""Blender's own Rigify: its human metarig, and the control rig that it generates of it."""

from pathlib import Path

import addon_utils
import bpy
import numpy as np
import pytest
from mathutils import Vector
from mien.blender_ops.animation import f_curves
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.bones import find_face_bones
from mien.blender_ops.character import find_character
from mien.blender_ops.jaw import JAW_CHANNELS, JAW_OPEN
from mien.blender_ops.mapping import match
from mien.models import rotation
from mien.models.performance import Performance

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "rigs"


@pytest.fixture(scope="module")
def rigs():
    """A file with the bones of neck and face of the human metarig, and what it generates.

    Generating takes half a minute, so it is done once for each Blender.
    """
    path = CACHE / f"rigify-{bpy.app.version_string}.blend"
    if not path.is_file():
        generate(path)
    return path


def generate(path):
    bpy.ops.wm.read_homefile(use_empty=True)
    if addon_utils.enable("rigify", default_set=True) is None:
        pytest.skip("this Blender has no Rigify")
    bpy.ops.object.armature_human_metarig_add()
    metarig = bpy.context.object
    bpy.ops.object.mode_set(mode="EDIT")
    bones = metarig.data.edit_bones
    kept = {"face", *(bone.name for bone in bones["face"].children_recursive)}
    for bone in list(bones):
        if bone.name not in kept and not bone.name.startswith("spine"):
            bones.remove(bone)
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.pose.rigify_generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.blend")
    bpy.ops.wm.save_as_mainfile(filepath=str(part))
    part.replace(path)
    addon_utils.disable("rigify", default_set=True)


@pytest.fixture(params=["metarig", "rig"])
def rig(request, rigs, add_keys):
    """One of the two, with a face on it that has a key."""
    bpy.ops.wm.open_mainfile(filepath=str(rigs))
    armature = bpy.data.objects[request.param]
    face = bpy.data.objects.new("Face", bpy.data.meshes.new("Face"))
    face.data.from_pydata([(0, 0, 1.7)], [], [])
    bpy.context.scene.collection.objects.link(face)
    face.modifiers.new("Armature", "ARMATURE").object = armature
    add_keys(face, eyeBlinkLeft={0: (0, 0, 0.01)})
    bpy.context.view_layer.update()
    return armature


def test_its_bones_are_found(rig):
    found = find_face_bones(rig)
    generated = rig.name == "rig"
    assert found.convention == ("Rigify, generated" if generated else "Rigify, metarig")
    assert found.head == ("head" if generated else "spine.006")
    assert found.neck == (("neck",) if generated else ("spine.004", "spine.005"))
    assert found.jaw == ("jaw_master" if generated else "jaw")
    eyes = ("master_eye.L", "master_eye.R") if generated else ("eye.L", "eye.R")
    assert (found.left_eye, found.right_eye) == eyes


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_what_deforms_turns_as_the_performance_does(rig, played_turn, share):
    """Controls are keyed; head, eyes and jaw below them are looked at."""
    random = np.random.default_rng(5)
    head = rotation.from_yaw_pitch_roll(random.uniform(-0.6, 0.6, (5, 3)))
    eyes = random.uniform(-0.4, 0.4, (5, 4))
    performance = Performance(
        np.column_stack([random.uniform(0, 1, 5), np.zeros((5, 3))]),
        np.arange(5) / 24,
        JAW_CHANNELS,
        head=np.column_stack([head, np.zeros((5, 3))]),
        eyes=eyes,
    )
    bpy.context.scene.render.fps = 24
    character = find_character(rig)
    result = bake(
        performance, character, match(character), BakeOptions(tolerance=0, neck_share=share)
    )
    generated = rig.name == "rig"
    keyed = {path.split('"')[1] for path, _ in f_curves(rig)}
    if generated:
        necks = {"neck"} if share else set()
        assert keyed == {"head", "jaw_master", "eye.L", "eye.R"} | necks, "controls only"
    assert "the jaw opens by the bone" in result.words()
    prefix = "ORG-" if generated else ""
    for sample in range(5):
        whole = head[sample]
        found = played_turn(rig, f"{prefix}spine.006", sample + 1)
        assert degrees_off(found, whole, [(0, 0, 1), (0, 1, 0)]) < 0.1
        for bone, (pitch, yaw) in (("eye.L", eyes[sample, :2]), ("eye.R", eyes[sample, 2:])):
            gaze = rotation.multiply(whole, rotation.from_yaw_pitch_roll([yaw, pitch, 0]))
            found = played_turn(rig, prefix + bone, sample + 1)
            assert degrees_off(found, gaze, [rest_gaze(rig, prefix + bone)]) < 0.1
        opens = rotation.from_yaw_pitch_roll([0, JAW_OPEN * performance.weights[sample, 0], 0])
        found = played_turn(rig, "jaw_master" if generated else "jaw", sample + 1)
        opened = rotation.multiply(whole, opens)
        assert degrees_off(found, opened, [(0, 0, 1), (0, 1, 0)]) < 0.1


def rest_gaze(rig, bone):
    """Where an eye bone points at rest, in a performance's axes."""
    x, y, z = rig.data.bones[bone].vector.normalized()
    return (x, z, -y)


def degrees_off(found, turn, directions):
    """How far a turn found in Blender takes directions from where a performance's turn does."""
    worst = 0.0
    for x, y, z in directions:
        a, b, c = rotation.turned(turn, (x, y, z))
        worst = max(worst, (found @ Vector((x, -z, y))).angle(Vector((a, -c, b))))
    return np.degrees(worst)
