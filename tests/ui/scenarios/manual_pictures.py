# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual's pictures: each panel as someone sees it while working."""

import desk
from animator import Animator, NotSeen, Place, Steps

MARGIN = 8


def scenario(animator: Animator) -> Steps:
    """From a take to the bake, panel by panel."""
    yield 0.5
    yield from animator.open_mien()
    yield from animator.look_it_in_the_face()
    yield from animator.settled()
    yield from picture(animator, "take", "Take", "Character")
    yield from animator.open_panel("Take")

    yield from animator.open_panel("Mapping")
    yield from picture(animator, "character", "Character", "Performance")
    yield from animator.open_panel("Mapping")
    yield from animator.open_panel("Character")

    yield from picture(animator, "performance", "Performance", "Bake")
    yield from animator.open_panel("Recipe")
    yield from picture(animator, "recipe", "Recipe", "Expression")
    yield from animator.open_panel("Recipe")
    yield from animator.open_panel("Live Face")
    yield from picture(animator, "live_face", "Live Face", "Gallery")
    yield from animator.open_panel("Live Face")
    yield from animator.open_panel("Gallery")
    yield from animator.click("Twelve of This")
    yield from animator.until(desk.running, "pictures are being made", 5)
    yield from animator.until(lambda: not desk.running(), "all are there", 60)
    yield from picture(animator, "gallery", "Gallery", "Curves")
    yield from animator.open_panel("Gallery")
    yield from animator.open_panel("Curves")
    yield from animator.click("Preview Curves")
    yield from animator.until(lambda: desk.settings().forecast, "the keys are counted")
    yield from picture(animator, "curves", "Curves", "Bake")
    yield from animator.open_panel("Curves")
    yield from animator.open_panel("Performance")

    yield from animator.click("Bake", nth=0)
    yield from animator.until(desk.face_action, "there is an Action")
    yield from animator.until(lambda: not desk.running(), "the bake is over")
    yield from picture(animator, "bake", "Bake", "Batch")
    yield from animator.open_panel("Bake")
    yield from animator.open_panel("Batch")
    yield from picture(animator, "batch", "Batch", "Open Report", with_end=True)

    yield from animator.open_panel("Batch")
    for title in ("Bake", "Performance", "Character", "Take"):
        yield from animator.open_panel(title)
    yield from animator.scroll(-60)
    # The wheel, where the sidebar has nothing to scroll, has zoomed the view.
    yield from animator.look_it_in_the_face()
    for _ in range(30):
        yield from animator.key("RIGHT_ARROW")
    yield from animator.settled()
    view = animator.region()
    animator.shot("overview", Place(view.left, view.bottom, view.width, view.height))


def picture(
    animator: Animator, name: str, title: str, end: str, *, with_end: bool = False
) -> Steps:
    """A panel from its title to the title of what follows it, or with its last button."""
    yield from animator.over_view()
    yield from animator.settled()
    region = animator.sidebar
    yield from animator.over_view()
    yield from animator.settled()
    for turns in (-60, *[3] * 20):
        yield from animator.scroll(turns)
        yield from animator.over_view()
        yield 0.2
        starts = animator.seen(title, region, title=True)
        ends = animator.seen(end, region, title=not with_end)
        below = [place for place in ends if starts and place.bottom < starts[0].bottom]
        if below:
            break
    else:
        raise NotSeen(f"“{title}” and “{end}” are not to be read at once")
    bottom = below[0].bottom - 2 * MARGIN if with_end else below[0].top + MARGIN
    top = starts[0].top + MARGIN
    left, width = region.left + MARGIN, region.width - 2 * MARGIN
    animator.shot(name, Place(left, bottom, width, top - bottom))
