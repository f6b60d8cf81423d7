"""Faces built by code, in every convention, and how far they move when a channel is 1.

What a key does is modelled here from what its name says, and what a channel must do from what
Apple says of it; neither looks into Mien's own tables.
"""

import bpy
import numpy as np
from mien.blender_ops.bake import BakeOptions, bake
from mien.blender_ops.character import find_character
from mien.blender_ops.mapping import match
from mien.models.arkit import CHANNELS
from mien.models.performance import Performance

# A face that looks along −Y: +X is the subject's left, +Z up. The skull lies behind.
LANDMARKS = {
    "lid L": (0.3, -0.9, 0.3),
    "lid R": (-0.3, -0.9, 0.3),
    "pupil L": (0.3, -0.95, 0.25),
    "pupil R": (-0.3, -0.95, 0.25),
    "brow L": (0.35, -0.9, 0.6),
    "brow R": (-0.35, -0.9, 0.6),
    "inner brow L": (0.1, -0.95, 0.6),
    "inner brow R": (-0.1, -0.95, 0.6),
    "cheek L": (0.5, -0.7, 0),
    "cheek R": (-0.5, -0.7, 0),
    "nostril L": (0.1, -1, 0.05),
    "nostril R": (-0.1, -1, 0.05),
    "corner L": (0.25, -0.9, -0.4),
    "corner R": (-0.25, -0.9, -0.4),
    "upper lip": (0, -1, -0.35),
    "lower lip": (0, -1, -0.45),
    "tongue": (0, -0.85, -0.4),
    "chin": (0, -0.9, -0.7),
    "skull back": (0, 0.8, 0.3),
    "skull low": (0, 0.8, -0.3),
    "skull top": (0, 0, 1),
    "ear L": (0.8, 0, 0),
    "ear R": (-0.8, 0, 0),
}
UP, DOWN = np.array((0, 0, 0.1)), np.array((0, 0, -0.1))
LEFT, RIGHT = np.array((0.1, 0, 0)), np.array((-0.1, 0, 0))
FORWARD = np.array((0, -0.1, 0))

# What a shape can do: which landmarks it moves, and where to.
EFFECTS = {
    "open": {"chin": 2 * DOWN, "lower lip": DOWN},
    "jaw left": {"chin": LEFT},
    "jaw right": {"chin": RIGHT},
    "jaw forward": {"chin": FORWARD},
    "mouth left": {"upper lip": LEFT, "lower lip": LEFT},
    "mouth right": {"upper lip": RIGHT, "lower lip": RIGHT},
    "round": {"upper lip": FORWARD, "lower lip": FORWARD},
    "kiss": {"corner L": RIGHT, "corner R": LEFT},
    "puff": {"cheek L": LEFT, "cheek R": RIGHT},
    "tongue": {"tongue": FORWARD},
    "brows in": {"inner brow L": UP, "inner brow R": UP},
    **{
        f"{name} {side}": {f"{part} {side}": way}
        for name, part, way in (
            ("blink", "lid", DOWN),
            ("look up", "pupil", UP),
            ("look left", "pupil", LEFT),
            ("look right", "pupil", RIGHT),
            ("brow down", "brow", DOWN),
            ("brow up", "brow", UP),
            ("brow in", "inner brow", UP),
            ("smile", "corner", UP),
            ("frown", "corner", DOWN),
            ("cheek", "cheek", UP),
            ("puff", "cheek", LEFT),
            ("sneer", "nostril", UP),
        )
        for side in "LR"
    },
    "puff R": {"cheek R": RIGHT},
    "nothing": {},
}

# What a channel must do, after https://developer.apple.com/documentation/arkit/arfaceanchor
MEANINGS = {
    "jawOpen": "open",
    "jawLeft": "jaw left",
    "jawRight": "jaw right",
    "jawForward": "jaw forward",
    "mouthLeft": "mouth left",
    "mouthRight": "mouth right",
    "mouthFunnel": "round",
    "mouthPucker": "kiss",
    "cheekPuff": "puff",
    "tongueOut": "tongue",
    "browInnerUp": "brows in",
    "eyeLookInLeft": "look right L",
    "eyeLookOutLeft": "look left L",
    "eyeLookInRight": "look left R",
    "eyeLookOutRight": "look right R",
    **{
        f"{channel}{side}": f"{effect} {side[0]}"
        for channel, effect in (
            ("eyeBlink", "blink"),
            ("eyeLookUp", "look up"),
            ("browDown", "brow down"),
            ("browOuterUp", "brow up"),
            ("mouthSmile", "smile"),
            ("mouthFrown", "frown"),
            ("cheekSquint", "cheek"),
            ("noseSneer", "sneer"),
        )
        for side in ("Left", "Right")
    },
}


def both(name, effect, sides=("L", "R")):
    """Two shapes that differ in their side: name with {s} for it."""
    return {
        name.format(s=s): effect if effect == "nothing" else f"{effect} {e}"
        for s, e in zip(sides, "LR", strict=True)
    }


def one(effect):
    """A shape that does something on both sides."""
    return f"{effect} L+{effect} R"


