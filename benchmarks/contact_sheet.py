# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the demo character: the 52 keys, eight emotions, five visemes, the turn.

    python benchmarks/contact_sheet.py keys -o out/keys.png

The emotions are combinations of FACS action units after Ekman and Friesen's EMFACS,
put into ARKit's channels.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import cv2
import numpy as np
from mathutils import Quaternion, Vector

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from mien.blender_ops.demo import DemoCharacter, build_demo_character, build_demo_scene
from mien.models.arkit import CHANNELS, EYE_LOOK_DOWN, EYE_LOOK_SIDEWAYS, EYE_LOOK_UP


@dataclass(frozen=True)
class Pose:
    """What is shown in one picture: a label, weights, and degrees of turn of the camera."""

    label: str
    weights: dict[str, float] = field(default_factory=dict)
    turn: float = 0.0


def both(**weights: float) -> dict[str, float]:
    """Weights for the left and the right channel of each name."""
    return {name + side: w for name, w in weights.items() for side in ("Left", "Right")}


EMOTIONS = (
    Pose("neutral"),
    Pose(
        "joy",
        both(mouthSmile=0.9, cheekSquint=0.7, eyeSquint=0.25, mouthUpperUp=0.25, browOuterUp=0.2)
        | {"jawOpen": 0.25, "browInnerUp": 0.15},
    ),
    Pose(
        "sadness",
        both(mouthFrown=0.75, eyeLookDown=0.35, eyeSquint=0.15, browDown=0.1)
        | {"browInnerUp": 0.95, "mouthShrugLower": 0.45},
    ),
    Pose(
        "anger",
        both(browDown=1.0, eyeSquint=0.4, mouthPress=0.45, noseSneer=0.35, mouthFrown=0.55)
        | {"jawForward": 0.1},
    ),
    Pose(
        "fear",
        both(eyeWide=0.9, mouthStretch=0.75, browOuterUp=0.35, mouthLowerDown=0.45)
        | {"browInnerUp": 1.0, "jawOpen": 0.22},
    ),
    Pose(
        "surprise",
        both(eyeWide=0.85, browOuterUp=0.95)
        | {"browInnerUp": 0.9, "jawOpen": 0.6, "mouthFunnel": 0.25},
    ),
    Pose(
        "disgust",
        both(noseSneer=1.0, mouthUpperUp=0.5, browDown=0.6, eyeSquint=0.5, mouthFrown=0.35)
        | {"mouthShrugLower": 0.35},
    ),
    Pose(
        "contempt",
        {
            "mouthSmileLeft": 0.65,
            "mouthDimpleLeft": 0.8,
            "mouthPressRight": 0.4,
            "browOuterUpLeft": 0.5,
            "browDownRight": 0.35,
        }
        | both(eyeLookDown=0.15, eyeBlink=0.22),
    ),
)

VISEMES = (
    Pose("aa", {"jawOpen": 0.65} | both(mouthLowerDown=0.2, mouthUpperUp=0.15)),
    Pose("oo", {"jawOpen": 0.2, "mouthPucker": 0.75, "mouthFunnel": 0.35}),
    Pose(
        "ee",
        {"jawOpen": 0.12}
        | both(mouthStretch=0.5, mouthSmile=0.3, mouthLowerDown=0.45, mouthUpperUp=0.3),
    ),
    Pose(
        "mm",
        {"jawOpen": 0.08, "mouthClose": 0.08, "mouthRollLower": 0.45, "mouthRollUpper": 0.35}
        | both(mouthPress=0.4),
    ),
    Pose("ff", {"jawOpen": 0.1, "mouthRollLower": 0.65} | both(mouthUpperUp=0.45)),
)

TURN = tuple(Pose(f"{angle}", turn=angle) for angle in (0, 35, 90, 180))

COMBINED = (
    Pose("blink", both(eyeBlink=1)),
    Pose("blink 0.5", both(eyeBlink=0.5)),
    Pose("blink + down", both(eyeBlink=1, eyeLookDown=1)),
    Pose("blink + squint", both(eyeBlink=1, eyeSquint=1)),
    Pose("blink + smile", both(eyeBlink=1, mouthSmile=1, cheekSquint=1)),
    Pose("look down", both(eyeLookDown=1)),
    Pose("open", {"jawOpen": 1}),
    Pose("open + close", {"jawOpen": 1, "mouthClose": 1}),
    Pose("smile", both(mouthSmile=1)),
    Pose("smile + open", both(mouthSmile=1) | {"jawOpen": 0.6}),
    Pose("frown", both(mouthFrown=1)),
    Pose("puff", {"cheekPuff": 1}),
    Pose("tongue + open", {"jawOpen": 0.5, "tongueOut": 1}),
    Pose("stretch", both(mouthStretch=1)),
    Pose("upper + lower", both(mouthUpperUp=1, mouthLowerDown=1)),
    Pose("look left", {"eyeLookOutLeft": 1, "eyeLookInRight": 1}),
)


