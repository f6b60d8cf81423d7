"""`mien batch` with real footage and real processes: killed, resumed, repeated."""

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from mien.models.capture.footage import open_footage


def test_a_list_becomes_what_it_asks_for(undisturbed, shots, keys_of):
    lines = [json.loads(line) for line in (shots.parent / "results.jsonl").read_text().splitlines()]
    assert [line["shot"] for line in lines] == ["film", "other"]
    assert all(line["state"] == "done" and line["face_seen"] == 1 for line in lines)
    assert lines[0]["products"]["capture"] == lines[1]["products"]["capture"]
    assert lines[0]["keys"] > lines[1]["keys"] > 50
    silent = "The video is silent: "
    reasons = ("carphone_pristine.mp4 has no sound", "this Blender was built without sound")
    assert lines[0]["warnings"][-1] in [silent + reason for reason in reasons]
    assert not any(silent in warning for warning in lines[1]["warnings"])
    assert len(list(open_footage(undisturbed / "shots/film/film.mp4").frames())) == 4
    (third,) = undisturbed.glob("work/film.frames-*/000003.png")
    assert b"film  00:00:00:02" in third.read_bytes()
    assert len(list(undisturbed.glob("takes/*"))) == 1
    made = keys_of(undisturbed / "shots/other/other.blend")
    assert list(made["actions"]) == ["other"]
    page = (undisturbed / "report.html").read_text(encoding="utf-8")
    assert page.count("<section") == 2 and page.count("<svg") == 2 * 4
    assert page.count("data:image/jpeg") == 4 + 6
    assert "http" not in page
    assert all(
        0 < line["evaluation"]["jitter"] < line["evaluation"]["jitter_seen"] for line in lines
    )


def test_nothing_is_done_twice_and_another_tolerance_needs_no_capture(undisturbed, shots, batch):
    assert "resume" in batch(shots, "-o", undisturbed).stderr
    again = batch(shots, "-o", undisturbed, "--resume", "--dry-run")
    assert "0 to do" in again.stdout
    changed = shots.with_name("changed.toml")
    changed.write_text(shots.read_text().replace("0.02", "0.03"))
    words = batch(changed, "-o", undisturbed, "--dry-run").stdout
    assert "6 steps, 1 to do" in words, words
    assert "to do  other: bake: mien bake" in words
    assert batch(shots, "-o", undisturbed, "--only", "nobody").returncode == 1


def test_one_bad_character_fails_its_shot_and_no_other(undisturbed, shots, batch):
    (shots.parent / "bad.blend").write_bytes(b"BLENDER but no more")
    listed = shots.with_name("with a bad one.toml")
    listed.write_text(shots.read_text() + '[[shot]]\nname = "bad"\ncharacter = "bad.blend"\n')
    result = batch(listed, "-o", undisturbed, "--resume", "--json", shots.with_name("bad.jsonl"))
    assert result.returncode == 1
    assert "1 of 3 shots failed: bad." in result.stderr
    lines = [json.loads(line) for line in shots.with_name("bad.jsonl").read_text().splitlines()]
    assert [line["state"] for line in lines] == ["done", "done", "failed"]
    assert "bad.blend cannot be opened" in lines[2]["error"]
    assert (undisturbed / "logs/bad.bake.log").is_file()
    assert batch(shots, "-o", undisturbed, "--resume").returncode == 0


# Ten in a row are for a night: MIEN_KILL_ROUNDS=10.
ROUNDS = int(os.environ.get("MIEN_KILL_ROUNDS", "1"))
KILLS = 3


@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_point_and_resumed_it_gives_what_an_undisturbed_run_gives(
    undisturbed, shots, tmp_path, begin, batch, contents, number
):
    chance = random.Random()
    folder = tmp_path / "killed"
    whole = float((shots.parent / "seconds").read_text())
    delays = []
    for _ in range(KILLS):
        nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = begin(shots, "-o", folder, "--resume", "--jobs", "2", **nowhere)
        # Over a run's course: each goes on where the one before was killed.
        delays.append(chance.uniform(0.02, 0.4) * whole)
        time.sleep(delays[-1])
        process.send_signal(signal.SIGKILL)
        process.wait()
    result = batch(shots, "-o", folder, "--resume", "--jobs", "2")
    assert result.returncode == 0, (delays, result.stderr, result.stdout)
    assert contents(folder) == contents(undisturbed), delays
    assert not [path for path in folder.rglob(".*.part*") if path.is_file()], delays


def test_two_batches_in_one_folder_refuse_each_other(undisturbed, shots, begin, batch):
    first = begin(shots, "-o", undisturbed, "--resume", stdout=subprocess.PIPE)
    try:
        # What the holder writes is there before it looks at the steps.
        lock, end = Path(undisturbed / "batch.lock"), time.monotonic() + 30
        while str(first.pid) not in lock.read_text() and time.monotonic() < end:
            time.sleep(0.005)
        first.send_signal(signal.SIGSTOP)
        second = batch(shots, "-o", undisturbed, "--resume")
        assert second.returncode == 1
        assert f"Another batch works in {undisturbed} (process {first.pid} on" in second.stderr
    finally:
        first.kill()
        first.wait()
        first.stdout.close()


@pytest.mark.skipif(os.name == "nt", reason="a terminal of Unix is looked at")
def test_a_terminal_shows_a_bar_of_steps(undisturbed, shots, begin):
    pytest.importorskip("rich", reason="without rich a terminal shows lines")
    mine, theirs = os.openpty()
    process = begin(shots, "-o", undisturbed, "--resume", stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # how a terminal ends
        while more := os.read(mine, 4096):
            said += more
    os.close(mine)
    assert process.wait() == 0
    assert b"6/6 steps" in said and b"[2/2] " in said
