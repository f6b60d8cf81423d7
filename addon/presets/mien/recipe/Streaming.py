# SPDX-License-Identifier: GPL-3.0-or-later
"""As a live stream shows it: refined without knowing what comes, a little larger."""

import json

import bpy

RECIPE = {
    "mien_recipe": 1,
    "steps": [
        {"step": "neutral", "settings": {}},
        {"step": "clean", "settings": {"smooth_weights": False}},
        {"step": "refine", "settings": {"strength": 0.9, "live": True}},
        {"step": "gain", "settings": {"overall": 1.1}},
    ],
}

bpy.context.scene.mien.recipe = json.dumps(RECIPE)
