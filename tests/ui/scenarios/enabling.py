# SPDX-License-Identifier: GPL-3.0-or-later
"""How long enabling Mien takes, and what it imports: written to /mnt/shots/enabling.json.

Mien is switched off when Blender starts, so that none of it is in memory.
"""

import json
import sys
import time
from pathlib import Path

import addon_utils
import bpy
import desk
from animator import Animator, Steps

HEAVY = ("onnxruntime", "cv2", "torch")


def scenario(animator: Animator) -> Steps:
    """Forget all of Mien, then enable it as the preferences do."""
    yield 0.5
    addon_utils.disable(desk.MIEN)
    forgotten = [name for name in sys.modules if name == desk.MIEN or desk.MIEN + "." in name]
    for name in forgotten:
        del sys.modules[name]
    assert not any(name in sys.modules for name in HEAVY)
    yield 0.5
    started = time.perf_counter()
    enabled = addon_utils.enable(desk.MIEN)
    seconds = time.perf_counter() - started
    assert enabled is not None and hasattr(bpy.types.Scene, "mien")
    figures = {
        "enabling": seconds,
        "modules": sum(name.startswith(desk.MIEN) for name in sys.modules),
        "imported": [name for name in HEAVY if name in sys.modules],
    }
    Path("/mnt/shots/enabling.json").write_text(json.dumps(figures))
