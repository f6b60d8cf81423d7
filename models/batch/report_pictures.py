# SPDX-License-Identifier: GPL-3.0-or-later
"""A shot's picture strip: of its render, else of its footage."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from ..capture.footage import open_footage
from ..capture.weights import library
from ..errors import MienError
from .run import ShotResult
from .shot import Shot

_COUNT = 6
_HEIGHT = 96


def strip(result: ShotResult, folder: Path, shot: Shot) -> str:
    """A few pictures over the length of the shot, side by side; "" if there are none."""
    try:
        images = "".join(_image(picture) for picture in _pictures(result, folder, shot))
    except MienError:
        return ""  # The footage has moved since: a row without pictures is still a row.
    return f'<div class="strip">{images}</div>' if images else ""


def _pictures(result: ShotResult, folder: Path, shot: Shot) -> Iterator[Any]:
    place = result.products.get("frames") or result.products.get("stills")
    if place is not None:
        cv2: Any = library("cv2")
        read = (cv2.imread(str(file)) for file in _spread(sorted((folder / place).glob("*.png"))))
        yield from (picture for picture in read if picture is not None)
    elif shot.footage is not None and "capture" in result.products:
        frames = result.facts["capture"].get("report", {}).get("frames", 1)
        wanted = set(_spread(list(range(frames))))
        with closing(open_footage(shot.footage).frames(shot.start, shot.end)) as footage:
            yield from (frame.picture for number, frame in enumerate(footage) if number in wanted)


def _spread(items: Sequence[Any]) -> list[Any]:
    """Some of them, evenly spread, the first and the last among them."""
    if len(items) <= _COUNT:
        return list(items)
    return [items[round(n * (len(items) - 1) / (_COUNT - 1))] for n in range(_COUNT)]


def _image(picture: Any) -> str:
    cv2: Any = library("cv2")
    height, width = picture.shape[:2]
    # Twice as large as shown, for displays with small pixels.
    scale = min(1.0, 2 * _HEIGHT / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 82])
    text = base64.b64encode(np.asarray(packed).tobytes()).decode()
    return f'<img alt="" src="data:image/jpeg;base64,{text}">'
