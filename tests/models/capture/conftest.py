"""The real clip as pictures, and files made of it that are turned, cut, dimmed or joined."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def clip_pictures(carphone) -> list[np.ndarray]:
    """All 120 pictures of the clip, 144 × 176, blue, green, red."""
    capture = cv2.VideoCapture(str(carphone))
    pictures = []
    while True:
        read, picture = capture.read()
        if not read:
            return pictures
        pictures.append(picture)


@pytest.fixture
def write_video(tmp_path) -> Callable[..., Path]:
    """Writes pictures as a video; Motion JPEG in AVI or MPEG-4 in MP4, by the name's end."""

    def write(pictures: Sequence[np.ndarray], name: str = "clip.mp4", rate: float = 30) -> Path:
        path = tmp_path / name
        code = "MJPG" if name.endswith(".avi") else "mp4v"
        height, width = pictures[0].shape[:2]
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), rate, (width, height))
        assert writer.isOpened()
        for picture in pictures:
            writer.write(picture)
        writer.release()
        return path

    return write


@pytest.fixture
def tracker_weights(tmp_path) -> Path:
    """A copy of the tracker's weight files that a test may harm."""
    import shutil

    from mien.models.capture.weights import FOLDER

    return Path(shutil.copytree(FOLDER, tmp_path / "weights"))
