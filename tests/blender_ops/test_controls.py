"""Keys that drivers move are reached through their control; what cannot be is named, and why."""

import math
import re

import bpy
import numpy as np
import pytest
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.mapping import match
from mien.blender_ops.mapping.driver_formula import FormulaError, formula, straight_line
from mien.models.performance import Performance


@pytest.fixture
def rig():
    """A face whose keys nothing drives yet, on an armature with two control bones."""
    data = bpy.data.armatures.new("Rig")
    armature = bpy.data.objects.new("Rig", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for name, roll in (("CTRL_mouth", 0.4), ("CTRL_brow", -0.9)):
        bone = data.edit_bones.new(name)
        bone.head, bone.tail, bone.roll = (0, -1, 0), (0.2, -1, 0.3), roll
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in armature.pose.bones:
        bone.rotation_mode = "XYZ"
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, 0, 1)], [], [(0, 1, 2), (0, 1, 3)])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    face.parent = armature
    face.shape_key_add(name="Basis", from_mix=False)
    for number, key in enumerate(("jawOpen", "mouthLeft", "mouthRight", "browInnerUp")):
        block = face.shape_key_add(name=key, from_mix=False)
        block.data[number].co.z += 1
        block.value = 0
    return armature


def drive(key, expression="", **variables):
    """Put a driver on a face key. A variable is a data path of the rig, or a dict of a target."""
    curve = bpy.data.objects["Face"].data.shape_keys.key_blocks[key].driver_add("value")
    for modifier in list(curve.modifiers):
        curve.modifiers.remove(modifier)
    driver = curve.driver
    driver.type = "SCRIPTED" if expression else "AVERAGE"
    for name, read in variables.items():
        variable = driver.variables.new()
        variable.name = name
        if isinstance(read, str):
            variable.targets[0].id = bpy.data.objects["Rig"]
            variable.targets[0].data_path = read
            continue
        variable.type = read.pop("type", "TRANSFORMS")
        for target in variable.targets:
            target.id = bpy.data.objects["Rig"]
            for attribute, value in read.items():
                setattr(target, attribute, value)
    driver.expression = expression
    return curve


def bone(name="CTRL_mouth", kind="LOC_Y", space="LOCAL_SPACE"):
    return {"bone_target": name, "transform_type": kind, "transform_space": space}


def played(key):
    """A face key's value as Blender evaluates it now."""
    bpy.context.view_layer.update()
    face = bpy.data.objects["Face"].evaluated_get(bpy.context.evaluated_depsgraph_get())
    return face.data.shape_keys.key_blocks[key].value


def heights():
    """How far each corner of the face stands above where it was made."""
    face = bpy.data.objects["Face"].evaluated_get(bpy.context.evaluated_depsgraph_get())
    return [vertex.co.z - (0, 0, 0, 1)[vertex.index] for vertex in face.data.vertices]


def bake_one(channel, weights):
    character = find_character(bpy.data.objects["Face"])
    performance = Performance(np.array(weights)[:, None], np.arange(len(weights)) / 24, (channel,))
    return bake(performance, character, match(character), BakeOptions(tolerance=0))


REACHABLE = {
    "location": ("v", bone(), 1.0, 0.0),
    "location that is scaled": ("v * 20", bone(), 0.05, 0.0),
    "backwards": ("-v / 0.1", bone(kind="LOC_X"), -0.1, 0.0),
    "clamped": ("max(0, min(1, v * 4))", bone(kind="LOC_Z"), 0.25, 0.0),
    "one side of a slider": ("-v if v < 0 else 0", bone(kind="LOC_X"), -1.0, 0.0),
    "a rest elsewhere": ("2 * (v - 0.25)", bone(), 0.5, 0.25),
    "upside down": ("1 - v", bone(), -1.0, 1.0),
    "degrees": ("degrees(v) / 30", bone(kind="ROT_X"), math.radians(30), 0.0),
    "scale": ("(v - 1) * 2", bone(kind="SCALE_Y"), 0.5, 1.0),
    "transform space": ("v", bone(space="TRANSFORM_SPACE"), 1.0, 0.0),
    "bone property": ("v", 'pose.bones["CTRL_brow"]["amount"]', 1.0, 0.0),
    "object property": ("v / 10", '["smile"]', 10.0, 0.0),
    "channel by its path": ("v * 2", 'pose.bones["CTRL_brow"].location[2]', 0.5, 0.0),
    "no expression": ("", '["smile"]', 1.0, 0.0),
}


