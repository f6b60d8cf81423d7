# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture is stopped by Esc, another by its button; the third one is kept."""

import desk


def scenario(animator):
    yield 0.5
    yield from animator.open_mien()
    before = desk.settings().take
    takes = sorted(path.name for path in (desk.FILES / "takes").iterdir())
    yield from animator.look_it_in_the_face()

    yield from animator.click("Capture")
    job = yield from half_way(animator)
    yield from animator.over_view()
    yield from animator.key("ESC")
    yield from animator.until(lambda: not desk.running(), "Esc stops it", 0.5)
    yield 0.4
    animator.shot("stopped")
    check_nothing_is_kept(job, before, takes)

    yield from animator.click("Capture")
    job = yield from half_way(animator)
    progress = animator.find("Capture", animator.sidebar)
    stop = animator.sidebar.right - 24, progress.middle[1] - 28
    yield from animator.click_at(*stop)
    yield from animator.until(lambda: not desk.running(), "its button stops it", 0.5)
    check_nothing_is_kept(job, before, takes)

    yield from animator.click("Capture")
    job = yield from half_way(animator)
    yield from animator.until(lambda: not desk.running(), "the capture is over", 60)
    yield 0.4
    animator.shot("captured_again")
    assert job.error is None and job.state.name == "DONE"
    assert desk.settings().take not in ("", before)
    assert desk.settings().take_frames > 100


def half_way(animator):
    """Wait until the running capture has got somewhere; the job."""
    yield from animator.until(desk.running, "the capture runs", 5)
    job = desk.running()
    yield from animator.until(lambda: job.fraction > 0.3, "a third is captured")
    return job


def check_nothing_is_kept(job, take, takes):
    """The scene and the folder of takes are as they were."""
    assert job.state.name == "CANCELLED"
    assert desk.settings().take == take
    assert sorted(path.name for path in (desk.FILES / "takes").iterdir()) == takes
