"""Enabling is quick and light; disabling leaves nothing behind."""

import subprocess
import sys

import bpy
import pytest
from mien.addon import registration

HANDLERS = [name for name in dir(bpy.app.handlers) if name.endswith(("_pre", "_post", "_update"))]


def _traces():
    """All that an add-on can add to Blender."""
    return {
        "types": set(dir(bpy.types)),
        "scene": set(bpy.types.Scene.bl_rna.properties.keys()) | set(vars(bpy.types.Scene)),
        "window manager": set(bpy.types.WindowManager.bl_rna.properties.keys())
        | set(vars(bpy.types.WindowManager)),
        "object": set(bpy.types.Object.bl_rna.properties.keys()),
        "operators": set(dir(bpy.ops.mien)) if hasattr(bpy.ops, "mien") else set(),
        "handlers": {
            (name, handler.__module__)
            for name in HANDLERS
            for handler in getattr(bpy.app.handlers, name)
        },
        "key maps": {
            (keymap.name, item.idname)
            for configuration in bpy.context.window_manager.keyconfigs
            for keymap in configuration.keymaps
            for item in keymap.keymap_items
        },
        "subclasses": {
            subclass.__name__
            for base in (bpy.types.Panel, bpy.types.Operator, bpy.types.PropertyGroup)
            for subclass in base.__subclasses__()
            if subclass.is_registered and subclass.__module__.startswith("mien")
        },
    }


def test_disabling_leaves_nothing_behind():
    before = _traces()
    registration.register()
    assert "MIEN_PT_take" in dir(bpy.types)
    assert hasattr(bpy.context.scene, "mien")
    registration.unregister()
    assert _traces() == before


def test_enabling_again_after_disabling():
    for _ in range(2):
        registration.register()
        bpy.context.scene.mien.start_frame = 7
        registration.unregister()


def test_a_failed_start_leaves_nothing_behind(monkeypatch):
    before = _traces()

    class NoOperator:
        pass

    monkeypatch.setattr(registration, "CLASSES", (*registration.CLASSES, NoOperator))
    with pytest.raises(RuntimeError):
        registration.register()
    assert _traces() == before


def test_enabling_imports_no_heavy_library():
    script = """
import sys, bpy
before = set(sys.modules)
import mien
mien.register()
new = {name.partition(".")[0] for name in set(sys.modules) - before}
mien.unregister()  # The bpy module does not end with a class of Python's still registered.
assert not new & {"cv2", "onnxruntime", "torch", "numpy", "scipy"}, new
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
