"""Names that others wrote: public lists, other spellings, slips, several conventions on one rig."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.blender_ops.mapping import key_conventions
from mien.blender_ops.mapping.key_conventions import (
    ConventionError,
    conventions,
    read_convention,
)
from mien.blender_ops.mapping.names import plain, slips
from mien.blender_ops.mapping.recognition import recognise
from mien.models.arkit import CHANNELS

_CAPITAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def listed(text):
    """The names of a published list."""
    return text.split()


def recognised(names):
    """The conventions by which names are understood, and what moves with each channel."""
    names = tuple(names)
    recognition = recognise(names, conventions())
    rows = {channel: dict(found.weights) for channel, found in recognition.rows(names).items()}
    return [each.convention.name for each in recognition.conventions], rows


def words_of(channel):
    """jawOpen → jaw, Open."""
    starts = [0, *(i for i, letter in enumerate(channel) if letter in _CAPITAL), len(channel)]
    return [channel[a:b] for a, b in itertools.pairwise(starts)]


@st.composite
def spellings(draw):
    """A way to write names that a person reads as the same, as a function of the channel."""
    capitals = draw(st.sampled_from([str.lower, str.upper, str.capitalize]))
    between = draw(st.sampled_from(["_", "-", " ", "."]))
    run_together = draw(st.booleans())
    short, first = draw(st.booleans()), draw(st.booleans())
    prefix = draw(st.sampled_from(["", "blendShape1.", "Head|", "ns:", "face_", "MESH "]))

    def spell(channel):
        words = words_of(channel)
        side = words.pop() if words[-1] in ("Left", "Right") else ""
        side = side[:1] if short else side
        if run_together:
            name = "".join([words[0].lower(), *words[1:]])
            return prefix + (f"{name}{between}{side}" if side else name)
        parts = [capitals(word) for word in words]
        if side:
            parts.insert(0 if first else len(parts), capitals(side))
        return prefix + between.join(parts)

    return spell


@settings(max_examples=15, deadline=None)
@given(spellings())
def test_arkit_is_understood_in_every_spelling(spell):
    _, rows = recognised(spell(channel) for channel in CHANNELS)
    assert rows == {channel: {spell(channel): 1.0} for channel in CHANNELS}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=12, unique=True))
def test_any_names_are_either_found_or_not(names):
    _, rows = recognised(names)
    assert set(rows) <= set(CHANNELS)
    assert {name for row in rows.values() for name in row} <= set(names)
    assert all(plain(plain(name)) == plain(name) for name in names)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([channel for channel in CHANNELS if len(channel) > 9]),
    st.integers(1, 8),
    st.sampled_from(["drop", "swap", "double", "other"]),
)
def test_a_slip_of_the_pen_is_forgiven_and_said(channel, place, kind):
    a, b, rest = channel[:place], channel[place], channel[place + 1 :]
    slip = {
        "drop": a + rest,
        "double": a + b + b + rest,
        "swap": a + rest[:1] + b + rest[1:],
        "other": a + "q" + rest,
    }[kind]
    names = (*(each for each in CHANNELS if each != channel), slip)
    recognition = recognise(names, conventions())
    found = recognition.rows(names)[channel]
    assert dict(found.weights) == {slip: 1.0}
    assert found.certainty < 0.85 or plain(slip) == plain(channel)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("jaw", "jaw", 0),
        ("jawopne", "jawopen", 1),
        ("blik", "blink", 1),
        ("mouse", "mouth", 2),
        ("left", "right", 4),
        ("", "abc", 3),
    ],
)
def test_slips_are_counted(one, other, count):
    assert slips(one, other, 5) == slips(other, one, 5) == count
    assert slips(one, other, 1) == min(count, 2)


# --- Lists as others published them --------------------------------------------------------

# https://gist.github.com/gtk2k/f4eb00f92e70eac216cfdc336e735c41, its slip “mouseRight” included.
READY_PLAYER_ME = listed(
    """
    mouthOpen mouthSmile eyesClosed eyesLookUp eyesLookDown eyeBlinkLeft eyeSquintLeft
    eyeWideLeft eyeBlinkRight eyeSquintRight eyeWideRight jawForward jawLeft jawRight jawOpen
    mouthClose mouthFunnel mouthPucker mouthLeft mouseRight mouthSmileLeft mouthSmileRight
    mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight mouthStretchLeft
    mouthStretchRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper
    mouthPressLeft mouthPressRight mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft
    mouthUpperUpRight browDownLeft browDownRight BrowInnerUp browOuterUpLeft browOuterUpRight
    cheekPuff cheekSquintLeft cheekSquintRight noseSneerLeft noseSneerRight viseme_sil viseme_PP
    viseme_FF viseme_TH viseme_DD viseme_kk viseme_CH viseme_SS viseme_nn viseme_RR viseme_aa
    viseme_E viseme_I viseme_O viseme_U
    """
)


def test_the_list_of_ready_player_me():
    followed, rows = recognised(READY_PLAYER_ME)
    assert followed[0] == "ARKit"
    assert rows["mouthRight"] == {"mouseRight": 1.0}
    assert rows["browInnerUp"] == {"BrowInnerUp": 1.0}
    assert rows["jawOpen"] == {"jawOpen": 1.0}
    assert rows["eyeLookUpLeft"] == rows["eyeLookUpRight"] == {"eyesLookUp": 0.5}
    assert {name for row in rows.values() for name in row if name.startswith("viseme")} == set()


def test_the_same_without_arkits_shapes():
    followed, rows = recognised(
        name for name in READY_PLAYER_ME if name.startswith(("viseme", "mouthO", "eyesC"))
    )
    assert followed[0] == "Ready Player Me and Oculus visemes"
    assert rows["jawOpen"] == {"mouthOpen": 1.0}
    assert rows["mouthPucker"]["viseme_U"] == 1.0 and rows["mouthPucker"]["viseme_aa"] < 0
    assert rows["eyeBlinkLeft"] == {"eyesClosed": 0.5}


# https://pastebin.com/GyNjX9uJ, with its slips “blink_righ” and “lowerlid_tight”.
VRCHAT = listed(
    """
    Basis blink_both blink_left blink_righ lowerlid_left lowerlid_tight v_th v_ss v_sil v_rr
    v_pp v_ou v_oh v_nn v_kk v_ih v_ff v_ee v_dd v_ch v_aa button-out mouth-open mouth-smile
    """
)


def test_a_list_for_vrchat():
    followed, rows = recognised(VRCHAT)
    assert followed[0] == "VRChat"
    assert rows["eyeBlinkLeft"] == {"blink_left": 1.0}
    assert rows["eyeBlinkRight"] == {"blink_righ": 1.0}
    assert rows["eyeSquintRight"] == {"lowerlid_tight": 1.0}
    assert rows["jawOpen"] == {"v_aa": 1.0}
    assert rows["mouthFunnel"]["v_oh"] == 1.0
    assert rows["mouthUpperUpLeft"] == {"v_ee": 0.3}
    assert rows["mouthSmileLeft"] == {"mouth-smile": 0.5}


# What an avatar made in VRoid Studio and prepared by Cats has.
def test_vroid_shapes_beside_vrchat_names():
    names = listed(
        """
        vrc.blink_left vrc.blink_right vrc.lowerlid_left vrc.lowerlid_right vrc.v_aa vrc.v_ch
        vrc.v_dd vrc.v_e vrc.v_ff vrc.v_ih vrc.v_kk vrc.v_nn vrc.v_oh vrc.v_ou vrc.v_pp vrc.v_rr
        vrc.v_sil vrc.v_ss vrc.v_th Fcl_ALL_Neutral Fcl_ALL_Angry Fcl_ALL_Fun Fcl_BRW_Angry
        Fcl_BRW_Surprised Fcl_MTH_Fun Fcl_EYE_Spread
        """
    )
    followed, rows = recognised(names)
    assert followed[:2] == ["VRChat", "VRoid Studio"]
    assert rows["jawOpen"] == {"vrc.v_aa": 1.0}
    assert rows["browDownLeft"] == rows["browDownRight"] == {"Fcl_BRW_Angry": 0.5}
    assert rows["mouthSmileRight"] == {"Fcl_MTH_Fun": 0.5}
    assert not {"Fcl_ALL_Fun", "vrc.v_th"} & {name for row in rows.values() for name in row}


# https://pingpongfrog.com/archives/2959, and letters of half the width as older models have.
def test_a_list_of_mikumikudance():
    names = listed(
        """
        笑い ウィンク ウィンク右 まばたき ウィンク2 ｳｨﾝｸ２右 なごみ はぅ びっくり じと目
        キリッ はちゅ目 星目 瞳小 あ い う え お ワ ω にやり 真面目 困る にこり 怒り 上 下 べー
        """
    )
    followed, rows = recognised(names)
    assert followed == ["MikuMikuDance"]
    assert rows["eyeBlinkLeft"] == {"ウィンク2": 1.0}
    assert rows["eyeBlinkRight"] == {"ｳｨﾝｸ２右": 1.0}
    assert rows["jawOpen"] == {"あ": 1.0}
    assert rows["mouthFunnel"]["お"] == rows["mouthPucker"]["う"] == 1.0
    assert rows["browInnerUp"].keys() == {"困る"}
    assert rows["tongueOut"] == {"べー": 1.0}
    blink_only = recognised(["まばたき", "あ", "い"])[1]
    assert blink_only["eyeBlinkLeft"] == blink_only["eyeBlinkRight"] == {"まばたき": 0.5}


# What NVIDIA's example for the streaming of faces lists for Reallusion's characters.
CHARACTER_CREATOR_3 = {
    "A14_Eye_Blink_Left": "eyeBlinkLeft",
    "A11_Eye_Look_In_Left": "eyeLookInLeft",
    "A12_Eye_Look_In_Right": "eyeLookInRight",
    "A10_Eye_Look_Out_Left": "eyeLookOutLeft",
    "A07_Eye_Look_Up_Right": "eyeLookUpRight",
    "A26_Jaw_Forward": "jawForward",
    "A27_Jaw_Left": "jawLeft",
    "A25_Jaw_Open": "jawOpen",
    "A37_Mouth_Close": "mouthClose",
    "A29_Mouth_Funnel": "mouthFunnel",
    "A31_Mouth_Left": "mouthLeft",
    "A38_Mouth_Smile_Left": "mouthSmileLeft",
    "A41_Mouth_Frown_Right": "mouthFrownRight",
}


def test_a_list_of_character_creator_3():
    followed, rows = recognised([*CHARACTER_CREATOR_3, "Eye_Blink_L", "Mouth_Open", "Tight-O"])
    assert followed == ["Character Creator 3"]
    assert {next(iter(row)): channel for channel, row in rows.items()} == CHARACTER_CREATOR_3


# https://github.com/tommywright/cc4.2-to-blender-ARkit and the keys a CC4 body is exported with.
def test_character_creator_4():
    names = listed(
        """
        Brow_Raise_Inner_L Brow_Raise_Inner_R Brow_Drop_L Eye_Blink_L Eye_Blink_R Eye_L_Look_R
        Eye_R_Look_R Jaw_Open Jaw_L Mouth_L Mouth_Smile_L Mouth_Smile_R Mouth_Smile_Sharp_L
        Mouth_Pucker_Up_L Mouth_Pucker_Up_R Mouth_Pucker_Down_L Mouth_Pucker_Down_R Cheek_Puff_L
        Cheek_Puff_R Mouth_Roll_In_Upper_L Mouth_Roll_In_Upper_R V_Open V_Wide Nose_Sneer_R
        Mouth_Down_Lower_L
        """
    )
    followed, rows = recognised(names)
    assert followed == ["Character Creator 4"]
    assert rows["browInnerUp"] == {"Brow_Raise_Inner_L": 1.0, "Brow_Raise_Inner_R": 1.0}
    assert rows["eyeLookInLeft"] == {"Eye_L_Look_R": 1.0}
    assert rows["eyeLookOutRight"] == {"Eye_R_Look_R": 1.0}
    assert rows["jawLeft"] == {"Jaw_L": 1.0} and rows["mouthLeft"] == {"Mouth_L": 1.0}
    assert len(rows["mouthPucker"]) == 4
    assert rows["noseSneerRight"] == {"Nose_Sneer_R": 1.0}


# https://dev.epicgames.com/documentation/en-us/metahuman/mh-standards-docs/mha_index
METAHUMAN = listed(
    """
    browDownL browDownR browLateralL browLateralR browRaiseInL browRaiseInR browRaiseOuterL
    browRaiseOuterR eyeBlinkL eyeBlinkR eyeWidenL eyeWidenR eyeSquintInnerL eyeSquintInnerR
    eyeCheekRaiseL eyeCheekRaiseR eyeLookUpL eyeLookUpR eyeLookDownL eyeLookDownR eyeLookLeftL
    eyeLookLeftR eyeLookRightL eyeLookRightR noseWrinkleL noseWrinkleR mouthCheekBlowL
    mouthCheekBlowR mouthLeft mouthRight mouthUpperLipRaiseL mouthUpperLipRaiseR
    mouthLowerLipDepressL mouthLowerLipDepressR mouthCornerPullL mouthCornerPullR mouthStretchL
    mouthStretchR mouthDimpleL mouthDimpleR mouthCornerDepressL mouthCornerDepressR
    mouthFunnelUL mouthFunnelUR mouthFunnelDL mouthFunnelDR jawOpen jawLeft jawRight jawFwd
    """
)


@pytest.mark.parametrize(
    "prefix", ["CTRL_expressions_", "CTRL_expressions.", "", "head_lod0_mesh__"]
)
def test_the_control_curves_of_metahuman(prefix):
    followed, rows = recognised(prefix + name for name in METAHUMAN)
    assert followed[0] == "MetaHuman"
    assert rows["eyeLookInLeft"] == {f"{prefix}eyeLookRightL": 1.0}
    assert rows["eyeLookInRight"] == {f"{prefix}eyeLookLeftR": 1.0}
    assert rows["mouthSmileLeft"] == {f"{prefix}mouthCornerPullL": 1.0}
    assert rows["jawForward"] == {f"{prefix}jawFwd": 1.0}
    assert len(rows["mouthFunnel"]) == 4
    assert rows["cheekPuff"].keys() == {f"{prefix}mouthCheekBlow{side}" for side in "LR"}


# What Daz's bridges list as Genesis 8.1's answer to ARKit.
def test_a_list_of_daz():
    names = listed(
        """
        facs_jnt_EyeWideLeft facs_jnt_EyeBlinkLeft facs_bs_EyeSquintLeft_div2
        facs_ctrl_EyeLookUpRight facs_ctrl_EyeLookOutLeft facs_bs_NoseSneerRight_div2
        facs_jnt_JawForward facs_jnt_JawLeft facs_jnt_JawOpen facs_bs_MouthClose_div2
        facs_bs_MouthFunnel_div2 facs_bs_MouthLeft_div2 facs_bs_MouthSmileLeft_div2
        facs_bs_MouthRollLower_div2 facs_bs_MouthPressRight_div2 facs_ctrl_CheekPuff
        """
    )
    followed, rows = recognised(names)
    assert followed == ["Daz Genesis 8.1"]
    assert {name for row in rows.values() for name in row} == set(names)
    assert rows["jawLeft"] == {"facs_jnt_JawLeft": 1.0}
    followed, rows = recognised(
        listed(
            """
            facs_bs_MouthPurseUpperLeft facs_bs_MouthPurseUpperRight facs_bs_MouthPurseLowerLeft
            facs_bs_MouthPurseLowerRight facs_bs_MouthSmileWidenLeft facs_bs_JawOpen
            facs_bs_MouthLipsPartCenter facs_bs_MouthCloseUpperLeft
            """
        )
    )
    assert followed == ["Daz Genesis 9"]
    assert len(rows["mouthPucker"]) == 4


# https://docs.vrcft.io: names that ARKit has otherwise, or not at all.
def test_unified_expressions():
    names = listed(
        """
        EyeClosedLeft EyeClosedRight BrowInnerUpLeft BrowInnerUpRight LipSuckUpper LipFunnel
        LipPuckerUpperLeft LipPuckerUpperRight LipPuckerLowerLeft LipPuckerLowerRight
        MouthRaiserUpper MouthCornerPullLeft MouthCornerSlantLeft MouthClosed JawBackward
        TongueOut
        """
    )
    followed, rows = recognised(names)
    assert followed[0].startswith("Unified Expressions")
    assert rows["eyeBlinkLeft"] == {"EyeClosedLeft": 1.0}
    assert rows["mouthRollUpper"] == {"LipSuckUpper": 1.0}
    assert len(rows["mouthPucker"]) == 4
    assert rows["mouthSmileLeft"] == {"MouthCornerPullLeft": 1.0, "MouthCornerSlantLeft": 1.0}


# https://github.com/makehumancommunity: pose units, expression units, and MPFB's face units.
@pytest.mark.parametrize(
    ("names", "convention", "expected"),
    [
        (
            "LeftBrowDown LeftUpperLidClosed RightUpperLidClosed LeftEyeturnRight JawDrop "
            "MouthLeftPullUp LeftInnerBrowUp RightInnerBrowUp NoseWrinkler TongueUshape",
            "MakeHuman pose units",
            {"eyeLookInLeft": "LeftEyeturnRight", "mouthSmileLeft": "MouthLeftPullUp"},
        ),
        (
            "eye-left-closure eye-right-closure eyebrows-left-down mouth-open mouth-parling "
            "mouth-corner-puller nose-left-elevation",
            "MakeHuman expression units",
            {"eyeBlinkLeft": "eye-left-closure", "jawOpen": "mouth-open"},
        ),
        (
            "!ex-jawOpen !ex-eyeBlinkLeft !ex-mouthSmileRight",
            "MPFB face units",
            {"jawOpen": "!ex-jawOpen", "mouthSmileRight": "!ex-mouthSmileRight"},
        ),
    ],
)
def test_makehuman(names, convention, expected):
    followed, rows = recognised(names.split())
    assert followed == [convention]
    for channel, name in expected.items():
        assert rows[channel].keys() == {name}


# https://pixiv.github.io/three-vrm: presets of VRM 0 and 1; VRoid Studio's own shapes.
@pytest.mark.parametrize(
    ("names", "convention", "open_mouth", "blink"),
    [
        ("neutral a i u e o blink blink_l blink_r joy angry sorrow fun", "VRM 0", "a", "blink_l"),
        ("aa ih ou ee oh blink blinkLeft blinkRight happy lookUp", "VRM 1", "aa", "blinkLeft"),
        (
            "Face.M_F00_000_00_Fcl_MTH_A Face.M_F00_000_00_Fcl_MTH_O Face.M_F00_000_00_Fcl_MTH_U "
            "Face.M_F00_000_00_Fcl_EYE_Close_L Face.M_F00_000_00_Fcl_EYE_Close_R",
            "VRoid Studio",
            "Face.M_F00_000_00_Fcl_MTH_A",
            "Face.M_F00_000_00_Fcl_EYE_Close_L",
        ),
    ],
)
def test_vrm(names, convention, open_mouth, blink):
    followed, rows = recognised(names.split())
    assert followed == [convention]
    assert rows["jawOpen"] == {open_mouth: 1.0}
    assert rows["eyeBlinkLeft"] == {blink: 1.0}
    assert rows["mouthFunnel"][open_mouth] < 0


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Mouth Open|Smile|Blink", {"jawOpen": 1, "mouthSmileLeft": 0.5, "eyeBlinkRight": 0.5}),
        ("mouth_open|smile_L|smile_R|wink.L|wink.R", {"mouthSmileLeft": 1, "eyeBlinkLeft": 1}),
        ("ParamMouthOpenY|ParamMouthForm|ParamEyeLSmile", {"jawOpen": 1, "mouthFrownLeft": -0.5}),
    ],
)
def test_simple_faces(names, expected):
    _, rows = recognised(names.split("|"))
    for channel, weight in expected.items():
        assert list(rows[channel].values()) == [weight]


# --- How sure, and what not ------------------------------------------------------------------


def test_how_sure_it_is():
    def certainty(*names):
        return recognise(names, conventions()).conventions[0].certainty

    assert certainty(*CHANNELS) > 0.95
    assert certainty(*CHANNELS) > certainty(*(name.upper() for name in CHANNELS)) > 0.85
    assert certainty("blink", "smile", "mouth open") < 0.8
    assert certainty("blink") == pytest.approx(0.5)


@pytest.mark.parametrize(
    "names",
    [
        ["Basis", "Key 1", "Key 2"],
        ["jawOpened", "noseForward"],
        [f"odd {channel} one" for channel in CHANNELS],
        ["口", "口jawOpen"],
        ["left_eyeBlink_right"],
        [],
    ],
)
def test_what_stands_for_nothing_is_left_alone(names):
    assert recognised(names) == ([], {})


def test_a_second_of_the_same_name_is_left_alone():
    assert recognised(["jawOpen", "jawOpen.001"])[1]["jawOpen"] == {"jawOpen": 1.0}
    assert recognised(["jawOpen.001", "cheekPuff"])[1]["jawOpen"] == {"jawOpen.001": 1.0}


def test_words_in_another_order_are_less_sure():
    names = ("BlinkEye_L", "jawOpen", "mouthFunnel")
    found = recognise(names, conventions()).rows(names)["eyeBlinkLeft"]
    assert dict(found.weights) == {"BlinkEye_L": 1.0}
    assert found.certainty < 0.9


def test_one_key_for_both_sides_and_two_for_one():
    _, rows = recognised(["eyeBlink", "mouthSmile", "jawOpen", "cheekPuff_L", "cheekPuff_R"])
    assert rows["eyeBlinkLeft"] == rows["eyeBlinkRight"] == {"eyeBlink": 0.5}
    assert rows["cheekPuff"] == {"cheekPuff_L": 1.0, "cheekPuff_R": 1.0}


# --- The files -------------------------------------------------------------------------------


def test_every_convention_names_its_public_source():
    assert len(conventions()) == len({each.name for each in conventions()}) >= 20
    for each in conventions():
        assert each.source and all(url.startswith("https://") for url in each.source)
        assert set(each.channels) <= set(CHANNELS)


def test_a_rigger_adds_a_convention_and_replaces_one(tmp_path, monkeypatch):
    monkeypatch.setattr(key_conventions, "user_folder", lambda: tmp_path)
    ours = {"name": "Ours", "source": "https://example.org", "channels": {"jawOpen": ["klappe"]}}
    (tmp_path / "ours.json").write_text(json.dumps(ours))
    (tmp_path / "simple.json").write_text(json.dumps({**ours, "name": "Plainer"}))
    names = {each.name for each in conventions()}
    assert {"Ours", "Plainer", "ARKit"} <= names and "Plain words" not in names
    assert recognised(["Klappe"])[1] == {"jawOpen": {"Klappe": 1.0}}


def test_the_folder_of_an_installed_extension(monkeypatch):
    assert key_conventions.user_folder() is None
    monkeypatch.setattr(key_conventions, "__package__", "bl_ext.here.mien.blender_ops.mapping")
    folder = key_conventions.user_folder()
    assert folder.parts[-3:] == ("here", "mien", "conventions")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ("[]", "“name” is missing"),
        ('{"name": "X", "source": "https://x"}', "“channels” is missing"),
        ('{"name": "X", "source": "", "channels": {"jaw": ["a"]}}', "“jaw” is none of ARKit"),
        ('{"name": "X", "source": "", "channels": {"jawOpen": [{}]}}', "empty choice"),
        ('{"name": "X", "source": "", "channels": {"jawOpen": [{"a": "b"}]}}', "convert"),
        ('{"name": "X", "source": "", "channels": []}', "naming convention"),
    ],
)
def test_a_file_that_is_no_convention_is_named(tmp_path, text, message):
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(ConventionError, match=message) as raised:
        read_convention(path)
    assert "odd.json" in str(raised.value)
