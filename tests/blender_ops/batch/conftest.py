"""A batch with real footage and real processes, run once for all tests that look at it."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from mien.blender_ops.animation import curves_of_action
from mien.models.arkit import CHANNELS
from mien.models.capture.footage import open_footage

ROOT = Path(__file__).resolve().parents[3]
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
stamp = true

[[shot]]
name = "other"
tolerance = 0.02
"""


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """A copy of the code: an edit of the checkout between two runs would make all steps new."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("models", "blender_ops"):
        left_out = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / name, folder / "mien" / name, ignore=left_out)
    shutil.copy(ROOT / "__init__.py", folder / "mien")
    return folder


@pytest.fixture(scope="session")
def begin(source):
    """Starts `mien batch`."""

    def begun(*arguments, **options):
        command = [sys.executable, "-c", MIEN, "batch", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(source)}
        return subprocess.Popen(command, text=True, env=environment, **options)

    return begun


@pytest.fixture(scope="session")
def batch(begin):
    """Runs `mien batch` to its end."""

    def run(*arguments):
        with begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            output, errors = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    return run


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def undisturbed(shots, batch):
    folder = shots.parent / "undisturbed"
    start = time.monotonic()
    result = batch(shots, "-o", folder, "--jobs", "2", "--json", shots.parent / "results.jsonl")
    assert result.returncode == 0, result.stderr + result.stdout
    (shots.parent / "seconds").write_text(str(time.monotonic() - start))
    return folder


@pytest.fixture(scope="session")
def contents():
    """Reads what a batch made, to be compared with what another one made."""
    return _contents


@pytest.fixture(scope="session")
def keys_of():
    """Reads the curves and names of a .blend."""
    return _keys_of


def _contents(folder):
    """What a batch made: bytes where they are the same each time, else what they show."""
    found = {}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if not path.is_file() or place.startswith((".steps", "logs", "batch.lock", "report.html")):
            continue
        if path.suffix == ".blend":
            found[place] = _keys_of(path)
        elif path.suffix == ".mp4":
            pictures = [frame.picture.tobytes() for frame in open_footage(path).frames()]
            found[place] = hashlib.sha256(b"".join(pictures)).hexdigest()
        else:
            found[place] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _keys_of(blend):
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
