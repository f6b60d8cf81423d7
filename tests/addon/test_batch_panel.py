"""A batch from the sidebar: in a process of its own, stopped at once, gone on with."""

import os
import signal
import time

import bpy
import pytest
from mien.addon.jobs.batch import BatchJob
from mien.addon.jobs.job import JOBS, State
from mien.addon.operators.batch import MIEN_OT_open_batch_report, MIEN_OT_run_batch
from mien.models.batch.shot import ShotListError


@pytest.fixture
def shots(tmp_path, carphone):
    path = tmp_path / "shots.toml"
    path.write_text(
        f'[[shot]]\nname = "one"\nfootage = "{carphone.as_posix()}"\nend = 0.1\n'
        'make = ["live_link"]\n'
    )
    return path


def test_buttons_say_what_is_missing(mien_enabled, shots):
    settings = bpy.context.scene.mien_batch
    assert "shot list" in MIEN_OT_run_batch.disabled_reason(bpy.context)
    settings.shots = str(shots)
    assert "Save the .blend file" in MIEN_OT_run_batch.disabled_reason(bpy.context)
    settings.folder = str(shots.parent / "out")
    assert bpy.ops.mien.run_batch.poll()
    assert MIEN_OT_open_batch_report.disabled_reason(bpy.context) == ""
    with pytest.raises(RuntimeError, match="run the batch first"):
        bpy.ops.mien.open_batch_report()


def test_a_list_with_a_fault_starts_nothing(mien_enabled, shots):
    shots.write_text('[[shot]]\nname = "one"\n')
    with pytest.raises(ShotListError, match=r"shots\.toml:1: "):
        BatchJob(shots, shots.parent / "out", 1)
    settings = bpy.context.scene.mien_batch
    settings.shots, settings.folder = str(shots), str(shots.parent / "out")
    with pytest.raises(RuntimeError, match="one of the two"):
        bpy.ops.mien.run_batch()
    assert not (shots.parent / "out").exists() and JOBS.running is None


def test_a_stopped_batch_ends_all_it_started_and_the_next_one_finishes(mien_enabled, shots):
    folder = shots.parent / "out"
    job = BatchJob(shots, folder, 1)
    log, end = folder / "logs" / "one.capture.log", time.monotonic() + 60
    while not log.exists():
        assert job.poll() and time.monotonic() < end
        time.sleep(0.02)
    pid = job._process.pid
    job.cancel()
    assert job.state is State.CANCELLED
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIG_DFL)
    settings = bpy.context.scene.mien_batch
    settings.shots, settings.folder = str(shots), str(folder)
    assert bpy.ops.mien.run_batch() == {"FINISHED"}
    assert (folder / "shots" / "one" / "one.csv").is_file()
    assert (folder / "report.html").is_file()
    assert settings.report == "The shot is made"
