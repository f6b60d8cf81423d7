# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is baked, saved by Ctrl-S and opened again: all is there."""

from pathlib import Path

import bpy
import desk


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    yield from animator.click("Bake")
    yield from animator.until(desk.face_action, "there is an Action")
    yield from animator.until(lambda: not desk.running(), "the bake is over")
    keys, take = desk.number_of_keys(desk.face_action()), desk.settings().take
    report = desk.settings().bake_report
    assert take.startswith("//"), take
    assert bpy.data.is_dirty
    yield from animator.over_view()
    yield from animator.key("S", ctrl=True)
    yield from animator.until(lambda: not bpy.data.is_dirty, "the file is saved", 10)

    # A new file, from the menu that Ctrl-N opens.
    path = bpy.data.filepath
    yield from animator.key("N", ctrl=True)
    yield 0.4
    yield from animator.click("General", animator.region())
    yield from animator.until(lambda: not bpy.data.filepath, "there is a new file", 10)
    yield 0.5
    assert desk.settings().take == ""
    yield from animator.over_view()

    # And the old one, from the menu of the files that were open last.
    yield from animator.key("O", ctrl=True, shift=True)
    yield 0.5
    animator.shot("recent")
    yield from animator.click(Path(path).name, animator.region())
    yield from animator.until(lambda: bpy.data.filepath == path, "the file is open again", 10)
    yield 0.8
    assert desk.number_of_keys(desk.face_action()) == keys
    assert desk.settings().take == take and desk.settings().bake_report == report
    animator.shot("reopened")
    yield from animator.open_mien()
    yield from animator.scroll_to("Face seen")
    animator.shot("reopened_tab")