SIDES = ("Left", "Right")
# The keys of a character in each convention, with what their names say that they do.
RIGS = {
    "ARKit": MEANINGS,
    "Unity": {
        **both("blendShape1.eyeBlinking_{s}", "blink", SIDES),
        **both("blendShape1.mouthSmile_{s}", "smile", SIDES),
        "blendShape1.jawOpen": "open",
        "blendShape1.jawLeft": "jaw left",
        "blendShape1.mouthClosed": "nothing",
    },
    "Face Cap": {
        "jawOpen": "open",
        "mouthLeft": "mouth left",
        "mouthRight": "mouth right",
        **both("eyeBlink_{s}", "blink"),
        **both("browOuterUp_{s}", "brow up"),
        **both("noseSneer_{s}", "sneer"),
        "eyeLookIn_L": "look right L",
        "eyeLookIn_R": "look left R",
    },
    "ICT-FaceKit": {
        **both("browInnerUp_{s}", "brow in"),
        **both("cheekPuff_{s}", "puff"),
        **both("cheekRaiser_{s}", "cheek"),
        **both("cheekSquint_{s}", "cheek"),
        **both("eyeBlink_{s}", "blink"),
        "jawOpen": "open",
        "jawLeft": "jaw left",
    },
    "VRoid Studio": {
        **both("Fcl_EYE_Close_{s}", "blink"),
        "Fcl_EYE_Close": one("blink"),
        "Fcl_MTH_A": "open",
        "Fcl_MTH_O": "round",
        "Fcl_MTH_U": "kiss",
        "Fcl_MTH_Fun": one("smile"),
        "Fcl_BRW_Angry": one("brow down"),
        "Fcl_BRW_Surprised": one("brow up"),
        "Fcl_ALL_Joy": "open",
    },
    "VRM 0": {
        **both("Blink_{s}", "blink"),
        "A": "open",
        "O": "round",
        "U": "kiss",
        "LookUp": one("look up"),
        "LOOKLEFT": one("look left"),
        "LOOKRIGHT": one("look right"),
    },
    "VRM 1": {
        **both("blink{s}", "blink", SIDES),
        "aa": "open",
        "oh": "round",
        "ou": "kiss",
        "angry": "nothing",
        "relaxed": one("smile"),
        "lookUp": one("look up"),
    },
    "MikuMikuDance": {
        "まばたき": one("blink"),
        "ウィンク２": "blink L",
        "ウィンク２右": "blink R",
        "あ": "open",
        "お": "round",
        "う": "kiss",
        "口角上げ": one("smile"),
        "口角下げ": one("frown"),
        "困る": "brows in",
        "怒り": one("brow down"),
        "べー": "tongue",
    },
    "MikuMikuDance, few": {
        "まばたき": one("blink"),
        "あ": "open",
        "い": "nothing",
        "にやり": one("smile"),
    },
    "Ready Player Me and Oculus visemes": {
        "viseme_aa": "open",
        "viseme_O": "round",
        "viseme_U": "kiss",
        "mouthSmile": one("smile"),
        "eyesClosed": one("blink"),
        "viseme_sil": "nothing",
    },
    "VRChat": {
        "vrc.blink_left": "blink L",
        "vrc.blink_right": "blink R",
        "vrc.v_aa": "open",
        "vrc.v_oh": "round",
        "vrc.v_ou": "kiss",
        "vrc.v_sil": "nothing",
    },
    "Unified Expressions (VRCFaceTracking)": {
        **both("EyeClosed{s}", "blink", SIDES),
        **both("BrowInnerUp{s}", "brow in", SIDES),
        **both("MouthCornerPull{s}", "smile", SIDES),
        **both("CheekPuff{s}", "puff", SIDES),
        "LipFunnel": "round",
        "LipPucker": "kiss",
        "JawOpen": "open",
        "MouthClosed": "nothing",
    },
    "MetaHuman": {
        **both("CTRL_expressions_eyeBlink{s}", "blink"),
        **both("CTRL_expressions_mouthCornerPull{s}", "smile"),
        **both("CTRL_expressions_mouthCornerDepress{s}", "frown"),
        **both("CTRL_expressions_browRaiseOuter{s}", "brow up"),
        **both("CTRL_expressions_noseWrinkle{s}", "sneer"),
        "CTRL_expressions_eyeLookLeftL": "look left L",
        "CTRL_expressions_eyeLookRightL": "look right L",
        "CTRL_expressions_eyeLookLeftR": "look left R",
        "CTRL_expressions_eyeLookRightR": "look right R",
        "CTRL_expressions_jawOpen": "open",
        "CTRL_expressions_jawFwd": "jaw forward",
        "CTRL_expressions_tongueOut": "tongue",
    },
    "Character Creator 3": {
        **both("Eye_Blink_{s}", "blink"),
        **both("Brow_Drop_{s}", "brow down", SIDES),
        **both("Mouth_Smile_{s}", "smile"),
        **both("Cheek_Blow_{s}", "puff"),
        "Mouth_Open": "open",
        "Mouth_Pucker": "kiss",
        "Mouth_Pucker_Open": "round",
        "Mouth_L": "mouth left",
        "Mouth_R": "mouth right",
    },
    "Character Creator 4": {
        **both("Eye_Blink_{s}", "blink"),
        **both("Brow_Drop_{s}", "brow down"),
        **both("Cheek_Puff_{s}", "puff"),
        **both("Nose_Sneer_{s}", "sneer"),
        **both("Mouth_Smile_{s}", "smile"),
        "Eye_L_Look_R": "look right L",
        "Eye_L_Look_L": "look left L",
        "Jaw_Open": "open",
        "Jaw_L": "jaw left",
        "Jaw_R": "jaw right",
    },
    "Daz Genesis 8.1": {
        **both("facs_jnt_EyeBlink{s}", "blink", SIDES),
        **both("facs_bs_MouthSmile{s}_div2", "smile", SIDES),
        "facs_jnt_JawOpen": "open",
        "facs_bs_MouthFunnel_div2": "round",
        "facs_bs_MouthPucker_div2": "kiss",
        "facs_ctrl_CheekPuff": "puff",
    },
    "Daz Genesis 9": {
        **both("facs_bs_EyeBlink{s}", "blink", SIDES),
        **both("facs_bs_MouthFrown{s}", "frown", SIDES),
        **both("facs_bs_MouthSmileWiden{s}", "nothing", SIDES),
        "facs_bs_JawOpen": "open",
        "facs_bs_MouthLipsPartCenter": "nothing",
        "facs_bs_JawLeft": "jaw left",
        "facs_bs_JawRight": "jaw right",
    },
    "MakeHuman pose units": {
        **both("{s}UpperLidClosed", "blink", SIDES),
        **both("{s}BrowDown", "brow down", SIDES),
        **both("Mouth{s}PullUp", "smile", SIDES),
        "JawDrop": "open",
        "ChinLeft": "jaw left",
        "LeftEyeturnRight": "look right L",
        "RightEyeturnRight": "look right R",
        "LipsKiss": "kiss",
        "CheeksPump": "puff",
    },
    "MakeHuman expression units": {
        **both("eye-{s}-closure", "blink", ("left", "right")),
        **both("eyebrows-{s}-extern-up", "brow up", ("left", "right")),
        "mouth-open": "open",
        "mouth-corner-puller": one("smile"),
        "mouth-parling": "nothing",
    },
    "MPFB face units": {
        **both("!ex-eyeBlink{s}", "blink", SIDES),
        "!ex-jawOpen": "open",
        "!ex-mouthLeft": "mouth left",
        "!ex-mouthRight": "mouth right",
    },
    "Plain words": {"Mouth Open": "open", "Smile": one("smile"), "Blink": one("blink")},
    "Live2D parameters": {
        "ParamMouthOpenY": "open",
        "ParamMouthForm": one("smile"),
        "ParamBrowLY": "brow up L",
        "ParamBrowRY": "brow up R",
        "ParamTongue": "tongue",
    },
}


