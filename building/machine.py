# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine must have: a Python that Blender's module exists for, and libraries."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .blenders import DEFAULT_BLENDERS
from .running import BuildError

SYSTEM_LIBRARIES = {
    "libXi.so.6": "libxi6",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libXfixes.so.3": "libxfixes3",
    "libXrender.so.1": "libxrender1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libgomp.so.1": "libgomp1",
    "libEGL.so.1": "libegl1",
}


def check_python() -> tuple[int, int]:
    """The running Python's version, if Blender has a module for it."""
    version = sys.version_info[:2]
    if version not in DEFAULT_BLENDERS:
        raise BuildError(
            f"This is Python {version[0]}.{version[1]}; Mien is built with Python 3.11 or 3.13. "
            "Run it as “python3.11 build.py …” or “python3.13 build.py …”."
        )
    return version


def missing_system_packages() -> list[str]:
    """Debian packages with libraries that Blender's module loads and this system lacks."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    for library, package in SYSTEM_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    # Without any driver behind EGL, EEVEE and Workbench crash instead of rendering.
    folders = ("/usr/lib/dri", "/usr/lib64/dri", "/usr/share/glvnd/egl_vendor.d")
    drivers = [Path(folder) for folder in folders]
    drivers += Path("/usr/lib").glob("*-linux-gnu/dri")
    if not any(folder.is_dir() and any(folder.iterdir()) for folder in drivers):
        missing.append("libgl1-mesa-dri")
    return missing


def check_system() -> None:
    """BuildError with the line that installs what is missing."""
    missing = missing_system_packages()
    if missing:
        raise BuildError(
            "Blender needs system libraries that are not here. Install them with:\n"
            f"    apt-get update && apt-get install -y {' '.join(missing)}"
        )


def find_python(version: tuple[int, int]) -> Path | None:
    """A Python of this version that runs: our own, on the PATH, or one of pyenv's."""
    if sys.version_info[:2] == version:
        return Path(sys.executable)
    name = f"python{version[0]}.{version[1]}"
    candidates = [Path(found)] if (found := shutil.which(name)) else []
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += sorted(pyenv.glob(f"versions/{version[0]}.{version[1]}*/bin/{name}"))
    for candidate in candidates:
        answer = subprocess.run([candidate, "-c", "import venv"], capture_output=True)
        if answer.returncode == 0:
            return candidate
    return None
