# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: what someone who is asked for help needs to know, as a text block."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
from bpy.types import Context

from ..active_character import summary_of
from ..last_error import LAST_ERROR
from ..properties import MienSceneSettings
from ..translations.lookup import rpt_
from .reporting import Outcome, ReportingOperator

NAME = "Mien Report"
MANIFEST = Path(__file__).resolve().parents[2] / "blender_manifest.toml"
LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless")
SECTION = "\n{}\n" + "-" * 40


class MIEN_OT_write_report(ReportingOperator):
    """Write versions, settings and the last error into a text block; nothing is sent anywhere"""

    bl_idname = "mien.write_report"
    bl_label = "Write Report"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: Context) -> Outcome:
        """Write it anew, without the user's name in paths; show it where a Text Editor is open."""
        text = bpy.data.texts.get(NAME) or bpy.data.texts.new(NAME)
        text.clear()
        home = str(Path.home())
        text.write("\n".join(lines(context)).replace(home, "~") + "\n")
        for area in context.screen.areas if context.screen else ():
            if area.type == "TEXT_EDITOR":
                space: Any = area.spaces.active
                space.text = text
        words = rpt_("The report is in the text “{name}” of the Text Editor")
        self.report({"INFO"}, words.format(name=NAME))
        return {"FINISHED"}


def lines(context: Context) -> Iterator[str]:
    """The report, line by line."""
    yield SECTION.format("Versions").lstrip()
    yield f"Mien {tomllib.loads(MANIFEST.read_text(encoding='utf-8'))['version']}"
    yield f"Blender {bpy.app.version_string} ({bpy.app.build_hash.decode()})"
    yield f"Python {sys.version.split()[0]}"
    yield f"{platform.platform()}, {platform.machine()}"
    for library in LIBRARIES:
        yield f"{library} {_version(library)}"
    yield SECTION.format("Scene")
    scene = context.scene
    yield f"Rate: {scene.render.fps / scene.render.fps_base:.6g} fps"
    yield f"Mode: {context.mode}"
    yield from _character(context)
    yield SECTION.format("Settings")
    yield from _settings(scene.mien)  # type: ignore[attr-defined]
    yield SECTION.format("Last error")
    yield LAST_ERROR.text or "None since Blender was started"


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "is missing"


def _character(context: Context) -> Iterator[str]:
    summary = summary_of(context.object)
    if summary.problem:
        yield f"Character: {summary.problem}"
    if summary.name:
        yield f"Character: {summary.name}, {summary.found} channels found"
        yield f"Convention: {summary.conventions or 'none known'}"
        yield f"Missing: {', '.join(summary.missing) or 'none'}"


def _settings(settings: MienSceneSettings) -> Iterator[str]:
    """Every setting that was set."""
    described: Any = settings
    for each in described.bl_rna.properties:
        if each.type in ("POINTER", "COLLECTION") or not described.is_property_set(each.identifier):
            continue
        value = getattr(described, each.identifier)
        yield f"{each.identifier}: {list(value) if getattr(each, 'is_array', False) else value}"


CLASSES = (MIEN_OT_write_report,)
