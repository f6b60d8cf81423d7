"""What every operator of Mien has in common: names, tooltips, undo, grey buttons that say why."""

import re

import bpy
import numpy as np
import pytest
from bl_operators.presets import AddPresetBase
from mien.addon import menus, registration, take_list
from mien.addon.jobs.job import JOBS, Job
from mien.blender_ops.animation import f_curves
from mien.blender_ops.demo import build_demo_character
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance
from mien.models.recipe import Recipe
from mien.models.take import write_take

OPERATORS = [kind for kind in registration.CLASSES if issubclass(kind, bpy.types.Operator)]
NAMES = [kind.bl_idname for kind in OPERATORS]

# These change nothing that an undo could take back: they read, write files, or stop something.
WITHOUT_UNDO = {
    "mien.stop_job",
    "mien.export_take",
    "mien.refresh_takes",
    "mien.open_takes_folder",
    "mien.run_batch",
    "mien.open_batch_report",
    "mien.open_conventions",
    "mien.open_manual",
    "mien.make_gallery",
    "mien.add_bake_preset",
    "mien.add_recipe_preset",
}
# Once done they are not done again by changing a setting below the view: that takes too long.
WITHOUT_REDO = WITHOUT_UNDO | {
    "mien.capture",
    "mien.capture_file",
    "mien.show_footage",
    "mien.preview_bake",
    "mien.sample_expressions",
    "mien.sample_motion",
    "mien.idle",
    "mien.between",
}


def called(name):
    module, function = name.split(".")
    return getattr(getattr(bpy.ops, module), function)


def own_properties(kind):
    properties = called(kind.bl_idname).get_rna_type().properties
    return [each for each in properties if each.identifier != "rna_type" and not each.is_hidden]


@pytest.fixture
def enabled(mien_enabled):
    """Mien, with the demo character and a take in use."""


@pytest.mark.parametrize("kind", OPERATORS, ids=NAMES)
def test_names_and_tooltips(mien_enabled, kind):
    assert kind.bl_idname.startswith("mien.")
    rna = called(kind.bl_idname).get_rna_type()
    assert rna.description and not rna.description.endswith("."), "a tooltip, no sentence"
    assert rna.name and rna.name[0].isupper()
    if not issubclass(kind, AddPresetBase):  # Blender's own properties.
        for each in own_properties(kind):
            assert each.name and each.name[0].isupper(), each.identifier
            assert each.description and not each.description.endswith("."), each.identifier


@pytest.mark.parametrize("kind", OPERATORS, ids=NAMES)
def test_what_changes_data_is_one_undo_step_and_can_be_redone(kind):
    options = getattr(kind, "bl_options", set())
    assert ("UNDO" in options) == (kind.bl_idname not in WITHOUT_UNDO)
    if kind.bl_idname not in WITHOUT_REDO and "INTERNAL" not in options:
        assert "REGISTER" in options


@pytest.mark.parametrize("kind", OPERATORS, ids=NAMES)
def test_units_are_blenders_own(mien_enabled, kind):
    for each in own_properties(kind):
        if each.type != "FLOAT":
            continue
        if each.identifier in ("seconds", "start", "end", "at", "duration"):
            assert each.unit in ("TIME", "TIME_ABSOLUTE"), each.identifier
        if each.identifier in ("strength", "intensity", "symmetry", "neck_share"):
            assert each.subtype == "FACTOR", each.identifier


class Busy(Job):
    def __init__(self):
        super().__init__("Working")

    def advance(self):
        pass

    def release(self):
        pass


def write(folder):
    times = np.arange(61) / 30
    weights = np.zeros((61, len(CHANNELS)), np.float32)
    weights[:, CHANNELS.index("jawOpen")] = 0.5 - 0.5 * np.cos(times * np.pi * 2)
    weights[:, CHANNELS.index("mouthSmileLeft")] = np.linspace(0, 1, 61)
    return write_take(folder, Performance(weights, times), recipe=Recipe())


def nothing(folder):
    pass


def a_cube(folder):
    bpy.ops.mesh.primitive_cube_add()


def a_character(folder):
    bpy.context.view_layer.objects.active = build_demo_character().head


def a_take(folder):
    write(folder / "takes" / "face")
    take_list.refresh()
    bpy.context.scene.mien.take_index = 0


