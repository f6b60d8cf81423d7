# SPDX-License-Identifier: GPL-3.0-or-later
"""A command of Mien in a process of its own: in the bpy module's Python, or in Blender."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from ...models.batch.fingerprint import Fingerprints, code, combined

SCRIPT = Path(__file__).resolve().parent / "step_process.py"
_ROOT = SCRIPT.parents[2]

# NumPy's matrices here are small: threads for them gain nothing, and where several processes
# share the cores they wait for each other at full load.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"}


def start_command(arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Run a command; what it says is added to the file. It ends when its input closes.

    Raises OSError if no process can be started or the file cannot be written.
    """
    with log.open("ab") as said:
        said.write(("$ mien " + " ".join(arguments) + "\n").encode())
        said.flush()
        process = subprocess.Popen(
            _program(),
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**_ONE_THREAD, **os.environ},
            creationflags=_flags(),
        )
    assert process.stdin is not None
    request = {"arguments": list(arguments), "module_paths": sys.path}
    # If it ended already, its exit code and the log say why.
    with suppress(OSError):
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
    return process


def blender() -> str:
    """The path of Blender's program if this runs inside of it, "" in the bpy module's Python."""
    bpy = sys.modules.get("bpy")
    return bpy.app.binary_path if bpy is not None else ""


def made_by(prints: Fingerprints | None = None) -> str:
    """A hash of Mien's code and networks and Blender's version: what others make may differ.

    prints: remembers files that did not change.
    """
    bpy = sys.modules.get("bpy")
    version = str(bpy.app.version_string if bpy and blender() else metadata.version("bpy"))
    return combined([code((_ROOT / "models", _ROOT / "blender_ops"), prints), version])


def _program() -> list[str]:
    program = blender()
    if program:
        # The module paths of this Blender hold what the extension brought.
        return [program, "--background", "--factory-startup", "--python", str(SCRIPT)]
    return [sys.executable, "-X", "utf8", str(SCRIPT)]


def _flags() -> int:
    """Windows: lower priority, and no console window. Elsewhere the process asks for it."""
    if sys.platform == "win32":
        return subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    return 0
