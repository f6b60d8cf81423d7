"""`mien batch` with real footage and real processes: killed, resumed, repeated."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from mien.blender_ops.animation import curves_of_action
from mien.models.arkit import CHANNELS
from mien.models.capture.footage import open_footage

ROOT = Path(__file__).resolve().parents[2]
MIEN = "import sys; from mien.blender_ops.commands import main; sys.exit(main(sys.argv[1:]))"

SHOTS = """
[defaults]
character = "face.blend"
footage = "{footage}"
end = 0.3
engine = "workbench"
size = "32x32"
samples = 1

[[shot]]
name = "film"
make = ["blend", "video", "live_link"]
frames = "1-4"

[[shot]]
name = "other"
tolerance = 0.02
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the code: an edit of the checkout between two runs would make all steps new."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("models", "blender_ops"):
        left_out = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / name, folder / "mien" / name, ignore=left_out)
    shutil.copy(ROOT / "__init__.py", folder / "mien")
    return folder


@pytest.fixture(scope="module")
def begin(source):
    """Starts `mien batch`."""

    def begun(*arguments, **options):
        command = [sys.executable, "-c", MIEN, "batch", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(source)}
        return subprocess.Popen(command, text=True, env=environment, **options)

    return begun


@pytest.fixture(scope="module")
def batch(begin):
    """Runs `mien batch` to its end."""

    def run(*arguments):
        with begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    return run


@pytest.fixture(scope="module")
def shots(tmp_path_factory, carphone):
    """A list of two shots of the clip's first frames, on the least that is a character."""
    folder = tmp_path_factory.mktemp("batch")
    bpy.ops.wm.read_homefile(use_empty=True)
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 0, 1)], [], [(0, 1, 3, 2)])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    for number, name in enumerate(("Basis", *CHANNELS)):
        block = face.shape_key_add(name=name, from_mix=False)
        block.value = 0
        if number:
            block.data[number % 4].co.z += 0.3
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "face.blend"), copy=True)
    shot_list = folder / "shots.toml"
    shot_list.write_text(SHOTS.format(footage=carphone.as_posix()))
    return shot_list


@pytest.fixture(scope="module")
def undisturbed(shots, batch):
    folder = shots.parent / "undisturbed"
    start = time.monotonic()
    result = batch(shots, "-o", folder, "--jobs", "2", "--json", shots.parent / "results.jsonl")
    assert result.returncode == 0, result.stderr + result.stdout
    (shots.parent / "seconds").write_text(str(time.monotonic() - start))
    return folder


def contents(folder):
    """What a batch made: bytes where they are the same each time, else what they show."""
    found = {}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if not path.is_file() or place.startswith((".steps", "logs", "batch.lock", "report.html")):
            continue
        if path.suffix == ".blend":
            found[place] = keys_of(path)
        elif path.suffix == ".mp4":
            pictures = [frame.picture.tobytes() for frame in open_footage(path).frames()]
            found[place] = hashlib.sha256(b"".join(pictures)).hexdigest()
        else:
            found[place] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def keys_of(blend):
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    return {
        "names": sorted(item.name for item in [*bpy.data.objects, *bpy.data.meshes]),
        "actions": {
            action.name: {
                (curve.data_path, curve.array_index): [
                    (tuple(key.co), tuple(key.handle_left), tuple(key.handle_right))
                    for key in curve.keyframe_points
                ]
                for curve in curves_of_action(action)
            }
            for action in bpy.data.actions
        },
    }


def test_a_list_becomes_what_it_asks_for(undisturbed, shots):
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
    assert len(list(undisturbed.glob("takes/*"))) == 1
    made = keys_of(undisturbed / "shots/other/other.blend")
    assert list(made["actions"]) == ["other"]
    page = (undisturbed / "report.html").read_text(encoding="utf-8")
    assert page.count("<section") == page.count("<svg") == 2
    assert page.count("data:image/jpeg") == 4 + 6
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


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
    undisturbed, shots, tmp_path, begin, batch, number
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