@pytest.mark.parametrize("case", REACHABLE)
def test_a_control_is_keyed_for_the_key_that_it_drives(rig, case):
    expression, read, weight, rest = REACHABLE[case]
    rig["smile"] = 0.0
    rig.pose.bones["CTRL_brow"]["amount"] = 0.0
    drive("jawOpen", expression, v=dict(read) if isinstance(read, dict) else read)
    (target,) = match(find_character(rig)).found["jawOpen"]
    assert target.object == rig and target.key == ""
    assert (target.weight, target.rest) == pytest.approx((weight, rest), abs=1e-4)
    result = bake_one("jawOpen", [0, 0.25, 0.7, 1])
    assert result.notes == ()
    for frame, expected in enumerate([0, 0.25, 0.7, 1], 1):
        bpy.context.scene.frame_set(frame)
        assert played("jawOpen") == pytest.approx(expected, abs=1e-4)
        assert heights()[0] == pytest.approx(expected, abs=1e-4)


def test_one_slider_for_two_keys(rig):
    drive("mouthLeft", "max(0, v * 10)", v=bone(kind="LOC_X"))
    drive("mouthRight", "max(0, -v * 10)", v=bone(kind="LOC_X"))
    character = find_character(rig)
    performance = Performance(
        np.array([[0, 0], [0.6, 0], [0, 0.8], [0.5, 0.1]]),
        np.arange(4) / 24,
        ("mouthLeft", "mouthRight"),
    )
    result = bake(performance, character, match(character), BakeOptions(tolerance=0))
    assert result.curves == 1
    for frame, (left, right) in enumerate([(0, 0), (0.6, 0), (0, 0.8), (0.4, 0)], 1):
        bpy.context.scene.frame_set(frame)
        assert played("mouthLeft") == pytest.approx(left, abs=1e-4)
        assert played("mouthRight") == pytest.approx(right, abs=1e-4)


def test_few_keys_on_a_control_stay_within_the_tolerance_of_the_key(rig):
    drive("jawOpen", "v * 50", v=bone())
    seconds = np.arange(97) / 24
    weights = 0.5 + 0.5 * np.sin(seconds * 5)
    character = find_character(rig)
    performance = Performance(weights[:, None], seconds, ("jawOpen",))
    result = bake(performance, character, match(character), BakeOptions(tolerance=0.01))
    assert result.keys < 40
    assert 0 < result.largest_error <= 0.01
    for frame in range(1, 98, 8):
        bpy.context.scene.frame_set(frame)
        assert played("jawOpen") == pytest.approx(weights[frame - 1], abs=0.0101)


def test_a_chain_of_drivers(rig):
    rig["smile"] = 0.0
    drive("jawOpen", "v * 2", v='["smile"]')
    curve = rig.driver_add('["smile"]')
    for modifier in list(curve.modifiers):
        curve.modifiers.remove(modifier)
    curve.driver.type = "SCRIPTED"
    variable = curve.driver.variables.new()
    variable.name = "v"
    variable.type = "TRANSFORMS"
    target = variable.targets[0]
    target.id, target.bone_target = rig, "CTRL_brow"
    target.transform_type, target.transform_space = "LOC_X", "LOCAL_SPACE"
    curve.driver.expression = "v / 4"
    (target,) = match(find_character(rig)).found["jawOpen"]
    assert target.data_path == 'pose.bones["CTRL_brow"].location'
    assert target.weight == pytest.approx(2)
    bake_one("jawOpen", [0, 0.5])
    bpy.context.scene.frame_set(2)
    assert played("jawOpen") == pytest.approx(0.5, abs=1e-4)


def test_a_driver_with_a_curve_of_its_own(rig):
    curve = drive("jawOpen", "v", v=bone())
    curve.keyframe_points.insert(0, 0)
    curve.keyframe_points.insert(0.2, 1)
    for point in curve.keyframe_points:
        point.interpolation = "LINEAR"
    (target,) = match(find_character(rig)).found["jawOpen"]
    assert target.weight == pytest.approx(0.2, abs=1e-5)
    curve = drive("browInnerUp", "v", v=bone("CTRL_brow"))
    generator = curve.modifiers.new("GENERATOR")
    generator.coefficients = (0, 4)
    (target,) = match(find_character(rig)).found["browInnerUp"]
    assert target.weight == pytest.approx(0.25, abs=1e-5)


def test_a_muted_driver_moves_nothing_so_the_key_itself_is_keyed(rig):
    drive("jawOpen", "v", v=bone()).mute = True
    (target,) = match(find_character(rig)).found["jawOpen"]
    assert target.key == "jawOpen"


def test_a_control_that_is_locked_is_keyed_all_the_same(rig):
    drive("jawOpen", "v", v=bone())
    rig.pose.bones["CTRL_mouth"].lock_location = (True, True, True)
    bake_one("jawOpen", [0, 1])
    bpy.context.scene.frame_set(2)
    assert played("jawOpen") == pytest.approx(1, abs=1e-4)


