"""Files dropped on the 3D view."""

import bpy
import numpy as np
import pytest
from mien.addon.operators import drop
from mien.addon.operators.take import MIEN_OT_capture
from mien.models.arkit import CHANNELS
from mien.models.formats import suffixes
from mien.models.performance import Performance
from mien.models.take import write_take


def drop_on(kind, file):
    """What Blender does when a file is dropped on an area of that kind."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == kind)
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        return bpy.ops.wm.drop_import_file(
            "INVOKE_DEFAULT", directory=str(file.parent), files=[{"name": file.name}]
        )


@pytest.fixture
def recording(tmp_path):
    times = np.arange(30) / 60
    weights = np.zeros((30, len(CHANNELS)), np.float32)
    take = write_take(tmp_path / "take", Performance(weights, times))
    return next(take.folder.glob("*.csv"))


def test_a_dropped_recording_is_the_take_in_use(mien_enabled, recording):
    assert drop_on("VIEW_3D", recording) == {"FINISHED"}
    assert bpy.context.scene.mien.take.endswith(recording.name)
    assert bpy.context.scene.mien.take_frames == 30


def test_elsewhere_than_on_the_3d_view_nothing_is_offered(mien_enabled):
    class Context:
        area = None

    assert not drop.Dropped.poll_drop(Context)
    for area in bpy.context.screen.areas:
        Context.area = area
        assert drop.Dropped.poll_drop(Context) == (area.type == "VIEW_3D")


def test_a_dropped_video_is_captured_as_by_the_buttons(mien_enabled, tmp_path, monkeypatch):
    seen = []

    def run(self, context):
        seen.append(context.scene.mien.footage)
        return {"FINISHED"}

    monkeypatch.setattr(MIEN_OT_capture, "run", run)
    video = tmp_path / "face.mp4"
    video.write_bytes(b"")
    assert bpy.ops.mien.capture_file(filepath=str(video)) == {"FINISHED"}
    assert seen == [str(video)]


@pytest.fixture
def only_mien(mien_enabled):
    """Without Blender's own handlers of videos, which make a choice of it."""
    others = [
        kind
        for kind in bpy.types.FileHandler.__subclasses__()
        if kind.is_registered
        and ".mp4" in kind.bl_file_extensions
        and kind is not drop.MIEN_FH_footage
    ]
    for kind in others:
        bpy.utils.unregister_class(kind)
    yield others
    for kind in others:
        bpy.utils.register_class(kind)


def test_a_dropped_video_is_offered_beside_what_blender_makes_of_it(
    only_mien, tmp_path, monkeypatch
):
    seen = []

    def run(self, context):
        seen.append(context.scene.mien.footage)
        return {"FINISHED"}

    monkeypatch.setattr(MIEN_OT_capture, "run", run)
    video = tmp_path / "face.mp4"
    video.write_bytes(b"")
    assert only_mien, "Blender offers nothing by itself, so that there is no choice"
    assert drop_on("VIEW_3D", video) == {"FINISHED"}
    assert seen == [str(video)]


def test_the_handlers_are_there_and_only_for_what_can_be_read(mien_enabled):
    assert set(drop.RECORDINGS) <= set(suffixes())
    for handler in (drop.MIEN_FH_footage, drop.MIEN_FH_recording):
        assert handler.is_registered
        module, name = handler.bl_import_operator.split(".")
        properties = getattr(getattr(bpy.ops, module), name).get_rna_type().properties
        assert "filepath" in properties
