# SPDX-License-Identifier: GPL-3.0-or-later
"""For engines: still curves are left out, as they cost memory."""

import bpy

settings = bpy.context.scene.mien
settings.tolerance = 0.01
settings.head = "AUTO"
settings.neck_share = 0.3
settings.eyes = "AUTO"
settings.subframes = False
settings.markers = False
settings.hold = 1
settings.drop_still = True
settings.use_region_tolerances = False
settings.blend_in = 0
settings.blend_out = 0
