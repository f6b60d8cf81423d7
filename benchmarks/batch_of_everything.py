# SPDX-License-Identifier: GPL-3.0-or-later
"""Every clip of the shared footage on three characters, as one batch: a night's work, small.

    python benchmarks/batch_of_everything.py -o DIR [--data DATA] [--jobs 2]

The characters: Mien's demo head, ICT-FaceKit's face (keys of another spelling, no eyes, no
camera, no light) and the Live Link head. Each shot is to become a .blend and pictures; the
first clip's also a film with sound and timecode, FBX, glTF, a lone Action and a Live Link CSV.
The clip without a face is in the list on purpose: its shots must fail, by one clear line, and
no other. Leaves DIR/batch/report.html; 0 if all went so, else 1. It goes on where it was
stopped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

MIEN = "import sys; from mien.blender_ops.commands import main; sys.exit(main(sys.argv[1:]))"
WITHOUT_FACE = "no_face"
EVERYTHING = ("blend", "action", "video", "stills", "fbx", "gltf", "live_link")


def main() -> int:
    """Make the characters and the list, run the batch, and look at what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    clips = sorted(path for path in (options.data / "footage").iterdir() if path.is_file())
    characters = _characters(options.output, options.data)
    shots = options.output / "everything.toml"
    shots.write_text(_shot_list(clips, characters), encoding="utf-8")
    batch = ("batch", shots, "-o", options.output / "batch", "--resume")
    code = _mien(*batch, "--jobs", options.jobs)
    return _judged(options.output / "batch" / "results.jsonl", code)


def _mien(*arguments: object) -> int:
    command = [sys.executable, "-c", MIEN, *map(str, arguments)]
    return subprocess.run(command).returncode


def _characters(folder: Path, data: Path) -> dict[str, Path]:
    """A .blend for each, made where it is not there yet."""
    demo, ict = folder / "demo.blend", folder / "ict.blend"
    if not demo.is_file() and _mien("character", "-o", demo):
        sys.exit("The demo character could not be made.")
    if not ict.is_file():
        _write_ict(data / "rigs" / "ict_facekit" / "ict_facekit.npz", ict)
    live_link = data / "rigs" / "live_link_head" / "Live_Link_Face.blend"
    return {"demo": demo, "ict": ict, "live_link_head": live_link}


def _write_ict(source: Path, target: Path) -> None:
    """ICT-FaceKit's face as a .blend with its shape keys, and nothing else in it."""
    import bpy
    import numpy as np
    from mien.blender_ops.blend_files import save_blend

    bpy.ops.wm.read_homefile(use_empty=True)
    with np.load(source) as stored:
        names = stored["expression_names"].tolist()
        neutral = stored["neutral"]
        # The fourth corner of a triangle is −1.
        faces = [[each for each in face if each >= 0] for face in stored["faces"].tolist()]
        deltas = stored["expression_deltas"]
    mesh = bpy.data.meshes.new("ICT")
    mesh.from_pydata(_z_up(neutral).tolist(), [], faces)
    mesh.shade_smooth()
    face = bpy.data.objects.new("ICT", mesh)
    bpy.context.scene.collection.objects.link(face)
    face.shape_key_add(name="Basis", from_mix=False)
    for name, delta in zip(names, deltas, strict=True):
        block = face.shape_key_add(name=name, from_mix=False)
        block.data.foreach_set("co", _z_up(neutral + delta).astype(np.float32).ravel())
        block.value = 0
    save_blend(target)


def _z_up(points):
    """From Y up to Blender's Z up."""
    import numpy as np

    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def _shot_list(clips: list[Path], characters: dict[str, Path]) -> str:
    lines = [
        "[defaults]",
        'make = ["blend", "stills"]',
        'engine = "workbench"',
        'size = "320x320"',
        "samples = 5",
        "stamp = true",
    ]
    for clip in clips:
        for name, character in characters.items():
            lines += [
                "",
                "[[shot]]",
                f'name = "{clip.stem}.{name}"',
                f"footage = {json.dumps(str(clip.resolve()))}",
                f"character = {json.dumps(str(character.resolve()))}",
            ]
            if clip == clips[0]:
                lines.append(f"make = {json.dumps(EVERYTHING)}")
    return "\n".join(lines) + "\n"


def _judged(results: Path, code: int) -> int:
    """Say how it went; 0 if the shots without a face failed and no other."""
    if not results.is_file():
        return 1
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    failed = {line["shot"]: line["error"] for line in lines if line["error"]}
    expected = {line["shot"] for line in lines if line["shot"].startswith(f"{WITHOUT_FACE}.")}
    for line in lines:
        print(f"{line['shot']}: {line['error'] or str(line['keys']) + ' keys'}")
    print(f"{len(lines) - len(failed)} of {len(lines)} shots made.")
    clear = all("No face was found" in failed.get(shot, "") for shot in expected)
    return 0 if set(failed) == expected and clear and code == bool(expected) else 1


if __name__ == "__main__":
    sys.exit(main())
