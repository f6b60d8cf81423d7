# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien in a real Blender with a window, driven by clicks and keys: `build.py test --ui`.

Each scenario (`scenarios/`) runs in a new Blender, asserts on the scene and leaves
screenshots in `out/ui`.
"""

import pytest


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
    ],
)
def test_with_a_take(play, prepared, scenario):
    play(scenario, prepared, "captured.blend")
