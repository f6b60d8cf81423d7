"""What a batch makes of a bake: missing frames only, sound in time, Actions, models."""

import json
import shutil
import subprocess
import sys
import wave

import bpy
import cv2
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector
from mien.blender_ops.animation import curves_of_action
from mien.blender_ops.batch.film import FootageSound, write_film
from mien.blender_ops.batch.handover import HandoverError, write_actions, write_model
from mien.blender_ops.batch.light import light_face
from mien.blender_ops.batch.pictures import chosen_frames, frame_face, render_missing
from mien.blender_ops.batch.stamp import Stamp, seconds_of
from mien.blender_ops.character import find_character
from mien.blender_ops.commands import with_seed
from mien.blender_ops.render import (
    RenderError,
    RenderOptions,
    Sound,
    apply_options,
    encode_video,
)
from mien.models.arkit import CHANNELS
from mien.models.capture.footage import open_footage
from mien.models.performance import Source
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


def picture(path):
    return cv2.imread(str(path)).astype(int)


def test_a_stamp_says_name_and_timecode_in_the_picture(scene, puppet, tmp_path):
    frame_face(scene, find_character(puppet))
    scene.render.fps = 25
    big = RenderOptions("workbench", (320, 240), 1)
    render_missing(scene, tmp_path / "plain", [1, 2], big)
    render_missing(scene, tmp_path / "stamped", [1, 2], big, Stamp("s010", 3723.0, start_frame=-11))
    render_missing(scene, tmp_path / "other", [1], big, Stamp("s011", 3723.0, start_frame=-11))
    # PNGs also say in words what they show: 12 and 13 frames after 01:02:03:00.
    for frame in (1, 2):
        file = tmp_path / "stamped" / f"00000{frame}.png"
        assert f"s010  01:02:03:{11 + frame}".encode() in file.read_bytes()
    plain, stamped = (picture(tmp_path / folder / "000001.png") for folder in ("plain", "stamped"))
    letters = np.abs(stamped - plain).max(axis=2) > 30
    assert letters.sum() > 100
    assert not letters[60:180].any(), "the face is not written on"
    other = picture(tmp_path / "other" / "000001.png")
    later = picture(tmp_path / "stamped" / "000002.png")
    for changed in (other, later):
        assert 0 < (np.abs(changed - stamped).max(axis=2) > 30)[letters].sum() < letters.sum()


def test_a_stamp_counts_from_the_takes_timecode_or_the_footages_second(scene):
    scene.render.fps, scene.render.fps_base = 30, 1.001
    assert seconds_of(Source("", "10:00:00:12", 24), 9) == 36000.5
    assert seconds_of(Source(""), 9) == 9
    assert Stamp("a", 9, 1).text(scene, 31) == "a  00:00:10:00"
    assert Stamp("a", 9, 1).text(scene, 1 - 9 * 30 - 30) == "a  23:59:58:29"


@pytest.mark.parametrize("engine", ["cycles", "eevee"])
def test_a_file_without_light_is_lit_and_one_with_light_is_left(scene, puppet, tmp_path, engine):
    scene.world = None
    bpy.data.objects["Tongue"].hide_render = True  # it lies in the face and shades it
    frame_face(scene, find_character(puppet))
    look = RenderOptions(engine, (48, 48), 4)
    apply_options(scene, look)
    render_missing(scene, tmp_path / "dark", [1], look)
    assert picture(tmp_path / "dark" / "000001.png").max() < 30
    assert light_face(scene) and not light_face(scene)
    render_missing(scene, tmp_path / "lit", [1], look)
    lit = picture(tmp_path / "lit" / "000001.png")
    assert 100 < lit[16:32, 20:28].mean() < 250
    assert 20 < lit[:4].mean() < 160, "a grey that the face stands out from"


