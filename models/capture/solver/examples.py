# SPDX-License-Identifier: GPL-3.0-or-later
"""What the solver learns from: rendered people as the landmark network sees them.

    python -m mien.models.capture.solver.examples out/known_truth/stills out/known_truth/examples

Each person that `benchmarks/known_truth/stills.py` rendered becomes one .npz with several
versions of each picture. What is there already is left as it is.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arkit import CHANNELS
from ...arkit import mirrored as opposite
from ...performance import Floats
from ..landmarks import Landmarker
from ..weights import library
from .config import STANDARD, PictureSettings, read
from .pictures import around, lit, mirrored, random_bend, random_light, shaken

RESTING = 3
"""The first pictures of each person show the face at rest."""

MIRROR = np.array([CHANNELS.index(opposite(name)) for name in CHANNELS])
"""The column of the same channel on the other side of the face."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures of people as the landmark network sees them.

    features: (pictures, 128, 16, 16) float16. landmarks: (pictures, 478, 3) in pixels of the
    cut-out. weights: (pictures, 52) true ones. people, versions: (pictures,) numbers.
    resting: (pictures,) True where the face is at rest.
    """

    features: NDArray[np.float16]
    landmarks: Floats
    weights: Floats
    people: NDArray[np.int64]
    versions: NDArray[np.int64]
    resting: NDArray[np.bool_]


def see_person(
    path: Path, landmarker: Landmarker, settings: PictureSettings, seed: int
) -> Examples:
    """One rendered person in all versions. Raises OSError if a file is missing."""
    cv2: Any = library("cv2")
    number = int(path.stem)
    with np.load(path) as stored:
        seen = np.flatnonzero(stored["seen"])
        found, true = stored["landmarks"].astype(np.float64), stored["weights"]
    pictures = [cv2.imread(str(path.with_suffix("") / f"{index:03d}.jpg")) for index in seen]
    features, landmarks, versions = [], [], []
    for version in range(settings.plain + settings.bent):
        random = np.random.default_rng((seed, number, version))
        bend = random_bend(settings.bend, landmarker.size, random)
        light = random_light(random)
        for index, picture in zip(seen, pictures, strict=True):
            points = found[index]
            shown, region = picture, around(points)
            if version:
                if version % 2:
                    shown, points = mirrored(picture, points)
                changing = version < settings.plain
                shown = lit(shown, random_light(random) if changing else light, random)
                region = shaken(around(points), random)
            cut = landmarker.cut(shown, region)
            looked = landmarker.look(cut if version < settings.plain else bend.apply(cut))
            features.append(looked.features)
            landmarks.append(looked.landmarks)
            versions.append(version)
    numbers = np.array(versions)
    times = settings.plain + settings.bent
    weights = np.where((numbers % 2 == 1)[:, None], _tiled(true[seen][:, MIRROR], times), 0)
    weights = np.where((numbers % 2 == 0)[:, None], _tiled(true[seen], times), weights)
    return Examples(
        np.stack(features).astype(np.float16),
        np.stack(landmarks).astype(np.float32),
        weights.astype(np.float32),
        np.full(len(numbers), number),
        numbers,
        np.tile(seen < RESTING, times),
    )


def _tiled(rows: Floats, times: int) -> Floats:
    return np.tile(rows, (times, 1))


def read_examples(folder: Path, people: int) -> Examples:
    """The first people in a folder of examples. Raises OSError if there are too few."""
    paths = sorted(folder.glob("[0-9]*.npz"))[:people]
    if len(paths) < people:
        raise OSError(f"{folder} holds {len(paths)} people, not {people}: render and see more.")
    stored = [dict(np.load(path)) for path in paths]
    return Examples(**{name: np.concatenate([one[name] for one in stored]) for name in stored[0]})


def main() -> None:
    """See the people that were not seen yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stills", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--configuration", type=Path, default=STANDARD)
    parser.add_argument("--follow", action="store_true", help="wait for more people to come")
    arguments = parser.parse_args()
    configuration = read(arguments.configuration)
    arguments.out.mkdir(parents=True, exist_ok=True)
    landmarker = Landmarker()
    while True:
        waiting = [
            path
            for path in sorted(arguments.stills.glob("[0-9]*.npz"))
            if not (arguments.out / path.name).exists() and ".part" not in path.name
        ]
        for path in waiting:
            seen = see_person(path, landmarker, configuration.pictures, configuration.training.seed)
            beside = arguments.out / f"part-{path.name}"
            np.savez(beside, **vars(seen))
            beside.replace(arguments.out / path.name)
        if not arguments.follow:
            return
        if not waiting:
            time.sleep(10)


if __name__ == "__main__":
    main()
