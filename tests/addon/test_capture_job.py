"""Capturing in a child process, driven as the modal operator drives it: by `poll`."""

import os
import time

import bpy
import pytest
from mien.addon.jobs.capture import CaptureJob
from mien.addon.jobs.job import JOBS, JobError, State
from mien.models.errors import TakeError
from mien.models.take import read_take


def _names(folder):
    return [path.name for path in folder.iterdir()]


def _until(condition, job, seconds=60):
    end = time.monotonic() + seconds
    while not condition(job) and job.poll():
        assert time.monotonic() < end, f"still at {job.text}"
        time.sleep(0.01)


def test_a_clip_becomes_a_take(carphone, tmp_path):
    job = CaptureJob(carphone, tmp_path / "takes", "carphone", {"end": 1.0})
    told, longest = [], 0.0
    while job.state is State.RUNNING:
        start = time.process_time()
        job.poll()
        longest = max(longest, time.process_time() - start)
        told.append(job.fraction)
        time.sleep(0.02)
    assert job.error is None
    assert told == sorted(told) and any(0 < fraction < 1 for fraction in told)
    assert longest < 0.1, "the main thread was held up"
    take = read_take(job.take.folder)
    assert job.take.folder == tmp_path / "takes" / "carphone"
    assert _names(tmp_path / "takes") == ["carphone"]
    assert len(take.performance) == job.take.frames
    assert take.landmarks.shape == (job.take.frames, 478, 3)
    assert job.take.seen > 0.95
    assert take.footage == carphone.name


def test_a_second_take_of_the_same_footage_is_another(carphone, tmp_path):
    (tmp_path / "carphone").mkdir()
    job = CaptureJob(carphone, tmp_path, "carphone", {"end": 0.1})
    job.wait()
    assert job.take.folder.name == "carphone_2"
    assert list((tmp_path / "carphone").iterdir()) == []


def test_cancelling_leaves_nothing(carphone, tmp_path):
    job = CaptureJob(carphone, tmp_path / "takes", "carphone", {})
    _until(lambda job: job.fraction > 0, job)
    start = time.monotonic()
    job.cancel()
    assert time.monotonic() - start < 0.5
    assert job.state is State.CANCELLED
    assert not job.poll()
    assert job.take is None
    assert _names(tmp_path) == []


def test_cancelling_keeps_the_takes_that_are_there(carphone, tmp_path):
    (tmp_path / "old take").mkdir()
    job = CaptureJob(carphone, tmp_path, "carphone", {})
    job.cancel()
    assert _names(tmp_path) == ["old take"]


def test_a_file_that_is_no_video_fails_with_a_clear_message(tmp_path):
    text = tmp_path / "notes.mp4"
    text.write_text("not a video at all")
    job = CaptureJob(text, tmp_path / "takes", "notes", {})
    job.wait()
    assert job.state is State.FAILED
    assert "notes.mp4" in str(job.error)
    assert "Traceback" not in str(job.error)
    assert _names(tmp_path) == ["notes.mp4"]


def test_an_end_that_nobody_planned_is_told(carphone, tmp_path):
    job = CaptureJob(carphone, tmp_path / "takes", "carphone", {"no such option": 1})
    job.wait()
    assert isinstance(job.error, JobError)
    assert "no such option" in str(job.error)
    assert _names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_refused_before_anything_starts(carphone, tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    with pytest.raises(TakeError, match=r"a file.*folder"):
        CaptureJob(carphone, blocked / "takes", "carphone", {})


def test_a_take_that_cannot_be_written_at_the_end_leaves_nothing(carphone, tmp_path):
    job = CaptureJob(carphone, tmp_path / "takes", "carphone", {"end": 0.2})
    # A file where the child wants its folder, as a full disk is: only writing fails.
    job._staging.rmdir()
    job._staging.write_text("in the way")
    job.wait()
    assert job.state is State.FAILED
    assert f"“{tmp_path / 'takes' / 'carphone'}” cannot be written" in str(job.error)
    job._staging.unlink()
    assert _names(tmp_path / "takes") == []


def test_two_captures_at_once_are_refused(carphone, tmp_path):
    def capture():
        return CaptureJob(carphone, tmp_path, "carphone", {})

    job = JOBS.start(capture)
    with pytest.raises(JobError, match="running"):
        JOBS.start(capture)
    assert JOBS.running is job
    JOBS.stop()
    assert JOBS.running is None
    assert _names(tmp_path) == []


def test_opening_another_file_ends_the_capture(mien_enabled, carphone, tmp_path):
    job = JOBS.start(lambda: CaptureJob(carphone, tmp_path, "carphone", {}))
    bpy.ops.wm.read_homefile(use_empty=True)
    assert job.state is State.CANCELLED
    assert _names(tmp_path) == []


def test_the_child_has_lower_priority(carphone, tmp_path):
    job = CaptureJob(carphone, tmp_path, "carphone", {})
    _until(lambda job: job.fraction > 0, job)
    if hasattr(os, "getpriority"):
        child = job._child._process.pid
        assert os.getpriority(os.PRIO_PROCESS, child) >= min(
            os.getpriority(os.PRIO_PROCESS, 0) + 10, 19
        )
    job.cancel()
