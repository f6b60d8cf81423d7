"""Bones of a face found by the names that each convention gives them."""

import bpy
import pytest
from mien.blender_ops.bones import bone_conventions, find_face_bones
from mien.blender_ops.bones_follow import aim_of, carried_by, depends_on, share_passed_on

# What files of these origins hold, written down from the files, not from our own table.
RIGS = {
    "Rigify, metarig": {
        "neck": ("spine.004", "spine.005"),
        "head": "spine.006",
        "eyeLeft": "eye.L",
        "eyeRight": "eye.R",
        "jaw": "jaw",
    },
    "Rigify, deforming bones only": {
        "neck": ("DEF-spine.004", "DEF-spine.005"),
        "head": "DEF-spine.006",
        "eyeLeft": "DEF-eye.L",
        "eyeRight": "DEF-eye.R",
        "jaw": "DEF-jaw",
    },
    "Auto-Rig Pro": {
        "neck": ("c_neck.x",),
        "head": "c_head.x",
        "eyeLeft": "c_eye.l",
        "eyeRight": "c_eye.r",
        "jaw": "c_jawbone.x",
    },
    "VRM, VRoid": {
        "neck": ("J_Bip_C_Neck",),
        "head": "J_Bip_C_Head",
        "eyeLeft": "J_Adj_L_FaceEye",
        "eyeRight": "J_Adj_R_FaceEye",
    },
    "Mixamo": {
        "neck": ("mixamorig:Neck",),
        "head": "mixamorig:Head",
        "eyeLeft": "mixamorig:LeftEye",
        "eyeRight": "mixamorig:RightEye",
    },
    "Character Creator": {
        "neck": ("CC_Base_NeckTwist01", "CC_Base_NeckTwist02"),
        "head": "CC_Base_Head",
        "eyeLeft": "CC_Base_L_Eye",
        "eyeRight": "CC_Base_R_Eye",
        "jaw": "CC_Base_JawRoot",
    },
    "Unreal mannequin, MetaHuman": {
        "neck": ("neck_01", "neck_02"),
        "head": "head",
        "eyeLeft": "FACIAL_L_Eye",
        "eyeRight": "FACIAL_R_Eye",
        "jaw": "FACIAL_C_Jaw",
    },
    "Daz Genesis 3, 8 and 9": {
        "neck": ("neckLower", "neckUpper"),
        "head": "head",
        "eyeLeft": "lEye",
        "eyeRight": "rEye",
        "jaw": "lowerJaw",
    },
    "MakeHuman": {
        "neck": ("neck01", "neck02", "neck03"),
        "head": "head",
        "eyeLeft": "eye.L",
        "eyeRight": "eye.R",
        "jaw": "jaw",
    },
    "MikuMikuDance": {"neck": ("首",), "head": "頭", "eyeLeft": "左目", "eyeRight": "右目"},
    "Plain words": {
        "neck": ("Neck",),
        "head": "Head",
        "eyeLeft": "LeftEye",
        "eyeRight": "RightEye",
    },
}


def parts_of(found):
    parts = {
        "neck": found.neck,
        "head": found.head,
        "eyeLeft": found.left_eye,
        "eyeRight": found.right_eye,
        "jaw": found.jaw,
    }
    return {part: name for part, name in parts.items() if name}


@pytest.mark.parametrize("convention", RIGS)
def test_each_convention_is_known(make_rig, convention):
    found = find_face_bones(make_rig(seed=1, **RIGS[convention]))
    assert found.convention == convention
    assert parts_of(found) == RIGS[convention]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # Exporters drop the colon, or number the namespace.
        ({"neck": ("mixamorigNeck",), "head": "mixamorigHead"}, {}),
        ({"neck": ("mixamorig9:Neck",), "head": "mixamorig9:Head"}, {}),
        # The short names that the VRM add-on gives VRoid's bones.
        ({"head": "Head", "eyeLeft": "FaceEye_L", "eyeRight": "FaceEye_R"}, {}),
        # A mannequin's body with eyes and jaw of a rigger's own.
        ({"neck": ("neck_01",), "head": "head", "eyeLeft": "eye_l", "jaw": "Jaw"}, {}),
        ({"neck": ("Neck_Joint",), "head": "Head_Joint", "eyeLeft": "LeftEye_Joint"}, {}),
        ({"neck": ("首",), "head": "頭", "eyeLeft": "目.L", "eyeRight": "目.R"}, {}),
        ({"head": "HeadTop_End", "eyeLeft": "eyelid.L", "jaw": "jaw_tweak.001"}, None),
    ],
)
def test_spellings_and_mixed_conventions(make_rig, names, expected):
    found = parts_of(find_face_bones(make_rig(seed=2, **names)))
    assert found == ({} if expected is None else names)


