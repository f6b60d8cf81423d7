"""`mien batch --cluster`: a Dask scheduler and two workers on loopback, one of them killed."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import time

import pytest
from mien.blender_ops.batch.cluster import Cluster, do
from mien.models.batch.attempt import Outcome
from mien.models.batch.lock import BatchError
from mien.models.batch.plan import TARGET, Step
from mien.models.batch.store import Store

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="Dask is not installed here: pip install distributed",
)

SECONDS = 300


def wait_for(found):
    end = time.monotonic() + SECONDS
    while not (answer := found()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return answer


class Farm:
    """A scheduler and workers, each a process."""

    def __init__(self, folder, source):
        self.folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(source)}
        self._file = folder / "scheduler.json"
        nobody = ("--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1", "--port", "0")
        self._scheduler = self._start("scheduler", *nobody)
        self.address = wait_for(self._address)
        self.workers = [self._worker(number) for number in range(2)]

    def _address(self):
        try:
            return json.loads(self._file.read_text())["address"]
        except (OSError, ValueError):
            return ""

    def _worker(self, number):
        mine = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        return self._start("worker", *mine, "--local-directory", str(self.folder / str(number)))

    def _start(self, kind, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}"]
        with (self.folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--scheduler-file", str(self._file), *arguments],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def stop(self):
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def farm(tmp_path, source):
    farm = Farm(tmp_path, source)
    yield farm
    farm.stop()


def steps_of(workers):
    """The processes that do steps for these workers."""
    import psutil

    found = []
    for worker in workers:
        for child in psutil.Process(worker.pid).children():
            with contextlib.suppress(psutil.Error):
                if any(word.endswith("step_process.py") for word in child.cmdline()):
                    found.append(child)
    return found


@needs_dask
def test_a_worker_killed_in_the_middle_changes_nothing(
    farm, undisturbed, shots, tmp_path, begin, contents
):
    folder = tmp_path / "batch"
    listed = tmp_path / "results.jsonl"
    arguments = (shots, "-o", folder, "--cluster", farm.address, "--json", listed)
    with begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        # While a worker makes something that the rest needs.
        wait_for(lambda: process.poll() is not None or (folder / "logs/film.bake.log").exists())
        busy = wait_for(lambda: [worker for worker in farm.workers if steps_of([worker])])
        busy[0].kill()
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    assert "Cluster: " in said and "http" in said
    assert sum(worker.poll() is None for worker in farm.workers) == 1
    assert contents(folder) == contents(undisturbed)
    assert listed.read_bytes() == (undisturbed / "results.jsonl").read_bytes()


@pytest.fixture
def same_mien(source, monkeypatch):
    """Let this process pass for one that runs the copy of the code, as the workers do."""
    code = "from mien.blender_ops.batch.process import made_by; print(made_by())"
    environment = {**os.environ, "PYTHONPATH": str(source)}
    made_by = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    monkeypatch.setattr("mien.blender_ops.batch.cluster.made_by", made_by.strip)


@needs_dask
def test_a_worker_that_has_another_mien_stops_the_batch(farm, tmp_path, monkeypatch):
    monkeypatch.setattr("mien.blender_ops.batch.cluster.made_by", lambda: "another")
    store = Store(tmp_path)
    store.open()
    cluster = Cluster(farm.address, store)
    try:
        cluster.start(Step("bake", "a", "a", ("character", "-o", TARGET), "shots/a/a.blend"))
        with pytest.raises(BatchError, match="has another Mien or Blender than this machine"):
            wait_for(lambda: list(cluster.finished()))
    finally:
        cluster.stop()


@needs_dask
def test_a_worker_without_mien_stops_the_batch(tmp_path):
    package = tmp_path / "none" / "mien"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('there is nothing here')\n")
    store = Store(tmp_path / "batch")
    store.folder.mkdir()
    store.open()
    farm = Farm(tmp_path, package.parent)
    try:
        cluster = Cluster(farm.address, store)
        cluster.start(Step("bake", "a", "a", ("character", "-o", TARGET), "shots/a/a.blend"))
        with pytest.raises(BatchError, match="A worker has no Mien"):
            wait_for(lambda: list(cluster.finished()))
        cluster.stop()
    finally:
        farm.stop()


@needs_dask
def test_a_crash_is_tried_again_by_dask_and_a_stop_leaves_nothing(farm, tmp_path, same_mien):
    store = Store(tmp_path / "batch")
    store.folder.mkdir()
    store.open()
    cluster = Cluster(farm.address, store)
    try:
        step = Step("bake", "a", "a", ("character", "-o", TARGET), "shots/a/a.blend")
        cluster.start(step)
        first = wait_for(lambda: steps_of(farm.workers))[0]
        first.kill()
        wait_for(lambda: [each for each in steps_of(farm.workers) if each != first])[0].kill()
        over = wait_for(lambda: list(cluster.finished()))
        assert over == [(step, Outcome("ended unexpectedly (code -9)", crashed=True))]
        assert store.log(step).read_text().count("$ mien character") == 2
        assert not cluster.is_busy
        cluster.start(step)
        wait_for(lambda: steps_of(farm.workers))
    finally:
        cluster.stop()
    wait_for(lambda: not steps_of(farm.workers))
    assert not list(store.folder.glob(".steps/*.running"))


def test_a_worker_that_sees_another_folder_or_has_another_mien_says_so(tmp_path):
    store = Store(tmp_path)
    store.open()
    request = {"folder": str(tmp_path), "run": "r", "made_by": "another", "step": "{}"}
    assert "same path to the same folder" in do(request)["problem"]
    store.mark("r").touch()
    assert "has another Mien or Blender" in do(request)["problem"]


def test_without_dask_or_without_a_scheduler_one_line_says_what_to_do(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.open()
    if importlib.util.find_spec("distributed") is not None:
        monkeypatch.setattr("mien.blender_ops.batch.cluster._SECONDS_TO_ANSWER", 0.2)
        with pytest.raises(BatchError, match="No Dask scheduler answers at"):
            Cluster("tcp://127.0.0.1:9", store)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BatchError, match="pip install distributed"):
        Cluster("tcp://127.0.0.1:9", store)


def test_a_batch_of_this_machine_never_loads_dask(source):
    code = (
        "import sys, mien.blender_ops.batch_commands, mien.blender_ops.batch.cluster; "
        "sys.exit(bool({'dask', 'distributed'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(source)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0


def test_inside_blender_a_cluster_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mien.blender_ops.batch.cluster.blender", lambda: "/usr/bin/blender")
    with pytest.raises(BatchError, match="for Mien outside of Blender"):
        Cluster("tcp://127.0.0.1:9", Store(tmp_path))
