"""Twelve pictures of the character, one put on it, one keyed, and nothing left in the file."""

import bpy
import numpy as np
import pytest
from mien.addon.gallery_pictures import GALLERY
from mien.addon.jobs.gallery import GalleryJob
from mien.addon.jobs.job import JOBS, State
from mien.addon.operators import gallery
from mien.blender_ops.animation import f_curves
from mien.blender_ops.character import find_character
from mien.blender_ops.demo.character import build_demo_character
from mien.blender_ops.gallery import pictures_in_steps
from mien.blender_ops.mapping import match
from mien.blender_ops.posing import Face, expression_of
from mien.models.arkit import CHANNELS


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory):
    """The demo character in a file, as building it takes seconds."""
    bpy.ops.wm.read_homefile(use_empty=True)
    head = build_demo_character().head
    bpy.context.view_layer.objects.active = head
    head.select_set(True)
    path = tmp_path_factory.mktemp("demo") / "demo.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


@pytest.fixture
def head(mien_enabled, demo_file):
    """The demo character's head, selected."""
    bpy.ops.wm.open_mainfile(filepath=str(demo_file))
    bpy.context.view_layer.update()
    return bpy.context.object


def shown(head):
    character = find_character(head)
    return expression_of(character, match(character))


def without_gaze(weights):
    """The eyes of the demo turn by bones, which are not read back as weights."""
    kept = [n for n, name in enumerate(CHANNELS) if not name.startswith("eyeLook")]
    return weights[kept]


def test_twelve_pictures_differ_and_leave_the_face_as_it_was(head):
    before = shown(head)
    assert bpy.ops.mien.make_gallery(subject="joy", seed=3) == {"FINISHED"}
    assert len(GALLERY) == 12
    assert GALLERY.pictures.shape[0] == 12
    for one, other in zip(GALLERY.pictures, GALLERY.pictures[1:], strict=False):
        assert np.abs(one - other).max() > 0.05
    assert GALLERY.subject == "joy"
    np.testing.assert_array_equal(shown(head), before)


def test_a_picture_is_put_on_and_keyed(head):
    bpy.ops.mien.make_gallery(subject="anger", seed=1)
    keys = head.data.shape_keys
    assert bpy.ops.mien.apply_picture(number=4) == {"FINISHED"}
    assert keys.animation_data is None
    wanted = without_gaze(GALLERY.expressions[4])
    np.testing.assert_allclose(without_gaze(shown(head)), wanted, atol=1e-6)

    bpy.context.scene.frame_set(7)
    assert bpy.ops.mien.key_picture(number=9) == {"FINISHED"}
    place = CHANNELS.index("browDownLeft")
    curve = f_curves(keys)['key_blocks["browDownLeft"].value', 0]
    (key,) = curve.keyframe_points
    assert tuple(key.co) == pytest.approx((7, GALLERY.expressions[9, place]))


def test_a_picture_can_be_put_on_in_part(head):
    bpy.ops.mien.make_gallery(subject="joy", seed=1)
    bpy.ops.mien.apply_picture(number=0, strength=0.5)
    np.testing.assert_allclose(
        without_gaze(shown(head)), without_gaze(GALLERY.expressions[0]) / 2, atol=1e-6
    )


def test_the_face_now_is_what_the_pictures_are_around(head):
    head.data.shape_keys.key_blocks["eyeBlinkLeft"].value = 0.8
    bpy.ops.mien.make_gallery(subject="FACE")
    winks = GALLERY.expressions[:, CHANNELS.index("eyeBlinkLeft")]
    np.testing.assert_allclose(winks, 0.8, atol=1e-6)
    assert np.ptp(GALLERY.expressions, axis=0).max() > 0.1


def test_without_character_or_pictures_the_buttons_are_grey(mien_enabled):
    assert not bpy.ops.mien.make_gallery.poll()
    assert gallery.MIEN_OT_make_gallery.disabled_reason(bpy.context)
    assert not bpy.ops.mien.apply_picture.poll()


def test_the_live_sliders_stay_where_they_are(head):
    live = bpy.context.scene.mien.live
    live.axes[0] = 1.5
    before, values = live.before, shown(head)
    assert before
    bpy.ops.mien.make_gallery()
    assert (live.axes[0], live.before) == (1.5, before)
    np.testing.assert_array_equal(shown(head), values)
    live.axes[0] = 0
    assert shown(head).max() < 1e-6


def test_another_file_drops_the_pictures(head):
    bpy.ops.mien.make_gallery(seed=1)
    bpy.context.window_manager.mien_gallery.chosen[3] = True
    bpy.ops.wm.read_homefile(use_empty=True)
    assert len(GALLERY) == 0
    assert not any(bpy.context.window_manager.mien_gallery.chosen)


def test_stopped_after_any_picture_nothing_is_left(head):
    character = find_character(head)
    mapping = match(character)
    face = Face(character, mapping)
    before, data = face.values(), data_blocks()
    expressions = np.eye(52)[[CHANNELS.index("jawOpen")] * 4]
    job = JOBS.start(
        lambda: GalleryJob(
            lambda tell: expressions,
            lambda made: pictures_in_steps(character, mapping, made, size=64),
        )
    )
    while job.fraction < 0.3:
        job.poll()
        assert data_blocks() == data
    job.cancel()
    assert job.state is State.CANCELLED
    assert data_blocks() == data
    np.testing.assert_array_equal(face.values(), before)


def data_blocks():
    """All of the file's data-blocks by kind and name."""
    collections = (getattr(bpy.data, name) for name in dir(bpy.data))
    return {
        (type(block).__name__, block.name_full)
        for collection in collections
        if isinstance(collection, bpy.types.bpy_prop_collection)
        for block in collection
    }
