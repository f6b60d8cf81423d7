# SPDX-License-Identifier: GPL-3.0-or-later
"""Real footage: captures of it scored against marks made by eye, as Markdown and JSON.

    .venv/bin/python -m mien.benchmarks.real_footage --data DIR [--out DIR] [--takes DIR]

Every solver captures every marked clip; the standard recipe's first step takes the resting face
out. Then each class of `marks/marks.csv` is asked for (`marks/questions.py`), and each closure
of the lips in `marks/closures.csv`. Thresholds are chosen for every solver in the same way: the
best for the marks at hand, and a fixed one. Sheets of the frames in which a solver is most
wrong, or two differ most, go to `--out`, which also keeps the takes: another run reads them
instead of capturing again, so remove those of a solver that has changed.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from mien.models.arkit import CHANNELS
from mien.models.capture.capture import SOLVERS, CaptureOptions, capture
from mien.models.performance import Floats
from mien.models.recipe import STANDARD, Recipe, evaluate, resting_at
from mien.models.take import read_take, write_take

from .marks.marked import Closure, Mark, read_closures, read_marks
from .marks.pictures import Moment, most, write_sheet
from .marks.questions import (
    Answer,
    Gap,
    Measure,
    Question,
    answer,
    aperture,
    at_rest,
    gaps,
    questions,
)
from .marks.scoring import Fall, fall

NEUTRAL = Recipe(STANDARD.steps[:1])
_SHOWN = 12


@dataclass(frozen=True, eq=False)
class Capture:
    """One clip by one solver: times (frames,), weights (frames, 52) relative to rest, landmarks."""

    times: Floats
    weights: Floats
    landmarks: Floats


@dataclass(frozen=True, eq=False)
class Result:
    """One solver: its captures by clip, its answers by question, its falls by measure, and what is
    on at rest by region.
    """

    captures: Mapping[str, Capture]
    answers: Mapping[str, Answer]
    falls: Mapping[str, Sequence[Fall]]
    resting: Mapping[str, float]


def captured(clip: Path, solver: str, takes: Path) -> Capture:
    """The clip as a solver sees it; the take is written below `takes`, or read from there."""
    folder = takes / solver / clip.stem
    if not folder.is_dir():
        seen = capture(clip, CaptureOptions(solver=solver))
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_take(
            folder,
            seen.performance,
            seen.landmarks,
            seen.matrices,
            seen.size,
            footage=clip,
            appearance=seen.appearance,
            recipe=resting_at(NEUTRAL, seen.rest),
        )
    take = read_take(folder)
    performance = evaluate(take.recipe, take.performance)
    if performance.channels != CHANNELS or take.landmarks is None:
        raise SystemExit(f"{folder} is not a capture of {clip.name}: remove it and run again.")
    return Capture(performance.times, np.asarray(performance.weights, np.float64), take.landmarks)


def scored(
    captures: Mapping[str, Capture],
    marks: Sequence[Mark],
    closures: Sequence[Closure],
    asked: Sequence[Question],
    gap: Mapping[str, Gap],
) -> Result:
    """Every answer and every fall of one solver."""
    weights = {clip: each.weights for clip, each in captures.items()}
    measures = {"jawOpen − mouthClose": aperture, "lips of a head": gap["lips"].opened}
    return Result(
        captures,
        {question.name: answer(question, marks, weights) for question in asked},
        {
            name: [
                fall(measure(seen.weights), seen.times, closure.first, closure.last)
                for closure, seen in ((each, captures[each.clip]) for each in closures)
            ]
            for name, measure in measures.items()
        },
        at_rest(marks, weights),
    )


def wrong(
    question: Question, marks: Sequence[Mark], results: Mapping[str, Result], solver: str
) -> list[Moment]:
    """The marked frames that lie on the wrong side of the solver's best threshold, by how far."""
    threshold = results[solver].answers[question.name].best.threshold
    moments = []
    for mark in marks:
        for column, measure in question.measures.items():
            word = mark.words[column]
            if word not in (*question.yes, *question.no):
                continue
            values = _values(measure, results, mark)
            over = values[solver] - threshold
            amount = -over if word in question.yes else over
            if amount > 0:
                lines = (f"{column}: {word}", *_lines(values))
                moments.append(Moment(mark.clip, mark.frame, amount, lines))
    return most(moments, _SHOWN)


def differing(
    question: Question, results: Mapping[str, Result], one: str, other: str
) -> list[Moment]:
    """The frames, marked or not, in which two solvers differ most."""
    moments = []
    for clip, seen in results[one].captures.items():
        for column, measure in question.measures.items():
            first = measure(seen.weights)
            second = measure(results[other].captures[clip].weights)
            for frame, amount in enumerate(np.abs(first - second)):
                values = {one: float(first[frame]), other: float(second[frame])}
                moments.append(Moment(clip, frame, float(amount), (column, *_lines(values))))
    return most(moments, _SHOWN)


