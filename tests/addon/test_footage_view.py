"""The footage behind the camera's view, one picture a frame, and its sound."""

import wave

import bpy
import cv2
import numpy as np
import pytest
from mien.addon.jobs.footage import FootageJob
from mien.addon.operators.footage import MIEN_OT_show_footage
from mien.blender_ops.footage_view import IMAGE, is_shown, move_footage, show_footage
from mien.blender_ops.sequencer import add_sound_strip, remove_strips, strips_of
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import Recipe
from mien.models.take import write_take


def video(path, rate, count=15):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (48, 32))
    for number in range(count):
        writer.write(np.full((32, 48, 3), 10 * number, np.uint8))
    writer.release()
    return path


@pytest.fixture
def camera(saved_file):
    made = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(made)
    bpy.context.scene.camera = made
    return made


def settings():
    return bpy.context.scene.mien


def test_buttons_say_what_is_missing(mien_enabled, tmp_path):
    assert not bpy.ops.mien.show_footage.poll()
    assert MIEN_OT_show_footage.disabled_reason(bpy.context) == "Choose footage first"
    settings().footage = str(video(tmp_path / "face.avi", 24))
    assert "Add a camera" in MIEN_OT_show_footage.disabled_reason(bpy.context)
    assert not bpy.ops.mien.hide_footage.poll()


def test_footage_of_another_rate_is_shown_by_a_copy_of_the_scenes(camera, saved_file):
    settings().footage = str(video(saved_file / "face.avi", 30))
    settings().start_frame = 11
    bpy.context.scene.render.fps = 24
    assert bpy.ops.mien.show_footage() == {"FINISHED"}
    background = camera.data.background_images[0]
    image, user = background.image, background.image_user
    assert image.source == "MOVIE" and image.name == IMAGE
    assert "takes" in image.filepath and "24 fps" in image.filepath
    # 15 pictures at 30 a second end at 14/30 s: frame 11 of 24 a second is the last before.
    assert user.frame_duration == image.frame_duration == 12
    assert (user.frame_start, user.frame_offset) == (11, 0)
    assert user.use_auto_refresh and camera.data.show_background_images
    assert [file.suffix for file in (saved_file / "takes" / "footage").iterdir()] == [".avi"]


def test_footage_of_the_scenes_rate_is_shown_itself(camera, saved_file):
    file = video(saved_file / "face.avi", 24)
    settings().footage = str(file)
    bpy.ops.mien.show_footage()
    assert bpy.path.abspath(camera.data.background_images[0].image.filepath) == str(file)
    assert not (saved_file / "takes").exists()


def test_shown_again_it_replaces_what_was_shown_and_hiding_takes_it_away(camera, saved_file):
    own = camera.data.background_images.new()
    settings().footage = str(video(saved_file / "face.avi", 30))
    bpy.ops.mien.show_footage()
    bpy.ops.mien.show_footage()
    assert len(camera.data.background_images) == 2 and is_shown(bpy.context.scene)
    assert sum(image.name.startswith(IMAGE) for image in bpy.data.images) == 1
    bpy.ops.mien.hide_footage()
    assert list(camera.data.background_images) == [own]
    assert not any(image.name.startswith(IMAGE) for image in bpy.data.images)


def test_undo_takes_it_away(camera, saved_file):
    settings().footage = str(video(saved_file / "face.avi", 30))
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.mien.show_footage()
    bpy.ops.ed.undo_push(message="shown")
    bpy.ops.ed.undo()
    assert not bpy.context.scene.camera.data.background_images


def test_landmarks_need_a_take_of_this_footage(camera, saved_file):
    settings().footage = str(video(saved_file / "face.avi", 30))
    with pytest.raises(RuntimeError, match="Landmarks belong to a take"):
        bpy.ops.mien.show_footage(landmarks=True)
    times = np.arange(15) / 30
    performance = Performance(np.zeros((15, len(CHANNELS)), np.float32), times)
    points = np.tile(np.linspace(4, 28, 30).reshape(10, 3), (15, 1, 1))
    for name, footage in (("other", "other.avi"), ("right", "face.avi")):
        write_take(
            saved_file / name,
            performance,
            landmarks=points,
            size=(48, 32),
            footage=saved_file / footage,
        )
    bpy.ops.mien.load_take(filepath=str(saved_file / "other" / "take.json"))
    with pytest.raises(RuntimeError, match="is of other footage"):
        bpy.ops.mien.show_footage(landmarks=True)
    bpy.ops.mien.load_take(filepath=str(saved_file / "right" / "take.json"))
    assert bpy.ops.mien.show_footage(landmarks=True) == {"FINISHED"}
    shown = bpy.path.abspath(camera.data.background_images[0].image.filepath)
    assert shown.endswith("right.avi")
    read, picture = cv2.VideoCapture(shown).read()
    assert read and picture[:, :, 1].max() > 100  # The first picture is black but for them.


def voice(file, seconds=1.0):
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(np.zeros(round(seconds * 48000), np.int16).tobytes())
    return file


def test_sound_is_heard_while_scrubbing_and_moves_with_the_footage(camera, saved_file):
    scene = bpy.context.scene
    assert not scene.use_audio_scrub
    film = video(saved_file / "face.avi", 24)
    shown = show_footage(scene, film, 11, voice(saved_file / "voice.wav"))
    if not shown.sound and bpy.app.version < (4, 5):
        pytest.skip("this bpy was built without sound")
    assert shown.sound and scene.use_audio_scrub and scene.sync_mode == "AUDIO_SYNC"
    move_footage(scene, 90)
    assert camera.data.background_images[0].image_user.frame_start == 101
    assert [strip.frame_final_start for strip in strips_of(scene)] == [101]


def test_footage_stands_where_the_take_begins_also_where_that_is_trimmed(camera, saved_file):
    settings().footage = str(video(saved_file / "face.avi", 24))
    times = np.arange(49) / 24
    performance = Performance(np.zeros((49, len(CHANNELS)), np.float32), times)
    write_take(saved_file / "take", performance, recipe=Recipe())
    bpy.ops.mien.load_take(filepath=str(saved_file / "take" / "take.json"))
    settings().start_frame = 11
    bpy.ops.mien.trim_take(start=0.5)
    assert settings().start_frame == 23
    bpy.ops.mien.show_footage()
    assert camera.data.background_images[0].image_user.frame_start == 11


def test_sound_lies_in_the_sequencer_from_the_start_frame_on(mien_enabled, tmp_path):
    file = voice(tmp_path / "voice.wav")
    scene = bpy.context.scene
    strip = add_sound_strip(scene, file, "Mien Sound", 11)
    if strip is None and bpy.app.version < (4, 5):
        pytest.skip("this bpy was built without sound")
    assert strip.frame_final_start == 11
    assert strip.frame_final_duration == pytest.approx(scene.render.fps, abs=1)
    silent = add_sound_strip(scene, video(tmp_path / "silent.avi", 24), "Mien Sound", 1)
    assert silent is None and len(strips_of(scene)) == 1
    assert remove_strips(scene, "Mien Sound") == 1
    assert len(strips_of(scene)) == 0


def test_a_copy_that_is_done_goes_where_its_job_is_stopped(carphone, tmp_path):
    job = FootageJob(carphone, tmp_path / "copy.avi", 24.0, None)
    job._thread.join()
    assert (tmp_path / "copy.avi").is_file()
    job.cancel()
    assert list(tmp_path.iterdir()) == []
