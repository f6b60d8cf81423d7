"""Every kind of job, when another file is opened, Mien is disabled, or an undo comes between.

Jobs are started by their operators' own `start`, as a click does.
"""

import threading
import time

import bpy
import cv2
import numpy as np
import pytest
from mien.addon import registration, take_list
from mien.addon.jobs.job import JOBS, State
from mien.addon.operators import (
    bake,
    batch,
    expressions,
    footage,
    gallery,
    inventing,
    preview,
    take,
    transfer,
)
from mien.addon.operators.watching import WatchingOperator
from mien.blender_ops.demo import build_demo_character
from mien.models.arkit import CHANNELS
from mien.models.errors import MienError
from mien.models.performance import Performance
from mien.models.recipe import Recipe
from mien.models.take import write_take

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")


class _NoneGiven:
    """A call without arguments: settings are those of the scene."""

    def is_property_set(self, name):
        return False


def in_hand(kind):
    """An operator that a test can hold, which Blender's own are not: its methods, its settings."""
    members = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("mien"):
            members |= {k: v for k, v in vars(base).items() if not k.startswith(("__", "bl_rna"))}
    hand = type(kind.__name__, (), members)()
    module, name = kind.bl_idname.split(".")
    for each in getattr(getattr(bpy.ops, module), name).get_rna_type().properties:
        if each.identifier != "rna_type":
            is_vector = getattr(each, "is_array", False)
            default = tuple(each.default_array) if is_vector else each.default
            setattr(hand, each.identifier, default)
    hand.properties = _NoneGiven()
    hand.reports = []
    hand.report = lambda kind, text: hand.reports.append(text)
    return hand


# What each job needs first.


def use_clip(folder, carphone):
    bpy.context.scene.mien.footage = str(carphone)


def use_film(folder, carphone):
    """Footage of another rate than the scene's, which takes a while to copy."""
    file = folder / "film.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 30, (640, 480))
    for number in range(150):
        writer.write(np.full((480, 640, 3), number, np.uint8))
    writer.release()
    bpy.context.scene.mien.footage = str(file)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera


def use_take(folder, carphone):
    times = np.arange(1801) / 60
    weights = np.random.default_rng(0).random((1801, len(CHANNELS))).astype(np.float32)
    write_take(folder / "takes" / "noise", Performance(weights, times), recipe=Recipe())
    take_list.refresh()
    bpy.context.scene.mien.take_index = 0
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    for channel in ("Basis", *CHANNELS):
        face.shape_key_add(name=channel).value = 0
    bpy.context.view_layer.objects.active = face


def use_nothing(folder, carphone):
    bpy.context.scene.mien.expression.idle_seconds = 300


def use_head(folder, carphone):
    demo = build_demo_character()
    bpy.context.view_layer.objects.active = demo.head
    for mesh in [each for each in bpy.data.objects if each.type == "MESH"]:
        mesh.shape_key_clear()


def use_character(folder, carphone):
    bpy.context.view_layer.objects.active = build_demo_character().head


def use_shot_list(folder, carphone):
    shots = folder / "shots.csv"
    shots.write_text(f"name,footage,make\none,{carphone},live_link\n")
    bpy.context.scene.mien_batch.shots = str(shots)
    bpy.context.scene.mien_batch.folder = str(folder / "results")


KINDS = {
    "capture": (take.MIEN_OT_capture, use_clip),
    "footage": (footage.MIEN_OT_show_footage, use_film),
    "bake": (bake.MIEN_OT_bake, use_take),
    "variations": (expressions.MIEN_OT_bake_variations, use_take),
    "preview": (preview.MIEN_OT_preview_bake, use_take),
    "transfer": (transfer.MIEN_OT_transfer_face_keys, use_head),
    "landmarks": (transfer.MIEN_OT_add_face_landmarks, use_head),
    "making": (inventing.MIEN_OT_idle, use_nothing),
    "gallery": (gallery.MIEN_OT_make_gallery, use_character),
    "batch": (batch.MIEN_OT_run_batch, use_shot_list),
}


def test_every_kind_of_job_is_tried(mien_enabled):
    watching = [kind for kind in registration.CLASSES if issubclass(kind, WatchingOperator)]
    of_one_kind = {inventing.InventingOperator}
    tried = {kind for kind, _ in KINDS.values()}
    for kind in watching:
        alike = [each for each in of_one_kind if issubclass(kind, each)]
        assert kind in tried or alike, f"{kind.__name__} is not tried here"


