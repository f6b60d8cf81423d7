# SPDX-License-Identifier: GPL-3.0-or-later
"""The variational autoencoders as onnxruntime runs them: encode, decode, sample.

Each is one ONNX file with its card, by default `expression.onnx` and `motion.onnx` in
`models/weights/vae/`. It holds encoder, decoder, standardisation and the prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..capture.weights import library
from ..errors import PerformanceError, SamplingError, WeightsError
from ..training.card import read_card, read_network
from .mixture import Mixture

Floats = NDArray[np.floating[Any]]

FOLDER = Path(__file__).resolve().parent.parent / "weights" / "vae"
HEAD = 3
"""Columns of a motion after its 52 channels: the head's rotation vector in radians."""

_FADE = 1 / 3


def fingerprint(weights: Path | None = None) -> str:
    """What results depend on besides their input: the hashes of the networks in a folder."""
    folder = weights or FOLDER
    return "".join(
        read_card(folder / name).sha256
        for name in ("expression.onnx", "motion.onnx")
        if (folder / name).is_file()
    )


class _Model:
    """An ONNX file with encoder, decoder and prior, loaded."""

    def __init__(self, path: Path, threads: int) -> None:
        content = read_network(path)
        runtime = library("onnxruntime")
        runtime.disable_telemetry_events()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
            self._known: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
            # A run wants every input; what an output does not depend on may be empty.
            self._empty = {
                one.name: np.zeros(
                    [size if isinstance(size, int) else 0 for size in one.shape]
                ).astype(np.float32)
                for one in self._session.get_inputs()
            }
            shares, means, factors = (
                np.asarray(values, np.float64)
                for values in self._run(["prior_shares", "prior_means", "prior_factors"], {})
            )
            self.prior = Mixture(shares / shares.sum(), means, factors)
            self.rate = float(self._known["rate"])
            self.window = int(self._known["window"])
        except Exception as problem:
            raise WeightsError(
                f"“{path}” cannot be used as a variational autoencoder: {problem}"
            ) from None

    @property
    def size(self) -> int:
        """Latents of one expression or window."""
        return self.prior.size

    def sample(self, count: int, random: np.random.Generator, temperature: float = 1.0) -> Floats:
        """(count, size) latents from the prior, drawn independently.

        temperature: 1 spreads as the recordings do, 0 gives only the middles of what they
        hold. Same generator state, same result.

        Raises SamplingError for a count below 1 or a temperature below 0.
        """
        check_request(count, temperature)
        return self.prior.sample(count, random, temperature)

    def log_density(self, latents: Floats) -> Floats:
        """(count,) how plausible latents are: ln of the prior's density. See `decode`."""
        return self.prior.log_density(self._checked_latents(latents))

    def _checked_latents(self, latents: Floats) -> Floats:
        values = np.asarray(latents)
        if values.ndim != 2 or values.shape[1] != self.size:
            raise SamplingError(
                f"Latents need the shape (count, {self.size}), not {values.shape}; "
                "they may come from another model."
            )
        if not np.all(np.isfinite(values)):
            raise SamplingError("The latents hold values that are not finite numbers.")
        return values

    def _run(self, outputs: Sequence[str], inputs: dict[str, Floats]) -> list[Floats]:
        result: list[Floats] = self._session.run(list(outputs), {**self._empty, **inputs})
        return result


class ExpressionModel(_Model):
    """Single frames of 52 channels, each as `size` (16) latents.

    weights: folder of `expression.onnx`; None: Mien's own. threads: processor cores that
    one run may use.

    Attributes: `size`; `prior`, a `Mixture`; `rate`, frames a second of what it learnt from.

    Raises WeightsError if the file is missing, altered, or not such a model.
    """

    def __init__(self, weights: Path | None = None, threads: int = 1) -> None:
        path = (weights or FOLDER) / "expression.onnx"
        super().__init__(path, threads)
        if self.window != 1:
            raise WeightsError(f"“{path}” was trained on motions, not expressions.")

    def encode(self, frames: Floats) -> tuple[Floats, Floats]:
        """(count, 52) weights → mean and log-variance of their latents, each (count, size).

        Columns in the order of `CHANNELS`; values outside of [0, 1] are clipped. The mean
        is what to decode; the variance says how sure the encoder is of it.

        Raises PerformanceError for another shape, no frame, or values that are not finite.
        """
        values = _checked(frames, (len(CHANNELS),), "Frames")
        mean, log_variance = self._run(["mean", "log_variance"], {"frames": np.clip(values, 0, 1)})
        return mean, log_variance

    def decode(self, latents: Floats) -> Floats:
        """(count, size) latents → (count, 52) float32 weights in [0, 1].

        Raises SamplingError for another shape or values that are not finite.
        """
        values = self._checked_latents(latents).astype(np.float32)
        return self._run(["decoded"], {"latents": values})[0]


