"""Enabling the add-on imports nothing heavy: capture loads its libraries when it runs."""

import subprocess
import sys

MODULES = "capture footage pictures weights tracker detector landmarks blendshapes head_pose"


def test_capture_is_imported_without_its_libraries():
    code = f"""
import importlib, sys
for name in {MODULES.split()}:
    importlib.import_module("mien.models.capture." + name)
heavy = {{"cv2", "onnxruntime", "onnx", "tflite", "torch", "bpy", "scipy"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)
