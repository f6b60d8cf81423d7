# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender in a window, set up once for a test run; what each scenario begins with."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from clips import write_long_clip
from debian import DEBIANS, set_up
from window import Window, install

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "out" / "ui"


@pytest.fixture(scope="session")
def blender(request) -> str:
    """The version of Blender that `--ui` names."""
    return request.config.getoption("--ui")


@pytest.fixture(scope="session")
def window(blender, tmp_path_factory) -> Window:
    """That Blender with the zip installed, which `build.py test --ui` has made."""
    archive = Path(os.environ["MIEN_UI_ARCHIVE"])
    root = set_up(DEBIANS[blender])
    return install(root, archive, tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="session")
def clips(carphone, tmp_path_factory) -> Path:
    """A folder with the clip, and with one that is the clip several times over."""
    folder = tmp_path_factory.mktemp("clips")
    shutil.copyfile(carphone, folder / "carphone.mp4")
    write_long_clip(carphone, folder / "long.mp4")
    return folder


@pytest.fixture(scope="session")
def prepared(window, clips, tmp_path_factory) -> Path:
    """The clips, and the file of scenarios that begin with a take."""
    work = tmp_path_factory.mktemp("prepared")
    shutil.copytree(clips, work / "files")
    window.prepare(work)
    return work / "files"


@pytest.fixture
def screenshots(blender) -> Path:
    """Where scenarios leave their screenshots."""
    return SCREENSHOTS / blender


@pytest.fixture
def play(request, window, blender, tmp_path):
    """Plays a scenario with these files; its screenshots are left in out/ui."""

    def play(scenario: str, files: Path, opened: str | None = None) -> str:
        shots = SCREENSHOTS / blender / scenario
        shutil.rmtree(shots, ignore_errors=True)
        shutil.copytree(files, tmp_path / "files")
        try:
            return window.play(scenario, tmp_path, Path(opened) if opened else None)
        finally:
            shutil.copytree(tmp_path / "shots", shots)
            # The user's files alone are hundreds of megabytes.
            shutil.rmtree(tmp_path, ignore_errors=True)

    return play
