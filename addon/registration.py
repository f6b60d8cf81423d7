# SPDX-License-Identifier: GPL-3.0-or-later
"""What Mien adds to Blender, in order, and takes away again in reverse."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import bpy

from . import (
    asset_shelf,
    batch_settings,
    channel_list,
    command_line,
    expression_settings,
    face_preview,
    file_events,
    gallery_settings,
    landmark_overlay,
    live_face,
    manual,
    menus,
    panels,
    preferences,
    properties,
    recipe_stack,
    step_groups,
    take_list,
    take_memory,
    translations,
)
from .operators import (
    bake,
    batch,
    character,
    curves,
    drop,
    expressions,
    footage,
    gallery,
    inventing,
    library,
    mapping,
    presets,
    preview,
    refine,
    report,
    take,
    take_export,
    take_folder,
    transfer,
    trim,
)
from .operators import face_preview as face_preview_operators
from .operators import live_face as live_face_operators
from .operators import recipe_stack as recipe_stack_operators

CLASSES: tuple[type, ...] = (
    preferences.MienPreferences,
    expression_settings.MienExpressionSettings,
    *step_groups.CLASSES,
    *recipe_stack.CLASSES,
    *take_memory.CLASSES,
    *live_face.CLASSES,
    *face_preview.CLASSES,
    properties.MienSceneSettings,
    batch_settings.MienBatchSettings,
    *gallery_settings.CLASSES,
    *take.CLASSES,
    *take_export.CLASSES,
    *take_folder.CLASSES,
    *trim.CLASSES,
    *channel_list.CLASSES,
    *take_list.CLASSES,
    *character.CLASSES,
    *transfer.CLASSES,
    *mapping.CLASSES,
    *bake.CLASSES,
    *batch.CLASSES,
    *curves.CLASSES,
    *refine.CLASSES,
    *recipe_stack_operators.CLASSES,
    *presets.CLASSES,
    *drop.CLASSES,
    *report.CLASSES,
    *footage.CLASSES,
    *preview.CLASSES,
    *expressions.CLASSES,
    *inventing.CLASSES,
    *live_face_operators.CLASSES,
    *face_preview_operators.CLASSES,
    *gallery.CLASSES,
    *library.CLASSES,
    *asset_shelf.CLASSES,
    *panels.CLASSES,
    *menus.CLASSES,
    *manual.CLASSES,
)

logger = logging.getLogger(__name__)


def register() -> None:
    """Add everything. If a part fails, what was added goes again and the error is raised."""
    done: list[Callable[[], None]] = []
    try:
        for add, remove in _parts():
            add()
            done.append(remove)
    except Exception:
        _undo(done)
        raise


def unregister() -> None:
    """Remove everything, the last first. A part that fails is logged and keeps no other."""
    _undo([remove for _, remove in _parts()])


def _parts() -> list[tuple[Callable[[], None], Callable[[], None]]]:
    """What adds and what removes each part."""
    classes = [
        (
            lambda added=added: bpy.utils.register_class(added),
            lambda added=added: bpy.utils.unregister_class(added),
        )
        for added in CLASSES
    ]
    return [
        (translations.add_translations, translations.remove_translations),
        *classes,
        (_add_scene_settings, _remove_scene_settings),
        (batch_settings.add_settings, batch_settings.remove_settings),
        (gallery_settings.add_settings, gallery_settings.remove_settings),
        (channel_list.add_list, channel_list.remove_list),
        (take_list.add_list, take_list.remove_list),
        (landmark_overlay.add_overlay, landmark_overlay.remove_overlay),
        (menus.add_entries, menus.remove_entries),
        (manual.add_manual, manual.remove_manual),
        (asset_shelf.add_entries, asset_shelf.remove_entries),
        (presets.add_folder, presets.remove_folder),
        (file_events.add_handlers, file_events.remove_handlers),
        (command_line.COMMAND_LINE.add, command_line.COMMAND_LINE.remove),
    ]


def _undo(removals: list[Callable[[], None]]) -> None:
    for remove in reversed(removals):
        try:
            remove()
        except Exception:
            logger.exception("A part of Mien could not be removed")


def _add_scene_settings() -> None:
    settings: Any = bpy.props.PointerProperty  # The stubs say that it returns nothing.
    bpy.types.Scene.mien = settings(  # type: ignore[attr-defined]
        type=properties.MienSceneSettings
    )


def _remove_scene_settings() -> None:
    del bpy.types.Scene.mien  # type: ignore[attr-defined]
