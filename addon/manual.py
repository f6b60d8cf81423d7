# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual: pages that travel with Mien and open in the browser, without a network.

They are written in `docs/manual`; packaging makes web pages of them. A checkout has only what
was written.
"""

from __future__ import annotations

import webbrowser
from pathlib import Path

import bpy
from bpy.props import StringProperty
from bpy.types import Context, UILayout

from ..models.errors import MienError
from .operators.reporting import Outcome, ReportingOperator

ROOT = Path(__file__).resolve().parents[1]
START = "index"

# What Blender's own "Online Manual" in the menu of a button opens, by the lower-case name of
# what the button does or sets.
ENTRIES = (
    ("bpy.ops.mien.*mapping*", "character"),
    ("bpy.ops.mien.*face_keys*", "character"),
    ("bpy.ops.mien.*demo_character*", "character"),
    ("bpy.ops.mien.*simplify*", "bake"),
    ("bpy.ops.mien.*corrections*", "bake"),
    ("bpy.ops.mien.bake_variations*", "expressions"),
    ("bpy.ops.mien.bake*", "bake"),
    ("bpy.ops.mien.*batch*", "batch"),
    ("bpy.ops.mien.*recipe*", "performance"),
    ("bpy.ops.mien.*refine*", "performance"),
    ("bpy.ops.mien.preview*", "performance"),
    ("bpy.ops.mien.*gallery*", "expressions"),
    ("bpy.ops.mien.*picture*", "expressions"),
    ("bpy.ops.mien.*live*", "expressions"),
    ("bpy.ops.mien.*expression*", "expressions"),
    ("bpy.ops.mien.*take*", "take"),
    ("bpy.ops.mien.*footage*", "take"),
    ("bpy.ops.mien.*capture*", "take"),
    ("bpy.ops.mien.*trim*", "take"),
    ("bpy.ops.mien.*", START),
    ("bpy.types.mienbatchsettings.*", "batch"),
    ("bpy.types.miengallery*", "expressions"),
    ("bpy.types.mienlive*", "expressions"),
    ("bpy.types.mienexpression*", "expressions"),
    ("bpy.types.mienscenesettings.take*", "take"),
    ("bpy.types.mienscenesettings.footage*", "take"),
    ("bpy.types.mienscenesettings.*", "bake"),
    ("bpy.types.mien*", START),
)


class ManualError(MienError):
    """There is no such page."""


class MIEN_OT_open_manual(ReportingOperator):
    """Open the manual in the browser. It came with Mien: no network is needed"""

    bl_idname = "mien.open_manual"
    bl_label = "Manual"

    page: StringProperty(name="Page", description="Which page, as its file is named", default=START)

    def run(self, context: Context) -> Outcome:
        """Hand the page to the browser."""
        page = place_of(self.page)
        if not webbrowser.open(page.as_uri()):
            raise ManualError(f"No browser could be started. The page is the file “{page}”.")
        return {"FINISHED"}


def place_of(page: str) -> Path:
    """The page's file. Raises ManualError if there is none."""
    for path in (ROOT / "manual" / f"{page}.html", ROOT / "docs" / "manual" / f"{page}.md"):
        if path.is_file():
            return path
    raise ManualError(f"The manual has no page “{page}”; install Mien again if it should.")


def draw_manual_button(layout: UILayout, page: str) -> None:
    """A small question mark that opens a page."""
    layout.operator(
        MIEN_OT_open_manual.bl_idname, text="", icon="QUESTION", emboss=False
    ).page = page


def online_manual() -> tuple[str, tuple[tuple[str, str], ...]]:
    """For Blender's "Online Manual": where the pages are, and which belongs to what."""
    places = [(pattern, place_of(page)) for pattern, page in ENTRIES]
    return places[0][1].parent.as_uri() + "/", tuple((key, path.name) for key, path in places)


def add_manual() -> None:
    """Let Blender know of the pages."""
    bpy.utils.register_manual_map(online_manual)


def remove_manual() -> None:
    """Let it forget them."""
    bpy.utils.unregister_manual_map(online_manual)


CLASSES = (MIEN_OT_open_manual,)
