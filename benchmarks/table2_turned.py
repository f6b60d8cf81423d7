# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 2, the turned head: an expression is held while the head turns and tilts.

    .venv/bin/python -m mien.benchmarks.table2_turned --data DIR [--out DIR] [--json FILE]

Heads of known truth (`known_truth/`) hold three expressions straight ahead, turned by 20° and
40° to both sides, nodding up and down by 20° and tilted by 20°. Every solver captures the clip,
told that it begins at rest. A channel whose truth exceeds 0.2 should read the same in every
pose: the table gives how far it is from what the same solver reads straight ahead. A channel
that is never seen does not change either, so those that read at least half of the truth
straight ahead are counted apart.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mien.benchmarks.known_truth.heads import Floats, rotation
from mien.models.arkit import CHANNELS
from mien.models.capture.calibration import neutral_at, remove_neutral
from mien.models.capture.capture import SOLVERS, CaptureOptions, capture
from numpy.typing import NDArray

from .known_truth.clips import ACTORS, SAMPLES, SIZE, Actor
from .known_truth.look import random_look
from .known_truth.motion import RATE
from .known_truth.paint import paint
from .known_truth.scene import Lens, Stage

LEAST_TRUTH = 0.2
MOST_CHANGE = 0.1
# Of the truth: what a channel must read straight ahead to count as seen.
_SEEN = 0.5
# Pictures of each pose in the clip; the last ones are measured, when filters have settled.
_HELD, _MEASURED = 10, 4
_AT_REST = 0.15

STRAIGHT = "straight ahead"
POSES: Mapping[str, tuple[float, float, float]] = {
    STRAIGHT: (0, 0, 0),
    "20° to the left": (20, 0, 0),
    "40° to the left": (40, 0, 0),
    "20° to the right": (-20, 0, 0),
    "40° to the right": (-40, 0, 0),
    "20° down": (0, 20, 0),
    "20° up": (0, -20, 0),
    "tilted by 20°": (0, 0, 20),
}
"""Yaw, pitch and roll in degrees, as `heads.rotation` wants them."""

# A head goes from pose to pose by way of those between, as heads do.
_WAY = (
    STRAIGHT,
    "20° to the left",
    "40° to the left",
    "20° to the left",
    STRAIGHT,
    "20° to the right",
    "40° to the right",
    "20° to the right",
    STRAIGHT,
    "20° down",
    STRAIGHT,
    "20° up",
    STRAIGHT,
    "tilted by 20°",
    STRAIGHT,
)


def _both(**values: float) -> dict[str, float]:
    return {name + side: value for name, value in values.items() for side in ("Left", "Right")}


EXPRESSIONS: Mapping[str, Mapping[str, float]] = {
    "delighted": {
        **_both(mouthSmile=0.7, cheekSquint=0.5, browOuterUp=0.6, eyeWide=0.4, mouthUpperUp=0.3),
        "browInnerUp": 0.6,
        "jawOpen": 0.4,
    },
    "disgusted": {
        **_both(eyeBlink=0.5, browDown=0.7, noseSneer=0.7, mouthFrown=0.5, mouthPress=0.4),
        "mouthShrugLower": 0.4,
    },
    "lopsided": {
        **_both(mouthLowerDown=0.4),
        "eyeBlinkLeft": 0.8,
        "mouthLeft": 0.5,
        "mouthFunnel": 0.5,
        "jawOpen": 0.3,
        "cheekPuff": 0.5,
        "browOuterUpRight": 0.6,
    },
}


