"""Tests in Blender start from an empty file, with Mien registered where they ask for it."""

import bpy
import pytest
from mien.addon import registration
from mien.addon.jobs.job import JOBS
from mien.blender_ops.demo.character import build_demo_character


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_homefile(use_empty=True)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory):
    """A .blend file with the demo character, built once."""
    bpy.ops.wm.read_homefile(use_empty=True)
    build_demo_character()
    file = tmp_path_factory.mktemp("demo") / "demo.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file), copy=True)
    return file


@pytest.fixture
def demo_head(demo_file, mien_enabled):
    """The head of the demo character, selected."""
    with bpy.data.libraries.load(str(demo_file)) as (_, wanted):
        wanted.collections = ["Mien"]
    bpy.context.scene.collection.children.link(wanted.collections[0])
    head = bpy.data.objects["Mien Head"]
    bpy.context.view_layer.objects.active = head
    bpy.context.view_layer.update()
    return head


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
