"""Tests in Blender start from an empty file."""

import bpy
import pytest


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_homefile(use_empty=True)
