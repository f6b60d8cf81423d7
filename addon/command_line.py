# SPDX-License-Identifier: GPL-3.0-or-later
"""``blender --command mien …``: the same commands as those of the virtual environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

NAME = "mien"


class CommandLine:
    """Blender's hold on the command, kept so that it can be given back."""

    def __init__(self) -> None:
        self._handle: Any = None

    def add(self) -> None:
        """Let Blender know the command."""
        register: Any = bpy.utils.register_cli_command  # The stubs say it returns nothing.
        self._handle = register(NAME, run)

    def remove(self) -> None:
        """Take it back."""
        if self._handle is not None:
            bpy.utils.unregister_cli_command(self._handle)
            self._handle = None


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code becomes Blender's."""
    from ..blender_ops.commands import main

    return main(arguments)


COMMAND_LINE = CommandLine()
