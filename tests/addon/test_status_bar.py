"""What runs is told in the status bar, and Blender gets it back."""

import bpy
import pytest
from mien.addon import status_bar
from mien.addon.jobs.job import JOBS, Job, State
from mien.addon.operators.watching import WatchingOperator, stop_watching


class Counting(Job):
    """Ten moments of work."""

    def __init__(self):
        super().__init__("counting")

    def advance(self):
        self.fraction += 0.1
        if self.fraction > 0.95:
            self.end(State.DONE)

    def release(self):
        pass


@pytest.fixture
def told(mien_enabled, monkeypatch):
    """What the status bar was told, for one workspace."""
    texts = []
    first = bpy.data.workspaces[0].name

    def status_text_set(self, text):
        if self.name == first:
            texts.append(text)

    monkeypatch.setattr(bpy.types.WorkSpace, "status_text_set", status_text_set)
    yield texts
    status_bar.clear()


class Watcher:
    """A watching operator that a test can hold, which Blender's own are not."""

    bl_label = "Count"
    modal = WatchingOperator.modal
    cancel = WatchingOperator.cancel
    reporting = WatchingOperator.reporting
    _name = WatchingOperator._name
    _over = WatchingOperator._over

    def __init__(self):
        self.reports = []
        self._job = JOBS.start(Counting)

    def report(self, kind, text):
        self.reports.append(text)

    def finish(self, context, job):
        return "Counted"


class Event:
    def __init__(self, kind, value="NOTHING"):
        self.type, self.value = kind, value


def test_each_moment_is_told_until_it_is_over(told):
    watcher = Watcher()
    while watcher.modal(bpy.context, Event("TIMER")) == {"PASS_THROUGH"}:
        pass
    assert watcher.reports == ["Counted"]
    assert told[0].startswith("Count: 10%") and "counting" in told[0] and "Esc" in told[0]
    assert len(told) == len(set(told)) and told[-1] is None
    assert "Count: 90%" in told[-2]


def test_esc_ends_it_and_the_rest_goes_by(told):
    watcher = Watcher()
    assert watcher.modal(bpy.context, Event("MOUSEMOVE")) == {"PASS_THROUGH"}
    assert watcher.modal(bpy.context, Event("TIMER")) == {"PASS_THROUGH"}
    assert watcher.modal(bpy.context, Event("LEFTMOUSE", "PRESS")) == {"PASS_THROUGH"}
    assert watcher.modal(bpy.context, Event("ESC", "PRESS")) == {"CANCELLED"}
    assert JOBS.running is None and told[-1] is None
    assert "was stopped" in watcher.reports[0]


def test_a_window_that_closes_ends_it(told):
    watcher = Watcher()
    watcher.modal(bpy.context, Event("TIMER"))
    watcher.cancel(bpy.context)
    assert JOBS.running is None and told[-1] is None


def test_what_mien_did_not_say_it_does_not_take_away(told):
    stop_watching()
    assert told == []


def test_every_workspace_says_it(mien_enabled, monkeypatch):
    names = []
    monkeypatch.setattr(
        bpy.types.WorkSpace, "status_text_set", lambda self, text: names.append(self.name)
    )
    job = JOBS.start(Counting)
    status_bar.show_job("Count", job)
    assert sorted(names) == sorted(each.name for each in bpy.data.workspaces)
    status_bar.clear()
    assert len(names) == 2 * len(bpy.data.workspaces)
