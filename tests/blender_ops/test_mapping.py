"""Shape keys in any spelling find their channel; the others are listed, not guessed."""

import itertools

import bpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.blender_ops.character import CharacterError, find_character
from mien.blender_ops.mapping import match
from mien.blender_ops.mapping.conventions import Convention, arkit
from mien.blender_ops.mapping.names import plain
from mien.models.arkit import CHANNELS

_CAPITAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def words_of(channel):
    """jawOpen → jaw, Open."""
    starts = [0, *(i for i, letter in enumerate(channel) if letter in _CAPITAL), len(channel)]
    return [channel[a:b] for a, b in itertools.pairwise(starts)]


@st.composite
def spellings(draw):
    """A channel, and a way to write it that a person reads as the same."""
    channel = draw(st.sampled_from(CHANNELS))
    words = words_of(channel)
    side = words.pop() if words[-1] in ("Left", "Right") else ""
    if side:
        side = draw(st.sampled_from([side, side[0]]))
    capitals = draw(st.sampled_from([str.lower, str.upper, str.capitalize]))
    between = draw(st.sampled_from(["_", "-", " ", "."]))
    if draw(st.booleans()):
        # Words run together: only capitals tell them apart, and a lone letter needs one.
        name = "".join([words[0].lower(), *words[1:]])
        name = draw(st.sampled_from([name, name[0].upper() + name[1:]]))
        name += draw(st.sampled_from(["", between])) + side if side else ""
    else:
        parts = [capitals(word) for word in words]
        if side:
            parts.insert(draw(st.sampled_from([0, len(parts)])), capitals(side))
        name = between.join(parts)
    return channel, draw(st.sampled_from(["", "blendShape1.", "Head|", "ns:"])) + name


@settings(max_examples=300, deadline=None)
@given(spellings())
def test_every_spelling_is_understood(spelling):
    channel, name = spelling
    assert arkit().find(name) == channel


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_name_is_either_found_or_not(name):
    channel = arkit().find(name)
    assert channel is None or channel in CHANNELS
    assert plain(plain(name)) == plain(name)


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("jawOpen", "jawOpen"),
        ("JawOpen", "jawOpen"),
        ("jaw_open", "jawOpen"),
        ("JAWOPEN", "jawOpen"),
        ("eyeBlink_L", "eyeBlinkLeft"),
        ("eyeBlinking_Left", "eyeBlinkLeft"),
        ("EyeBlinkR", "eyeBlinkRight"),
        ("l_eyeBlink", "eyeBlinkLeft"),
        ("eyeblinkright", "eyeBlinkRight"),
        ("blendShape1.jawOpen", "jawOpen"),
        ("Wolf3D_Head:mouthSmile.L", "mouthSmileLeft"),
        ("browInnerUp", "browInnerUp"),
        ("browInnerUp_L", "browInnerUp"),
        ("mouthLeft", "mouthLeft"),
        ("mouth_l", "mouthLeft"),
        ("eyeLookInLeft", "eyeLookInLeft"),
        ("jawOpen.001", None),
        ("jawOpened", None),
        ("Basis", None),
        ("smile", None),
        ("mouthSmile", None),
        ("eyeBlink", None),
        ("left_eyeBlink_right", None),
        ("", None),
        ("口", None),
        ("口jawOpen", None),
    ],
)
def test_names(name, channel):
    assert arkit().find(name) == channel


def test_the_data_files_name_their_sources():
    assert "https://" in arkit().source
    assert tuple(arkit().names) == CHANNELS


def test_a_name_for_two_channels_is_refused():
    with pytest.raises(ValueError, match="two channels"):
        Convention("Bad", "", {"jawOpen": ("jaw_open",), "jawLeft": ("JawOpen",)})


def test_all_meshes_of_a_character_are_matched(puppet):
    mapping = match(find_character(puppet))
    assert mapping.missing == ()
    assert [(t.object.name, t.key) for t in mapping.found["jawOpen"]] == [
        ("Face", "jawOpen"),
        ("Tongue", "jaw_open"),
    ]
    assert [t.object.name for t in mapping.found["tongueOut"]] == ["Tongue"]
    assert list(mapping.found) == list(CHANNELS)


def test_what_is_not_found_is_listed(puppet):
    blocks = puppet.data.shape_keys.key_blocks
    blocks["jawForward"].name = "chinForward"
    blocks["cheekPuff"].name = "cheekPuff_L"
    blocks["noseSneerLeft"].name = "JawOpen"
    mapping = match(find_character(puppet))
    assert mapping.missing == ("jawForward", "noseSneerLeft")
    assert mapping.unknown == ("Face: chinForward", "Face: JawOpen")
    assert [t.key for t in mapping.found["cheekPuff"]] == ["cheekPuff_L"]
    assert [t.key for t in mapping.found["jawOpen"]] == ["jawOpen", "jaw_open"]


def test_a_deleted_mesh_is_an_error_that_says_so(puppet):
    character = find_character(puppet)
    bpy.data.objects.remove(puppet)
    with pytest.raises(CharacterError, match="deleted"):
        match(character)


@pytest.mark.shared
def test_the_live_link_head(shared):
    bpy.ops.wm.open_mainfile(filepath=str(shared / "rigs/live_link_head/Live_Link_Face.blend"))
    mapping = match(find_character(bpy.data.objects["FBHead"]))
    assert mapping.missing == ("tongueOut",)
    assert mapping.unknown == ()


@pytest.mark.shared
@pytest.mark.skipif(bpy.app.version < (4, 5), reason="reads ASCII FBX from 4.5 on")
@pytest.mark.parametrize(
    ("file", "chosen", "missing", "bone"),
    [
        ("FaceCapHeadGeneric.fbx", "teeth", (), ("", "", "")),
        (
            "FaceCapLiveModeAvatar.fbx",
            "Chest",
            ("tongueOut",),
            ("Head_Joint", "LeftEye_Joint", "RightEye_Joint"),
        ),
    ],
)
def test_the_face_cap_heads(shared, file, chosen, missing, bone):
    bpy.ops.wm.fbx_import(filepath=str(shared / "rigs/face_cap" / file))
    character = find_character(bpy.data.objects[chosen])
    mapping = match(character)
    assert mapping.missing == missing
    assert mapping.unknown == ()
    assert (character.head_bone, character.left_eye_bone, character.right_eye_bone) == bone
