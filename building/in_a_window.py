# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests that drive a real Blender with a window: `tests/ui`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .environments import Environment
from .packaging import PLATFORMS, PYTHONS, package_for
from .running import ROOT, BuildError, run

# Debian's Blenders with the Pythons that they come with; the first has to pass anywhere.
WINDOWED = {"4.3": "3.13", "5.2": "3.14"}
REQUIRED = "4.3"


def windowed_tests(
    environment: Environment, versions: Sequence[str], arguments: Sequence[str] = ()
) -> None:
    """Set up each Blender, install the zip in it and play the scenarios."""
    for version in versions:
        print(f"Tests in a window of Blender {version} …", flush=True)
        if not _is_set_up(environment, version):
            if version == REQUIRED:
                raise BuildError(f"There is no Blender {version} with a window to test in.")
            print(f"Tests in a window of Blender {version} are left out.", flush=True)
            continue
        tests: list[str | Path] = [environment.python, "-m", "pytest", "tests/ui", "--ui", version]
        archive = archive_for(environment, version)
        run([*tests, *arguments], cwd=ROOT, env={**os.environ, "MIEN_UI_ARCHIVE": str(archive)})


def archive_for(environment: Environment, version: str) -> Path:
    """The zip that this Blender can install."""
    platform = next(each for each in PLATFORMS if each.name == "linux-x64")
    python = WINDOWED[version]
    return package_for(environment, platform, PYTHONS if python in PYTHONS else (python,))


def _is_set_up(environment: Environment, version: str) -> bool:
    """Whether it is there now; where it is not, what made it prints why."""
    script = ROOT / "tests" / "ui" / "debian.py"
    return subprocess.run([environment.python, script, version]).returncode == 0
