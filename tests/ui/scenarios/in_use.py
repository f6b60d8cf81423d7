# SPDX-License-Identifier: GPL-3.0-or-later
"""What table 7 needs to know, measured while someone works: written to /mnt/shots/in_use.json.

Times are of the clock, from the event on. A redraw is one of the sidebar, which every running
job asks for; a gap is the time between two of them. No picture is taken meanwhile.

Without a graphics card Blender needs 75–250 ms to draw the 3D view with the demo head once,
whatever Mien does. How much of a gap was that is told beside it.
"""

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import bpy
import desk
from animator import Animator, Place, Steps

LONGEST = 180


@dataclass(frozen=True)
class Gap:
    """at: after the click; view: how much of it Blender drew the 3D view. In seconds."""

    at: float
    seconds: float
    view: float


class Redraws:
    """When the sidebar was drawn, and what the running job had to say then."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.first_result: float | None = None
        self.cleared: float | None = None
        # When the 3D view began to be drawn, and when it was.
        self.views: list[tuple[float, float]] = []
        self._begun = 0.0
        add = bpy.types.SpaceView3D.draw_handler_add
        self._handles = [
            (add(self._drawn, (), "UI", "POST_PIXEL"), "UI"),
            (add(self._view_begun, (), "WINDOW", "PRE_VIEW"), "WINDOW"),
            (add(self._view_drawn, (), "WINDOW", "POST_PIXEL"), "WINDOW"),
        ]

    def _drawn(self) -> None:
        now = time.perf_counter()
        self.times.append(now)
        job = desk.running()
        if self.first_result is None and job is not None and has_a_result(job):
            self.first_result = now
        if job is None:
            self.cleared = self.cleared or now

    def remove(self) -> None:
        """Look no more."""
        for handle, region in self._handles:
            bpy.types.SpaceView3D.draw_handler_remove(handle, region)

    def _view_begun(self) -> None:
        self._begun = time.perf_counter()

    def _view_drawn(self) -> None:
        self.views.append((self._begun, time.perf_counter()))

    def gaps(self, start: float, end: float) -> list[Gap]:
        """Between two redraws of the sidebar, the largest first."""
        times = [start, *(each for each in self.times if start < each < end)]
        found = []
        for before, later in itertools.pairwise(times):
            view = sum(done - begun for begun, done in self.views if before < done < later)
            found.append(Gap(before - start, later - before, min(view, later - before)))
        return sorted(found, key=lambda gap: gap.seconds, reverse=True)


def has_a_result(job) -> bool:
    """Whether a capture has told of a frame."""
    return job.fraction > 0 and any(letter.isdigit() for letter in job.text)


def scenario(animator: Animator) -> Steps:
    """Every long job, once to its end and once stopped."""
    yield 0.5
    figures = {"blender": bpy.app.version_string, "jobs": {}}
    yield from animator.open_mien()
    desk.settings().footage = str(desk.LONG_CLIP)
    yield 0.5
    for name, panels, button in JOBS:
        if name in PREPARED:
            PREPARED[name]()
        yield from animator.scroll(-60)
        for panel in panels:
            yield from animator.open_panel(panel)
        place = yield from animator.scroll_to(button)
        # Stopped first: what is done once only, as compiling shaders, falls into this run.
        stopped = yield from run(animator, place, stopped=True)
        yield from animator.settled()
        place = yield from animator.scroll_to(button)
        whole = yield from run(animator, place, stopped=False)
        figures["jobs"][name] = {**whole, **stopped}
        Path("/mnt/shots/in_use.json").write_text(json.dumps(figures, indent=1))
        yield from animator.settled()
        animator.shot(name)
        if name != JOBS[-1][0]:
            yield from animator.scroll(-60)
            for panel in reversed(panels):
                yield from animator.open_panel(panel)


def run(animator: Animator, button: Place, *, stopped: bool) -> Steps:
    """Click a button, let its job run or stop it; the figures. One may be over before Esc."""
    # Blender shows a button under a resting mouse as it was when the mouse came.
    yield from animator.over_view()
    yield from animator.move(*button.middle)
    yield 0.5
    redraws = Redraws()
    animator.event("LEFTMOUSE", "PRESS")
    yield 0.05
    clicked = time.perf_counter()
    started = desk.started_jobs()
    animator.event("LEFTMOUSE", "RELEASE")
    yield from animator.until(lambda: started, "the job runs", 10)
    job = started[0]
    if stopped:
        yield from wait_while(job, lambda: job.fraction < 0.1)
        if desk.running() is not job:
            redraws.remove()
            return {"esc": None}
        pressed = time.perf_counter()
        redraws.cleared = None
        animator.event("ESC", "PRESS")
        yield from animator.until(lambda: redraws.cleared, "Esc stops it", 10)
        animator.event("ESC", "RELEASE")
        assert job.state.name == "CANCELLED", job.state
        redraws.remove()
        figures = {"esc": redraws.cleared - pressed}
        if redraws.first_result is not None:
            figures["first_result"] = redraws.first_result - clicked
        return figures
    yield from wait_while(job, lambda: True)
    ended = time.perf_counter()
    yield 0.3
    redraws.remove()
    assert job.error is None, job.error
    gaps = redraws.gaps(clicked, ended + 0.3)
    return {
        "seconds": ended - clicked,
        "redraws": len(gaps),
        "largest_gap": gaps[0].seconds,
        "largest_gap_without_view": max(gap.seconds - gap.view for gap in gaps),
        "gaps": [asdict(gap) for gap in gaps[:5]],
    }


def wait_while(job, condition: Callable[[], bool]) -> Steps:
    """While the job runs and the condition holds."""
    end = time.monotonic() + LONGEST
    while desk.running() is job and condition():
        assert time.monotonic() < end, f"{job.text} is not over after {LONGEST} s"
        yield 0.02


def a_head_without_keys() -> None:
    """The demo head's mesh alone, active, beside it."""
    head = desk.active()
    bare = bpy.data.objects.new("Bare", head.data.copy())
    bare.shape_key_clear()
    bare.location.x = 30
    bpy.context.scene.collection.objects.link(bare)
    bpy.context.view_layer.objects.active = bare


# Name, panels to be opened for it, its button.
JOBS = (
    ("capture", (), "Capture"),
    ("bake", (), "Bake"),
    ("footage", ("Footage in View",), "Show Footage"),
    ("gallery", ("Gallery",), "Twelve of This"),
    ("curves", ("Curves",), "Preview Curves"),
    ("variations", ("Expression", "Variations"), "Bake Variations"),
    ("invent", ("Expression", "Invent"), "Sample Expressions"),
    ("transfer", ("Transfer Face Keys",), "Transfer Face Keys"),
)
PREPARED = {"transfer": a_head_without_keys}
