# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process that captures: a script, run by `capture`, never imported by Blender.

It reads one line of JSON from standard input, writes the take into a folder of the
job's own, and answers in lines of JSON on standard output:

    {"progress": 0.4, "text": "Tracking frame 40 of 100"}
    {"done": {"frames": …, "duration": …, "rate": …, "seen": …, "report": "…"}}
    {"error": "what is wrong and what to do"}

The extension's folder is loaded as the package `mien` whatever its name, so that all
imports inside it stay relative.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

SECONDS_BETWEEN_REPORTS = 0.05


def main() -> int:
    """Run one request. Returns the exit code: 0 also for an error that was told."""
    answers = _own_standard_output()
    if hasattr(os, "nice"):
        os.nice(10)
    request = json.loads(sys.stdin.readline())
    sys.path.extend(path for path in request["module_paths"] if path not in sys.path)
    _load_package(Path(__file__).resolve().parents[2])
    blender_is_gone = _watch_standard_input()
    from mien.models.errors import MienError

    try:
        answer: dict[str, Any] = {"done": _capture(request, answers, blender_is_gone)}
    except MienError as error:
        answer = {"error": str(error)}
    if blender_is_gone.is_set():
        shutil.rmtree(request["staging"], ignore_errors=True)
    _say(answers, answer)
    return 0


def _capture(
    request: dict[str, Any], answers: IO[str], blender_is_gone: threading.Event
) -> dict[str, Any]:
    from mien.models.capture.capture import CaptureOptions, capture
    from mien.models.recipe import STANDARD, resting_at
    from mien.models.take import write_take

    footage = Path(request["footage"])
    captured = capture(
        footage,
        CaptureOptions(**request["options"]),
        progress=_Reporter(answers),
        cancelled=blender_is_gone.is_set,
    )
    report = captured.report
    write_take(
        Path(request["staging"]) / request["name"],
        captured.performance,
        landmarks=captured.landmarks,
        matrices=captured.matrices,
        appearance=captured.appearance,
        size=captured.size,
        report=dataclasses.asdict(report),
        footage=footage,
        recipe=resting_at(STANDARD, captured.rest),
        picture=captured.picture,
    )
    performance = captured.performance
    return {
        "frames": len(performance),
        "duration": performance.duration,
        "rate": performance.rate,
        "seen": float(performance.seen.mean()),
        "report": report.words(),
    }


class _Reporter:
    """Passes progress on, but not more often than anyone could see."""

    def __init__(self, answers: IO[str]) -> None:
        self._answers = answers
        self._last = 0.0

    def __call__(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_REPORTS:
            self._last = now
            _say(self._answers, {"progress": fraction, "text": text})


def _own_standard_output() -> IO[str]:
    """The pipe to Blender, kept for answers: whatever else prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _say(answers: IO[str], message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # Nobody listens any more.
        answers.write(json.dumps(message) + "\n")
        answers.flush()


def _watch_standard_input() -> threading.Event:
    """Set when the pipe from Blender closes: it has quit or crashed."""
    gone = threading.Event()

    def watch() -> None:
        # Not sys.stdin.read(): its lock would still be held when Python ends.
        while os.read(0, 1024):
            pass
        gone.set()

    threading.Thread(target=watch, daemon=True).start()
    return gone


def _load_package(root: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        "mien", root / "__init__.py", submodule_search_locations=[str(root)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["mien"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    sys.exit(main())