def build(keys, turn=None, name="Face", flip=False):
    """A face with these keys; flipped, each does on one side what its name says of the other."""
    points = np.array(list(LANDMARKS.values()), float)
    names = list(LANDMARKS)
    mesh = bpy.data.meshes.new(name)
    faces = [(i, i + 1, i + 2) for i in range(len(points) - 2)]
    mesh.from_pydata(points.tolist(), [], faces)
    face = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(face)
    face.shape_key_add(name="Basis", from_mix=False)
    for key, effects in keys.items():
        block = face.shape_key_add(name=key, from_mix=False)
        block.value = 0
        for effect in effects.split("+"):
            for landmark, way in EFFECTS[effect].items():
                if flip:
                    landmark, way = other_side(landmark), way * (-1, 1, 1)
                block.data[names.index(landmark)].co += type(block.data[0].co)(way)
    if turn is not None:
        face.matrix_world = turn
    bpy.context.view_layer.update()
    return face


def other_side(landmark):
    part, _, side = landmark.rpartition(" ")
    return f"{part} {'LR'['RL'.index(side)]}" if side in ("L", "R") else landmark


def driven(face, channels):
    """By channel and landmark, how far it moves in the face's own axes when the channel is 1."""
    weights = np.eye(len(CHANNELS))[[CHANNELS.index(channel) for channel in channels]]
    performance = Performance(
        np.vstack([np.zeros(len(CHANNELS)), weights]), np.arange(len(channels) + 1) / 24
    )
    character = find_character(face)
    bpy.context.scene.render.fps = 24
    bake(performance, character, match(character), BakeOptions(tolerance=0))
    rest = positions(face, 1)
    return {
        channel: dict(zip(LANDMARKS, positions(face, frame) - rest, strict=True))
        for frame, channel in enumerate(channels, 2)
    }


def positions(face, frame):
    """(landmarks, 3) where Blender shows them."""
    bpy.context.scene.frame_set(frame)
    vertices = face.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.vertices
    flat = np.empty(len(vertices) * 3, np.float32)
    vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def share_met(moved, effect):
    """How much of an effect was made, by the landmark that made least of it."""
    return min(
        float(moved[landmark] @ way) / float(way @ way) for landmark, way in EFFECTS[effect].items()
    )