def test_names_given_by_the_viewer_are_turned_round(make_rig):
    """“Left” is the subject's left, whatever the bone is called."""
    rig = make_rig(head="head", eyeLeft="eye.R", eyeRight="eye.L")
    found = find_face_bones(rig)
    assert (found.left_eye, found.right_eye) == ("eye.R", "eye.L")


def test_a_neck_that_does_not_carry_the_head_is_none(make_rig):
    rig = make_rig(neck=("neck",), head="head")
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones["head"].parent = rig.data.edit_bones["hips"]
    bpy.ops.object.mode_set(mode="OBJECT")
    assert find_face_bones(rig).neck == ()


def test_a_neck_that_is_the_root_carries_the_shoulders(puppet):
    """As on busts: they would turn along with the head."""
    found = find_face_bones(puppet.parent)
    assert (found.head, found.neck) == ("head", ())


def test_no_face_bones_at_all(make_rig):
    assert parts_of(find_face_bones(make_rig())) == {}


def test_the_data_file_names_its_sources():
    names = [each.name for each in bone_conventions()]
    assert len(set(names)) == len(names)
    for each in bone_conventions():
        assert "http" in each.source or each.source.startswith("https://")
        assert set(each.bones) == {"head", "neck", "eyeLeft", "eyeRight", "jaw"}


# --- What moves along with what ------------------------------------------------------------


@pytest.fixture
def chain(make_rig):
    """neck > head > eyes, and a jaw that only copies the head."""
    rig = make_rig(
        mode="QUATERNION", neck=("neck",), head="head", eyeLeft="eye", eyeRight="aim", jaw="jaw"
    )
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones["jaw"].parent = None
    bpy.ops.object.mode_set(mode="OBJECT")
    copy = rig.pose.bones["jaw"].constraints.new("COPY_TRANSFORMS")
    copy.target, copy.subtarget = rig, "head"
    return rig


def test_children_and_copies_go_along(chain):
    assert depends_on(chain, "jaw", "neck")
    assert not depends_on(chain, "neck", "head")
    assert carried_by(chain, "neck") == {"neck", "head", "eye", "aim", "jaw"}
    chain.pose.bones["jaw"].constraints[0].influence = 0.5
    assert carried_by(chain, "head") == {"head", "eye", "aim"}
    chain.pose.bones["jaw"].constraints[0].mute = True
    assert not depends_on(chain, "jaw", "neck")


def test_what_a_bone_is_pointed_at(chain):
    assert aim_of(chain, "eye") is None
    track = chain.pose.bones["eye"].constraints.new("DAMPED_TRACK")
    assert aim_of(chain, "eye") is None, "no target yet"
    track.target, track.subtarget = chain, "aim"
    assert aim_of(chain, "head")[0] == "eye", "through what the bone carries"
    track.mute = True
    assert aim_of(chain, "eye") is None


@pytest.mark.parametrize("mode", ["QUATERNION", "YXZ", "AXIS_ANGLE"])
@pytest.mark.parametrize("influence", [0.0, 0.5, 1.0])
def test_how_much_of_a_turn_is_passed_on(chain, mode, influence):
    neck = chain.pose.bones["neck"]
    neck.rotation_mode = mode
    neck.rotation_quaternion = (0.9, 0.1, 0.2, -0.3)
    before = [list(neck.rotation_quaternion), list(neck.rotation_euler)]
    assert share_passed_on(chain, "neck", "head") == 1
    level = chain.pose.bones["head"].constraints.new("COPY_ROTATION")
    level.target, level.subtarget, level.influence = chain, "hips", influence
    # Halfway between two poses is not half of each turn, but it is neither of them.
    loose = 0.3 if influence == 0.5 else 1e-3
    assert share_passed_on(chain, "neck", "head") == pytest.approx(1 - influence, abs=loose)
    assert [list(neck.rotation_quaternion), list(neck.rotation_euler)] == before
