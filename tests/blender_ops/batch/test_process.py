"""A command in a process of its own: in the bpy module's Python, and in Blender's own program.

Blender itself goes on after its script, answers 0 for a script that failed, and has modules of
its own; a small program that does so stands in for it.
"""

import os
import stat
import sys
import time

import pytest
from mien.blender_ops.batch import process as processes
from mien.blender_ops.batch.process import start_command

# Writes down how it was called, runs the script as Blender does, and goes on.
BLENDER = """#!{python}
import runpy, sys
with open({calls!r}, "w") as file:
    file.write(repr(sys.argv[1:]))
script = sys.argv[sys.argv.index("--python") + 1]
sys.path[:] = [path for path in sys.path if path != {brought!r}]
try:
    runpy.run_path(script, run_name="__main__")
except BaseException:
    pass
print("Blender quit")
"""


@pytest.fixture
def blender(tmp_path, monkeypatch):
    """Lets this process pass for Blender; gives the file with the calls of the stand-in."""
    brought = tmp_path / "site-packages"
    brought.mkdir()
    calls = tmp_path / "calls"
    program = tmp_path / "blender"
    program.write_text(
        BLENDER.format(python=sys.executable, calls=str(calls), brought=str(brought))
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(processes, "blender", lambda: str(program))
    monkeypatch.syspath_prepend(str(brought))
    return calls


def run(arguments, log):
    process = start_command(arguments, log)
    try:
        return process.wait(timeout=300)
    finally:
        process.stdin.close()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Blender is a script of Unix")
def test_blenders_own_program_is_started_and_its_script_has_the_last_word(blender, tmp_path):
    log = tmp_path / "log"
    assert run(["inspect", str(tmp_path / "nothing")], log) == 1
    said = log.read_text()
    assert said.startswith("$ mien inspect") and "mien: " in said
    assert "Blender quit" not in said
    options = "['--background', '--factory-startup', '--python', "
    assert blender.read_text() == f"{options}{str(processes.SCRIPT)!r}]"
    assert run(["dance"], log) == 2


def test_a_process_ends_when_the_batch_is_gone(tmp_path):
    process = start_command(["character", "-o", str(tmp_path / "a.blend")], tmp_path / "log")
    time.sleep(0.2)
    process.stdin.close()
    assert process.wait(timeout=300) == 3
    assert not (tmp_path / "a.blend").exists()
