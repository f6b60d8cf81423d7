# SPDX-License-Identifier: GPL-3.0-or-later
"""Mended and refined, every sample kept."""

import json

import bpy

RECIPE = {
    "mien_recipe": 1,
    "steps": [
        {"step": "neutral", "settings": {}},
        {"step": "clean", "settings": {"smooth_weights": False}},
        {"step": "refine", "settings": {"strength": 0.9}},
    ],
}

bpy.context.scene.mien.recipe = json.dumps(RECIPE)