def test_a_locked_key_is_keyed_and_a_muted_one_is_told(rig):
    blocks = bpy.data.objects["Face"].data.shape_keys.key_blocks
    if hasattr(blocks["jawOpen"], "lock_shape"):
        blocks["jawOpen"].lock_shape = True
    assert bake_one("jawOpen", [0, 1]).notes == ()
    bpy.context.scene.frame_set(2)
    assert heights()[0] == pytest.approx(1)
    blocks["jawOpen"].mute = True
    mapping = match(find_character(rig))
    assert mapping.silent == ("Face: jawOpen is muted",)
    result = bake_one("jawOpen", [0, 1])
    assert "1 face key shows nothing: Face: jawOpen is muted" in result.words()


def test_a_pinned_key_hides_the_others(rig):
    face = bpy.data.objects["Face"]
    face.active_shape_key_index = 1
    face.show_only_shape_key = True
    mapping = match(find_character(rig))
    assert all("its pin is set" in each for each in mapping.silent)
    assert mapping.row("jawOpen").silent == ()


UNREACHABLE = {
    "curved": ("v * v", {"v": bone()}, "no straight line"),
    "several": ("a + b", {"a": bone(), "b": bone(kind="LOC_X")}, "several controls"),
    "world": ("v", {"v": bone(space="WORLD_SPACE")}, "where CTRL_mouth is in the world"),
    "time": ("frame / 10 + v", {"v": bone()}, "reads “frame”"),
    "a call": ("noise.random() * v", {"v": bone()}, "more than arithmetic"),
    "nothing": ("0.5", {}, "reads no control"),
    "distance": (
        "v",
        {"v": {"type": "LOC_DIFF", "bone_target": "CTRL_brow"}},
        "between two things",
    ),
    "average scale": ("v", {"v": bone(kind="SCALE_AVG")}, "SCALE_AVG of CTRL_mouth"),
    "gone": ("v", {"v": '["gone"]'}, "gone|broken"),
}


@pytest.mark.parametrize("case", UNREACHABLE)
def test_what_cannot_be_reached_is_named_with_the_reason(rig, case):
    expression, variables, reason = UNREACHABLE[case]
    drive(
        "jawOpen",
        expression,
        **{name: dict(v) if isinstance(v, dict) else v for name, v in variables.items()},
    )
    bpy.context.view_layer.update()
    mapping = match(find_character(rig))
    assert "jawOpen" in mapping.missing
    (told,) = mapping.unreachable
    assert told.startswith("Face: jawOpen – ")
    assert re.search(reason, told)
    with pytest.raises(CharacterError, match="can be moved: Face: jawOpen"):
        bake_one("jawOpen", [0, 1])
    both = Performance(np.array([[0, 0], [1, 1]]), [0, 1], ("jawOpen", "mouthLeft"))
    character = find_character(rig)
    result = bake(both, character, match(character))
    assert "1 face key cannot be moved: Face: jawOpen" in result.words()
    assert result.missing == ()


def test_a_bone_that_turns_by_quaternions_is_named(rig):
    rig.pose.bones["CTRL_mouth"].rotation_mode = "QUATERNION"
    drive("jawOpen", "v", v=bone(kind="ROT_X"))
    (told,) = match(find_character(rig)).unreachable
    assert "XYZ Euler" in told


def test_a_control_that_constraints_move_is_named(rig):
    drive("jawOpen", "v", v=bone())
    constraint = rig.pose.bones["CTRL_mouth"].constraints.new("COPY_LOCATION")
    (told,) = match(find_character(rig)).unreachable
    assert "constraints move CTRL_mouth" in told
    constraint.mute = True
    limit = rig.pose.bones["CTRL_mouth"].constraints.new("LIMIT_LOCATION")
    limit.use_min_y = True
    assert match(find_character(rig)).unreachable == ()


def test_drivers_that_go_round_in_a_circle(rig):
    rig["a"] = rig["b"] = 0.0
    drive("jawOpen", "v", v='["a"]')
    for one, other in (("a", "b"), ("b", "a")):
        curve = rig.driver_add(f'["{one}"]')
        for modifier in list(curve.modifiers):
            curve.modifiers.remove(modifier)
        variable = curve.driver.variables.new()
        variable.name = "v"
        variable.targets[0].id = rig
        variable.targets[0].data_path = f'["{other}"]'
        curve.driver.expression = "v"
    (told,) = match(find_character(rig)).unreachable
    assert "circle" in told


