# SPDX-License-Identifier: GPL-3.0-or-later
"""Twelve expressions as pictures; one is put on the face by a click, another is keyed."""

import itertools

import bpy
import desk
from animator import Place


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    yield from animator.look_it_in_the_face()
    yield from animator.open_panel("Take")
    yield from animator.open_panel("Bake")
    if not animator.seen("Gallery", animator.sidebar, title=True):
        yield from animator.open_panel("Performance")
    yield from animator.open_panel("Gallery")
    unsaved = bpy.data.is_dirty
    yield from animator.click("Twelve of This")
    yield from animator.until(desk.running, "pictures are being made", 5)
    job = desk.running()
    yield from animator.until(lambda: job.fraction > 0.6, "some are there")
    animator.shot("making")
    yield from animator.until(lambda: not desk.running(), "all are there")
    yield 0.6
    assert job.error is None, job.error
    assert bpy.data.is_dirty == unsaved, "the file counts as changed"
    yield from animator.scroll(60)
    animator.shot("gallery")

    # The first picture's row of buttons: put it on, key it, choose it.
    rest = desk.face()
    main = animator.find("Twelve of This", animator.sidebar)
    region = animator.sidebar
    below = Place(region.left, region.bottom, region.width, main.bottom - 12 - region.bottom)
    first, second, *_ = by_picture(animator.small_buttons(below))
    yield from animator.click_at(*first[0].middle)
    yield 0.4
    put_on = desk.face()
    assert desk.difference(rest, put_on) > 0.1
    assert desk.face_action() is None
    animator.shot("put_on")

    yield from animator.undo()
    assert desk.difference(desk.face(), rest) < 1e-6
    yield from animator.redo()
    assert desk.difference(desk.face(), put_on) < 1e-6

    yield from animator.click_at(*second[1].middle)
    yield 0.4
    animator.shot("keyed")
    assert desk.face_action() is not None
    assert desk.difference(desk.face(), put_on) > 0.1, "the second is another face"
    yield from animator.undo()
    assert desk.face_action() is None


def by_picture(buttons):
    """Buttons that touch belong to one picture."""
    pictures = [[buttons[0]]]
    for before, button in itertools.pairwise(buttons):
        if 0 <= button.left - before.right < 5:
            pictures[-1].append(button)
        else:
            pictures.append([button])
    return pictures
