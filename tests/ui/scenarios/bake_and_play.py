# SPDX-License-Identifier: GPL-3.0-or-later
"""A take is baked and played; each step is undone and redone."""

import bpy
import desk


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    yield from animator.look_it_in_the_face()
    assert desk.face_action() is None

    place = yield from animator.scroll_to("Tolerance")
    number = place.right + 70, place.middle[1]
    yield from animator.drag(number, (number[0] + 40, number[1]))
    yield 0.3
    tolerance = desk.settings().tolerance
    assert tolerance > 0.005
    yield from animator.undo()
    assert abs(desk.settings().tolerance - 0.005) < 1e-6, desk.settings().tolerance
    yield from animator.redo()
    assert abs(desk.settings().tolerance - tolerance) < 1e-6
    yield from animator.undo()

    yield from animator.click("Bake")
    yield from animator.until(desk.face_action, "there is an Action")
    yield from animator.until(lambda: not desk.running(), "the bake is over")
    yield 0.5
    keys = desk.number_of_keys(desk.face_action())
    assert keys > 200, keys
    assert "keys" in desk.settings().bake_report
    yield from animator.over_view()

    yield from animator.key("SPACE")
    seen = set()
    for _ in range(80):
        yield 0.05
        seen.add(round(desk.key_blocks()["jawOpen"].value, 3))
        if len(seen) > 5 and max(seen) - min(seen) > 0.02:
            break
    animator.shot("playing")
    yield from animator.key("SPACE")
    yield 0.3
    assert not bpy.context.screen.is_animation_playing
    assert len(seen) > 5 and max(seen) - min(seen) > 0.02, sorted(seen)
    animator.shot("baked")

    yield from animator.undo()
    if bpy.app.version >= (5, 0):  # There, playing is a step, too.
        assert desk.face_action() is not None
        yield from animator.undo()
    assert desk.face_action() is None
    assert desk.settings().bake_report == ""
    yield from animator.redo()
    assert desk.number_of_keys(desk.face_action()) == keys
    yield 0.3
    animator.shot("redone")