def _values(measure: Measure, results: Mapping[str, Result], mark: Mark) -> dict[str, float]:
    return {
        solver: float(measure(result.captures[mark.clip].weights[mark.frame : mark.frame + 1])[0])
        for solver, result in results.items()
    }


def _lines(values: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{solver} {value:.2f}" for solver, value in values.items())


def markdown(
    results: Mapping[str, Result], asked: Sequence[Question], closures: Sequence[Closure]
) -> str:
    """The tables: classes, closures, rest; a column a solver."""
    lines = [_row("class", "marked", "figure", *results), _row(*["---"] * (3 + len(results)))]
    for question in asked:
        answers = [result.answers[question.name] for result in results.values()]
        marked = f"{answers[0].yes} / {answers[0].no}"
        threshold = f"≥ {question.fixed:g}"
        figures = {
            "area under ROC": [f"{each.area:.3f}" for each in answers],
            "the same within a clip": [f"{each.within:.3f}" for each in answers],
            "median of yes, of no": [
                f"{each.usual_yes:.2f}, {each.usual_no:.2f}" for each in answers
            ],
            "balanced accuracy at the best threshold": [
                f"{each.best.balanced:.3f} (≥ {each.best.threshold:.2f})" for each in answers
            ],
            f"hits {threshold}": [f"{each.fixed.hits:.0%}" for each in answers],
            f"false alarms {threshold}": [f"{each.fixed.false_alarms:.0%}" for each in answers],
        }
        for figure, values in figures.items():
            if not any("nan" in value for value in values):
                lines.append(_row(question.name, marked, figure, *values))
    lines += ["", _row("closure", "frames", "what is left of", *results)]
    lines.append(_row(*["---"] * (3 + len(results))))
    for name in next(iter(results.values())).falls:
        falls = [result.falls[name] for result in results.values()]
        for closure, each in zip(closures, zip(*falls, strict=True), strict=True):
            frames = f"{closure.clip} {closure.first}–{closure.last}"
            lines.append(_row(closure.why, frames, name, *(_fall_words(one) for one in each)))
        shut = [f"{sum(fall.shut for fall in one)} of {len(one)}" for one in falls]
        lines.append(_row("**seen to be closed**", "", name, *shut))
    lines += ["", _row("largest weight at rest", *results), _row(*["---"] * (1 + len(results)))]
    for region in next(iter(results.values())).resting:
        lines.append(_row(region, *(f"{each.resting[region]:.3f}" for each in results.values())))
    return "\n".join(lines)


def _fall_words(fall: Fall) -> str:
    return f"{fall.part:.2f} ({fall.lowest:.2f} of {fall.beside:.2f})"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _as_json(results: Mapping[str, Result], closures: Sequence[Closure]) -> str:
    data = {
        solver: {
            "answers": {name: asdict(each) for name, each in result.answers.items()},
            "closures": {
                name: [
                    {**asdict(closure), **asdict(each), "part": each.part, "shut": each.shut}
                    for closure, each in zip(closures, falls, strict=True)
                ]
                for name, falls in result.falls.items()
            },
            "resting": result.resting,
        }
        for solver, result in results.items()
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _write_sheets(
    results: Mapping[str, Result],
    asked: Sequence[Question],
    marks: Sequence[Mark],
    footage: Path,
    out: Path,
) -> None:
    landmarks = {
        clip: seen.landmarks for clip, seen in next(iter(results.values())).captures.items()
    }
    sheets = {
        f"wrong {solver} {question.name}": wrong(question, marks, results, solver)
        for question in asked
        for solver in results
    }
    for one, other in itertools.combinations(results, 2):
        for question in asked:
            sheets[f"{one} {other} {question.name}"] = differing(question, results, one, other)
    for name, moments in sheets.items():
        if moments:
            plain = name.replace(":", "").replace(",", "").replace(" ", "_")
            write_sheet(out / f"{plain}.png", moments, footage, landmarks)


def main() -> None:
    """Capture, score, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--solvers", nargs="+", choices=SOLVERS, default=list(SOLVERS))
    parser.add_argument("--out", type=Path, default=Path("out/real_footage"))
    parser.add_argument("--takes", type=Path, help="where takes are kept; default: in --out")
    parser.add_argument("--json", type=Path, help="default: real_footage.json in --out")
    options = parser.parse_args()
    marks, closures, gap = read_marks(), read_closures(), gaps(options.data)
    footage, takes = options.data / "footage", options.takes or options.out / "takes"
    clips = [footage / clip for clip in dict.fromkeys(mark.clip for mark in marks)]
    asked = questions(gap)
    results = {}
    for solver in options.solvers:
        captures = {clip.name: captured(clip, solver, takes) for clip in clips}
        results[solver] = scored(captures, marks, closures, asked, gap)
    print(markdown(results, asked, closures))
    path = options.json or options.out / "real_footage.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_as_json(results, closures), encoding="utf-8")
    _write_sheets(results, asked, marks, footage, options.out)


if __name__ == "__main__":
    main()
