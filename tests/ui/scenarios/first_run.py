# SPDX-License-Identifier: GPL-3.0-or-later
"""Someone opens the tab for the first time."""

import desk


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    animator.shot("tab")
    titles = [animator.find(title, animator.sidebar, title=True) for title in TITLES]
    assert titles == sorted(titles, key=lambda place: -place.bottom), "in the order of work"

    # A grey button says why, and does nothing.
    capture = animator.find("Capture", animator.sidebar)
    yield from animator.move(*capture.middle)
    yield from animator.reads("Disabled: Choose footage first")
    animator.shot("why_grey")
    yield from animator.click_at(*capture.middle)
    assert desk.running() is None

    yield from animator.click("Add Demo Character")
    yield from animator.reads("52 of 52", animator.sidebar)
    yield from animator.settled()
    animator.shot("demo_character")
    assert len(desk.active().data.shape_keys.key_blocks) == 53
    assert not animator.seen("Add Demo Character", animator.sidebar)


TITLES = ("Take", "Character", "Performance", "Bake", "Batch")
