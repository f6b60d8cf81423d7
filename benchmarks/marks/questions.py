# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a capture: which value of its weights should tell which marks apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mien.benchmarks.known_truth.heads import IctFaceKit
from mien.models.arkit import CHANNELS, REGIONS
from mien.models.performance import Floats

from .marked import Mark
from .scoring import Shares, area, at, best

Measure = Callable[[Floats], Floats]
"""From (frames, 52) weights to (frames,) values."""

# Points of the 68 of iBUG's markup (Sagonas et al., "300 Faces in-the-Wild Challenge", 2013)
# that face each other: three pairs inside the lips, two between the lids of each eye.
_LIPS = ((61, 67), (62, 66), (63, 65))
_LIDS = {"left": ((43, 47), (44, 46)), "right": ((37, 41), (38, 40))}


@dataclass(frozen=True, eq=False)
class Gap:
    """How far two edges of a head stand apart: a rest, and (52,) what each weight adds."""

    rest: float
    channels: Floats

    def opened(self, weights: Floats) -> Floats:
        """(frames,) how much wider than at rest, in the head's unit."""
        return np.asarray(weights @ self.channels)


def gaps(data: Path) -> dict[str, Gap]:
    """The gaps "lips", "left" and "right" of ICT-FaceKit's mean head, in centimetres.

    Raises OSError if `data`/rigs/ict_facekit is missing.
    """
    head = IctFaceKit(data).head(np.zeros(10))
    indices = json.loads((data / "rigs/ict_facekit/vertex_indices.json").read_text())
    points = indices["idx_to_landmark_verts"]

    def gap(pairs: Sequence[tuple[int, int]]) -> Gap:
        upper, lower = ([points[index] for index in each] for each in zip(*pairs, strict=True))
        rest = float((head.vertices[upper, 1] - head.vertices[lower, 1]).mean())
        channels = (head.deltas[:, upper, 1] - head.deltas[:, lower, 1]).mean(axis=1)
        return Gap(rest, channels.astype(np.float64))

    return {"lips": gap(_LIPS), **{side: gap(pairs) for side, pairs in _LIDS.items()}}


def channel(*names: str) -> Measure:
    """The mean of some channels."""
    columns = [CHANNELS.index(name) for name in names]
    return lambda weights: np.asarray(weights[:, columns].mean(axis=1))


def aperture(weights: Floats) -> Floats:
    """(frames,) jawOpen without mouthClose, which closes the lips of an open jaw."""
    return channel("jawOpen")(weights) - channel("mouthClose")(weights)


@dataclass(frozen=True, eq=False)
class Question:
    """One thing to tell apart.

    name: what a person reads. yes, no: the words on either side. fixed: the threshold that
    somebody would use who knows nothing of the clip, in the measure's unit.
    measures: for each column of the marks that is asked the value that should be higher for a
    yes; two columns, left and right, count together.
    """

    name: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    fixed: float
    measures: Mapping[str, Measure]