class MotionModel(_Model):
    """Windows of motion: `window` frames at `rate`, 52 channels and the head's rotation.

    A window is (window, 55): columns 0–51 are weights in the order of `CHANNELS`, 52–54 the
    head's rotation vector in radians (axis times angle; axes of `Performance.head`),
    relative to how the head is held on average; zeros where no head was recorded.

    A long motion is windows one after the other, each beginning `hop` frames (half a
    window) after the one before.

    weights, threads: as for `ExpressionModel`, of `motion.onnx`.

    Attributes: `size`, `prior`, `rate` (30 frames a second), `window` (60 frames), `hop`.

    Raises WeightsError if the file is missing, altered, or not such a model.
    """

    def __init__(self, weights: Path | None = None, threads: int = 1) -> None:
        path = (weights or FOLDER) / "motion.onnx"
        super().__init__(path, threads)
        if self.window == 1:
            raise WeightsError(f"“{path}” was trained on expressions, not motions.")
        self.hop = self.window // 2

    def encode(self, windows: Floats) -> tuple[Floats, Floats]:
        """(count, window, 55) → mean and log-variance of the latents, each (count, size).

        Raises PerformanceError for another shape, no window, or values not finite.
        """
        values = _checked(windows, (self.window, len(CHANNELS) + HEAD), "Windows")
        values = values.copy()
        values[:, :, : len(CHANNELS)] = np.clip(values[:, :, : len(CHANNELS)], 0, 1)
        mean, log_variance = self._run(["mean", "log_variance"], {"frames": values})
        return mean, log_variance

    def decode(self, latents: Floats) -> Floats:
        """(count, size) latents → (count, window, 55) float32, weights in [0, 1].

        Raises SamplingError for another shape or values that are not finite.
        """
        values = self._checked_latents(latents).astype(np.float32)
        return self._run(["decoded"], {"latents": values})[0]

    def sample_long(
        self, windows: int, random: np.random.Generator, temperature: float = 1.0
    ) -> Floats:
        """(windows, size) latents of one long motion, each window continuing the one before.

        Raises SamplingError for fewer than one window or a temperature below 0.
        """
        check_request(windows, temperature)
        latents = self.prior.sample(1, random, temperature)
        half = self.size // 2
        for _ in range(windows - 1):
            following = self.prior.continued(latents[-1, half:], random, temperature)
            latents = np.concatenate([latents, following[None]])
        return latents

    def windows_for(self, frames: int) -> int:
        """How many windows a motion of at least so many frames needs."""
        return max(1, -(-(frames - self.window) // self.hop) + 1)

    def encode_long(self, motion: Floats) -> Floats:
        """(frames, 55) → (windows, size) means of the latents of its overlapping windows.

        What is missing in the last window is filled with the last frame held;
        `decode_long(…)[:frames]` is the motion again.

        Raises PerformanceError for another shape, no frame, or values not finite.
        """
        values = _checked(motion, (len(CHANNELS) + HEAD,), "A motion")
        count = self.windows_for(len(values))
        missing = (count - 1) * self.hop + self.window - len(values)
        padded = np.pad(values, ((0, missing), (0, 0)), mode="edge")
        starts = self.hop * np.arange(count)
        return self.encode(padded[starts[:, None] + np.arange(self.window)])[0]

    def decode_long(self, latents: Floats) -> Floats:
        """(windows, size) latents of windows that follow each other → (frames, 55) float32.

        frames = (windows − 1) · hop + window. Where two windows overlap one fades into the
        other, so that no join shows. Weights lie in [0, 1].

        Raises SamplingError for another shape or values that are not finite.
        """
        return faded(self.decode(latents), self.hop)


def faded(windows: Floats, hop: int) -> Floats:
    """(count, window, columns), each `hop` frames after the last → (frames, columns).

    Of each overlap (window = 2 · hop) the middle third fades from one window to the next by
    a raised cosine: longer, and the mean of two windows would move less than either; and a
    window is least sure of its first and last frames.
    """
    count, window, columns = windows.shape
    time = np.clip(((np.arange(hop) + 0.5) / hop - 0.5) / _FADE + 0.5, 0, 1)
    rise = np.sin(0.5 * np.pi * time) ** 2
    result = np.zeros(((count - 1) * hop + window, columns), np.float32)
    for number, values in enumerate(windows):
        shares = np.ones(window)
        if number > 0:
            shares[:hop] = rise
        if number < count - 1:
            shares[hop:] = 1 - rise
        result[number * hop : number * hop + window] += (shares[:, None] * values).astype(
            np.float32
        )
    return result


def check_request(count: int, temperature: float) -> None:
    """Raise SamplingError for a count below 1 or a temperature that is negative or no number."""
    if count < 1:
        raise SamplingError(f"{count} cannot be sampled; ask for at least 1.")
    if not (np.isfinite(temperature) and temperature >= 0):
        raise SamplingError(f"The temperature must be 0 or more, not {temperature}.")


def _checked(values: Floats, shape: tuple[int, ...], what: str) -> Floats:
    """float32 of (at least one, *shape), finite. Raises PerformanceError."""
    array = np.asarray(values)
    if array.ndim != len(shape) + 1 or array.shape[1:] != shape:
        wanted = ", ".join(str(size) for size in shape)
        raise PerformanceError(f"{what} need the shape (count, {wanted}), not {array.shape}.")
    if len(array) == 0:
        raise PerformanceError(f"{what} must be at least one; there is none.")
    if not np.all(np.isfinite(array)):
        raise PerformanceError(f"{what} hold values that are not finite numbers.")
    return array.astype(np.float32)
