# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracker's networks: where their weight files lie, checked before they are used."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import weight_files
from ..errors import WeightsError

FOLDER = Path(__file__).resolve().parent.parent / "weights" / "tracker"
CARD = "weights.json"

# The oldest releases that read opset 17 and give each frame's own timestamp.
_OLDEST = {"onnxruntime": (1, 17), "cv2": (4, 5)}
_PRODUCT = {"onnxruntime": "ONNX Runtime", "cv2": "OpenCV"}
_MAKE_THEM = "run `python build.py demo`, or install the extension's zip again"


class Network:
    """A loaded network that maps one float32 array to named arrays.

    name: which weight file, without ".onnx".
    threads: how many processor cores one run may use.
    folder: where the weight files and their card lie.

    Raises WeightsError if the file is missing, altered, or cannot be loaded.
    """

    def __init__(self, name: str, threads: int = 1, folder: Path = FOLDER) -> None:
        model = read_weights(f"{name}.onnx", folder)
        runtime = library("onnxruntime")
        runtime.disable_telemetry_events()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as problem:
            raise WeightsError(
                f"ONNX Runtime {runtime.__version__} cannot load {folder / name}.onnx: {problem}"
            ) from None
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, values: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        """The network's outputs, by name."""
        return dict(zip(self._outputs, self._session.run(None, {self._input: values}), strict=True))


def read_weights(name: str, folder: Path = FOLDER) -> bytes:
    """The content of a weight file, checked against the card beside it.

    Raises WeightsError if the file or the card is missing, or the hash differs.
    """
    expected = weight_files.read_card(
        folder / CARD,
        lambda card: str(card["files"][name]["sha256"]),  # type: ignore[index]
        _MAKE_THEM,
    )
    return weight_files.read_weights(folder / name, expected, _MAKE_THEM)


@functools.cache
def library(name: str) -> Any:
    """Import onnxruntime or cv2 when it is first needed, and check its version.

    Raises WeightsError if it is missing or too old.
    """
    # FFmpeg's own remarks would stand beside the one line that says what is wrong; it
    # reads this when its first file is opened.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    product, oldest = _PRODUCT[name], _OLDEST[name]
    wanted = ".".join(map(str, oldest))
    try:
        module = import_module(name)
    except ImportError as problem:
        raise WeightsError(
            f"{product} cannot be loaded ({problem}). Mien's extension brings it; install the "
            f"zip for your system again, or run `python build.py demo` in a checkout."
        ) from None
    version = str(module.__version__)
    if tuple(int(part) for part in version.split(".")[:2]) < oldest:
        raise WeightsError(
            f"{product} {version} from {module.__file__} is too old, {wanted} is needed. Another "
            f"add-on may have brought it: disable that one and start Blender again."
        )
    if name == "cv2":
        module.setLogLevel(0)
    return module
