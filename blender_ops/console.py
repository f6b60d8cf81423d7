# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command says on a terminal, apart from what Blender says beside it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Iterator

_STANDARD_OUTPUT, _STANDARD_ERROR = 1, 2


@contextlib.contextmanager
def without_blenders_remarks() -> Iterator[None]:
    """Let only Python's prints through: Blender writes a line for every frame and file.

    Blender is C++ and writes to the process's own two outputs; these lead nowhere
    meanwhile, and `sys.stdout` and `sys.stderr` write to copies of them.
    """
    with (
        _only_python(_STANDARD_OUTPUT, "stdout"),
        _only_python(_STANDARD_ERROR, "stderr"),
    ):
        yield


@contextlib.contextmanager
def _only_python(output: int, name: str) -> Iterator[None]:
    stream = getattr(sys, name)
    stream.flush()
    _flush_blenders()
    kept = os.dup(output)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123, it is no path of a file
        os.dup2(nowhere.fileno(), output)
    # A caller may have put a stream of its own there: that one stays.
    own = stream is getattr(sys, f"__{name}__")
    if own:
        # A console that knows no “→” shows a question mark instead of failing.
        setattr(
            sys,
            name,
            os.fdopen(kept, "w", encoding=stream.encoding, errors="replace", closefd=False),
        )
    try:
        yield
    finally:
        _flush_blenders()
        if own:
            getattr(sys, name).flush()
            setattr(sys, name, stream)
        os.dup2(kept, output)
        os.close(kept)


def _flush_blenders() -> None:
    """Write out what the C library still holds back, while it leads where it should."""
    library = ctypes.CDLL("ucrtbase") if os.name == "nt" else ctypes.CDLL(None)
    library.fflush(None)


def progress_line(title: str) -> Callable[[float, str], None]:
    """A line that tells the part done, 0–1, and words; silent where nobody looks."""

    def show(fraction: float, words: str) -> None:
        if sys.stderr.isatty():
            end = "\n" if fraction >= 1 else ""
            print(f"\r{title}: {fraction:4.0%} {words:<40}", end=end, file=sys.stderr, flush=True)

    return show
