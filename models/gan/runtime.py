# SPDX-License-Identifier: GPL-3.0-or-later
"""The refiner's networks as onnxruntime runs them: in chunks that equal one pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..capture.weights import library
from ..errors import WeightsError
from ..training.card import read_card, read_network
from .evidence import SHOWN, Evidence

Floats = NDArray[np.floating[Any]]

FOLDER = Path(__file__).resolve().parent.parent / "weights" / "refiner"


def fingerprint(folder: Path | str = FOLDER) -> str:
    """What results depend on besides their input: the hashes of the weights in a folder."""
    return "".join(
        read_card(Path(folder) / name).sha256
        for name in ("offline.onnx", "live.onnx")
        if (Path(folder) / name).is_file()
    )


def check(folder: Path | str) -> None:
    """Raise WeightsError unless the networks of a folder are what their cards say.

    The live one may be missing: only capture as it runs needs it.
    """
    read_network(Path(folder) / "offline.onnx")
    if (Path(folder) / "live.onnx").exists():
        read_network(Path(folder) / "live.onnx")


class _Network:
    """An ONNX file, loaded, with what its metadata says.

    rate: frames a second it works at. context: frames on either side that one refined
    frame depends on. delay: frames by which its answers come later than what they are for.
    """

    def __init__(self, path: Path) -> None:
        content = read_network(path)
        runtime = library("onnxruntime")
        runtime.disable_telemetry_events()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self.session = runtime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
            known = self.session.get_modelmeta().custom_metadata_map
            self.rate = float(known["rate"])
            self.context = int(known["context"])
            self.delay = int(known["delay"])
        except Exception as problem:
            raise WeightsError(f"“{path}” cannot be used as a refiner: {problem}") from None
        self.inputs = {one.name: one.shape for one in self.session.get_inputs()}
        self.noise_channels = int(self.inputs["noise"][1])

    def noise(self, seed: int | None, start: int, frames: int) -> Floats:
        """(1, noise channels, frames): the same for a frame whatever the chunk it is in."""
        if seed is None:
            return np.zeros((1, self.noise_channels, frames), np.float32)
        # Drawn in blocks of fixed place, of which the frames wanted are cut out.
        first, last = start // _BLOCK, (start + frames - 1) // _BLOCK
        blocks = [
            np.random.default_rng((seed, block)).standard_normal((_BLOCK, self.noise_channels))
            for block in range(first, last + 1)
        ]
        offset = start - first * _BLOCK
        drawn = np.concatenate(blocks)[offset : offset + frames]
        return np.asarray(drawn.T[None], np.float32)


_BLOCK = 1024


class OfflineNetwork(_Network):
    """The refiner that sees both sides of a moment. Raises WeightsError when loaded."""

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(folder / "offline.onnx")

    def refined(self, shown: Evidence, seed: int | None, frames: int) -> Iterator[Floats]:
        """Chunks of (at most `frames`, 52) that together are one pass over everything."""
        total = len(shown.motion)
        evidence = {name: getattr(shown, name) for name in SHOWN if name in self.inputs}
        for start in range(0, total, frames):
            stop = min(start + frames, total)
            first, last = max(start - self.context, 0), min(stop + self.context, total)
            part = slice(first, last)
            fed = {name: _as_input(values[part]) for name, values in evidence.items()}
            fed["noise"] = self.noise(seed, first, last - first)
            result = self.session.run(None, fed)[0]
            yield result[0].T[start - first : stop - first]


class LiveNetwork(_Network):
    """The causal refiner, with a memory of what it saw. Raises WeightsError when loaded.

    `push` is for capture as it runs: each frame in gives the refined frame of `delay`
    frames before.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        super().__init__(folder / "live.onnx")
        self._names = [name for name in self.inputs if name.startswith("memory_")]
        self.reset()

    def reset(self) -> None:
        """Forget what was seen, as for a new take."""
        self._memory: list[Floats] = []
        self._frames = 0

    def push(
        self, weights: Floats, confidence: Floats | float = 1.0, seed: int | None = None
    ) -> Floats:
        """(52,) weights as seen and their confidence → (52,) refined, of `delay` frames before.

        The first `delay` results answer for frames before the first, and are near to it.
        """
        seen = np.asarray(weights, np.float32).reshape(1, len(CHANNELS))
        sure = np.broadcast_to(np.asarray(confidence, np.float32), seen.shape)
        return np.asarray(np.clip(self._step(seen, sure, seed)[0], 0, 1))

    def refined(self, shown: Evidence, seed: int | None, frames: int) -> Iterator[Floats]:
        """Chunks of (at most `frames`, 52), each frame beside the one that it answers for."""
        self.reset()
        late = self.delay
        seen, sure = shown.motion, shown.confidence
        for start in range(0, len(seen), frames):
            result = self._step(seen[start : start + frames], sure[start : start + frames], seed)
            yield result[late:]
            late = max(late - len(result), 0)
        if self.delay:
            last = np.repeat(seen[-1:], self.delay, axis=0)
            yield self._step(last, np.repeat(sure[-1:], self.delay, axis=0), seed)[late:]

    def _step(self, seen: Floats, confidence: Floats, seed: int | None) -> Floats:
        if not self._memory:
            self._memory = self._beginning(seen[0])
        refined, *self._memory = self.session.run(
            None,
            {
                "motion": _as_input(seen),
                "confidence": _as_input(confidence),
                "noise": self.noise(seed, self._frames, len(seen)),
                **dict(zip(self._names, self._memory, strict=True)),
            },
        )
        self._frames += len(seen)
        result: Floats = refined[0].T
        return result

    def _beginning(self, first: Floats) -> list[Floats]:
        """What training saw before the first frame: that frame, held; elsewhere nothing."""
        shapes = [self.inputs[name] for name in self._names]
        memory: list[Floats] = [np.zeros((1, *shape[1:]), np.float32) for shape in shapes]
        memory[0][:] = np.asarray(first, np.float32)[None, :, None]
        return memory


def _as_input(values: Floats) -> Floats:
    """(frames, channels) → (1, channels, frames) float32, in one piece."""
    return np.ascontiguousarray(values.T[None], np.float32)
