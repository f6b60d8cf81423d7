# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the file that scenarios begin with which need a take: run by Blender without a window.

The demo character, selected, and a take of the clip beside it, not baked yet.
"""

import sys
from pathlib import Path

import bpy

target, clip = (Path(argument) for argument in sys.argv[sys.argv.index("--") + 1 :])

bpy.data.objects.remove(bpy.data.objects["Cube"])
bpy.ops.wm.save_as_mainfile(filepath=str(target))
bpy.ops.mien.add_demo_character()
bpy.context.scene.mien.footage = bpy.path.relpath(str(clip))
bpy.ops.mien.capture()
bpy.context.scene.frame_end = 96
bpy.ops.wm.save_mainfile()
