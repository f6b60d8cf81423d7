# SPDX-License-Identifier: GPL-3.0-or-later
"""Face keys carried over to heads that have none, against the true ones, as Markdown and JSON.

    .venv/bin/python -m mien.benchmarks.table_transfer --data DIR --json out/transfer.json

Templates: a head of ICT-FaceKit, and Mien's demo head. Targets: two other identities of
ICT-FaceKit, remeshed and their points shuffled (`transfer/remesh.py`), whose true
displacements are known; and MakeHuman's base with another artist's ARKit targets. Rows for
doing nothing and for copying from the nearest point, both heads brought together by the same
landmarks. All that is on the face is measured: skin, mouth, teeth, lashes; eyeballs, which the
truth leaves still, only among what shall not move.
`--pictures DIR` also draws what came out.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mien.benchmarks.known_truth.foreign import makehuman
from mien.benchmarks.known_truth.heads import PARTS, Head, IctFaceKit, triangles
from mien.benchmarks.transfer.remesh import remeshed
from mien.benchmarks.transfer.scores import against_artist, against_truth
from mien.blender_ops.transfer.templates import demo_template
from mien.models.arkit import CHANNELS
from mien.models.performance import Floats
from mien.models.transfer.face_finding import FoundFace
from mien.models.transfer.nearest import NearestPlaces
from mien.models.transfer.picture import View, draw
from mien.models.transfer.surface import Surface
from mien.models.transfer.transfer import HeadShape, Template, found_face, transferred
from mien.models.transfer.warp import robust_similarity

_COLOURS = {
    "skin": (0.45, 0.55, 0.75),
    "hair": (0.45, 0.55, 0.75),
    "lashes": (0.02, 0.02, 0.02),
    "teeth": (0.70, 0.75, 0.75),
    "mouth": (0.15, 0.15, 0.40),
    "left eye": (0.9, 0.9, 0.9),
    "right eye": (0.9, 0.9, 0.9),
    "unseen": (0.0, 0.0, 0.0),
}
_PEOPLE = {"template": 1, "first": 2, "second": 3}
_SHOWN = (
    "jawOpen", "mouthSmileLeft", "eyeBlinkLeft", "mouthPucker", "noseSneerLeft", "cheekPuff",
    "browInnerUp", "mouthFunnel",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Measured:
    """A head before it is given keys. truth: (52, n, 3)."""

    name: str
    head: HeadShape
    truth: Floats


def shape_of(surface: Surface, part: Floats) -> HeadShape:
    """A head coloured and named by its parts (n,)."""
    colours = np.array([_COLOURS[name] for name in PARTS])[part]
    return HeadShape(surface, colours, np.array(PARTS)[part])


def parts_of_points(head: Head) -> Floats:
    """(n,) the part of each point."""
    result = np.zeros(len(head.vertices), int)
    for corner in range(4):
        real = head.polygons[:, corner] >= 0
        result[head.polygons[real, corner]] = head.parts[real]
    return result


def person(kit: IctFaceKit, who: str) -> Head:
    """An identity that stays the same from run to run."""
    return kit.head(np.random.default_rng(_PEOPLE[who]).normal(0, 1, 10), who)


def as_template(head: Head) -> Template:
    """A head with its keys as it stands."""
    surface = Surface(head.vertices.astype(np.float64), triangles(head.polygons))
    return Template(shape_of(surface, parts_of_points(head)), CHANNELS, head.deltas)


def other_mesh(head: Head, seed: int) -> Measured:
    """The same head with other points and triangles."""
    values = np.concatenate(
        [head.deltas.transpose(1, 0, 2).reshape(len(head.vertices), -1),
         parts_of_points(head)[:, None]], axis=1,
    )  # fmt: skip
    points, faces, carried = remeshed(head.vertices, head.polygons, values, seed)
    part = np.round(carried[:, -1]).astype(int)
    truth = carried[:, :-1].reshape(len(points), len(CHANNELS), 3).transpose(1, 0, 2)
    return Measured(head.name, shape_of(Surface(points, faces), part), truth)


def nearest_copy(template: Template, face: FoundFace, target: HeadShape, own: FoundFace) -> Floats:
    """(k, n, 3): what the nearest point of the template does, the heads brought together."""
    sure = np.minimum(face.confidence, own.confidence)
    placed = robust_similarity(face.landmarks, own.landmarks, np.where(sure < 0.1, 0, sure))
    points = placed.back(target.surface.points)
    surface, size = template.head.surface, float(np.ptp(face.landmarks[:, 1]))
    places = NearestPlaces(surface, np.arange(len(surface.triangles)), size, 0.01 * size)
    found, on = places.find(points, np.zeros_like(points))
    nearest = np.zeros(len(points), np.int64)
    corners = surface.triangles[on.triangles]
    nearest[found] = corners[np.arange(len(found)), on.shares.argmax(axis=1)]
    return placed.scale * template.deltas[:, nearest] @ placed.turn.T


def mean_row(scores: list[dict[str, float]], name: str, target: str) -> dict[str, object]:
    """The mean of each figure over the channels, and how many channels keep the bounds."""
    row: dict[str, object] = {"target": target, "method": name, "channels": len(scores)}
    for figure in scores[0]:
        row[figure] = float(np.mean([score[figure] for score in scores]))
    if "median" in scores[0]:
        row["within"] = sum(s["median"] <= 0.15 and s["p90"] <= 0.35 for s in scores)
    return row


def markdown(rows: list[dict[str, object]]) -> str:
    """A table of rows that have the same figures."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in rows:
        cells = (f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values())
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def picture(head: HeadShape, face: FoundFace, delta: Floats, size: int = 300) -> Floats:
    """A head with one key on, from a little aside."""
    seen = face.landmarks[face.confidence > 0] @ face.turn.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    middle, height = (low + high) / 2, 1.45 * float((high - low)[1])
    aside = np.radians(18)
    turn = np.array(
        [[np.cos(aside), 0, np.sin(aside)], [0, 1, 0], [-np.sin(aside), 0, np.cos(aside)]]
    )
    view = View(turn @ face.turn, (float(middle[0]), float(middle[1])), height, size)
    return draw(head.surface.moved_to(head.surface.points + delta), head.colours, view).picture