def test_a_lit_world_is_light_and_workbench_needs_none(scene, puppet):
    scene.render.engine = "CYCLES"
    world = scene.world = bpy.data.worlds.new("Studio")
    if bpy.app.version < (5, 0):
        world.use_nodes = True
    background = next(node for node in world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (0.5, 0.5, 0.5, 1)
    assert not light_face(scene)
    background.inputs["Color"].default_value = (0.05, 0.05, 0.05, 1)
    scene.render.engine = "BLENDER_WORKBENCH"
    assert not light_face(scene)
    scene.render.engine = "CYCLES"
    assert light_face(scene)


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


@pytest.mark.skipif(not bpy.app.build_options.audaspace, reason="this Blender has no sound")
def test_a_part_of_footage_is_heard_from_its_start(scene, puppet, tmp_path):
    import aud

    rate = 8000
    samples = np.zeros(3 * rate, np.int16)
    samples[int(1.2 * rate) :][:40] = 30000
    with wave.open(str(tmp_path / "click.wav"), "wb") as file:
        file.setparams((1, 2, rate, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    frame_face(scene, find_character(puppet))
    scene.render.fps = 25
    folder = tmp_path / "frames"
    render_missing(scene, folder, [1], LOOK)
    pictures = [folder / "000001.png"] * 75
    footage = tmp_path / "footage.mp4"
    assert encode_video(pictures, (25, 1.0), (32, 32), footage, Sound(tmp_path / "click.wav")) == ""
    for frame in range(2, 31):
        shutil.copy(folder / "000001.png", folder / f"{frame:06d}.png")
    for frame in range(1, 6):  # a film of frames 6 to 30
        (folder / f"{frame:06d}.png").unlink()
    # The capture begins at the footage's second 0.8, which stands at frame 1.
    heard = FootageSound(footage, start=0.8, start_frame=1)
    assert write_film(folder, scene, tmp_path / "film.mp4", heard) == (25, "")
    sound = aud.Sound(str(tmp_path / "film.mp4"))
    loudness = np.abs(sound.data()).max(axis=1)
    click = np.argmax(loudness > 0.5 * loudness.max()) / sound.specs[0]
    assert click == pytest.approx(1.2 - 0.8 - 5 / 25, abs=0.045)


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


READ = """
import json, sys
import bpy
from mien.blender_ops.animation import curves_of_action
from mien.blender_ops.importing import import_model
from pathlib import Path
scene = import_model(Path(sys.argv[1]))
face = next(item for item in bpy.data.objects if item.name.startswith("Face"))
key = face.data.shape_keys.key_blocks["mouthSmileLeft"]
values = []
# Blender's importer puts an FBX file's second 0 at frame 1, not at 0.
first = 2 if sys.argv[1].endswith(".fbx") else 1
for frame in range(first, first + 9):
    scene.frame_set(frame)
    values.append(key.value)
rest = face.data.shape_keys.key_blocks[0].data
print(json.dumps({
    "keys": [block.name for block in face.data.shape_keys.key_blocks],
    "values": values,
    "moved": max((key.data[n].co - rest[n].co).length for n in range(len(rest)))
        * face.matrix_world.to_scale().x,
    "bones": sorted(bone.name for rig in bpy.data.armatures for bone in rig.bones),
}), flush=True)
"""


@pytest.mark.parametrize("suffix", [".fbx", ".glb"])
def test_what_a_game_reads_again_is_what_was_written(scene, animated, tmp_path, suffix):
    scene.render.fps = 24
    wanted = [animated.data.shape_keys.key_blocks[name].name for name in ("Basis", *CHANNELS[:-1])]
    expected = []
    for frame in range(1, 10):
        scene.frame_set(frame)
        expected.append(animated.data.shape_keys.key_blocks["mouthSmileLeft"].value)
    model = tmp_path / f"a{suffix}"
    write_model(model, scene, find_character(animated))
    read = subprocess.run([sys.executable, "-c", READ, model], capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    found = json.loads(read.stdout.splitlines()[-1])
    assert set(found["keys"]) == set(wanted)
    assert found["values"] == pytest.approx(expected, abs=0.02)
    assert found["moved"] == pytest.approx(1, rel=0.01)
    assert found["bones"] == ["eye.L", "eye.R", "head", "neck"]


def test_a_model_of_another_kind_is_refused(scene, animated, tmp_path):
    with pytest.raises(HandoverError, match=r"must end in \.fbx or \.glb"):
        write_model(tmp_path / "a.usd", scene, find_character(animated))


def test_a_seed_reaches_the_steps_that_take_one():
    recipe = Recipe((Step("vary", {"amount": 0.5}), Step("gain")))
    assert with_seed(recipe, None) is recipe
    assert with_seed(recipe, 7) == Recipe((Step("vary", {"amount": 0.5, "seed": 7}), Step("gain")))
