# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments with one Blender's module each, and Mien importable in them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .blenders import DEFAULT_BLENDERS, Blender
from .machine import find_python
from .running import CACHE, ROOT, BuildError, Command, run

MYPY = "mypy==2.4.1"
STUBS = {"4.5": "20260730", "5.2": "20260730"}

ONNXRUNTIME = "1.31.1"
OPENCV = "4.11.0.86"


@dataclass(frozen=True)
class Environment:
    """A virtual environment with one Blender's module in it."""

    blender: Blender
    folder: Path

    @property
    def programs(self) -> Path:
        """Where its programs lie."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.programs / ("python.exe" if os.name == "nt" else "python")

    @property
    def mien(self) -> Path:
        """The `mien` command in it."""
        return self.programs / ("mien.cmd" if os.name == "nt" else "mien")


def make_environment(blender: Blender, extra: Iterable[str] = ()) -> Environment:
    """A virtual environment for this Blender with all that Mien needs; kept if complete."""
    own = DEFAULT_BLENDERS.get(sys.version_info[:2]) == blender.name
    environment = Environment(blender, ROOT / (".venv" if own else f".venv-{blender.name}"))
    python = find_python(blender.python)
    if python is None:
        raise BuildError(
            f"Blender {blender.name} needs Python {blender.python[0]}.{blender.python[1]}, which "
            "is not on this machine. Install it, or choose another version with --blender."
        )
    requirements = [
        f"bpy=={blender.bpy}",
        f"numpy=={blender.numpy}",
        f"onnxruntime=={ONNXRUNTIME}",
        f"opencv-python-headless=={OPENCV}",
        *extra,
    ]
    if not has_python(environment):
        shutil.rmtree(environment.folder, ignore_errors=True)
        run([python, "-m", "venv", environment.folder])
    stamp = environment.folder / "mien-requirements.txt"
    installed = set(stamp.read_text().split()) if stamp.is_file() else set()
    if not set(requirements) <= installed:
        pip: Command = [environment.python, "-m", "pip", "install", "--disable-pip-version-check"]
        run([*pip, "--quiet", "--progress-bar", "on", *requirements])
        stamp.write_text("\n".join(sorted(installed | set(requirements))) + "\n")
    link_sources(environment)
    return environment


def has_python(environment: Environment) -> bool:
    """Whether it is there, made by the Python that its Blender needs."""
    settings = environment.folder / "pyvenv.cfg"
    wanted = ".".join(map(str, environment.blender.python))
    return (
        environment.python.is_file()
        and settings.is_file()
        and re.search(rf"^version\s*=\s*{re.escape(wanted)}\.", settings.read_text(), re.M)
        is not None
    )


def link_sources(environment: Environment) -> None:
    """Make this checkout importable as `mien`, and the command `mien` runnable."""
    sources = environment.folder / "source"
    sources.mkdir(exist_ok=True)
    link = sources / "mien"
    if not link.exists():
        if os.name == "nt":
            import _winapi

            _winapi.CreateJunction(str(ROOT), str(link))  # type: ignore[attr-defined]
        else:
            link.symlink_to(Path("..", ".."), target_is_directory=True)
    site = subprocess.run(
        [environment.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    Path(site.stdout.strip(), "mien.pth").write_text(f"{sources}\n", encoding="utf-8")
    call = "import sys; from mien.blender_ops.commands import main; sys.exit(main(sys.argv[1:]))"
    if os.name == "nt":
        environment.mien.write_text(f'@"{environment.python}" -c "{call}" %*\n', encoding="utf-8")
    else:
        environment.mien.write_text(f"#!{environment.python}\n{call}\n", encoding="utf-8")
        environment.mien.chmod(0o755)


def make_types_environment(version: str) -> Path:
    """A virtual environment with mypy and the type stubs of one Blender; its Python.

    It stands apart because the stubs take the place of Blender's own module.
    """
    folder = CACHE / f"types-{version}"
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    stamp = folder / "complete"
    if not stamp.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", folder])
        # One numpy that has wheels for both Pythons and both ways of typing arrays.
        numpy = "numpy==2.2.6"
        stubs = f"fake-bpy-module-{version}=={STUBS[version]}"
        pip: Command = [programs / "python", "-m", "pip", "--disable-pip-version-check", "install"]
        run([*pip, "--quiet", MYPY, numpy, stubs])
        stamp.touch()
    return programs / "python"
