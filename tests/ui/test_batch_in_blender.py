# SPDX-License-Identifier: GPL-3.0-or-later
"""`blender --background --command mien batch …`: every step in a process of Blender's own."""

import json
import shutil

SHOTS = """
[defaults]
footage = "carphone.mp4"
character = "character.blend"
end = 0.3
engine = "workbench"
size = "64x64"

[[shot]]
name = "all"
make = ["blend", "action", "video", "stills", "fbx", "gltf", "live_link"]
frames = "1-4"
stamp = true

[[shot]]
name = "broken"
character = "broken.blend"
"""


def test_a_batch_in_blenders_own_program(window, blender, clips, tmp_path):
    window.bring(tmp_path)
    files = tmp_path / "files"
    shutil.copy(clips / "carphone.mp4", files)
    (files / "broken.blend").write_bytes(b"BLENDER and no more")
    (files / "shots.toml").write_text(SHOTS)
    mien = ["blender", "--background", "--command", "mien"]
    window.run(tmp_path, [*mien, "character", "-o", "/mnt/files/character.blend"])
    # One shot fails, and Blender hands on that the batch says so.
    batch = [*mien, "batch", "/mnt/files/shots.toml", "-o", "/mnt/files/out", "--jobs", "2"]
    said = window.run(tmp_path, ["sh", "-c", f"{' '.join(batch)}; test $? = 1"])
    assert "all: done" in said and "1 of 2 shots failed: broken." in said
    lines = [json.loads(line) for line in (files / "out/results.jsonl").read_text().splitlines()]
    assert [line["state"] for line in lines] == ["done", "failed"]
    assert lines[0]["keys"] > 50 and lines[0]["warnings"] == [
        "The video is silent: carphone.mp4 has no sound"
    ]
    assert "broken.blend cannot be opened" in lines[1]["error"]
    made = {path.name for path in (files / "out/shots/all").iterdir()}
    endings = (".blend", ".action.blend", ".mp4", ".fbx", ".glb", ".csv")
    assert made == {"stills", *(f"all{ending}" for ending in endings)}
    assert (files / "out/report.html").stat().st_size > 10_000
    for log in (files / "out/logs").glob("*.log"):
        assert f"Blender {blender}" in log.read_text(), f"{log.name}: a step ran elsewhere"
