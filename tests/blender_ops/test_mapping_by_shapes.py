"""What the shapes themselves say of a rig: its sides, its way, keys that do nothing."""

import math

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match

from .faces_by_code import EFFECTS, LANDMARKS, MEANINGS, RIGS, build, driven, one, share_met

TURNS = [
    Matrix.Identity(4),
    Euler((math.pi / 2, 0, 0)).to_matrix().to_4x4() @ Matrix.Scale(0.01, 4),
    Euler((0.3, -0.2, 2.5)).to_matrix().to_4x4(),
    Matrix.Translation((3, 2, 1)) @ Matrix.Rotation(math.pi, 4, "Z"),
]


@pytest.mark.parametrize("turn", TURNS)
def test_left_is_left_wherever_the_face_looks(turn):
    face = build(RIGS["ARKit"], turn)
    findings = match(find_character(face)).findings
    axes = np.array(turn)[:3, :3] / np.cbrt(np.linalg.det(np.array(turn)[:3, :3]))
    assert findings.looks[0] == pytest.approx(axes[:, 0], abs=0.05)
    assert findings.looks[2] @ -axes[:, 1] > 0.9
    assert not findings.swapped and not findings.is_mirrored
    assert len(findings.right) >= 20


@pytest.mark.parametrize("turn", TURNS)
def test_a_rig_that_is_a_mirror_image_is_found_and_handled(turn):
    face = build(RIGS["ARKit"], turn, flip=True)
    mapping = match(find_character(face))
    assert mapping.findings.is_mirrored
    assert [target.key for target in mapping.found["eyeBlinkLeft"]] == ["eyeBlinkRight"]
    assert "throughout" in mapping.row("jawLeft").notes[0]
    moved = driven(face, list(MEANINGS))
    for channel, effect in MEANINGS.items():
        assert share_met(moved[channel], effect) > 0.99, channel


def test_an_object_that_is_mirrored_counts_as_it_is_seen():
    face = build(RIGS["ARKit"], Matrix.Scale(-1, 4, (1, 0, 0)))
    assert match(find_character(face)).findings.is_mirrored


def test_a_single_pair_with_the_wrong_names():
    keys = {**RIGS["ARKit"], "mouthSmileLeft": "smile R", "mouthSmileRight": "smile L"}
    face = build(keys)
    mapping = match(find_character(face))
    assert not mapping.findings.is_mirrored
    assert mapping.findings.swapped == {"mouthSmileLeft", "mouthSmileRight"}
    assert [target.key for target in mapping.found["mouthSmileLeft"]] == ["mouthSmileRight"]
    assert "exchanged" in mapping.row("mouthSmileLeft").notes[0]
    assert share_met(driven(face, ["mouthSmileLeft"])["mouthSmileLeft"], "smile L") > 0.99


def test_a_key_that_is_on_the_wrong_side_alone_is_doubted_and_said():
    keys = {**RIGS["ARKit"], "eyeBlinkLeft": "blink R"}
    del keys["eyeBlinkRight"]
    row = match(find_character(build(keys))).row("eyeBlinkLeft")
    assert row.certainty <= 0.5
    assert "other side" in row.notes[0]


def test_a_key_of_one_side_that_moves_both_is_doubted_and_said():
    keys = {**RIGS["ARKit"], "noseSneerLeft": one("sneer"), "noseSneerRight": one("sneer")}
    row = match(find_character(build(keys))).row("noseSneerLeft")
    assert row.certainty <= 0.5
    assert "both sides" in row.notes[0]


def test_keys_that_move_nothing_are_reported():
    keys = {**RIGS["ARKit"], "tongueOut": "nothing"}
    mapping = match(find_character(build(keys)))
    assert mapping.findings.dead == {("Face", "tongueOut")}
    assert mapping.row("tongueOut").certainty == 0
    assert mapping.row("tongueOut").notes == ("Face: tongueOut moves nothing",)
    assert mapping.row("jawOpen").certainty == 1


def test_a_key_that_moves_on_one_mesh_is_not_dead():
    root = bpy.data.objects.new("Root", None)
    bpy.context.scene.collection.objects.link(root)
    face = build({**RIGS["ARKit"], "tongueOut": "nothing"})
    tongue = build({"tongueOut": "tongue", "jawOpen": "open"}, name="Tongue")
    face.parent = tongue.parent = root
    mapping = match(find_character(face))
    assert mapping.row("tongueOut").certainty == 1
    assert mapping.row("tongueOut").notes == ()
    assert {target.object.name for target in mapping.found["jawOpen"]} == {"Face", "Tongue"}


def test_shapes_relative_to_another_key():
    face = build(RIGS["ARKit"])
    blocks = face.data.shape_keys.key_blocks
    wide = blocks["eyeBlinkLeft"]
    wide.relative_key = blocks["jawOpen"]
    for landmark, way in EFFECTS["open"].items():
        wide.data[list(LANDMARKS).index(landmark)].co += type(wide.data[0].co)(way)
    findings = match(find_character(face)).findings
    assert "eyeBlinkLeft" in findings.right and not findings.swapped


def test_a_flat_face_tells_no_sides():
    face = build({"Mouth Open": "open", "Blink": one("blink")})
    mapping = match(find_character(face))
    assert mapping.row("jawOpen").certainty > 0.7
    assert not mapping.findings.swapped and not mapping.findings.both_sides
