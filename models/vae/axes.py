# SPDX-License-Identifier: GPL-3.0-or-later
"""The few strongest directions of the expression model that have a name, for live sliders.

Faces sampled from the model are put through a principal component analysis, which finds what
varies most, and its components are turned by varimax (H. F. Kaiser, "The varimax criterion
for analytic rotation in factor analysis", Psychometrika 23, 1958) until each moves as few
channels as it can. So it gets the name of the action unit that it is most like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arkit import CHANNELS
from ..errors import SamplingError
from ..facs.action_units import action_units
from ..performance import Performance
from .frames import BLINK, GAZE, changed, frames_of
from .lips import with_closed_lids
from .runtime import ExpressionModel
from .vary import decoded

Floats = NDArray[np.floating[Any]]

_SAMPLES = 4096
_SEED = 0
MOST = 12
# Eyes that look and lids that blink have controls of their own.
_SHOWN = np.array([place for place in range(len(CHANNELS)) if place not in {*GAZE, *BLINK}])


@dataclass(frozen=True, eq=False)
class Axis:
    """A direction among the latents.

    name: of the action unit that it is most like. direction: (size,) what a slider's 1 adds
    to the latents; −1 does the opposite. effect: (52,) what 1 changes of an average face.
    share: of how much faces vary in all.
    """

    name: str
    direction: Floats
    effect: Floats
    share: float


def axes(count: int = 6, model: ExpressionModel | None = None) -> tuple[Axis, ...]:
    """The strongest axes, the strongest first. model: None loads Mien's own.

    The same model gives the same axes. Raises SamplingError for a count outside 1–12.
    """
    if not 1 <= count <= MOST:
        raise SamplingError(f"There are 1 to {MOST} axes; {count} were asked for.")
    model = model or ExpressionModel()
    latents = model.sample(_SAMPLES, np.random.default_rng(_SEED))
    faces = decoded(model, latents).astype(np.float64)
    middle = faces.mean(axis=0)
    spread = (faces - middle)[:, _SHOWN]
    _, power, components = np.linalg.svd(spread, full_matrices=False)
    loadings = (components[:MOST].T * power[:MOST]) / np.sqrt(_SAMPLES)
    loadings = _varimax(loadings)
    strength = (loadings**2).sum(axis=0)
    order = np.argsort(-strength)
    loadings = loadings[:, order] * np.sign(loadings[:, order].sum(axis=0))
    # How much of each axis a face shows, and from that the latents that make it show it.
    shown = spread @ np.linalg.pinv(loadings).T
    apart = latents - latents.mean(axis=0)
    directions = np.linalg.lstsq(shown, apart, rcond=None)[0]
    result: list[Axis] = []
    for number in range(count):
        effect = np.zeros(len(CHANNELS))
        effect[_SHOWN] = loadings[:, number]
        name = _name(effect, {axis.name for axis in result})
        share = float(strength[order[number]] / (power**2).sum() * _SAMPLES)
        result.append(Axis(name, directions[number], effect, share))
    return tuple(result)


def along(
    performance: Performance,
    values: dict[str, float],
    known: tuple[Axis, ...],
    model: ExpressionModel | None = None,
) -> Performance:
    """The performance moved along axes. values: for names of axes −3 to 3; 0 changes nothing.

    Raises SamplingError for an unknown axis or a value outside −3–3, PerformanceError if no
    channel is ARKit's.
    """
    named = {axis.name: axis for axis in known}
    for name, value in values.items():
        if name not in named:
            raise SamplingError(f"There is no axis “{name}”; there are {', '.join(named)}.")
        if not -3 <= value <= 3:
            raise SamplingError(f"The axis “{name}” goes from −3 to 3, not to {value}.")
    frames = frames_of(performance)
    if not any(values.values()):
        return performance
    model = model or ExpressionModel()
    latents, _ = model.encode(frames)
    moved = latents + sum(value * named[name].direction for name, value in values.items())
    change = decoded(model, moved) - decoded(model, latents)
    change[:, GAZE] = 0
    return changed(performance, with_closed_lids(frames, change))


def _varimax(loadings: Floats, rounds: int = 60) -> Floats:
    """(channels, components) turned so that each component loads on few channels."""
    count = loadings.shape[1]
    turn = np.eye(count)
    before = 0.0
    for _ in range(rounds):
        turned = loadings @ turn
        left, sizes, right = np.linalg.svd(
            loadings.T @ (turned**3 - turned * (turned**2).mean(axis=0))
        )
        turn = left @ right
        if sizes.sum() < before * (1 + 1e-7):
            break
        before = float(sizes.sum())
    return np.asarray(loadings @ turn)


def _name(effect: Floats, taken: set[str]) -> str:
    """The unit most like an effect among those that move what it moves most, with its side."""
    best, name = -1.0, ""
    strongest = CHANNELS[int(np.argmax(np.abs(effect)))]
    for unit in action_units().values():
        if strongest not in unit.channels:
            continue
        for side in ("", "Left", "Right"):
            pattern = np.zeros(len(CHANNELS))
            for channel, weight in unit.channels.items():
                if channel.endswith(side or channel):
                    pattern[CHANNELS.index(channel)] = weight
            length = float(np.linalg.norm(pattern))
            label = f"{unit.name} {side.lower()}".strip().capitalize()
            if length == 0 or label in taken:
                continue
            alike = float(effect @ pattern / (length * np.linalg.norm(effect)))
            if alike > best + 1e-9:
                best, name = alike, label
    return name