def key_poses() -> tuple[Pose, ...]:
    """One pose a key; mouthClose, which corrects jawOpen, together with it."""
    extra = {"mouthClose": {"jawOpen": 1.0}}
    return tuple(Pose(name, {name: 1.0} | extra.get(name, {})) for name in CHANNELS)


SHEETS = {
    "keys": (key_poses(), 8),
    "emotions": (EMOTIONS, 4),
    "visemes": (VISEMES, 5),
    "turn": (TURN, 4),
    "combined": (COMBINED, 4),
}


def strike(character: DemoCharacter, weights: dict[str, float]) -> None:
    """Set every key of every mesh, and turn the eye bones by the eyeLook weights."""
    for mesh in character.meshes:
        if mesh.data.shape_keys:
            for key in mesh.data.shape_keys.key_blocks[1:]:
                key.value = weights.get(key.name, 0.0)
    for bone, side, outward in (("eye.L", "Left", 1.0), ("eye.R", "Right", -1.0)):
        look = {d: weights.get(f"eyeLook{d}{side}", 0.0) for d in ("In", "Out", "Up", "Down")}
        yaw = outward * EYE_LOOK_SIDEWAYS * (look["Out"] - look["In"])
        pitch = EYE_LOOK_DOWN * look["Down"] - EYE_LOOK_UP * look["Up"]
        pose = character.armature.pose.bones[bone]
        world = Quaternion((0, 0, 1), yaw) @ Quaternion((1, 0, 0), pitch)
        rest = pose.bone.matrix_local.to_quaternion()
        pose.rotation_mode = "QUATERNION"
        pose.rotation_quaternion = rest.inverted() @ world @ rest


def aim(camera: bpy.types.Object, degrees: float) -> None:
    """Move the camera round the character."""
    angle = math.radians(degrees)
    direction = Vector((math.sin(angle), -math.cos(angle), 0.03))
    camera.location = Vector((0.0, 0.0, 0.135)) + 0.86 * direction
    camera.rotation_euler = (-direction).to_track_quat("-Z", "Y").to_euler()


def contact_sheet(
    path: Path, poses: Sequence[Pose], columns: int, size: int = 256, engine: str = "WORKBENCH"
) -> None:
    """Render every pose and write them as one labelled PNG."""
    bpy.ops.wm.read_homefile(use_empty=True)
    character = build_demo_character()
    camera = build_demo_scene()
    render = bpy.context.scene.render
    render.engine = {
        "WORKBENCH": "BLENDER_WORKBENCH",
        "EEVEE": "BLENDER_EEVEE" if bpy.app.version >= (5, 0) else "BLENDER_EEVEE_NEXT",
        "CYCLES": "CYCLES",
    }[engine]
    if engine == "CYCLES":
        bpy.context.scene.cycles.samples = 32
    render.resolution_x = render.resolution_y = size
    tiles = []
    with tempfile.TemporaryDirectory() as folder:
        render.filepath = str(Path(folder) / "tile.png")
        for pose in poses:
            strike(character, pose.weights)
            aim(camera, pose.turn)
            bpy.ops.render.render(write_still=True)
            tile = cv2.imread(render.filepath)
            cv2.putText(
                tile,
                pose.label,
                (6, size - 8),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.45,
                (30, 30, 30),
                1,
                cv2.LINE_AA,
            )
            tiles.append(tile)
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.vstack(rows))


def main() -> None:
    """Write one sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sheet", choices=SHEETS)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--engine", choices=("WORKBENCH", "EEVEE", "CYCLES"), default="WORKBENCH")
    parser.add_argument("--only", help="part of the labels wanted, separated by commas")
    arguments = parser.parse_args()
    poses, columns = SHEETS[arguments.sheet]
    if arguments.only:
        wanted = arguments.only.split(",")
        poses = tuple(pose for pose in poses if any(part in pose.label for part in wanted))
    columns = min(columns, len(poses))
    contact_sheet(arguments.output, poses, columns, arguments.size, arguments.engine)


if __name__ == "__main__":
    main()
