# SPDX-License-Identifier: GPL-3.0-or-later
"""The truth beside what was seen of it: the same head rendered three times, as a video.

    python -m mien.benchmarks.known_truth.side_by_side --clips out/known_truth/clips facecap-speech

Left the footage, whose weights are the truth; then the head with MediaPipe's weights, Mien's
neutral taken off; then with Mien's. A strip of single frames is written beside the video.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.models.capture.calibration import neutral_at, remove_neutral
from mien.models.capture.capture import CaptureOptions, capture

from .clips import ACTORS, stage_of
from .heads import Floats

_REST = 0.15
_NAMES = ("Truth", "MediaPipe", "Mien")
_STRIP = 6


def seen(footage: Path) -> tuple[Floats, Floats]:
    """(frames, 52) weights of MediaPipe, less their neutral, and of Mien."""
    public = capture(footage, CaptureOptions.as_mediapipe(threads=1)).performance
    own = capture(footage, CaptureOptions(threads=1, solver="mien", rest=_REST)).performance
    calibrated = remove_neutral(public, neutral_at(public, _REST))
    return np.asarray(calibrated.weights), np.asarray(own.weights)


def panels(clips: Path, name: str, data: Path) -> list[Any]:
    """Each frame of the video, (size, 3 · size, 3) uint8 BGR."""
    actor = next(actor for actor in ACTORS if name.startswith(actor.name))
    with np.load(clips / f"{name}.npz") as stored:
        truth, turns, places = stored["weights"], stored["turns"], stored["places"]
    columns = seen(clips / f"{name}.avi")
    stage, _, _ = stage_of(actor, data)
    result = []
    for frame in range(len(truth)):
        pictures = [cv2.imread(str(clips / name / f"{frame:04d}.png"))]
        for weights in columns:
            pictures.append(stage.render(weights[frame], turns[frame], places[frame]))
        for picture, words in zip(pictures, _NAMES, strict=True):
            _label(picture, words)
        result.append(np.hstack(pictures))
    return result


def _label(picture: Any, words: str) -> None:
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(
            picture, words, (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA
        )


def write_video(frames: list[Any], path: Path, rate: float) -> None:
    """Write an MP4 by the system's ffmpeg. Raises SystemExit if there is none."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise SystemExit("The video needs ffmpeg: install it, or look at the strip.")
    height, width = frames[0].shape[:2]
    command = [ffmpeg, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "bgr24"]
    command += ["-s", f"{width}x{height}", "-r", str(rate), "-i", "-", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(path)], input=b"".join(f.tobytes() for f in frames), check=True)


def main() -> None:
    """Render the videos of the clips that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="CLIP")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--clips", type=Path, default=Path("out/known_truth/clips"))
    parser.add_argument("--out", type=Path, default=Path("out/known_truth/side_by_side"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.names:
        frames = panels(arguments.clips, name, arguments.data)
        chosen = np.linspace(0, len(frames) - 1, _STRIP + 2).astype(int)[1:-1]
        strip = np.vstack([frames[frame] for frame in chosen])
        cv2.imwrite(str(arguments.out / f"{name}.jpg"), strip, [cv2.IMWRITE_JPEG_QUALITY, 85])
        with np.load(arguments.clips / f"{name}.npz") as stored:
            write_video(frames, arguments.out / f"{name}.mp4", float(stored["rate"]))
        print(arguments.out / f"{name}.mp4")
    # bpy's own clean-up at exit may crash when another library holds threads.
    os._exit(0)


if __name__ == "__main__":
    main()
