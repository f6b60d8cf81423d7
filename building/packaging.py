# SPDX-License-Identifier: GPL-3.0-or-later
"""The extension's zips: which files and wheels travel in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .environments import ONNXRUNTIME, OPENCV, Environment
from .running import CACHE, ROOT, Command, run

# The last release whose wheels run on Intel Macs and on macOS before 14.
ONNXRUNTIME_MACOS = "1.23.2"


# Of the Blenders that Mien is for.
PYTHONS = ("3.11", "3.13")


@dataclass(frozen=True)
class Platform:
    """One zip: Blender's name of the platform and pip's names of its wheels."""

    name: str
    pip: tuple[str, ...]
    onnxruntime: str


PLATFORMS = (
    Platform(
        "linux-x64",
        ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        ONNXRUNTIME,
    ),
    Platform("windows-x64", ("win_amd64",), ONNXRUNTIME),
    Platform("macos-arm64", ("macosx_14_0_arm64", "macosx_13_0_arm64"), ONNXRUNTIME_MACOS),
    Platform("macos-x64", ("macosx_13_0_x86_64",), ONNXRUNTIME_MACOS),
)

# What travels in a zip: nothing else does.
PACKAGED = (
    "__init__.py",
    "LICENSE",
    "addon/**/*.py",
    "addon/translations/*.po",
    "blender_ops/**/*.py",
    "blender_ops/**/*.json",
    "blender_ops/**/*.toml",
    "models/**/*.py",
    "models/facs/*.json",
    "models/vae/*.json",
    "models/weights/**/*.onnx",
    "models/weights/**/*.npz",
    "models/weights/**/*.json",
    "models/weights/LICENSE-*.txt",
)
# Needs packages that Blender has not, or is used only while Mien is built or trained.
LEFT_OUT = (
    "addon/translations/collect.py",
    "addon/translations/literals.py",
    "addon/translations/update.py",
    "models/capture/conversion/*.py",
    "models/capture/solver/pictures.py",
    "models/capture/solver/examples.py",
    "models/**/train.py",
    "models/**/network.py",
    "models/**/export.py",
    "models/**/losses.py",
    "models/**/publish.py",
    "models/training/batches.py",
    "models/training/run.py",
)


def platform_wheels(
    environment: Environment, platform: Platform, pythons: Sequence[str] = PYTHONS
) -> list[Path]:
    """The wheels of one platform for these Pythons, downloaded once."""
    folder = CACHE / "packaged" / "-".join([platform.name, *_others(pythons)])
    requirements = (f"onnxruntime=={platform.onnxruntime}", f"opencv-python-headless=={OPENCV}")
    stamp = folder / "requirements.txt"
    if not stamp.is_file() or stamp.read_text().split() != list(requirements):
        shutil.rmtree(folder, ignore_errors=True)
        names = [word for tag in platform.pip for word in ("--platform", tag)]
        for python in pythons:
            pip: Command = [
                environment.python,
                "-m",
                "pip",
                "--disable-pip-version-check",
                "download",
            ]
            only = ["--quiet", "--only-binary=:all:", "--no-deps", "--python-version", python]
            run([*pip, *only, *names, "--dest", folder, *requirements])
        stamp.write_text("\n".join(requirements) + "\n")
    return sorted(folder.glob("*.whl"))


def packaged_files() -> list[Path]:
    """The files of this checkout that travel in a zip, relative to the root."""
    found = {path for pattern in PACKAGED for path in ROOT.glob(pattern)}
    left_out = {path for pattern in LEFT_OUT for path in ROOT.glob(pattern)}
    return sorted(path.relative_to(ROOT) for path in found - left_out)


def package_for(
    environment: Environment, platform: Platform, pythons: Sequence[str] = PYTHONS
) -> Path:
    """Assemble, validate and zip the extension for one platform, for these Pythons.

    A zip for other Pythons than Blender's own is for tests: it lies below .cache.
    """
    staging = CACHE / "staging" / "-".join([platform.name, *_others(pythons)])
    shutil.rmtree(staging, ignore_errors=True)
    for path in packaged_files():
        target = staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    run([environment.python, ROOT / "building" / "manual_pages.py", staging / "manual"])
    wheels = platform_wheels(environment, platform, pythons)
    (staging / "wheels").mkdir()
    for wheel in wheels:
        shutil.copyfile(wheel, staging / "wheels" / wheel.name)
    text = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    lines = ",\n".join(f'  "./wheels/{wheel.name}"' for wheel in wheels)
    added = f'platforms = ["{platform.name}"]\nwheels = [\n{lines},\n]\n\n[permissions]'
    text = re.sub(r"^# What follows.*?\[permissions\]", added, text, flags=re.S | re.M)
    (staging / "blender_manifest.toml").write_text(text, encoding="utf-8")
    place = CACHE / "-".join(["dist", *_others(pythons)]) if _others(pythons) else ROOT / "dist"
    target = place / f"mien-{tomllib.loads(text)['version']}-{platform.name}.zip"
    target.parent.mkdir(exist_ok=True)
    scripts = environment.folder.glob("**/bl_pkg/cli/blender_ext.py")
    tool: Command = [environment.python, next(scripts)]
    build: Command = [*tool, "build", "--source-dir", staging, "--output-filepath", target]
    run(build, stdout=subprocess.DEVNULL)
    run([*tool, "validate", target], stdout=subprocess.DEVNULL)
    return target


def _others(pythons: Sequence[str]) -> list[str]:
    """The Pythons, where they are others than those of the zips that are given away."""
    return [] if pythons == PYTHONS else list(pythons)