@dataclass(frozen=True, eq=False)
class Reading:
    """What a solver reads of one head's expression in one pose.

    truth, values: (52,) weights; straight: (52,) what it reads of it straight ahead.
    """

    expression: str
    pose: str
    truth: Floats
    straight: Floats
    values: Floats

    @property
    def asked(self) -> NDArray[np.bool_]:
        """(52,) bool: the channels that are on."""
        return np.asarray(self.truth > LEAST_TRUTH)

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(52,) bool: those of them that are seen straight ahead."""
        return self.asked & np.asarray(self.straight >= _SEEN * self.truth)

    @property
    def change(self) -> Floats:
        """(52,) how far the values are from those straight ahead."""
        return np.abs(self.values - self.straight)


def truth_of(expression: str) -> Floats:
    """(52,) the weights of an expression by name; "" = a face at rest."""
    weights = np.zeros(len(CHANNELS), np.float32)
    for name, value in EXPRESSIONS.get(expression, {}).items():
        weights[CHANNELS.index(name)] = value
    return weights


def clip_of() -> list[tuple[str, str]]:
    """What the clip shows: (expression, pose) of each stretch of held pictures, rest first."""
    return [("", STRAIGHT), *((name, pose) for name in EXPRESSIONS for pose in _WAY)]


def rendered(actor: Actor, data: Path, out: Path) -> Path:
    """The clip of one actor; pictures that are there already are not rendered again."""
    pictures = out / actor.name
    pictures.mkdir(parents=True, exist_ok=True)
    clip = clip_of()
    names = list(EXPRESSIONS), list(POSES)
    paths = {
        (expression, pose): pictures
        / f"{names[0].index(expression) + 1 if expression else 0}-{names[1].index(pose)}.png"
        for expression, pose in dict.fromkeys(clip)
    }
    if not all(path.exists() for path in paths.values()):
        head, outlines = actor.head(data)
        lens = Lens(SIZE, 2 * float(np.arctan(13.5 / (actor.distance - 9))))
        stage = Stage(head, paint(outlines), random_look(actor.seed), lens, SAMPLES)
        place = np.array((0.0, 0.0, -actor.distance))
        for (expression, pose), path in paths.items():
            if not path.exists():
                turn = rotation(*(np.radians(angle) for angle in POSES[pose]))
                cv2.imwrite(str(path), stage.render(truth_of(expression), turn, place))
    video = out / f"{actor.name}.avi"
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (SIZE, SIZE))
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, 95)
    for stretch in clip:
        picture = cv2.imread(str(paths[stretch]))
        assert picture is not None, f"{paths[stretch]} cannot be read"
        for _ in range(_HELD):
            writer.write(picture)
    writer.release()
    return video


def read(video: Path, solver: str) -> list[Reading]:
    """What a solver reads: an entry for every visit to a pose other than straight ahead."""
    raw = capture(video, CaptureOptions(threads=1, solver=solver)).performance
    clip = clip_of()
    if len(raw) != len(clip) * _HELD:
        raise SystemExit(f"{video}: {len(clip) * _HELD} frames written, {len(raw)} captured.")
    if not raw.seen.all():
        print(f"{video.name}: no face in {int((~raw.seen).sum())} frames", file=sys.stderr)
    weights = remove_neutral(raw, neutral_at(raw, _AT_REST)).weights
    return readings(np.asarray(weights, np.float64), clip)


def readings(weights: Floats, clip: Sequence[tuple[str, str]]) -> list[Reading]:
    """The poses of a clip from its weights (stretches × held, 52), against straight ahead.

    Straight ahead is the mean of all its visits within an expression.
    """
    stretches = weights.reshape(len(clip), -1, len(CHANNELS))[:, -_MEASURED:].mean(axis=1)
    result = []
    for expression in EXPRESSIONS:
        visits = [
            (pose, row)
            for (name, pose), row in zip(clip, stretches, strict=True)
            if name == expression
        ]
        straight = np.mean([row for pose, row in visits if pose == STRAIGHT], axis=0)
        result += [
            Reading(expression, pose, truth_of(expression), straight, row)
            for pose, row in visits
            if pose != STRAIGHT
        ]
    return result


def figures(entries: Sequence[Reading]) -> dict[str, float]:
    """How steady the channels that are on are: all of them, and those seen straight ahead."""
    asked = np.concatenate([entry.change[entry.asked] for entry in entries])
    seen = np.concatenate([entry.change[entry.seen] for entry in entries])
    error = np.concatenate([np.abs(entry.values - entry.truth)[entry.asked] for entry in entries])
    return {
        "steady": float((asked < MOST_CHANGE).mean()),
        "change": float(asked.mean()),
        "seen": len(seen) / len(asked),
        "steady_of_seen": float((seen < MOST_CHANGE).mean()) if len(seen) else float("nan"),
        "change_of_seen": float(seen.mean()) if len(seen) else float("nan"),
        "most": float(asked.max()),
        "error": float(error.mean()),
    }


def worst(entries: Sequence[Reading], count: int = 10) -> list[dict[str, Any]]:
    """The channels that change most, each in the pose where it does."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        for index in np.flatnonzero(entry.asked):
            name, change = CHANNELS[index], float(entry.change[index])
            if name not in found or change > found[name]["change"]:
                found[name] = {
                    "channel": name,
                    "change": change,
                    "pose": entry.pose,
                    "expression": entry.expression,
                    "straight": float(entry.straight[index]),
                    "turned": float(entry.values[index]),
                    "truth": float(entry.truth[index]),
                }
    return sorted(found.values(), key=lambda each: -each["change"])[:count]


def markdown(by_solver: Mapping[str, Sequence[Reading]]) -> str:
    """A row a pose and solver, then all together; then the channels that change most."""
    lines = [
        "| pose | solver | change < 0.1 | mean change | seen straight ahead | of these < 0.1 "
        "| their mean change | error against truth |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for pose in [*(pose for pose in POSES if pose != STRAIGHT), "all"]:
        for solver, entries in by_solver.items():
            chosen = [entry for entry in entries if pose in (entry.pose, "all")]
            lines.append(
                "| {pose} | {solver} | {steady:.0%} | {change:.3f} | {seen:.0%} "
                "| {steady_of_seen:.0%} | {change_of_seen:.3f} | {error:.3f} |".format(
                    pose=pose, solver=solver, **figures(chosen)
                )
            )
    lines += [
        "",
        "| solver | channel | expression | pose | truth | straight ahead | turned |",
        "|---|---|---|---|---|---|---|",
    ]
    for solver, entries in by_solver.items():
        for each in worst(entries):
            lines.append(
                "| {solver} | {channel} | {expression} | {pose} | {truth:.2f} | {straight:.2f} "
                "| {turned:.2f} |".format(solver=solver, **each)
            )
    return "\n".join(lines)


def main() -> None:
    """Render what is missing, capture, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("out/known_truth/turned"))
    parser.add_argument("--json", type=Path, help="default: turned.json in --out")
    parser.add_argument("--actors", nargs="*", default=["ict-1", "facecap"])
    parser.add_argument("--solvers", nargs="+", choices=SOLVERS, default=list(SOLVERS))
    options = parser.parse_args()
    videos = [
        rendered(actor, options.data, options.out)
        for actor in ACTORS
        if actor.name in options.actors
    ]
    by_solver = {
        solver: [entry for video in videos for entry in read(video, solver)]
        for solver in options.solvers
    }
    print(markdown(by_solver), flush=True)
    path = options.json or options.out / "turned.json"
    result = {
        solver: {
            "all": figures(entries),
            "poses": {
                pose: figures([entry for entry in entries if entry.pose == pose])
                for pose in POSES
                if pose != STRAIGHT
            },
            "worst": worst(entries, len(CHANNELS)),
        }
        for solver, entries in by_solver.items()
    }
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    # bpy's own clean-up at exit may crash when another library holds threads.
    os._exit(0)


if __name__ == "__main__":
    main()
