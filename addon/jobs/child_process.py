# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python script in a process of its own, at lower priority, that is never waited for.

The request goes to the child's standard input as one line of JSON, and the pipe then
stays open: when it closes, the child knows that Blender is gone. Answers come as lines
of JSON on its standard output; lines that are none are left out, since libraries and
Blender itself print there as well.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

Message = dict[str, Any]

LINES_OF_ERROR = 30


def python_command(script: Path, blender: str) -> list[str]:
    """The command that runs `script` with the Python that runs this.

    blender: the path of Blender's own program, "" in the bpy module. Where Blender has
    no Python program beside it, Blender itself runs the script, without a window.
    """
    python = sys.executable or ""
    if python and Path(python).is_file() and not _same_file(python, blender):
        # Isolated: no variable, folder or package of the user's gets in between.
        return [python, "-I", "-X", "utf8", str(script)]
    return [blender, "--background", "--factory-startup", "--python", str(script)]


class ChildProcess:
    """Starts at once. Raises OSError if the system cannot start the program."""

    def __init__(self, command: Sequence[str], request: Mapping[str, object]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=_creation_flags(),
        )
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._error_lines: deque[str] = deque(maxlen=LINES_OF_ERROR)
        # Two threads read, so that neither pipe fills up and stops the child.
        self._readers = [
            threading.Thread(target=self._read_messages, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._send(request)

    @property
    def exit_code(self) -> int | None:
        """None while the child runs or not all that it said was read."""
        code = self._process.poll()
        if code is None or any(reader.is_alive() for reader in self._readers):
            return None
        return code

    @property
    def error_text(self) -> str:
        """The last lines of what it wrote to standard error."""
        return "\n".join(self._error_lines)

    def messages(self) -> list[Message]:
        """What it said since the last call; never waits."""
        result = []
        while not self._messages.empty():
            result.append(self._messages.get())
        return result

    def end(self) -> None:
        """End it now, whatever it is doing, and let go of its pipes."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(timeout=1)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            _close(pipe)

    def _send(self, request: Mapping[str, object]) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(request).encode() + b"\n")
            pipe.flush()
        except OSError:
            pass  # It ended already: its exit code and error text say why.

    def _read_messages(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        for line in pipe:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                self._messages.put(message)

    def _read_errors(self) -> None:
        pipe = self._process.stderr
        assert pipe is not None
        for line in pipe:
            self._error_lines.append(line.decode(errors="replace").rstrip())


def _same_file(one: str, other: str) -> bool:
    return bool(other) and Path(one).resolve() == Path(other).resolve()


def _creation_flags() -> int:
    """Windows: lower priority, and no console window. Elsewhere the child asks for it."""
    if sys.platform == "win32":
        return subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    return 0


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:
        pass  # What was still to be sent has nobody left to read it.