def everything():
    """How many of each there are in the file, and what the objects' meshes know of shape keys."""
    kinds = ("objects", "meshes", "actions", "images", "shape_keys", "collections", "scenes")
    counts = {kind: len(getattr(bpy.data, kind)) for kind in kinds}
    keys = {each.name: len(each.key_blocks) for each in bpy.data.shape_keys}
    values = {
        each.name: [round(block.value, 5) for block in each.key_blocks]
        for each in bpy.data.shape_keys
    }
    return counts, keys, values, len(bpy.context.scene.timeline_markers)


def files(folder):
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("scene.blend")
    )


def into_the_work(job):
    """Go on for a quarter of a second, or until Blender's data were worked on a little."""
    for _ in range(12):
        job.poll()
        if job.text == getattr(job, "doing", None):
            job.poll()
            return
        time.sleep(0.02)


@pytest.fixture(params=KINDS)
def running(request, saved_file, carphone, monkeypatch):
    """A job that runs, its operator, and what was there before it."""
    kind, prepare = KINDS[request.param]
    prepare(saved_file, carphone)
    before, there = everything(), files(saved_file)
    threads = set(threading.enumerate())
    monkeypatch.setattr("mien.addon.jobs.sliced.SECONDS_A_SLICE", 0)
    hand = in_hand(kind)
    hand._job = hand.start(bpy.context)
    into_the_work(hand._job)
    assert hand._job.state is State.RUNNING, hand._job.error
    assert JOBS.running is hand._job
    yield hand, before, there, saved_file
    # What a thread still does ends by itself, and leaves nothing either.
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    left = [name for name in files(saved_file) if name not in there]
    assert not left or request.param == "batch", "a batch goes on from what is done"


def test_another_file_is_opened(running):
    hand, *_ = running
    start = time.monotonic()
    bpy.ops.wm.read_homefile(use_empty=True)
    assert time.monotonic() - start < 2
    assert hand._job.state is State.CANCELLED and JOBS.running is None
    assert not hand._job.poll()


def test_mien_is_disabled(running):
    hand, before, *_ = running
    start = time.monotonic()
    registration.unregister()
    try:
        assert time.monotonic() - start < 1
        assert hand._job.state is State.CANCELLED and JOBS.running is None
        assert everything() == before
    finally:
        registration.register()


def test_esc_stops_it_at_once_and_nothing_is_left(running):
    hand, before, *_ = running

    class Esc:
        type, value = "ESC", "PRESS"

    start = time.monotonic()
    assert hand.modal(bpy.context, Esc) == {"CANCELLED"}
    assert time.monotonic() - start < 0.5
    assert hand._job.state is State.CANCELLED and "stopped" in hand.reports[0]
    assert everything() == before


def test_undo_between_does_no_harm(running):
    hand, *_ = running
    bpy.ops.ed.undo_push(message="one")
    bpy.context.scene.frame_current = 7
    bpy.ops.ed.undo_push(message="two")
    holds = hand._job.holds_scene_data
    bpy.ops.ed.undo()
    assert hand._job.state is (State.CANCELLED if holds else State.RUNNING)
    if not holds:
        hand._job.cancel()


@pytest.mark.parametrize("running", ["bake", "variations", "preview", "gallery"], indirect=True)
def test_deleting_what_it_works_on_is_told(running):
    hand, *_ = running
    for each in list(bpy.data.objects):
        bpy.data.objects.remove(each)
    hand._job.wait()
    if hand._job.state is State.FAILED:
        assert isinstance(hand._job.error, MienError), "a traceback, not a message"
        assert "deleted" in str(hand._job.error)
    else:  # Its shape keys are still there, without an object.
        assert hand._job.state is State.DONE


def test_another_file_may_be_opened_and_worked_with_afterwards(saved_file, carphone):
    use_take(saved_file, carphone)
    in_hand(bake.MIEN_OT_bake).start(bpy.context)
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(saved_file / "scene_2.blend"))
    take_list.refresh()
    bpy.context.scene.mien.take_index = 0
    bpy.context.view_layer.objects.active = build_demo_character().head
    assert bpy.ops.mien.bake(tolerance=0.05) == {"FINISHED"}
