# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands around capture: footage into a take, a take solved again without its footage."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..models.capture.capture import SOLVERS
from ..models.errors import TakeError
from .console import progress_line

Result = dict[str, Any]


def capture(options: argparse.Namespace) -> Result:
    """Footage → take."""
    from ..models.capture.capture import CaptureOptions, capture
    from ..models.capture.conditioning import Conditioning
    from ..models.recipe import STANDARD, resting_at
    from ..models.take import write_take
    from .commands import with_neutral

    _refuse_existing(options.output)
    footage = int(options.footage) if options.footage.isdecimal() else Path(options.footage)
    named = options.neutral if isinstance(options.neutral, float) else None
    captured = capture(
        footage,
        CaptureOptions(
            start=options.start,
            end=options.end,
            face=options.face,
            threads=options.threads,
            solver=options.solver,
            rest=named,
            conditioning=Conditioning(options.median, options.blur, options.contrast),
            rate=options.rate,
        ),
        progress_line("Capturing"),
    )
    take = write_take(
        options.output,
        captured.performance,
        landmarks=captured.landmarks,
        matrices=captured.matrices,
        appearance=captured.appearance,
        size=captured.size,
        report=dataclasses.asdict(captured.report),
        footage=footage if isinstance(footage, Path) else None,
        recipe=resting_at(with_neutral(STANDARD, options.neutral), captured.rest),
        picture=captured.picture,
    )
    print(captured.report.words())
    print(f"Take: {take.folder}")
    return {"take": str(take.folder), "report": dataclasses.asdict(captured.report)}


def solve(options: argparse.Namespace) -> Result:
    """A captured take → a take with another solver's weights, or relative to another rest."""
    from ..models.capture.again import solved_again
    from ..models.recipe import resting_at
    from ..models.take import read_take, write_take

    _refuse_existing(options.output)
    take = read_take(options.take)
    performance, rest = solved_again(take, options.solver, options.neutral, options.threads)
    written = write_take(
        options.output,
        performance,
        landmarks=take.landmarks,
        matrices=take.matrices,
        appearance=take.appearance,
        size=take.size,
        report=take.report,
        footage=take.footage or None,
        recipe=resting_at(take.recipe, rest),
    )
    print(f"Take: {written.folder}, at rest at {rest:.2f} s")
    return {"take": str(written.folder), "rest": rest}


def _refuse_existing(output: Path) -> None:
    if output.exists():
        raise TakeError(f"{output} is already there; takes are never overwritten.")


def add_capture_commands(command: Callable[..., argparse.ArgumentParser], neutral: Any) -> None:
    """Add the subparsers. command: makes one; neutral: reads auto, none or seconds."""
    capturing = command("capture", capture)
    capturing.add_argument("footage", metavar="FOOTAGE", help="video, picture folder, camera index")
    capturing.add_argument("-o", "--output", type=Path, required=True, metavar="TAKE")
    capturing.add_argument("--neutral", type=neutral, default="auto", metavar="auto|none|SECONDS")
    capturing.add_argument("--start", type=float, metavar="S", help="first second to read")
    capturing.add_argument("--end", type=float, metavar="S", help="last second to read")
    capturing.add_argument("--face", type=int, metavar="N", help="0 = the largest in the picture")
    capturing.add_argument("--threads", type=int, default=2, metavar="N")
    capturing.add_argument(
        "--solver", choices=SOLVERS, default=SOLVERS[0], help="whose weights (blendshapes: Google)"
    )
    capturing.add_argument("--rate", type=float, default=24, metavar="FPS", help="of pictures")
    poor = capturing.add_argument_group("for poor footage")
    poor.add_argument("--median", type=int, default=0, metavar="PIXELS", help="takes out specks")
    poor.add_argument("--blur", type=float, default=0, metavar="PIXELS", help="takes out grain")
    poor.add_argument("--contrast", type=float, default=0, metavar="2…4", help="for dark pictures")

    solving = command("solve", solve)
    solving.add_argument("take", type=Path, metavar="TAKE", help="captured from footage")
    solving.add_argument("-o", "--output", type=Path, required=True, metavar="TAKE")
    solving.add_argument("--neutral", type=float, metavar="SECONDS", help="when the face rests")
    solving.add_argument("--solver", choices=SOLVERS, default=SOLVERS[0])
    solving.add_argument("--threads", type=int, default=2, metavar="N")
