# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered clips whose weights are known: what trackers are measured by.

    python -m mien.benchmarks.known_truth.clips --data ../shared/data --out out/known_truth/clips

Each clip is an .avi and an .npz of the same name (`weights` (frames, 52), `turns`, `places`,
`angle`, `size`, `rate`, `kind`, `head`). Frames that are there already are not rendered
again. No identity, look or take of a clip is used in training; Face Cap's and MakeHuman's
heads are of other families altogether.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mien.benchmarks.known_truth.heads import Head, IctFaceKit
from mien.benchmarks.known_truth.people import stranger

from . import motion
from .foreign import face_cap, foreign_outlines, makehuman
from .look import random_look
from .motion import Clip
from .paint import Outlines, ict_outlines, paint
from .scene import Lens, Stage

SIZE = 256
SAMPLES = 4
# Training counts its seeds from 0.
_FIRST_SEED = 900_000


@dataclass(frozen=True)
class Actor:
    """A head, the seed of its look, its distance from the camera in centimetres, and its lines:
    a stretch of a take to say, and one to say while the head turns (name, start second)."""

    name: str
    head: Callable[[Path], tuple[Head, Outlines]]
    seed: int
    distance: float
    says: tuple[str, float]
    says_turning: tuple[str, float]


def _ict(seed: int) -> Callable[[Path], tuple[Head, Outlines]]:
    def head(data: Path) -> tuple[Head, Outlines]:
        made = stranger(IctFaceKit(data), seed)
        return made, ict_outlines(data, made.vertices)

    return head


def _foreign(make: Callable[[Path], Head]) -> Callable[[Path], tuple[Head, Outlines]]:
    def head(data: Path) -> tuple[Head, Outlines]:
        made = make(data)
        return made, foreign_outlines(made.name)

    return head


_TAKE = "MySlate_{}_iPhone_cal.csv"
ACTORS = (
    Actor(
        "ict-1",
        _ict(_FIRST_SEED + 11),
        _FIRST_SEED + 11,
        70,
        (_TAKE.format(161), 14.0),
        (_TAKE.format(165), 21.0),
    ),
    Actor(
        "ict-2",
        _ict(_FIRST_SEED + 12),
        _FIRST_SEED + 12,
        120,
        (_TAKE.format(165), 15.0),
        (_TAKE.format(164), 12.0),
    ),
    Actor(
        "facecap",
        _foreign(face_cap),
        _FIRST_SEED + 13,
        90,
        (_TAKE.format(162), 15.0),
        (_TAKE.format(161), 3.0),
    ),
    Actor(
        "makehuman",
        _foreign(makehuman),
        _FIRST_SEED + 14,
        60,
        (_TAKE.format(164), 15.0),
        (_TAKE.format(162), 3.0),
    ),
)
SPEECH_SECONDS = 2.5
TURNING_SECONDS = 2.5


def clips_of(actor: Actor, data: Path) -> list[Clip]:
    """What an actor does: a range of motion, speech, and speech while turning the head."""
    return [
        motion.range_of_motion(),
        motion.speech(data, *actor.says, SPEECH_SECONDS),
        motion.turning(data, *actor.says_turning, TURNING_SECONDS),
    ]


def render_actor(actor: Actor, data: Path, out: Path, kinds: tuple[str, ...]) -> None:
    """Render the clips of one actor that are not there yet."""
    wanted = [clip for clip in clips_of(actor, data) if clip.kind in kinds]
    wanted = [clip for clip in wanted if not (out / f"{actor.name}-{clip.kind}.npz").exists()]
    if not wanted:
        return
    stage, lens, name = stage_of(actor, data)
    for clip in wanted:
        _render_clip(stage, lens, name, actor, clip, out)


def stage_of(actor: Actor, data: Path) -> tuple[Stage, Lens, str]:
    """An actor before the lens, and the name of the head."""
    head, outlines = actor.head(data)
    lens = Lens(SIZE, 2 * float(np.arctan(12.5 / (actor.distance - 9))))
    return Stage(head, paint(outlines), random_look(actor.seed), lens, SAMPLES), lens, head.name


def _render_clip(stage: Stage, lens: Lens, head: str, actor: Actor, clip: Clip, out: Path) -> None:
    name = f"{actor.name}-{clip.kind}"
    frames = out / name
    frames.mkdir(exist_ok=True)
    time = np.arange(len(clip.weights)) / motion.RATE
    zero = np.zeros_like(time)
    drift = np.stack([0.4 * np.sin(time * 1.1), 0.3 * np.sin(time * 0.7), zero], axis=1)
    places = drift + np.array((0, 0, -actor.distance))
    for index, (weights, turn) in enumerate(zip(clip.weights, clip.turns, strict=True)):
        path = frames / f"{index:04d}.png"
        if not path.exists():
            cv2.imwrite(str(path), stage.render(weights, turn, places[index]))
    _write_video(frames, out / f"{name}.avi", lens.size)
    np.savez_compressed(
        out / f"{name}.npz",
        weights=clip.weights.astype(np.float32),
        turns=clip.turns.astype(np.float32),
        places=places.astype(np.float32),
        angle=lens.angle,
        size=lens.size,
        rate=motion.RATE,
        kind=clip.kind,
        head=head,
    )
    print(f"{name}: {len(clip.weights)} frames", flush=True)


def _write_video(frames: Path, path: Path, size: int) -> None:
    """Motion JPEG: OpenCV's MPEG-4 is so coarse here that it would be measured, not the face."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), motion.RATE, (size, size))
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, 95)
    for frame in sorted(frames.glob("*.png")):
        picture = cv2.imread(str(frame))
        assert picture is not None, f"{frame} cannot be read"
        writer.write(picture)
    writer.release()


def main() -> None:
    """Render what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("out/known_truth/clips"))
    parser.add_argument("--actors", nargs="*", default=[actor.name for actor in ACTORS])
    parser.add_argument("--kinds", nargs="*", default=["range", "speech", "turning"])
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for actor in ACTORS:
        if actor.name in arguments.actors:
            render_actor(actor, arguments.data, arguments.out, tuple(arguments.kinds))
    # bpy's own clean-up at exit may crash when another library holds threads.
    os._exit(0)


if __name__ == "__main__":
    main()
