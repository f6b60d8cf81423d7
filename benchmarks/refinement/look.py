# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a blink and a plosive: damaged, filtered, refined and true.

.venv-train/bin/python -m mien.benchmarks.refinement.look --data DIR -o FILE.png
"""

from __future__ import annotations

import argparse
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


def sharpest(seen: Seen, channel: str) -> int:
    """The frame of a channel's quickest fall and rise, the middle of a blink or closure."""
    curve = seen.true[:, CHANNELS.index(channel)]
    inner = slice(_REACH, len(curve) - _REACH)
    if channel == "mouthPressLeft":
        return int(np.argmax(curve[inner])) + _REACH
    rise = curve[inner] - np.minimum(
        curve[_REACH - 8 : -_REACH - 8], curve[_REACH + 8 : len(curve) - _REACH + 8]
    )
    return int(np.argmax(rise)) + _REACH


def main() -> None:
    """Draw and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    takes = see_all(load_clips([options.data / "performances" / "eval"], RATE), EVAL_SEED)
    moments = (("eyeBlinkLeft", "a blink"), ("mouthClose", "a plosive: the lips shut"))
    damages = ("white", "tracker", "all")
    figure, axes = pyplot.subplots(len(moments), len(damages), figsize=(16, 8))
    for column, damage in enumerate(damages):
        seen = takes[damage][-1]
        filtered = baselines.wavelet(seen.damaged, 0.7, "hard")
        result = refined(seen, False, options.weights)
        for row, (channel, words) in enumerate(moments):
            index, middle = CHANNELS.index(channel), sharpest(seen, channel)
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
