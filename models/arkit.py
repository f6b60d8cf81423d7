# SPDX-License-Identifier: GPL-3.0-or-later
"""ARKit's 52 face channels: names, regions, left and right.

Names are those of Apple's ``ARFaceAnchor.BlendShapeLocation``
(https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation),
in the order in which the Live Link Face app writes them. Left and right are the
subject's own.
"""

CHANNELS: tuple[str, ...] = (
    "eyeBlinkLeft",
    "eyeLookDownLeft",
    "eyeLookInLeft",
    "eyeLookOutLeft",
    "eyeLookUpLeft",
    "eyeSquintLeft",
    "eyeWideLeft",
    "eyeBlinkRight",
    "eyeLookDownRight",
    "eyeLookInRight",
    "eyeLookOutRight",
    "eyeLookUpRight",
    "eyeSquintRight",
    "eyeWideRight",
    "jawForward",
    "jawRight",
    "jawLeft",
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRight",
    "mouthLeft",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)

REGION_PREFIXES: dict[str, tuple[str, ...]] = {
    "eyes": ("eye",),
    "brows": ("brow",),
    "jaw": ("jaw",),
    "mouth": ("mouth",),
    "cheeks": ("cheek",),
    "nose": ("nose",),
    "tongue": ("tongue",),
}

REGIONS: dict[str, tuple[str, ...]] = {
    region: tuple(name for name in CHANNELS if name.startswith(prefixes))
    for region, prefixes in REGION_PREFIXES.items()
}


def region_of(channel: str) -> str:
    """The region ("eyes", "mouth" …) of an ARKit channel.

    Raises KeyError if `channel` is not one of `CHANNELS`.
    """
    for region, names in REGIONS.items():
        if channel in names:
            return region
    raise KeyError(channel)


def mirrored(channel: str) -> str:
    """The same channel on the other side of the face; itself if it has no side."""
    if channel.endswith("Left"):
        return channel[: -len("Left")] + "Right"
    if channel.endswith("Right"):
        return channel[: -len("Right")] + "Left"
    return channel


# Radians that an eye turns for an eyeLook weight of 1. Least squares of the eye
# columns on the eyeLook columns of recordings made with the Live Link Face app
# (2 performers, 9 500 frames, r > 0.999): out 0.58, in 0.62, up 0.45, down 0.61.
EYE_LOOK_SIDEWAYS = 0.60
EYE_LOOK_UP = 0.45
EYE_LOOK_DOWN = 0.61
