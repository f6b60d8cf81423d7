"""A plan is done by processes that crash, fail and are stopped; small real processes stand in."""

import json
import os
import signal
import subprocess
import sys

import pytest
from mien.models.batch.executor import LocalProcesses
from mien.models.batch.lock import NAME, BatchError, locked
from mien.models.batch.plan import TARGET, Plan, Step
from mien.models.batch.run import Run
from mien.models.batch.store import Store

# What a process does is said by its first argument; its output is the third, facts the last.
PROCESS = """
import json, os, signal, sys, time
kind, mark, target, facts = sys.argv[1], *sys.argv[2:4], sys.argv[-1]
with open(mark + ".started", "a") as file:
    file.write("x")
if kind == "crash" or kind == "crash once" and len(open(mark + ".started").read()) == 1:
    os.kill(os.getpid(), signal.SIGSEGV)
if kind == "refuse":
    print("mien: the head is missing; choose another file.")
    sys.exit(1)
open(target, "w").write(kind)
json.dump({"keys": 3}, open(facts, "w"))
"""


class Watcher:
    def __init__(self):
        self.results = {}

    def started(self, step):
        pass

    def ended(self, step, error):
        pass

    def shot(self, result):
        self.results[result.name] = result


def start(arguments, log):
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", PROCESS, *arguments],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "batch")
    store.folder.mkdir()
    store.open()
    return store


def a_plan(folder, **kinds):
    """A shot for each kind of behaviour; each also needs one step that all share."""
    shared = Step("capture", "shared", "all", ("good", str(folder / "shared"), TARGET), "takes/t")
    steps, shots = {"shared": shared}, {}
    for name, kind in kinds.items():
        arguments = (kind, str(folder / name), TARGET)
        steps[name] = Step("bake", name, name, arguments, f"shots/{name}/{name}.blend", ("shared",))
        last = f"{name} after"
        arguments = ("good", str(folder / last), TARGET)
        steps[last] = Step("csv", last, name, arguments, f"shots/{name}/{name}.csv", (name,))
        shots[name] = {"capture": "shared", "bake": name, "csv": last}
    return Plan(steps, shots)


def starts(folder, name):
    mark = folder / f"{name}.started"
    return len(mark.read_text()) if mark.exists() else 0


def test_a_crash_fails_its_shot_only_after_a_second_try(store, tmp_path):
    plan = a_plan(tmp_path, a="good", b="crash", c="crash once", d="refuse")
    watcher = Watcher()
    assert Run(plan, store, LocalProcesses(store, start, jobs=2), watcher).until_done() == 2
    errors = {name: result.error for name, result in watcher.results.items()}
    assert errors["a"] == errors["c"] == ""
    assert "twice; see logs/b.bake.log" in errors["b"]
    assert errors["d"] == "bake: the head is missing; choose another file."
    assert [starts(tmp_path, name) for name in "abcd"] == [1, 2, 2, 1]
    assert starts(tmp_path, "shared") == 1 and starts(tmp_path, "b after") == 0
    assert "crashed once" in watcher.results["c"].warnings[0]
    assert watcher.results["a"].facts["bake"] == {"keys": 3}
    assert not list(store.folder.rglob("shots/*/.*")) and not list(store.folder.glob("logs/*.json"))


def test_a_begun_shot_is_finished_before_the_next_begins(store, tmp_path):
    plan = a_plan(tmp_path, a="good", b="good", c="good")
    begun = []

    class Listener(Watcher):
        def started(self, step):
            begun.append(step.key)

    Run(plan, store, LocalProcesses(store, start), Listener()).until_done()
    assert begun == ["shared", "a", "a after", "b", "b after", "c", "c after"]


def test_what_is_done_is_not_done_again_and_what_was_changed_is_kept(store, tmp_path):
    plan = a_plan(tmp_path, a="good")
    Run(plan, store, LocalProcesses(store, start), Watcher()).until_done()
    blend = store.folder / "shots/a/a.blend"
    blend.write_text("edited by hand")
    watcher = Watcher()
    Run(plan, store, LocalProcesses(store, start), watcher).until_done()
    assert starts(tmp_path, "a") == 1
    assert "was changed" in watcher.results["a"].warnings[0]
    # Another tolerance: another key for the same place.
    changed = {
        key: Step(step.kind, f"{key} 2", step.shot, step.arguments, step.product)
        for key, step in plan.steps.items()
        if key == "a"
    }
    other = Plan({"a 2": changed["a"]}, {"a": {"bake": "a 2"}})
    Run(other, store, LocalProcesses(store, start), Watcher()).until_done()
    assert blend.read_text() == "good"
    assert (store.folder / "shots/a/a.changed-1.blend").read_text() == "edited by hand"


def test_a_disk_that_fills_up_stops_the_batch_with_a_clear_line(store, tmp_path):
    plan = a_plan(tmp_path, a="good", b="good")
    with pytest.raises(BatchError, match=r"is full: \d+ MB are free.*--resume"):
        Run(plan, store, LocalProcesses(store, start), Watcher(), keep_free=1 << 60).until_done()
    assert not list(store.folder.glob("takes/*")) and not list(store.folder.glob("shots/*/*"))


HOLD = """
import sys, time
from pathlib import Path
from mien.models.batch.executor import LocalProcesses
from mien.models.batch.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_batches_refuse_each_other_and_a_dead_ones_lock_is_stale(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(BatchError, match=f"Another batch works.*process {holder.pid} on"),
            locked(tmp_path),
        ):
            pass
        os.kill(holder.pid, signal.SIGKILL)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    assert json.loads((tmp_path / NAME).read_text())["pid"] == holder.pid
    with locked(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())["pid"] == os.getpid()


def test_what_a_lost_process_left_is_gone_when_the_batch_is_over(store, tmp_path):
    class Listener(Watcher):
        def ended(self, step, error):
            for name in (".0badcafe.blend", ".mine"):
                (store.folder / step.product).with_name(name).write_text("half")

    Run(a_plan(tmp_path, a="good"), store, LocalProcesses(store, start), Listener()).until_done()
    left = sorted(path.name for path in store.folder.glob("shots/a/*"))
    assert left == [".mine", "a.blend", "a.csv"]


def test_an_interrupted_step_leaves_nothing_that_counts(store, tmp_path):
    plan = a_plan(tmp_path, a="good")
    step = plan.steps["a"]
    store.target(step).write_text("half")
    (store.folder / "shots/a/.mine").write_text("of the user's")
    store.open()
    assert [path.name for path in (store.folder / "shots/a").iterdir()] == [".mine"]
    assert store.record(step) is None
    # Moved into place, but killed before it was recorded.
    (store.folder / step.product).write_text("whole")
    assert store.record(step) is None
    Run(plan, store, LocalProcesses(store, start), Watcher()).until_done()
    assert (store.folder / step.product).read_text() == "good"
    assert store.record(step) is not None
