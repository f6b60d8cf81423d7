# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a blink and a plosive: damaged, filtered, refined and true.

.venv/bin/python -m mien.benchmarks.refinement.look --data DIR -o FILE.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot
from mien.models.arkit import CHANNELS
from mien.models.training.clips import load_clips

from ..table3_refinement import EVAL_SEED, refined
from . import baselines
from .seen import RATE, Seen, see_all

_REACH = 24
_SIDE = 8


def sharpest(takes: Sequence[Seen], channels: Sequence[str]) -> tuple[int, str, int]:
    """The take, channel and frame of the quickest rise and fall: a blink, a closure."""
    best = (-1.0, 0, channels[0], _REACH)
    for number, seen in enumerate(takes):
        for channel in channels:
            curve = seen.true[:, CHANNELS.index(channel)]
            inner = curve[_REACH:-_REACH]
            before = curve[_REACH - _SIDE : -_REACH - _SIDE]
            after = curve[_REACH + _SIDE : len(curve) - _REACH + _SIDE]
            rise = inner - np.maximum(before, after)
            if rise.max() > best[0]:
                best = (float(rise.max()), number, channel, int(np.argmax(rise)) + _REACH)
    return best[1:]


def main() -> None:
    """Draw and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    takes = see_all(load_clips([options.data / "performances" / "eval"], RATE), EVAL_SEED)
    moments = (
        (("eyeBlinkLeft",), "a blink"),
        (("mouthPressLeft", "mouthRollLower", "mouthClose"), "a plosive: the lips shut"),
    )
    damages = ("white", "tracker", "all")
    figure, axes = pyplot.subplots(len(moments), len(damages), figsize=(16, 8))
    for column, damage in enumerate(damages):
        for row, (channels, words) in enumerate(moments):
            number, channel, middle = sharpest(takes[damage], channels)
            seen = takes[damage][number]
            filtered = baselines.wavelet(seen.damaged, 0.7, "hard")
            result = refined(seen, False, options.weights)
            index = CHANNELS.index(channel)
            part = slice(middle - _REACH, middle + _REACH)
            milliseconds = np.arange(-_REACH, _REACH) / RATE * 1000
            axis = axes[row, column]
            axis.plot(milliseconds, seen.damaged[part, index], ".", color="0.6", label="damaged")
            axis.plot(milliseconds, filtered[part, index], color="tab:blue", label="wavelet")
            axis.plot(milliseconds, result[part, index], color="tab:red", label="Mien")
            axis.plot(milliseconds, seen.true[part, index], "k--", label="true")
            axis.set_title(f"{words}, {damage} ({channel})")
            axis.set_xlabel("ms")
    axes[0, 0].legend()
    figure.tight_layout()
    figure.savefig(options.output, dpi=70)


if __name__ == "__main__":
    main()
