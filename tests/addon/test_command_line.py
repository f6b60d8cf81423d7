"""`blender --command mien` while the add-on is enabled."""

import bpy
import mien
import pytest
from mien.addon import command_line


@pytest.fixture
def known(monkeypatch):
    """The commands that Blender knows, by name."""
    commands = {}

    def add(name, function):
        commands[name] = function
        return name

    monkeypatch.setattr(bpy.utils, "register_cli_command", add)
    monkeypatch.setattr(bpy.utils, "unregister_cli_command", commands.pop)
    return commands


def test_blender_knows_the_command_while_the_add_on_is_enabled(known):
    mien.register()
    try:
        assert list(known) == ["mien"]
    finally:
        mien.unregister()
    assert known == {}


def test_the_command_runs_here_and_gives_its_exit_code(capsys):
    assert command_line.run(["inspect", "no such file"]) == 1
    assert command_line.run(["no such command"]) == 2
    assert "no such file" in capsys.readouterr().err
