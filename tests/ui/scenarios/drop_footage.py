# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage is dropped on the 3D view and captured; the take is undone and redone."""

import desk


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    yield from animator.over_view()
    desk.drop(animator, desk.CLIP)
    yield 0.5
    animator.shot("choice")
    yield from animator.click("Capture Face", animator.region())
    yield from animator.until(desk.running, "the capture runs", 5)
    job = desk.running()
    yield from animator.until(lambda: job.fraction > 0.2, "a fifth is captured")
    animator.shot("capturing")
    yield from animator.until(lambda: not desk.running(), "the capture is over", 60)
    yield 0.5
    animator.shot("captured")
    assert job.error is None, job.error
    take = desk.settings().take
    assert take and desk.settings().take_frames > 100
    yield from animator.reads("Face seen", animator.sidebar)
    assert not desk.leftovers(desk.FILES.parent)

    yield from animator.undo()
    animator.shot("undone")
    assert desk.settings().take == "", desk.settings().take
    yield from animator.redo()
    assert desk.settings().take == take
    yield from animator.undo()
    yield from animator.undo()
    assert desk.settings().footage == "", desk.settings().footage
