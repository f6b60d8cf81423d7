"""The finished zip in Blender: installed, enabled, used, disabled and removed."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

USE = """
import json, os, sys
from pathlib import Path

import bpy

archive, clip, report = sys.argv[1:]
bpy.ops.extensions.package_install_files(
    repo="user_default", filepath=archive, enable_on_install=True
)
module = "bl_ext.user_default.mien"
enabled_imports = sorted({"cv2", "onnxruntime", "torch"} & set(sys.modules))

extensions = Path(os.environ["BLENDER_USER_RESOURCES"]) / "extensions"
wheels = next((extensions / ".local" / "lib").glob("*/site-packages"))
# The zip's own wheels must do the work, not those of the virtual environment.
sys.path.insert(0, str(wheels))

bpy.ops.wm.read_homefile(use_empty=True)
bpy.ops.mien.add_demo_character()
settings = bpy.context.scene.mien
settings.footage = clip
captured = bpy.ops.mien.capture()
baked = bpy.ops.mien.bake()

import cv2, onnxruntime

jaw = []
for frame in range(1, 100, 3):
    bpy.context.scene.frame_set(frame)
    keys = next(key for key in bpy.data.shape_keys if "jawOpen" in key.key_blocks)
    jaw.append(keys.key_blocks["jawOpen"].value)

bpy.ops.preferences.addon_disable(module=module)
left = [name for name in dir(bpy.types) if name.startswith("MIEN_")]
index = [repo.module for repo in bpy.context.preferences.extensions.repos].index("user_default")
bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="mien")
Path(report).write_text(json.dumps({
    "enabled_imports": enabled_imports,
    "captured": list(captured),
    "baked": list(baked),
    "libraries": [cv2.__file__, onnxruntime.__file__],
    "wheels": str(wheels),
    "jaw": jaw,
    "left": left,
    "still_there": (extensions / "user_default" / "mien").exists(),
}))
# Blender's module waits for ever in a destructor of its sound when Python, at its end, does not
# free it, as happens after an extension was removed. The application itself ends another way.
os._exit(0)
"""


@pytest.fixture(scope="session")
def archive() -> Path:
    version = tomllib.loads((ROOT / "blender_manifest.toml").read_text())["version"]
    path = ROOT / "dist" / f"mien-{version}-linux-x64.zip"
    if not path.is_file():
        pytest.fail("`python build.py package --platform linux-x64` makes the zip; run it first")
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="the zip of this test is Linux's")
def test_the_zip_is_installed_enabled_used_and_removed(archive, carphone, tmp_path):
    report = tmp_path / "report.json"
    script = tmp_path / "use.py"
    script.write_text(USE)
    done = subprocess.run(
        [sys.executable, script, archive, carphone, report],
        env={**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "blender")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert report.is_file(), done.stdout + done.stderr
    seen = json.loads(report.read_text())
    assert seen["enabled_imports"] == []
    assert seen["captured"] == ["FINISHED"]
    assert seen["baked"] == ["FINISHED"]
    assert all(path.startswith(seen["wheels"]) for path in seen["libraries"])
    assert max(seen["jaw"]) - min(seen["jaw"]) > 0.05
    assert seen["left"] == []
    assert not seen["still_there"]
