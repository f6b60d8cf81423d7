"""The preview of a bake: a picture of curves, and the number of keys that will come."""

import bpy
import numpy as np
import pytest
from mien.addon.curve_picture import IMAGE
from mien.addon.operators.preview import forecast_key
from mien.blender_ops.animation import f_curves, read_keys
from mien.blender_ops.figures import grouped
from mien.models.performance import Performance
from mien.models.take import write_take

CHANNELS = ("jawOpen", "browInnerUp", "mouthFunnel", "cheekPuff")


@pytest.fixture
def settings(tmp_path, mien_enabled):
    """A mesh with a few face keys, and a take of four seconds with a head that turns."""
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    made = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(made)
    for channel in ("Basis", *CHANNELS):
        made.shape_key_add(name=channel).value = 0
    bpy.context.view_layer.objects.active = made
    times = np.arange(97) / 24
    weights = 0.5 - 0.5 * np.cos(times[:, None] * (3, 4, 5, 0))
    half = np.sin(times) * 0.2
    zero = np.zeros(97)
    head = np.stack([zero, zero, zero, np.cos(half), zero, np.sin(half), zero], axis=1)
    write_take(tmp_path / "take", Performance(weights, times, CHANNELS, head=head))
    bpy.ops.mien.load_take(filepath=str(tmp_path / "take" / "take.json"))
    found = bpy.context.scene.mien
    bpy.ops.mien.reset_recipe() if found.recipe else None
    for _ in range(len(found.recipe_stack)):
        bpy.ops.mien.remove_recipe_step()
    bpy.ops.mien.add_recipe_step(kind="gain")
    return found


def keys_said(settings):
    return int("".join(filter(str.isdigit, settings.forecast.split(" keys")[0])))


@pytest.mark.parametrize("change", [{}, {"tolerance": 0.0}, {"tolerance": 0.05, "hold": 3}])
def test_as_many_keys_come_as_were_said(settings, change):
    for name, value in change.items():
        setattr(settings, name, value)
    objects = set(bpy.data.objects)
    assert bpy.ops.mien.preview_bake() == {"FINISHED"}
    assert set(bpy.data.objects) == objects and not bpy.data.actions
    said = settings.forecast
    bpy.ops.mien.bake()
    assert settings.bake_report.startswith(said)
    curves = f_curves(bpy.data.objects["Face"].data.shape_keys)
    head = f_curves(next(each for each in bpy.data.objects if each.name != "Face"))
    keys = sum(len(read_keys(curve)) for found in (curves, head) for curve in found.values())
    assert said.startswith(f"{grouped(keys)} keys")


def test_more_tolerance_is_fewer_keys_and_an_old_number_is_known_as_such(settings):
    bpy.ops.mien.preview_bake()
    few = keys_said(settings)
    assert settings.forecast_for == forecast_key(bpy.context)
    settings.tolerance = 0.0
    assert settings.forecast_for != forecast_key(bpy.context)
    bpy.ops.mien.preview_bake()
    assert few * 3 < keys_said(settings)
    settings.recipe_stack[0].gain.overall = 0.5
    assert settings.forecast_for != forecast_key(bpy.context)


def test_the_picture_shows_before_and_after(settings):
    def drawn():
        image = bpy.data.images[IMAGE]
        values = np.empty(len(image.pixels), np.float32)
        image.pixels.foreach_get(values)
        width, height = image.size
        colors = np.round(values.reshape(height, width, 4) * 255).astype(int)
        return {
            name: int((np.abs(colors[..., :3] - color).max(axis=2) < 3).sum())
            for name, color in (("before", (130, 130, 130)), ("after", (90, 190, 235)))
        }

    bpy.ops.mien.preview_bake()
    hidden = drawn()
    # Nothing was changed: after lies on before.
    assert hidden["after"] > 1000 > hidden["before"]
    settings.recipe_stack[0].gain.overall = 0.5
    bpy.ops.mien.preview_bake()
    assert drawn()["before"] > hidden["before"] + 100
    assert len([image for image in bpy.data.images if image.name.startswith(IMAGE)]) == 1
    preview = bpy.data.images[IMAGE].preview
    assert tuple(preview.image_size) == tuple(bpy.data.images[IMAGE].size)


def test_a_region_can_be_chosen(settings):
    bpy.ops.mien.preview_bake(curves_of="jaw")
    jaw = np.array(bpy.data.images[IMAGE].pixels)
    bpy.ops.mien.preview_bake(curves_of="brows")
    assert np.abs(jaw - np.array(bpy.data.images[IMAGE].pixels)).max() > 0.3


def test_without_a_take_it_says_so(mien_enabled):
    with pytest.raises(RuntimeError, match="Capture footage or load a take first"):
        bpy.ops.mien.preview_bake()
