# SPDX-License-Identifier: GPL-3.0-or-later
"""A slider is dragged and the face follows; the drag is undone; the face is keyed."""

import itertools

import desk


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    yield from animator.look_it_in_the_face()
    yield from animator.open_panel("Take")
    yield from animator.open_panel("Bake")
    yield from animator.open_panel("Live Face")
    rest = desk.face()
    joy = yield from animator.scroll_to("Joy")
    yield from animator.settled()
    animator.shot("sliders")

    # Pressed, moved, looked at before the button is let go.
    start = animator.sidebar.left + 80, joy.middle[1]
    yield from animator.move(*start)
    animator.event("LEFTMOUSE", "PRESS")
    yield 0.1
    seen = []
    for step in range(1, 16):
        yield from animator.move(start[0] + 8 * step, start[1])
        seen.append(desk.face()["mouthSmileLeft"])
    animator.shot("dragging")
    animator.event("LEFTMOUSE", "RELEASE")
    yield 0.3
    assert sum(later > before for before, later in itertools.pairwise(seen)) > 8, seen
    smiling = desk.face()
    assert desk.difference(rest, smiling) > 0.2
    assert desk.settings().live.emotions[1] > 0.2

    yield from animator.undo()
    assert desk.difference(desk.face(), rest) < 1e-5
    yield from animator.redo()
    assert desk.difference(desk.face(), smiling) < 1e-5

    yield from animator.click("Key This")
    yield 0.4
    assert desk.face_action() is not None
    assert desk.difference(desk.face(), smiling) < 1e-3
    animator.shot("keyed")
    yield from animator.undo()
    assert desk.face_action() is None
