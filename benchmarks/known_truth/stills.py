# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered single expressions of many people, tracked: what the solver is trained with.

    python -m mien.benchmarks.known_truth.stills --data ../shared/data --out out/known_truth/stills

Each person is one .npz (`weights`, `turns`, `places`, `angle`, `size`, `landmarks`, `seen`,
`tongue`, `blendshapes`) and a folder of JPEG frames; what is there already is left as it is,
so the work can be stopped and gone on with. The first frames of each person are at rest.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import cv2
import numpy as np
from mien.benchmarks.known_truth.expressions import (
    random_expressions,
    random_turns,
    single_expressions,
    training_weights,
)
from mien.benchmarks.known_truth.heads import Floats, IctFaceKit, rotation
from mien.benchmarks.known_truth.people import person

from .look import random_look
from .paint import ict_outlines, paint
from .scene import Lens, Stage
from .tracking import Tracker

SIZE = 160
SAMPLES = 2
RESTING = 3


def random_lens(rng: np.random.Generator, size: int) -> tuple[Lens, float]:
    """A lens and the distance in centimetres from which the face fills the picture with it."""
    distance = float(np.exp(rng.uniform(np.log(38), np.log(220))))
    half = rng.uniform(9.0, 11.5)
    # The face lies about 9 cm before the head's own centre.
    return Lens(size, 2 * float(np.arctan(half / (distance - 9)))), distance


def spoilt(picture: Floats, noise: float, blur: float, rng: np.random.Generator) -> Floats:
    """The picture as a camera would give it: a little soft, a little noisy."""
    soft = cv2.GaussianBlur(picture, (0, 0), blur) if blur > 0.3 else picture
    return np.clip(soft + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


def render_person(
    kit: IctFaceKit,
    data: Path,
    seed: int,
    frames: int,
    taken: Floats,
    folder: Path,
    tracker: Tracker,
    single: bool = False,
) -> None:
    """Render and track one person; written at the end, so that half a person is none."""
    rng = np.random.default_rng([seed, 3])
    head, look = person(kit, seed), random_look(seed)
    lens, distance = random_lens(rng, SIZE)
    stage = Stage(head, paint(ict_outlines(data, head.vertices)), look, lens, SAMPLES)
    weights = (single_expressions if single else random_expressions)(taken, frames, rng)
    weights[:RESTING] = 0
    turns = random_turns(frames, rng)
    turns[0] = rotation(*np.radians(rng.normal(0, (3, 3, 1.5))))
    places = np.stack(
        [rng.normal(0, 0.8, frames), rng.normal(0, 0.8, frames), np.full(frames, -distance)], axis=1
    )
    noise, blur, quality = rng.uniform(0, 4), rng.uniform(0, 0.6), int(rng.uniform(70, 98))
    pictures = folder / f"{seed:05d}"
    pictures.mkdir(exist_ok=True)
    tracked = []
    for index in range(frames):
        picture = stage.render(weights[index], turns[index], places[index])
        path = pictures / f"{index:03d}.jpg"
        picture = spoilt(picture, noise, blur, rng)
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        tracked.append(tracker.find(cv2.imread(str(path))))
    beside = folder / f"{seed:05d}.part.npz"
    np.savez_compressed(
        beside,
        weights=weights,
        turns=turns.astype(np.float32),
        places=places.astype(np.float32),
        angle=lens.angle,
        size=lens.size,
        landmarks=np.stack([t.landmarks for t in tracked]).astype(np.float32),
        seen=np.array([t.seen for t in tracked]),
        tongue=np.array([t.tongue for t in tracked], np.float32),
        blendshapes=np.stack([t.blendshapes for t in tracked]),
    )
    beside.replace(folder / f"{seed:05d}.npz")


def main() -> None:
    """Render the people that are not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("out/known_truth/stills"))
    parser.add_argument("--first", type=int, default=0, help="seed of the first person")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=20)
    parser.add_argument("--single", action="store_true", help="one or two channels at a time")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    kit, tracker = IctFaceKit(arguments.data), Tracker()
    taken = training_weights(arguments.data)
    for seed in range(arguments.first, arguments.first + arguments.people):
        if (arguments.out / f"{seed:05d}.npz").exists():
            continue
        render_person(
            kit,
            arguments.data,
            seed,
            arguments.frames,
            taken,
            arguments.out,
            tracker,
            arguments.single,
        )
        print(f"person {seed}", flush=True)
    # bpy's own clean-up at exit may crash when another library holds threads.
    os._exit(0)


if __name__ == "__main__":
    main()
