"""Tests in Blender start from an empty file, with Mien registered where they ask for it."""

import bpy
import pytest
from mien.addon import registration
from mien.addon.jobs.job import JOBS


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_homefile(use_empty=True)


@pytest.fixture
def mien_enabled(empty_file):
    """Mien registered, and nothing of it left running afterwards."""
    registration.register()
    yield
    JOBS.stop()
    registration.unregister()


@pytest.fixture
def saved_file(mien_enabled, tmp_path):
    """A .blend file in a folder of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))
    return folder
