# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of what the expression model invents, on the demo character, and a check of it.

    python benchmarks/expressions_sheet.py emotions -o out/emotions.png
    python benchmarks/expressions_sheet.py variations --take TAKE --at SECONDS -o out/variations.jpg
    python benchmarks/expressions_sheet.py check --json out/check.json

`emotions`: each emotion by four seeds. `variations`: one frame of a take, and what it might
have been. `check` renders nothing: for each emotion it prints how far the channels of its
action units move, as a share of what the emotion asks for, and how far others do.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from mien.models.arkit import CHANNELS
from mien.models.facs.action_units import combined
from mien.models.performance import Performance
from mien.models.take import read_take
from mien.models.vae.emotions import emotion_weights, emotions
from mien.models.vae.frames import frames_of
from mien.models.vae.runtime import ExpressionModel
from mien.models.vae.sample import sample_expressions
from mien.models.vae.vary import variations

SEEDS = 4
CHECKED = 32
# A channel that the emotion asks for to this weight is one of its own.
ASKED = 0.1


def main() -> None:
    """Make one picture, or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("emotions", "variations", "check"))
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--take", type=Path, help="whose frame is varied")
    parser.add_argument("--at", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--amount", type=float, default=1.5)
    parser.add_argument("--count", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--engine", choices=("WORKBENCH", "EEVEE", "CYCLES"), default="WORKBENCH")
    arguments = parser.parse_args()
    if arguments.what == "check":
        rows = check(arguments.temperature)
        print(table(rows))
        if arguments.json is not None:
            arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
        return
    faces = emotion_faces(arguments) if arguments.what == "emotions" else varied_faces(arguments)
    render(arguments, faces, SEEDS * 2 if arguments.what == "emotions" else 4)


def emotion_faces(arguments: argparse.Namespace) -> list[tuple[str, np.ndarray]]:
    """Each emotion by each seed, with its label."""
    model = ExpressionModel()
    return [
        (f"{name} {arguments.seed + number}", face)
        for name in emotions()
        for number, face in enumerate(
            sample_expressions(SEEDS, arguments.seed, arguments.temperature, name, model=model)
        )
    ]


def varied_faces(arguments: argparse.Namespace) -> list[tuple[str, np.ndarray]]:
    """The frame itself, and its variations."""
    take = read_take(arguments.take).performance
    frame = int(np.argmin(np.abs(take.times - arguments.at)))
    face = np.clip(frames_of(take)[frame], 0, 1)
    one = Performance(face[None], np.zeros(1))
    made = variations(one, arguments.count, arguments.amount, arguments.seed)
    return [("take", face), *(("", each.weights[0]) for each in made)]


def render(
    arguments: argparse.Namespace, faces: list[tuple[str, np.ndarray]], columns: int
) -> None:
    """Write the faces as one picture."""
    from mien.benchmarks.contact_sheet import Pose, contact_sheet

    poses = [
        Pose(label, dict(zip(CHANNELS, map(float, face), strict=True))) for label, face in faces
    ]
    contact_sheet(arguments.output, poses, columns, arguments.size, arguments.engine)
    print(f"Picture: {arguments.output}")


def check(temperature: float) -> list[dict[str, object]]:
    """For each emotion, how far its own channels and others move, over many seeds."""
    model = ExpressionModel()
    rows: list[dict[str, object]] = []
    for name in emotions():
        goal = emotion_weights(name)
        at_times = combined(dict.fromkeys(emotions()[name].at_times, 1.0))
        faces = sample_expressions(CHECKED, 0, temperature, name, model=model)
        own = goal >= ASKED
        shares = faces[:, own].mean(axis=0) / goal[own]
        other = ~own & (at_times == 0)
        others = faces[:, other]
        weakest = int(np.argmin(shares)) if own.any() else None
        loudest = int(np.argmax(others.mean(axis=0)))
        rows.append(
            {
                "emotion": name,
                "own channels, share of the goal": _rounded(shares.mean() if own.any() else None),
                "weakest own": _named(np.flatnonzero(own), weakest, shares),
                "others, mean": _rounded(others.mean()),
                "others, 95th percentile": _rounded(np.percentile(others, 95)),
                "loudest other": _named(np.flatnonzero(other), loudest, others.mean(axis=0)),
            }
        )
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _named(places: np.ndarray, place: int | None, values: np.ndarray) -> str:
    return "" if place is None else f"{CHANNELS[places[place]]} {values[place]:.2f}"


def table(rows: list[dict[str, object]]) -> str:
    """The rows as Markdown."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
