"""A child process is read without waiting, and ended whatever it does."""

import sys
import time

import pytest
from mien.addon.jobs.child_process import ChildProcess, python_command


@pytest.fixture
def child(tmp_path):
    """Starts a script as a child process; ends all of them afterwards."""
    children = []

    def start(script, request=None):
        path = tmp_path / f"script_{len(children)}.py"
        path.write_text(script)
        children.append(ChildProcess([sys.executable, str(path)], request or {}))
        return children[-1]

    yield start
    for one in children:
        one.end()


def _until_ended(child, seconds=20):
    messages, end = [], time.monotonic() + seconds
    while child.exit_code is None:
        assert time.monotonic() < end
        messages += child.messages()
        time.sleep(0.01)
    return messages + child.messages()


def test_the_request_goes_in_and_json_comes_out(child):
    script = """
import json, sys
request = json.loads(sys.stdin.readline())
print("a library says hello")
print(json.dumps([1, 2]))
print(json.dumps({"echo": request["text"]}))
"""
    assert _until_ended(child(script, {"text": "Gesicht 顔"})) == [{"echo": "Gesicht 顔"}]


def test_much_output_on_both_pipes_does_not_block(child):
    script = """
import sys
for number in range(20000):
    print('{"number": %d}' % number)
    print("a long line of error text", number, file=sys.stderr)
"""
    process = child(script)
    assert [message["number"] for message in _until_ended(process)] == list(range(20000))
    assert process.error_text.splitlines()[-1] == "a long line of error text 19999"


def test_a_crash_leaves_its_exit_code_and_words(child):
    process = child("raise ValueError('no such thing')")
    assert _until_ended(process) == []
    assert process.exit_code == 1
    assert "no such thing" in process.error_text


def test_a_busy_child_is_ended_at_once(child):
    process = child("while True: pass")
    start = time.monotonic()
    process.end()
    assert time.monotonic() - start < 0.5
    assert process.exit_code not in (None, 0)


def test_the_child_learns_that_its_parent_is_gone(child):
    process = child("import sys; sys.stdin.readline(); sys.stdin.read(); print('{\"gone\": 1}')")
    time.sleep(0.2)
    assert process.exit_code is None
    process._process.stdin.close()
    assert _until_ended(process) == [{"gone": 1}]


def test_the_python_that_runs_this_is_used(tmp_path):
    assert python_command(tmp_path / "script.py", "")[0] == sys.executable


def test_blender_runs_the_script_where_it_has_no_python_beside_it(tmp_path, monkeypatch):
    blender = tmp_path / "blender"
    blender.write_text("")
    for executable in (str(blender), "", None, str(tmp_path / "none")):
        monkeypatch.setattr(sys, "executable", executable)
        command = python_command(tmp_path / "script.py", str(blender))
        assert command[0] == str(blender)
        assert "--background" in command
