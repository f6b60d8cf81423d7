# SPDX-License-Identifier: GPL-3.0-or-later
"""The process of one step of a batch: a script that runs one command of Mien.

It reads {"arguments": […], "module_paths": […]} as a line from standard input, which then
stays open: when it closes, the batch is gone, and this process ends at once.

The extension's folder is loaded as the package `mien` whatever its name, so that all imports
inside it stay relative.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import threading
import traceback
from pathlib import Path


def main() -> int:
    """Run the command; its exit code."""
    if hasattr(os, "nice"):
        os.nice(5)
    request = json.loads(_first_line())
    threading.Thread(target=_end_with_the_batch, daemon=True).start()
    sys.path.extend(path for path in request["module_paths"] if path not in sys.path)
    _load_package(Path(__file__).resolve().parents[2])
    from mien.blender_ops.commands import main as run_command

    return run_command(request["arguments"])


def _first_line() -> bytes:
    # Unbuffered: Python's own reader would hold its lock while it waits for more.
    line = b""
    while not line.endswith(b"\n"):
        more = os.read(0, 1 << 16)
        if not more:
            break
        line += more
    return line


def _end_with_the_batch() -> None:
    while os.read(0, 1024):
        pass
    os._exit(3)


def _load_package(root: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        "mien", root / "__init__.py", submodule_search_locations=[str(root)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["mien"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    try:
        exit_code = main()
    except BaseException:
        traceback.print_exc()
        exit_code = 4
    sys.stdout.flush()
    sys.stderr.flush()
    # At once: Blender would otherwise go on after its script, and answer 0.
    os._exit(exit_code)
