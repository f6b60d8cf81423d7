# SPDX-License-Identifier: GPL-3.0-or-later
"""What a take, a character's file or footage holds, for a person and for a machine."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import MienError
from ..models.formats import FORMATS
from ..models.performance import Performance

# Files of other programs that Blender's own importers read.
MODELS = (".fbx", ".glb", ".gltf", ".vrm")

# A channel that moves less than this over a take moves too little to be seen.
_STILL = 0.02


class InspectionError(MienError):
    """A file cannot be inspected."""


@dataclass(frozen=True)
class Findings:
    """What was found, twice.

    facts: plain data for JSON; `facts["kind"]` is "take", "blend", "model" or "footage".
    words: the same for a person, a line a fact.
    """

    facts: dict[str, Any]
    words: str


def inspect(path: Path) -> Findings:
    """Look into a take, a .blend, a model (.fbx, .glb, .vrm) or footage.

    Raises InspectionError if there is no such file; TakeError, BlendFileError,
    ModelImportError or FootageError if it is damaged.
    """
    if not path.exists():
        raise InspectionError(f"There is no file {path}. Check its name and folder.")
    if any(kind.recognises(path) for kind in FORMATS):
        return inspect_take(path)
    if path.suffix.lower() == ".blend":
        return inspect_blend(path)
    if path.suffix.lower() in MODELS:
        return inspect_model(path)
    return inspect_footage(path)


def inspect_take(path: Path) -> Findings:
    """Length, rate, how much of the face was seen, which channels move."""
    from ..models.take import read_take

    take = read_take(path)
    performance = take.performance
    moving = moving_channels(performance)
    still = [channel for channel in performance.channels if channel not in moving]
    facts = {
        "kind": "take",
        "frames": len(performance),
        "seconds": performance.duration,
        "rate": performance.rate,
        "seen": float(performance.seen.mean()),
        "source": performance.source.text,
        "timecode": performance.source.timecode,
        "head": performance.head is not None,
        "eyes": performance.eyes is not None,
        "moving": moving,
        "still": still,
        "report": dict(take.report),
    }
    words = [
        f"Take {path.name}: {len(performance)} frames, {performance.duration:.2f} s "
        f"at {performance.rate:.5g} fps, from {performance.source.text or 'an unknown source'}",
        f"Face seen in {performance.seen.mean():.0%} of the frames",
        f"Head {_yes(performance.head)}, eyes {_yes(performance.eyes)}",
        f"{len(moving)} of {len(performance.channels)} channels move; still: {_list(still)}",
        *(f"Note: {warning}" for warning in take.report.get("warnings", ())),
    ]
    return Findings(facts, "\n".join(words))


def inspect_blend(path: Path) -> Findings:
    """The characters in a .blend, and what of each moves with which channel."""
    from .blend_files import open_blend

    return _characters(open_blend(path), path, "blend")


def inspect_model(path: Path) -> Findings:
    """The characters in another program's file, as Blender imports it."""
    from .importing import import_model

    return _characters(import_model(path), path, "model")


def _characters(scene: Any, path: Path, kind: str) -> Findings:
    from .character import find_characters
    from .mapping import match
    from .mapping.report import in_words, to_json

    facts: dict[str, Any] = {"kind": kind, "characters": []}
    words = []
    for character in find_characters(scene):
        mapping = match(character)
        meshes = [mesh.name for mesh in character.meshes]
        eye_bones = [bone for bone in (character.left_eye_bone, character.right_eye_bone) if bone]
        facts["characters"].append(
            {
                "name": character.name,
                "meshes": meshes,
                "head_bone": character.head_bone,
                "neck_bones": list(character.neck_bones),
                "jaw_bone": character.jaw_bone,
                "eye_bones": eye_bones,
                **to_json(mapping),
            }
        )
        words += [
            f"Character {character.name}: {_list(meshes)}",
            f"    head bone: {character.head_bone or 'none'}, eye bones: {_list(eye_bones)}",
            f"    neck bones: {_list(character.neck_bones)}, "
            f"jaw bone: {character.jaw_bone or 'none'}",
            *(f"    {line}" for line in in_words(mapping)),
        ]
    if not words:
        words = [f"{path.name} has no character: no mesh in its scene has face shape keys."]
    return Findings(facts, "\n".join(words))


def inspect_footage(path: Path) -> Findings:
    """Size, rate and length, by reading every frame's own time."""
    from ..models.capture.footage import open_footage

    footage = open_footage(path)
    times = []
    with closing(footage.frames()) as frames:
        for frame in frames:
            times.append(frame.time)
            height, width = frame.picture.shape[:2]
    steps = np.diff(times)
    rate = float(1 / np.median(steps)) if len(steps) else 0.0
    steady = bool(len(steps) == 0 or np.ptp(steps) <= 0.1 * np.median(steps))
    facts = {
        "kind": "footage",
        "frames": len(times),
        "seconds": times[-1] - times[0],
        "rate": rate,
        "steady": steady,
        "size": [width, height],
        "warnings": list(footage.warnings),
    }
    words = [
        f"Footage {path.name}: {len(times)} frames, {times[-1] - times[0]:.2f} s "
        f"at {rate:.5g} fps{'' if steady else ' (varies)'}, {width} × {height}",
        *(f"Note: {warning}" for warning in footage.warnings),
    ]
    return Findings(facts, "\n".join(words))


def moving_channels(performance: Performance) -> list[str]:
    """The channels that move visibly, those that move most first."""
    ranges = np.ptp(performance.weights, axis=0)
    order = np.argsort(-ranges, kind="stable")
    return [performance.channels[index] for index in order if ranges[index] > _STILL]


def plot(before: Performance, after: Performance, target: Path, count: int = 8) -> None:
    """Draw the channels that move most, as captured and after the recipe, into a PNG.

    Raises InspectionError where matplotlib is not installed, as inside Blender.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InspectionError(
            "Drawing curves needs matplotlib, which Blender does not have; "
            "run the command from the virtual environment that build.py makes."
        ) from None
    channels = moving_channels(after)[:count] or list(after.channels[:1])
    figure = Figure(figsize=(10, 1.2 * len(channels) + 1), layout="constrained")
    rows = figure.subplots(len(channels), sharex=True, squeeze=False)[:, 0]
    for axes, channel in zip(rows, channels, strict=True):
        for performance, color, width, label in (
            (before, "#b0b8c0", 1.0, "captured"),
            (after, "#0b7a75", 1.6, "after the recipe"),
        ):
            values = performance.channel(channel)
            axes.plot(performance.times, values, color=color, linewidth=width, label=label)
        axes.set_ylim(-0.05, 1.05)
        axes.set_ylabel(channel, rotation=0, ha="right", va="center")
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*rows[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    rows[-1].set_xlabel("seconds")
    part = target.with_name(f".{target.name}.part")
    try:
        figure.savefig(part, format="png", dpi=110)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _yes(recorded: object) -> str:
    return "not recorded" if recorded is None else "recorded"


def _list(names: Any) -> str:
    return ", ".join(names) or "none"
