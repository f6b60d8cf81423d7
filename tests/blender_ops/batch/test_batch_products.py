"""What a batch makes of a bake: missing frames only, sound in time, Actions, models."""

import wave

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from mien.blender_ops.animation import curves_of_action
from mien.blender_ops.batch.handover import HandoverError, write_actions, write_model
from mien.blender_ops.batch.pictures import chosen_frames, frame_face, render_missing
from mien.blender_ops.character import find_character
from mien.blender_ops.commands import with_seed
from mien.blender_ops.render import RenderError, RenderOptions, Sound, encode_video
from mien.models.capture.footage import open_footage
from mien.models.recipe import Recipe, Step

LOOK = RenderOptions("workbench", (32, 32), 1)


@pytest.fixture
def scene():
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 9
    return scene


def test_frames_are_named_in_words_or_numbers(scene):
    assert chosen_frames("all", scene) == list(range(1, 10))
    assert chosen_frames("sample", scene) == [1, 5, 9]
    assert chosen_frames("7,-2--1, 3-4", scene) == [-2, -1, 3, 4, 7]
    with pytest.raises(RenderError, match="“3-” names no frames"):
        chosen_frames("3-", scene)


def test_the_camera_sees_what_the_keys_move(scene):
    mesh = bpy.data.meshes.new("Person")
    body = [(5, 0, -50), (-5, 0, -50)]
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (-1, -1, 2), (1, -1, 2), *body], [], [])
    person = bpy.data.objects.new("Person", mesh)
    scene.collection.objects.link(person)
    for name in ("Basis", "jawOpen", "browInnerUp"):
        person.shape_key_add(name=name, from_mix=False)
    for key, vertices in (("jawOpen", (0, 1)), ("browInnerUp", (2, 3))):
        for vertex in vertices:
            mesh.shape_keys.key_blocks[key].data[vertex].co.z += 0.2
    person.location.x = 3
    bpy.context.view_layer.update()
    frame_face(scene, find_character(person))
    camera = scene.camera
    assert tuple(camera.location)[::2] == pytest.approx((3, 1))
    bpy.context.view_layer.update()
    for x, z in ((2, 0), (4, 0), (2, 2), (4, 2)):
        seen = world_to_camera_view(scene, camera, Vector((x, -1, z)))
        assert 0 < seen.x < 1 and 0 < seen.y < 1 and seen.z > camera.data.clip_start
    assert abs(world_to_camera_view(scene, camera, Vector((3, 0, -50))).y) > 1
    frame_face(scene, find_character(person))
    assert scene.camera is camera


def test_only_missing_frames_are_rendered_and_they_are_the_same_bytes(scene, puppet, tmp_path):
    frame_face(scene, find_character(puppet))
    folder = tmp_path / "frames"
    assert render_missing(scene, folder, [1, 2, 3], LOOK) == 3
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert sorted(before) == ["000001.png", "000002.png", "000003.png"]
    (folder / "000002.png").unlink()
    assert render_missing(scene, folder, [1, 2, 3], LOOK) == 1
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    stamped = tmp_path / "stamped"
    big = RenderOptions("workbench", (160, 120), 1)
    render_missing(scene, stamped, [1], big, stamp="s010")
    assert b"s010" in (stamped / "000001.png").read_bytes(), "PNGs say in words what they show"


@pytest.mark.skipif(not bpy.app.build_options.audaspace, reason="this Blender has no sound")
@pytest.mark.parametrize("begins", [0.0, -2.5, 3.0])
def test_sound_is_in_time(scene, puppet, tmp_path, begins):
    import aud

    rate = 8000
    samples = np.zeros(2 * rate, np.int16)
    samples[rate // 2 : rate // 2 + 40] = 30000  # a click at half a second
    with wave.open(str(tmp_path / "click.wav"), "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    frame_face(scene, find_character(puppet))
    render_missing(scene, tmp_path / "frames", [1], LOOK)
    pictures = [tmp_path / "frames" / "000001.png"] * 25
    film = tmp_path / "film.mp4"
    sound = Sound(tmp_path / "click.wav", begins)
    assert encode_video(pictures, (25, 1.0), (32, 32), film, sound) == ""
    assert len(list(open_footage(film).frames())) == 25
    heard = aud.Sound(str(film))
    loudness = np.abs(heard.data()).max(axis=1)
    click = np.argmax(loudness > 0.5 * loudness.max()) / heard.specs[0]
    # AAC's frames of 1024 samples spread a click by some of their length.
    assert click == pytest.approx(0.5 + begins / 25, abs=0.03)


def test_footage_without_sound_makes_a_silent_film_that_says_so(scene, puppet, tmp_path, carphone):
    frame_face(scene, find_character(puppet))
    render_missing(scene, tmp_path / "frames", [1], LOOK)
    pictures = [tmp_path / "frames" / "000001.png"] * 2
    film = tmp_path / "film.mp4"
    silence = encode_video(pictures, (25, 1.0), (32, 32), film, Sound(carphone))
    assert silence == "carphone_pristine.mp4 has no sound"
    assert len(list(open_footage(film).frames())) == 2


@pytest.fixture
def animated(puppet):
    keys = puppet.data.shape_keys
    for frame, value in ((1, 0), (9, 1)):
        keys.key_blocks["mouthSmileLeft"].value = value
        keys.key_blocks["mouthSmileLeft"].keyframe_insert("value", frame=frame)
    keys.animation_data.action.name = "smile"
    return puppet


PATH = 'key_blocks["mouthSmileLeft"].value'


def test_an_action_goes_alone(animated, tmp_path):
    bpy.data.actions.new("walk")
    assert write_actions(tmp_path / "a.blend", find_character(animated)) == ["smile"]
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert [action.name for action in bpy.data.actions] == ["smile"]
    (curve,) = curves_of_action(bpy.data.actions["smile"])
    assert curve.data_path == PATH and curve.evaluate(9) == 1
    assert not bpy.data.objects


def test_a_model_carries_keys_and_animation(scene, animated, tmp_path):
    character = find_character(animated)
    assert write_model(tmp_path / "a.glb", scene, character) == 3
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "a.glb"))
    face = next(item for item in bpy.data.objects if item.name.startswith("Face"))
    assert "mouthSmileLeft" in face.data.shape_keys.key_blocks
    assert bpy.data.actions
    assert not list(tmp_path.glob(".*"))


def test_a_model_of_another_kind_is_refused(scene, animated, tmp_path):
    with pytest.raises(HandoverError, match=r"must end in \.fbx or \.glb"):
        write_model(tmp_path / "a.usd", scene, find_character(animated))


def test_a_seed_reaches_the_steps_that_take_one():
    recipe = Recipe((Step("vary", {"amount": 0.5}), Step("gain")))
    assert with_seed(recipe, None) is recipe
    assert with_seed(recipe, 7) == Recipe((Step("vary", {"amount": 0.5, "seed": 7}), Step("gain")))