def a_job(folder):
    a_character(folder)
    a_take(folder)
    bpy.context.scene.mien.footage = str(folder / "face.mp4")
    JOBS.start(Busy)


def edit_mode(folder):
    a_cube(folder)
    bpy.ops.object.mode_set(mode="EDIT")


@pytest.mark.parametrize("situation", [nothing, a_cube, a_character, a_take, a_job, edit_mode])
def test_a_grey_button_says_why(saved_file, situation):
    situation(saved_file)
    grey = [name for name in NAMES if not called(name).poll()]
    for name in grey:
        with pytest.raises(RuntimeError) as told:
            called(name)()
        reason = re.search(r"poll\(\) (.*)", str(told.value))
        assert reason and "context is incorrect" not in reason[1], f"{name} says nothing"
        assert reason[1][0].isupper() or reason[1][0] == "“", reason[1]
    if situation is a_job:
        assert {"mien.bake", "mien.capture", "mien.transfer_face_keys"} <= set(grey)
    assert "mien.load_take" not in grey


# Search (F3) finds what the menus of the editor below the mouse hold.


def test_menus_hold_every_operator_that_needs_no_row(mien_enabled):
    held = {
        kind.bl_idname
        for section in menus.SECTIONS
        for module in section.modules
        for kind in menus.operators_of(module)
    }
    expected = {
        kind.bl_idname for kind in OPERATORS if "INTERNAL" not in getattr(kind, "bl_options", ())
    }
    elsewhere = {"mien.write_report", "mien.open_manual"}  # In Help.
    assert expected - held - menus.OF_A_ROW - elsewhere == set()
    assert set(NAMES) >= menus.OF_A_ROW


@pytest.mark.parametrize("menu", ["VIEW3D_MT_object", "VIEW3D_MT_pose", "GRAPH_MT_key"])
def test_the_menu_is_where_it_belongs_as_long_as_mien_is_enabled(empty_file, menu):
    def entries():
        return [each.__module__ for each in getattr(bpy.types, menu).draw._draw_funcs]

    getattr(bpy.types, menu).append(stays)
    try:
        registration.register()
        assert any(name.endswith("addon.menus") for name in entries())
        registration.unregister()
        assert not any(name.endswith("addon.menus") for name in entries())
    finally:
        getattr(bpy.types, menu).remove(stays)


def stays(menu, context):
    """Another add-on's entry."""


# Redo: the same operator with another setting does something else.


def _after(name, **settings):
    """What an operator leaves behind, from the same beginning each time."""
    bpy.ops.ed.undo_push(message="before")
    assert called(name)(**settings) == {"FINISHED"}
    scene = bpy.context.scene
    keys = bpy.context.object.data.shape_keys
    curves = f_curves(keys) if keys.animation_data else {}
    left = (
        scene.mien.recipe,
        scene.mien.start_frame,
        tuple((marker.name, marker.frame) for marker in scene.timeline_markers),
        tuple((path, len(curve.keyframe_points)) for path, curve in sorted(curves.items())),
        len(bpy.data.actions),
    )
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    return left


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("mien.bake", {"tolerance": 0.0}, {"tolerance": 0.05}),
        ("mien.bake", {"start_frame": 1, "hold": 1}, {"start_frame": 1, "hold": 4}),
        ("mien.trim_take", {"start": 0.5}, {"start": 1.0}),
        ("mien.trim_at_frame", {"edge": "START"}, {"edge": "END"}),
        ("mien.add_recipe_step", {"kind": "mirror"}, {"kind": "gain"}),
        ("mien.refine", {"strength": 0.2}, {"strength": 0.7}),
        ("mien.vary_take", {"amount": 0.2}, {"amount": 0.7}),
        ("mien.direct_take", {"emotion": "joy"}, {"emotion": "anger"}),
        ("mien.find_moments", {"count": 1}, {"count": 2}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_redo_with_another_setting_gives_another_result(saved_file, name, one, other):
    a_character(saved_file)
    a_take(saved_file)
    bpy.context.scene.render.fps = 24
    bpy.context.scene.frame_set(13)
    assert _after(name, **one) == _after(name, **one)
    assert _after(name, **one) != _after(name, **other)