def test_custom_properties_that_are_named_like_channels(rig):
    """A rig without named keys: its properties are found, and go to their own limit."""
    for block in bpy.data.objects["Face"].data.shape_keys.key_blocks[1:]:
        block.name = f"corrective {block.name[:2]}"
    keys = bpy.data.objects["Face"].data.shape_keys.key_blocks
    rig["jawOpen"] = 0.0
    rig.id_properties_ui("jawOpen").update(min=0.0, max=10.0, soft_min=0.0, soft_max=10.0)
    rig.pose.bones["CTRL_brow"]["mouthFunnel"] = 0
    rig.pose.bones["CTRL_brow"].id_properties_ui("mouthFunnel").update(min=0, max=100)
    drive(keys[1].name, "v / 10", v='["jawOpen"]')
    mapping = match(find_character(rig))
    assert mapping.found["jawOpen"][0].weight == 10
    assert mapping.found["mouthFunnel"][0].weight == 100
    assert mapping.found["jawOpen"][0].label == "Rig: jawOpen"
    bake_one("jawOpen", [0, 0.5, 3])
    bpy.context.scene.frame_set(2)
    assert rig["jawOpen"] == pytest.approx(5)
    assert heights()[0] == pytest.approx(0.5, abs=1e-4)
    bpy.context.scene.frame_set(3)
    assert rig["jawOpen"] == pytest.approx(10)


def test_a_rig_whose_face_is_bones_behind_properties(rig):
    """No face keys at all: what the properties move is the rig's own business."""
    bpy.data.objects.remove(bpy.data.objects["Face"])
    with pytest.raises(CharacterError, match="no shape keys"):
        find_character(rig)
    for name in ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight"):
        rig[name] = 0.0
    character = find_character(rig)
    mapping = match(character)
    assert set(mapping.found) == {"jawOpen", "eyeBlinkLeft", "eyeBlinkRight"}
    performance = Performance(np.array([[0.0], [0.75]]), [0, 1 / 24], ("jawOpen",))
    bake(performance, character, mapping, BakeOptions(tolerance=0))
    bpy.context.scene.frame_set(2)
    assert rig["jawOpen"] == pytest.approx(0.75)


def test_a_control_of_another_object_has_its_corrections_layer(rig):
    """What is keyed on an empty is found again by what comes after a bake."""
    from mien.blender_ops.animation import bake_strip
    from mien.blender_ops.character import keyed_datablocks
    from mien.blender_ops.corrections import add_corrections_layer

    slider = bpy.data.objects.new("Slider", None)
    bpy.context.scene.collection.objects.link(slider)
    drive("jawOpen", "v", v=bone())
    variable = (
        bpy.data.objects["Face"].data.shape_keys.animation_data.drivers[0].driver.variables[0]
    )
    variable.targets[0].id = slider
    variable.targets[0].bone_target = ""
    bake_one("jawOpen", [0, 0.5, 1])
    character = find_character(rig)
    assert slider in list(keyed_datablocks(character))
    add_corrections_layer(character)
    assert bake_strip(slider) is not None
    bpy.context.scene.frame_set(2)
    assert played("jawOpen") == pytest.approx(0.5, abs=1e-4)


# --- The arithmetic ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "x", "result"),
    [
        ("v * 2 + 1", 3, 7),
        ("-v ** 2", 3, -9),
        ("clamp(v, 0, 1)", 5, 1),
        ("min(1, max(v, 0.5)) if v > 0 else 0", 0.1, 0.5),
        ("radians(180) / pi", 0, 1),
        ("lerp(1, 3, v)", 0.5, 2),
        ("v % 3 >= 1", 4, 1),
    ],
)
def test_arithmetic(expression, x, result):
    assert formula(expression)({"v": x}) == pytest.approx(result)


@pytest.mark.parametrize(
    "expression",
    ["__import__('os').getcwd()", "[v][0]", "v.real", "lambda: v", "open('x')", "v if", "f(v)"],
)
def test_what_is_no_arithmetic_is_never_run(expression):
    with pytest.raises(FormulaError):
        formula(expression)({"v": 1.0})


def test_straight_pieces():
    assert straight_line(lambda x: 3 * x - 1, 0, 1, 0) == pytest.approx((1 / 3, 2 / 3))
    assert straight_line(lambda x: min(1, max(0, x - 4)), 0, 1, 4) == pytest.approx((4, 5))
    assert straight_line(lambda x: x**3, 0, 1, 0) is None
    assert straight_line(lambda x: 0.5, 0, 1, 0) is None
    assert straight_line(lambda x: min(0.5, x), 0, 1, 0) is None
    assert straight_line(lambda x: 1 / x, 0, 1, 0) is None
