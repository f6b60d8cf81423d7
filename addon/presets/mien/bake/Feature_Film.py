# SPDX-License-Identifier: GPL-3.0-or-later
"""For animators who go on by hand: close to the face, few keys."""

import bpy

settings = bpy.context.scene.mien
settings.tolerance = 0.003
settings.head = "AUTO"
settings.neck_share = 0.3
settings.eyes = "AUTO"
settings.subframes = False
settings.markers = True
settings.hold = 1
settings.drop_still = False
settings.use_region_tolerances = False
settings.blend_in = 0
settings.blend_out = 0
