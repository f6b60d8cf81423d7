# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 4's other half: what is done with the models, measured on real takes.

    python -m mien.benchmarks.table4_direct --data DIR [--json FILE]

Directing: the share of directed frames that lie within the neighbourhoods of validation
frames (precision, k = 5), against the emotion's action units simply added: at the same
intensity, and added so far that they show as much. And whether speech stays readable.
Varying: distance by amount, closures that are kept, time. Idle life: blinks, and how near its
windows lie to those of the training takes. Between: ends and range.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mien.models.evaluate.manifold import distances, nearest, radii
from mien.models.performance import Performance
from mien.models.take import read_take
from mien.models.vae.between import between
from mien.models.vae.direct import direct
from mien.models.vae.emotions import emotion_weights, emotions
from mien.models.vae.frames import all_but, frames_of
from mien.models.vae.idle import idle
from mien.models.vae.lips import CLOSED, opening
from mien.models.vae.runtime import ExpressionModel
from mien.models.vae.sample import sample_expressions
from mien.models.vae.transitions import transitions
from mien.models.vae.vary import variations

from .autoencoders.takes import Takes, expressions, load, windows

Rows = list[dict[str, object]]

INTENSITIES = (0.25, 0.5, 0.75, 1.0)
EMOTIONS = tuple(name for name in emotions() if name != "neutral")
EVAL = (161, 162, 164, 165)
# Of training frames that are directed as if they were a take: one in so many.
EVERY = 8


def eval_takes(data: Path) -> list[Performance]:
    """The four takes of the other performer, as they were recorded."""
    folder = data / "performances" / "eval"
    return [read_take(folder / f"MySlate_{n}_iPhone_cal.csv").performance for n in EVAL]


def as_take(frames: np.ndarray) -> Performance:
    """Frames that have nothing to do with each other, far apart in time."""
    return Performance(frames, 10.0 * np.arange(len(frames)))


def directing(takes: Takes, model: ExpressionModel) -> Rows:
    """Precision of directed frames and of added action units."""
    real = expressions(takes.held_out)
    reach = radii(real)

    def precision(frames: np.ndarray) -> float:
        return float((distances(real, frames) <= reach[:, None]).any(axis=0).mean())

    sources = {
        "training takes": expressions(takes.kept)[::EVERY],
        "eval takes": expressions(takes.eval)[::EVERY],
    }
    rows: Rows = []
    for name, frames in sources.items():
        frames = np.clip(frames, 0, 1).astype(np.float32)
        found = np.array(
            [
                [_compared(frames, emotion, share, model, precision) for share in INTENSITIES]
                for emotion in EMOTIONS
            ]
        )
        for emotion, each in zip((*EMOTIONS, "all"), (*found, found.mean(axis=0)), strict=True):
            added, as_much, ours, units, shown = each.mean(axis=0)
            rows.append(
                {
                    "directed": name,
                    "emotion": emotion,
                    "units added, same intensity": round(added, 4),
                    "units added, showing as much": round(as_much, 4),
                    "Mien": round(ours, 4),
                    "units shown when added": round(units, 3),
                    "units shown by Mien": round(shown, 3),
                }
            )
        rows.append(
            {"directed": name, "emotion": "the frames themselves", "Mien": precision(frames)}
        )
    return rows


def _compared(
    frames: np.ndarray,
    emotion: str,
    intensity: float,
    model: ExpressionModel,
    precision: Callable[[np.ndarray], float],
) -> tuple[float, float, float, float, float]:
    """Precision of addition, of addition that shows as much, of Mien; what both show."""
    goal = emotion_weights(emotion)
    own = goal >= 0.1

    def added(share: float) -> np.ndarray:
        return np.clip(frames + share * goal, 0, 1)

    def shown(changed: np.ndarray) -> float:
        return float((changed - frames)[:, own].mean())

    ours = direct(as_take(frames), emotion, intensity, model=model).weights
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if shown(added(middle)) < shown(ours) else (low, middle)
    simple = added(intensity)
    return precision(simple), precision(added(high)), precision(ours), shown(simple), shown(ours)


def speech(takes: list[Performance], model: ExpressionModel) -> Rows:
    """What is left of the mouth's opening, at whole intensity."""
    rows: Rows = []
    for emotion in EMOTIONS:
        correlations, opened, rougher = [], [], []
        for take in takes:
            directed = direct(take, emotion, 1.0, model=model)
            before, after = opening(frames_of(take)), opening(frames_of(directed))
            correlations.append(np.corrcoef(before, after)[0, 1])
            opened.append((after - before)[before <= CLOSED].max(initial=0))
            rough = [np.abs(np.diff(one.weights, 2, axis=0)).mean() for one in (take, directed)]
            rougher.append(rough[1] / rough[0])
        rows.append(
            {
                "emotion": emotion,
                "least r of the opening": round(float(min(correlations)), 4),
                "closures open by at most": round(float(max(opened)), 4),
                "second difference, over the take's": round(float(max(rougher)), 3),
            }
        )
    return rows


