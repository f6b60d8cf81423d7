"""The Flamenco job type, run under Node against the interface that Flamenco documents."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from mien.blender_ops.commands import parser

SCRIPT = Path(__file__).resolve().parents[3] / "farm" / "mien_shot.js"

# What a job compiler script finds: author.Task, author.Command, frameChunker, print.
FLAMENCO = """
const author = {
  Task(name, type) {
    return {name, type, commands: [], needs: [],
      addCommand(command) { this.commands.push(command); },
      addDependency(task) { this.needs.push(task.name); }};
  },
  Command(name, parameters) { return {name, parameters}; },
};
function frameChunker(frames, size) {
  const [first, last] = frames.split("-").map(Number), chunks = [];
  for (let at = first; at <= last; at += size) {
    chunks.push(`${at}-${Math.min(at + size - 1, last)}`);
  }
  return chunks;
}
const print = console.error;
%s
const job = {settings: %s, tasks: [], addTask(task) { this.tasks.push(task); }};
compileJob(job);
console.log(JSON.stringify({type: JOB_TYPE, tasks: job.tasks}));
"""


def compiled(**changes):
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        pytest.skip("no Node on this machine: the farm's script is not run")
    settings = {
        "footage": "/films/s010.mp4",
        "character": "/rigs/hero.blend",
        "output": "/out/s010/",
        "shot": "s010",
        "frames": "1-50",
        "chunk_size": 24,
        "start_frame": 1,
        "tolerance": 0.005,
        "recipe": "",
        "engine": "",
        "audio": True,
        **changes,
    }
    code = FLAMENCO % (SCRIPT.read_text(encoding="utf-8"), json.dumps(settings))
    result = subprocess.run([node, "-e", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return settings, json.loads(result.stdout)


def test_a_shot_is_split_into_capture_bake_render_and_film():
    settings, answer = compiled()
    tasks = {task["name"]: task for task in answer["tasks"]}
    renders = ["render-1-24", "render-25-48", "render-49-50"]
    assert list(tasks) == ["capture", "bake", *renders, "film"]
    assert [tasks[name]["needs"] for name in ("capture", "bake")] == [[], ["capture"]]
    assert all(tasks[name]["needs"] == ["bake"] for name in renders)
    assert tasks["film"]["needs"] == renders
    assert {task["type"] for task in tasks.values()} == {"blender"}
    keys = {setting["key"]: setting for setting in answer["type"]["settings"]}
    assert set(keys) == set(settings)
    types = {"string", "int32", "float", "bool"}
    assert all(setting["type"] in types for setting in keys.values())


@pytest.mark.parametrize(
    "changes", [{}, {"recipe": "/talk.json", "engine": "cycles", "audio": False}]
)
def test_each_task_is_a_command_that_mien_understands(changes):
    _, answer = compiled(**changes)
    read = []
    for task in answer["tasks"]:
        (command,) = task["commands"]
        assert command["name"] == "exec" and command["parameters"]["exe"] == "{blender}"
        start, name, *words = command["parameters"]["args"]
        assert (start, name) == ("--command", "mien")
        read.append(parser().parse_args(words))
    capture, bake, *renders, film = read
    assert capture.output == bake.take
    assert bake.output == film.rate_of and bake.action_name == "s010"
    assert {render.blend for render in renders} == {bake.output}
    assert {render.output for render in renders} == {film.pictures}
    assert [render.frames for render in renders] == ["1-24", "25-48", "49-50"]
    assert (film.audio is None) == bool(changes) and (bake.recipe is None) != bool(changes)
