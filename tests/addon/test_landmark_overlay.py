"""Landmarks over the footage: off until asked for, in step with the timeline."""

import bpy
import cv2
import numpy as np
import pytest
from mien.addon import landmark_overlay, registration
from mien.addon.landmark_overlay import marks_at, problem_of, read_now, squares
from mien.blender_ops.footage_marks import Frame, Placing, places_in_view
from mien.models.arkit import CHANNELS
from mien.models.errors import TakeError
from mien.models.landmark_track import read_landmarks
from mien.models.performance import Performance
from mien.models.take import read_take, write_take


def write(folder, footage="face.avi", landmarks=True):
    """A second at 30 a second, in which the points go to the right by a pixel a sample."""
    times = np.arange(31) / 30
    performance = Performance(np.zeros((31, len(CHANNELS)), np.float32), times)
    points = np.tile(np.linspace((5, 5, 0), (25, 20, 1), 8)[None], (31, 1, 1))
    points[..., 0] += np.arange(31)[:, None]
    points[10] = 0  # Nothing was seen.
    return write_take(
        folder,
        performance,
        landmarks=points if landmarks else None,
        size=(64, 48),
        footage=footage,
    )


@pytest.fixture
def scene(saved_file):
    made = bpy.context.scene
    made.render.fps = 24
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    made.collection.objects.link(camera)
    made.camera = camera
    file = saved_file / "face.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for _ in range(31):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    write(saved_file / "takes" / "face")
    bpy.ops.mien.load_take(filepath=str(saved_file / "takes" / "face" / "take.json"))
    made.mien.footage = str(file)
    made.mien.start_frame = 11
    bpy.ops.mien.show_footage()
    return made


def test_a_track_says_what_the_take_says(tmp_path):
    take = write(tmp_path / "take")
    track, whole = read_landmarks(take.folder), read_take(take.folder).landmarks
    for index in (0, 7, 30):
        np.testing.assert_array_equal(track.at(index / 30), whole[index, :, :2])
    np.testing.assert_array_equal(track.at(7.4 / 30), whole[7, :, :2])
    assert len(track.at(10 / 30)) == 0 and len(track.at(-0.1)) == 0 and len(track.at(2)) == 0
    assert track.size == (64, 48) and track.footage == "face.avi"
    with pytest.raises(TakeError, match="no landmarks"):
        read_landmarks(write(tmp_path / "without", landmarks=False).folder)


def test_it_is_off_until_asked_for(scene):
    assert not scene.mien.show_landmarks
    assert problem_of(scene.mien) == ""


def test_marks_follow_the_timeline_as_the_footage_does(scene):
    read_now(scene.mien)
    # Frame 11 shows the footage's second 0; frame 23 half a second later, sample 15.
    assert marks_at(scene, 11)[0, 0] == pytest.approx(5, abs=0.01)
    assert marks_at(scene, 23)[0, 0] == pytest.approx(20, abs=0.01)
    assert marks_at(scene, 19) is None, "sample 10, in which nothing was seen"
    assert marks_at(scene, 5) is None and marks_at(scene, 60) is None


def test_trimming_moves_neither_footage_nor_marks(scene):
    read_now(scene.mien)
    scene.frame_set(17)
    bpy.ops.mien.trim_at_frame(edge="START")
    assert marks_at(scene, 23)[0, 0] == pytest.approx(20, abs=0.01)


def test_what_is_missing_is_told(scene, saved_file):
    scene.mien.show_landmarks = True
    read_now(scene.mien)
    assert problem_of(scene.mien) == ""
    write(saved_file / "takes" / "other", footage="other.avi")
    bpy.ops.mien.load_take(filepath=str(saved_file / "takes" / "other" / "take.json"))
    assert marks_at(scene, 11) is None, "the marks in memory are another take's"
    read_now(scene.mien)
    assert "other footage" in problem_of(scene.mien) and marks_at(scene, 11) is None
    write(saved_file / "takes" / "without", landmarks=False)
    bpy.ops.mien.load_take(filepath=str(saved_file / "takes" / "without" / "take.json"))
    read_now(scene.mien)
    assert "no landmarks" in problem_of(scene.mien)
    bpy.ops.mien.hide_footage()
    assert marks_at(scene, 11) is None


def test_nothing_of_it_stays_when_mien_is_disabled(scene):
    read_now(scene.mien)
    registration.unregister()
    try:
        assert landmark_overlay._OVERLAY.handler is None
        assert landmark_overlay._OVERLAY.track is None
    finally:
        registration.register()


CORNERS = np.array([(0, 0), (200, 0), (200, 100), (0, 100)], float)


def test_the_footage_is_fitted_into_the_frame():
    # A picture twice as wide as high in a square: full width, in the middle of the height.
    placed = places_in_view(CORNERS, (200, 100), Frame(50, 10, 400, 400))
    assert placed.tolist() == [[50, 310], [450, 310], [450, 110], [50, 110]]
    # In a frame that is wider: full height.
    placed = places_in_view(CORNERS, (200, 100), Frame(0, 0, 400, 100))
    assert placed.tolist() == [[100, 100], [300, 100], [300, 0], [100, 0]]


def test_the_footage_may_be_moved_scaled_turned_and_flipped():
    frame = Frame(0, 0, 400, 200)
    moved = places_in_view(CORNERS, (200, 100), frame, Placing(offset=(0.5, -1.0)))
    apart = moved - places_in_view(CORNERS, (200, 100), frame)
    assert apart.tolist() == [[100, -100]] * 4
    scaled = places_in_view(CORNERS, (200, 100), frame, Placing(scale=0.5))
    assert scaled[0].tolist() == [100, 150]
    turned = places_in_view(CORNERS, (200, 100), frame, Placing(rotation=np.pi))
    np.testing.assert_allclose(turned[0], [400, 0], atol=1e-9)
    flipped = places_in_view(CORNERS, (200, 100), frame, Placing(flip_x=True))
    assert flipped[0].tolist() == [400, 200]


def test_each_mark_is_a_square_that_graphics_cards_take():
    vertices, triangles = squares(np.array([(10.0, 20.0), (30.0, 5.0)]), 1.5)
    assert vertices.dtype == np.float32 and triangles.dtype == np.int32
    assert vertices[4:].tolist() == [[28.5, 3.5], [31.5, 3.5], [31.5, 6.5], [28.5, 6.5]]
    assert triangles.tolist() == [[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]]