def save_sheet(path: Path, rows: list[list[Floats]]) -> None:
    """Pictures in rows as one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.vstack([np.hstack(row) for row in rows]))


def shown(head: HeadShape, face: FoundFace, deltas: Floats) -> list[Floats]:
    """Pictures of some of the channels."""
    return [picture(head, face, deltas[CHANNELS.index(channel)]) for channel in _SHOWN]


def chosen_targets(kit: IctFaceKit, data: Path, only: str | None):
    """The heads that are to get keys, made one at a time."""
    for seed, who in enumerate(("first", "second")):
        if only in (None, who):
            yield other_mesh(person(kit, who), seed)
    if only in (None, "MakeHuman"):
        theirs = makehuman(data)
        yield Measured("MakeHuman", as_template(theirs).head, theirs.deltas)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path, metavar="DIR")
    parser.add_argument("--only", choices=["first", "second", "MakeHuman"], help="this target")
    parser.add_argument("--template", choices=["ICT", "demo"], help="this template only")
    arguments = parser.parse_args()
    kit = IctFaceKit(arguments.data)
    templates = {"ICT": as_template(person(kit, "template")), "demo": demo_template()}
    if arguments.template:
        templates = {arguments.template: templates[arguments.template]}
    faces = {name: found_face(template.head) for name, template in templates.items()}
    result: dict[str, object] = {}
    rows: dict[bool, list[dict[str, object]]] = {True: [], False: []}
    details = {}
    for target in chosen_targets(kit, arguments.data, arguments.only):
        own = found_face(target.head)
        sheet = [shown(target.head, own, target.truth)]
        ways = {"do nothing": lambda target=target, own=own: np.zeros_like(target.truth)}
        for name, template in templates.items():
            face = faces[name]
            ways[f"nearest-point copy from {name}"] = (
                lambda template=template, face=face, target=target, own=own: nearest_copy(
                    template, face, target.head, own
                )
            )
            ways[f"Mien from {name}"] = (
                lambda template=template, face=face, target=target, own=own: transferred(
                    template, face, target.head, own
                )
            )
        by_artist = target.name == "MakeHuman"
        score = against_artist if by_artist else against_truth
        for way, make in ways.items():
            start = time.perf_counter(), time.process_time()
            seen = make()
            seconds = time.perf_counter() - start[0], time.process_time() - start[1]
            scores = {
                channel: found
                for channel, truth, delta in zip(CHANNELS, target.truth, seen, strict=True)
                if (found := score(truth, delta))
            }
            details[f"{target.name}: {way}"] = scores
            row = mean_row(list(scores.values()), way, target.name)
            row |= {"points": len(target.truth[0]), "seconds": seconds[0], "processor": seconds[1]}
            rows[by_artist].append(row)
            print(markdown(rows[by_artist][-1:]), flush=True)
            if way.startswith("Mien"):
                sheet.append(shown(target.head, own, seen))
        if arguments.pictures:
            save_sheet(arguments.pictures / f"{target.name}.png", sheet)
    for table in rows.values():
        if table:
            print(markdown(table) + "\n")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        result |= {"truth": rows[False], "artist": rows[True], "channels": details}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
