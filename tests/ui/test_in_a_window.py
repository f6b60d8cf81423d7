# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien in a real Blender with a window, driven by clicks and keys: `build.py test --ui`.

Each scenario (`scenarios/`) runs in a new Blender, asserts on the scene and leaves
screenshots in `out/ui`.
"""

from pathlib import Path

import cv2
import pytest

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "images" / "manual"
BYTES_OF_A_PICTURE = 78 * 1024


@pytest.mark.parametrize("scenario", ["first_run", "drop_footage"])
def test_from_nothing(play, clips, scenario):
    play(scenario, clips)


@pytest.mark.parametrize(
    "scenario",
    [
        "stop_and_capture_again",
        "bake_and_play",
        "save_and_reopen",
        "disable_while_running",
        "gallery",
        "live_slider",
        "languages",
    ],
)
def test_with_a_take(play, prepared, scenario):
    play(scenario, prepared, "captured.blend")


def test_the_manual_shows_what_is_there(play, prepared, screenshots, request):
    """Each picture of the manual is one of these; `--update-manual` replaces them."""
    play("manual_pictures", prepared, "captured.blend")
    taken = {path.stem: path for path in (screenshots / "manual_pictures").glob("*.png")}
    if request.config.getoption("--update-manual"):
        for name, path in taken.items():
            write_small(cv2.imread(str(path)), PICTURES / f"{name}.jpg")
    assert set(taken) == {path.stem for path in PICTURES.iterdir()}


def write_small(picture, target):
    """As JPEG, as good as fits."""
    for quality in range(92, 20, -4):
        data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        if len(data) <= BYTES_OF_A_PICTURE:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data.tobytes())
            return
    raise AssertionError(f"{target.name} is too large")