def questions(gap: Mapping[str, Gap]) -> tuple[Question, ...]:
    """Everything that is asked; `gap` as from `gaps`."""

    def shut(side: str) -> Measure:
        return lambda weights: -gap[side].opened(weights) / gap[side].rest

    sides = (("left", "Left"), ("right", "Right"))
    blink = {f"lids_{side}": channel(f"eyeBlink{name}") for side, name in sides}
    shown = {f"lids_{side}": shut(side) for side, _ in sides}
    up = {f"brow_{side}": channel("browInnerUp", f"browOuterUp{name}") for side, name in sides}
    down = {f"brow_{side}": channel(f"browDown{name}") for side, name in sides}
    lips = gap["lips"].opened
    smile = channel("mouthSmileLeft", "mouthSmileRight")
    return (
        Question("lids closed: eyeBlink", ("closed",), ("open",), 0.5, blink),
        Question("lids closed: as a head shows it", ("closed",), ("open",), 0.7, shown),
        Question("lids half, not open: eyeBlink", ("half",), ("open",), 0.25, blink),
        Question("lids closed, not half: eyeBlink", ("closed",), ("half",), 0.75, blink),
        Question(
            "lips open: jawOpen − mouthClose", ("open",), ("closed",), 0.05, {"lips": aperture}
        ),
        Question("lips open: as a head shows it", ("open",), ("closed",), 0.15, {"lips": lips}),
        Question("teeth seen: lips of a head", ("yes",), ("no",), 0.3, {"teeth": lips}),
        Question("smile: mouthSmile", ("yes",), ("no",), 0.3, {"smile": smile}),
        Question("brow up: browInnerUp, browOuterUp", ("up",), ("rest", "down"), 0.2, up),
        Question("brow down: browDown", ("down",), ("rest", "up"), 0.3, down),
        Question(
            "cheeks puffed: cheekPuff",
            ("puffed",),
            ("flat",),
            0.2,
            {"cheeks": channel("cheekPuff")},
        ),
        Question(
            "tongue out: tongueOut",
            ("out",),
            ("hidden", "inside"),
            0.3,
            {"tongue": channel("tongueOut")},
        ),
    )


@dataclass(frozen=True)
class Answer:
    """How a capture answers one question.

    yes, no: how many marks lie on either side. area: under the ROC curve, all clips together;
    within: the mean of that of each clip that has three of both. usual_yes, usual_no: the
    medians of the values. best: with the best threshold for these very marks; fixed: with the
    question's own.
    """

    yes: int
    no: int
    area: float
    within: float
    usual_yes: float
    usual_no: float
    best: Shares
    fixed: Shares


def answer(question: Question, marks: Sequence[Mark], weights: Mapping[str, Floats]) -> Answer:
    """Score (frames, 52) `weights` of each clip against its marks."""
    clips = [_sides(question, marks, clip, each) for clip, each in weights.items()]
    yes, no = (np.concatenate(each) for each in zip(*clips, strict=True))
    areas = [area(*each) for each in clips if min(map(len, each)) >= 3]
    return Answer(
        len(yes),
        len(no),
        area(yes, no),
        float(np.mean(areas)) if areas else float("nan"),
        _median(yes),
        _median(no),
        best(yes, no),
        at(question.fixed, yes, no),
    )


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _sides(
    question: Question, marks: Sequence[Mark], clip: str, weights: Floats
) -> tuple[Floats, Floats]:
    """The values of one clip's frames marked yes, and of those marked no."""
    found: tuple[list[float], list[float]] = ([], [])
    for column, measure in question.measures.items():
        values = measure(weights)
        for mark in marks:
            if mark.clip != clip:
                continue
            for side, words in zip(found, (question.yes, question.no), strict=True):
                if mark.words[column] in words:
                    side.append(float(values[mark.frame]))
    return np.array(found[0]), np.array(found[1])


REST = {
    "lids_left": "open",
    "lids_right": "open",
    "lips": "closed",
    "smile": "no",
    "brow_left": "rest",
    "brow_right": "rest",
    "cheeks": "flat",
}
"""What is marked where a face rests; gaze is not marked."""


def at_rest(marks: Sequence[Mark], weights: Mapping[str, Floats]) -> dict[str, float]:
    """What is on where nothing is seen to be: for each region the mean, over the frames marked as
    resting, of its largest weight. Gaze is left out.

    weights: (frames, 52) of each clip. NaN if no marked frame rests.
    """
    frames = [
        weights[mark.clip][mark.frame]
        for mark in marks
        if all(mark.words[column] == word for column, word in REST.items())
    ]
    rows = np.array(frames).reshape(-1, len(CHANNELS))
    result = {}
    for region, names in REGIONS.items():
        columns = [CHANNELS.index(name) for name in names if not name.startswith("eyeLook")]
        largest = rows[:, columns].max(axis=1)
        result[region] = float(largest.mean()) if len(largest) else float("nan")
    return result
