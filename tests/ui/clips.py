# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that lasts long enough to be stopped."""

from __future__ import annotations

from pathlib import Path

import cv2

REPEATS = 20


def write_long_clip(source: Path, target: Path) -> None:
    """Write a clip several times over, as one video."""
    video = cv2.VideoCapture(str(source))
    rate = video.get(cv2.CAP_PROP_FPS)
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    size = frames[0].shape[1::-1]
    written = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), rate, size)
    for frame in frames * REPEATS:
        written.write(frame)
    written.release()