def varying(takes: list[Performance], model: ExpressionModel) -> Rows:
    """Distance by amount, what is kept, and time on one core."""
    take = takes[2]
    rows: Rows = []
    for amount in (0.25, 0.5, 1.0, 2.0):
        made = list(variations(take, 12, amount, 0, model=model))
        far = [np.sqrt(np.mean((one.weights - take.weights) ** 2)) for one in made]
        kept = variations(take, 12, amount, 0, all_but(["mouth"]), model)
        closed = opening(frames_of(take)) <= CLOSED
        apart = [np.abs(opening(frames_of(one)) - opening(frames_of(take)))[closed] for one in kept]
        rows.append(
            {
                "amount": amount,
                "RMS change of 12 variations": round(float(np.mean(far)), 4),
                "mouth kept: closures differ by at most": round(float(np.max(apart)), 4),
            }
        )
    start = time.process_time()
    list(variations(take, 12, 1.0, 0, model=model))
    rows.append({"12 variations of a take, CPU seconds": round(time.process_time() - start, 3)})
    rows.append({"of a take of so many seconds": round(take.duration, 1)})
    return rows


def idling(takes: Takes, model: ExpressionModel) -> Rows:
    """Blinks, and the distance of windows of 2 s to the nearest of training."""
    made = [idle(60, seed, rate=30, model=model) for seed in range(12)]
    lids = [one.channel("eyeBlinkLeft") > 0.8 for one in made]
    blinks = [int(np.sum(lid[1:] & ~lid[:-1])) for lid in lids]
    ours = np.stack([one.weights[at : at + 60] for one in made for at in range(0, 1740, 60)])
    real = windows(takes.held_out, 60, 15)
    train = _flat(windows(takes.kept, 60, 5))
    calm = real[_speed(real) <= np.percentile(_speed(ours), 90)]
    rows: Rows = [
        {"what": "blinks a minute, least and most of 12 seeds", "idle": [min(blinks), max(blinks)]}
    ]
    sets = {"idle": ours, "validation": real, "validation, as calm as idle": calm}
    for quantile in (0, 10, 50):
        row: dict[str, object] = {"what": f"window to nearest of training, percentile {quantile}"}
        for name, values in sets.items():
            apart = nearest(_flat(values), train)
            row[name] = round(float(np.percentile(apart, quantile)), 2)
        rows.append(row)
    return rows


def _speed(values: np.ndarray) -> np.ndarray:
    return np.abs(np.diff(values, axis=1)).mean(axis=(1, 2))


def _flat(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), -1)


def ways(model: ExpressionModel) -> Rows:
    """Ends and range of many ways between sampled expressions."""
    faces = sample_expressions(40, 0, model=model)
    measured = transitions()
    ends, outside, over = [], [], []
    for start, end in zip(faces[::2], faces[1::2], strict=True):
        way = between(start, end, 0.5, model=model).weights
        ends.append(np.abs(way[[0, -1]] - [start, end]).max())
        low = np.minimum(measured.lowest, np.minimum(start, end))
        high = np.maximum(measured.highest, np.maximum(start, end))
        outside.append(np.maximum(np.maximum(low - way, way - high), 0).max())
        over.append(np.abs(np.diff(way, axis=0)).max())
    return [
        {
            "ends off by at most": round(float(max(ends)), 5),
            "outside of the range by at most": round(float(max(outside)), 5),
            "largest step of a frame at 60 fps, 0.5 s": round(float(max(over)), 3),
        }
    ]


def as_markdown(rows: Rows) -> str:
    """Rows as a table; a row may lack columns."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(row.get(name, "")) for name in names) + " |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    takes, recorded, model = load(arguments.data), eval_takes(arguments.data), ExpressionModel()
    tables = {
        "Directing": directing(takes, model),
        "Speech, directed at intensity 1": speech(recorded, model),
        "Varying": varying(recorded, model),
        "Idle life": idling(takes, model),
        "Between": ways(model),
    }
    for title, rows in tables.items():
        print(f"\n## {title}\n\n{as_markdown(rows)}")
    if arguments.json is not None:
        arguments.json.write_text(
            json.dumps(tables, indent=2, default=float) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
