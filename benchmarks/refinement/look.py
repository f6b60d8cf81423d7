# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a blink and a plosive: damaged, filtered, refined and true.

.venv/bin/python -m mien.benchmarks.refinement.look --data DIR -o docs/images/refined.png

They are of the training recordings, which may be shown, from stretches that training did not
see.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot
from mien.models.arkit import CHANNELS
from mien.models.evaluate.moments import BLINK, PLOSIVE, sharpest
from mien.models.training.clips import Clip, Split, load_clips

from ..table3_refinement import EVAL_SEED, refined
from . import baselines
from .seen import RATE, Seen, see_all

_AROUND = 24
_DAMAGES = ("white", "tracker", "all")
_MOMENTS = ((BLINK, "a blink"), (PLOSIVE, "a plosive: the lips shut"))


def held_out_sharpest(clips: list[Clip], wanted: tuple[str, ...]) -> tuple[int, str, int]:
    """The clip, channel and frame of the sharpest moment that training never saw."""
    best = (0.0, 0, wanted[0], _AROUND)
    split = Split()
    length = round(split.block * RATE)
    for number, clip in enumerate(clips):
        for start in range(split.first * length, len(clip.weights), split.every * length):
            # With its guards, so that what is shown around the moment was not seen either.
            first = max(start - round(split.guard * RATE), 0)
            stop = start + length + round(split.guard * RATE)
            found = sharpest(clip.weights[first:stop], CHANNELS, wanted)
            if found is not None and found[2] > best[0]:
                best = (found[2], number, found[0], found[1] + first)
    return best[1:]


def filters(damage: str, takes: list[Seen]) -> tuple[str, object]:
    """The best filter of table 3 for a damage: its name and function."""
    name, run, _ = min(baselines.tune(damage, takes).values(), key=lambda one: one[2])
    return name, run


def main() -> None:
    """Draw and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    clips = load_clips([options.data / "performances" / "train"], RATE)
    takes = see_all(clips, EVAL_SEED)
    figure, axes = pyplot.subplots(len(_MOMENTS), len(_DAMAGES), figsize=(13, 6.4))
    for column, damage in enumerate(_DAMAGES):
        name, run = filters(damage, takes[damage])
        for row, (channels, words) in enumerate(_MOMENTS):
            number, channel, middle = held_out_sharpest(clips, channels)
            seen = takes[damage][number]
            index = CHANNELS.index(channel)
            part = slice(max(middle - _AROUND, 0), middle + _AROUND)
            milliseconds = (np.arange(len(seen.true))[part] - middle) / RATE * 1000
            axis = axes[row, column]
            axis.plot(milliseconds, seen.damaged[part, index], "o", ms=3, color="0.65",
                      label="damaged")  # fmt: skip
            axis.plot(milliseconds, run(seen)[part, index], color="tab:blue",
                      label="best filter")  # fmt: skip
            axis.plot(milliseconds, refined(seen, False, options.weights)[part, index],
                      color="tab:red", lw=2, label="refined")  # fmt: skip
            axis.plot(milliseconds, seen.true[part, index], "k--", lw=1, label="true")
            axis.set_title(f"{words} ({channel})\n{damage}; {name}", fontsize=9)
            axis.set_ylim(-0.06, None)
            axis.set_xlabel("ms", fontsize=8)
            axis.tick_params(labelsize=8)
    axes[0, 0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(options.output, dpi=75)


if __name__ == "__main__":
    main()
