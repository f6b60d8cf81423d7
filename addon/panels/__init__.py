# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab "Mien" of the 3D view: one module a panel, in the order of work.

Drawing reads what the scene and the job already know; it never opens a file.
"""

from __future__ import annotations

from . import (
    bake,
    batch,
    character,
    expressions,
    footage,
    gallery,
    live_face,
    mapping,
    performance,
    presets,
    preview,
    recipe_stack,
    take,
    take_list,
    transfer,
    trim,
)

CLASSES: tuple[type, ...] = (
    *presets.CLASSES,
    *take_list.CLASSES,
    *take.CLASSES,
    *trim.CLASSES,
    *footage.CLASSES,
    *character.CLASSES,
    *transfer.CLASSES,
    *mapping.CLASSES,
    *recipe_stack.CLASSES,
    *performance.CLASSES,
    *expressions.CLASSES,
    *live_face.CLASSES,
    *gallery.CLASSES,
    *preview.CLASSES,
    *bake.CLASSES,
    *batch.CLASSES,
)
