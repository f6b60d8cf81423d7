# SPDX-License-Identifier: GPL-3.0-or-later
"""A Blender in a window of its own screen, with the packaged Mien installed in it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from debian import command

HERE = Path(__file__).resolve().parent
SCREEN = (1280, 1000)
SECONDS_AT_MOST = 240

START = """
import sys
sys.path[:0] = ["/mnt/desk", "/mnt/desk/scenarios"]
import bpy
bpy.context.preferences.view.show_splash = False
from pathlib import Path
from animator import play
import {name}
play({name}.scenario, Path("/mnt/shots"))
"""


class ScenarioFailed(AssertionError):
    """A scenario ended otherwise than well; the message is what Blender wrote."""


@dataclass(frozen=True)
class Window:
    """What runs Blender.

    root: the Debian it lies in. user: a folder of Blender's user files with Mien in it.
    """

    root: Path
    user: Path

    def run(self, work: Path, arguments: list[str], seconds: float = SECONDS_AT_MOST) -> str:
        """Run a command in the Debian with `work` as /mnt; what it wrote.

        Raises ScenarioFailed if it fails or takes longer than so many seconds.
        """
        (work / "home").mkdir(exist_ok=True)
        variables = {
            "HOME": "/mnt/home",
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "BLENDER_USER_RESOURCES": "/mnt/blender",
            "PYTHONUNBUFFERED": "1",
        }
        try:
            answer = subprocess.run(
                command(self.root, arguments, work),
                env=variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as late:
            said = late.stdout.decode(errors="replace") if late.stdout else ""
            raise ScenarioFailed(f"{said}\nNot over after {seconds:g} s.") from None
        if answer.returncode:
            raise ScenarioFailed(f"{answer.stdout}\nExit code {answer.returncode}.")
        return answer.stdout

    def bring(self, work: Path) -> None:
        """Put what runs in Blender, and the user's files, into a run's folder."""
        for folder in ("shots", "files"):
            (work / folder).mkdir(parents=True, exist_ok=True)
        shutil.copytree(HERE, work / "desk", ignore=shutil.ignore_patterns("__pycache__"))
        if not (work / "blender").exists():
            subprocess.run(["cp", "-al", self.user, work / "blender"], check=True)

    def prepare(self, work: Path) -> str:
        """Make work/files/captured.blend of the clip beside it; what Blender wrote."""
        self.bring(work)
        script = ["--python-exit-code", "2", "--python", "/mnt/desk/prepare.py", "--"]
        files = ["/mnt/files/captured.blend", "/mnt/files/carphone.mp4"]
        return self.run(work, ["blender", "--background", *script, *files])

    def play(
        self,
        scenario: str,
        work: Path,
        file: Path | None = None,
        seconds: float = SECONDS_AT_MOST,
    ) -> str:
        """Play a scenario in a new Blender that opens `file`; what Blender wrote.

        Its screenshots lie in work/shots.
        """
        self.bring(work)
        (work / "start.py").write_text(START.format(name=scenario))
        width, height = SCREEN
        blender = [
            "blender",
            "--enable-event-simulate",
            "--window-geometry",
            *("0", "0", str(width), str(height)),
            "--python-exit-code",
            "2",
            *([f"/mnt/files/{file.name}"] if file else []),
            "--python",
            "/mnt/start.py",
        ]
        screen = f"-screen 0 {width}x{height}x24 -nolisten tcp"
        said = self.run(work, ["xvfb-run", "-a", "-s", screen, *blender], seconds)
        if "Traceback" in said:
            raise ScenarioFailed(f"{said}\nAn error in Blender that nobody saw.")
        return said


def install(root: Path, archive: Path, work: Path) -> Window:
    """Install Mien's zip with Blender's own command for it, into work/blender."""
    work.mkdir(parents=True, exist_ok=True)
    shutil.copy(archive, work / "mien.zip")
    window = Window(root, work / "blender")
    extension = ["blender", "--command", "extension", "install-file"]
    window.run(work, [*extension, "-r", "user_default", "--enable", "/mnt/mien.zip"])
    (work / "mien.zip").unlink()
    return window
