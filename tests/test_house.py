"""The house stands: floors import downwards only, wherever the checkout lies."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What defines or trains networks, and is imported by nothing that uses them.
NEED_TORCH = ("batches", "export", "losses", "network", "publish", "run", "train")

IMPORT_ALL_MODELS = f"""
NEED_TORCH = {NEED_TORCH}
import importlib, pkgutil, sys
for name in ("bpy", "torch", "lightning", "mathutils"):
    sys.modules[name] = None
import mien.models
for module in pkgutil.walk_packages(mien.models.__path__, "mien.models."):
    if module.name.rpartition(".")[2] not in NEED_TORCH:
        importlib.import_module(module.name)
heavy = {{"cv2", "onnxruntime", "matplotlib"}} & set(sys.modules)
assert not heavy, f"imported without need: {{heavy}}"
"""


def run(code: str, path: Path | None = None) -> subprocess.CompletedProcess:
    environment = dict(os.environ)
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )


def test_the_models_need_neither_blender_nor_torch_but_to_train():
    result = run(IMPORT_ALL_MODELS)
    assert result.returncode == 0, result.stderr


@pytest.fixture
def oddly_named_checkout(tmp_path):
    """This checkout in a folder whose name is no Python name."""
    folder = tmp_path / "x-1.0"
    ignored = shutil.ignore_patterns(".*", "out", "dist", "__pycache__", "*.onnx")
    shutil.copytree(ROOT, folder, ignore=ignored)
    return folder


def test_a_checkout_in_a_folder_of_any_name_runs(oddly_named_checkout, tmp_path):
    sources = tmp_path / "source"
    sources.mkdir()
    (sources / "mien").symlink_to(oddly_named_checkout, target_is_directory=True)
    code = "import mien.models.performance as p; print(p.__file__)"
    result = run(code, sources)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).is_relative_to(sources)
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/models/test_performance.py"],
        cwd=oddly_named_checkout,
        env={**os.environ, "PYTHONPATH": str(sources)},
        capture_output=True,
        text=True,
    )
    assert tests.returncode == 0, tests.stdout


def test_the_same_code_runs_under_an_extensions_name(tmp_path):
    package = tmp_path / "bl_ext" / "user_default"
    package.mkdir(parents=True)
    (package / "mien").symlink_to(ROOT, target_is_directory=True)
    result = run("import bl_ext.user_default.mien.models.recipe", tmp_path)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("version", [(3, 10), (3, 12), (3, 14)])
def test_another_python_is_refused_with_its_version(version, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from building import machine

    monkeypatch.setattr(machine.sys, "version_info", (*version, 0))
    named = rf"Python {version[0]}\.{version[1]}.*3\.11.*3\.13"
    with pytest.raises(machine.BuildError, match=named):
        machine.check_python()


def test_a_missing_system_library_is_named_with_its_apt_line(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from building import machine

    monkeypatch.setattr(machine, "SYSTEM_LIBRARIES", {"libNoSuchThing.so.9": "libnosuchthing9"})
    with pytest.raises(machine.BuildError, match=r"apt-get install -y libnosuchthing9"):
        machine.check_system()
