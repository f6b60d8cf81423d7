# SPDX-License-Identifier: GPL-3.0-or-later
"""Mien is switched off in the preferences while it captures, and on again."""

import bpy
import desk


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    yield from animator.over_view()
    desk.drop(animator, desk.LONG_CLIP)
    yield 0.5
    yield from animator.click("Capture Face", animator.region())
    yield from animator.until(desk.running, "the capture runs", 5)
    job = desk.running()
    yield from open_addons(animator)
    animator.shot("preferences")
    assert desk.running() is job, "the capture goes on meanwhile"
    yield from switch(animator)
    yield from animator.until(lambda: job.state.name == "CANCELLED", "the capture is stopped", 5)
    yield 0.5
    animator.shot("disabled")
    assert not hasattr(bpy.types.Scene, "mien")
    assert not [name for name in dir(bpy.types) if name.startswith("MIEN_")]
    assert not desk.leftovers(desk.FILES.parent)
    # Blender goes on: a key is heard and nothing is drawn that is gone.
    yield 1.0

    yield from switch(animator)
    yield from animator.until(lambda: hasattr(bpy.types.Scene, "mien"), "Mien is back", 5)
    assert desk.settings().take, "what the file holds of Mien outlasts it"
    yield 0.5
    animator.shot("enabled_again")


def open_addons(animator):
    """The preferences by Ctrl-comma, which open around the mouse; in Add-ons only Mien."""
    yield from animator.over_view()
    yield from animator.key("COMMA", ctrl=True)
    yield from animator.until(
        lambda: len(bpy.context.window_manager.windows) > 1, "the preferences are open", 5
    )
    yield 1.0
    yield from animator.click("Add-ons", animator.whole)
    yield 0.8
    yield from animator.click("Search Add-ons", animator.whole)
    yield from animator.type("mien")
    yield from animator.key("RET")
    yield 0.5


def switch(animator):
    """Click the box before Mien's name."""
    name = animator.find("Mien", animator.whole)
    yield from animator.click_at(name.left - 16, name.middle[1])
    yield 0.5
