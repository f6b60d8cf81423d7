"""Transfer Face Keys in the window: a job that can be stopped, one step of undo."""

import threading

import bpy
import numpy as np
import pytest
from mien.addon.jobs.job import JOBS, State
from mien.addon.jobs.transfer import TransferJob
from mien.addon.operators.transfer import MIEN_OT_add_face_landmarks, MIEN_OT_transfer_face_keys
from mien.blender_ops.demo import build_demo_character
from mien.blender_ops.transfer import add_keys_in_steps, request_for


@pytest.fixture
def head(mien_enabled):
    mesh = bpy.data.meshes.new("Head")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], [], [(0, 2, 1), (0, 1, 3)])
    made = bpy.data.objects.new("Head", mesh)
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    made.select_set(True)
    return made


def job_for(head, compute=None):
    request = request_for(head)
    deltas = {"jawOpen": np.ones((4, 3)), "eyeBlinkLeft": np.ones((4, 3))}
    return JOBS.start(
        lambda: TransferJob(
            compute or (lambda progress: deltas), lambda made: add_keys_in_steps(request, made)
        )
    )


def test_the_button_is_grey_without_a_head(mien_enabled):
    assert "Select" in MIEN_OT_transfer_face_keys.disabled_reason(bpy.context)
    assert "Select" in MIEN_OT_add_face_landmarks.disabled_reason(bpy.context)
    assert not bpy.ops.mien.transfer_face_keys.poll()


def test_it_is_one_step_of_undo():
    assert MIEN_OT_transfer_face_keys.bl_options == {"REGISTER", "UNDO"}


def test_a_job_adds_keys(head):
    job = job_for(head)
    assert JOBS.running is job
    job.wait()
    assert job.state is State.DONE
    assert job.result.added == ("jawOpen", "eyeBlinkLeft")
    assert [block.name for block in head.data.shape_keys.key_blocks] == [
        "Basis",
        "jawOpen",
        "eyeBlinkLeft",
    ]


def test_a_stopped_job_leaves_nothing(head):
    running, go_on = threading.Event(), threading.Event()

    def compute(progress):
        running.set()
        go_on.wait(5)
        progress(0.5, "carrying shapes over")
        raise AssertionError("the job was not stopped")

    job = job_for(head, compute)
    running.wait(5)
    assert job.poll()
    job.cancel()
    go_on.set()
    assert job.state is State.CANCELLED
    assert head.data.shape_keys is None
    assert JOBS.running is None


def test_a_head_that_is_deleted_meanwhile_is_told(head):
    job = job_for(head)
    bpy.data.objects.remove(head)
    job.wait()
    assert job.state is State.FAILED
    assert "deleted meanwhile" in str(job.error)


def test_what_goes_wrong_in_the_thread_is_told(head):
    with pytest.raises(RuntimeError, match="No face was found"):
        bpy.ops.mien.transfer_face_keys()
    assert head.data.shape_keys is None


def test_a_character_that_has_all_keys_needs_none(mien_enabled):
    demo = build_demo_character()
    bpy.context.view_layer.objects.active = demo.head
    with pytest.raises(RuntimeError, match="all face keys already"):
        bpy.ops.mien.transfer_face_keys()


def test_an_unknown_template_is_told(head):
    with pytest.raises(RuntimeError, match="no object"):
        bpy.ops.mien.transfer_face_keys(template="Nobody")


def test_landmarks_stand_beside_a_head_without_a_face(head):
    assert bpy.ops.mien.add_face_landmarks() == {"FINISHED"}
    assert len([each for each in bpy.data.objects if each.type == "EMPTY"]) > 10
