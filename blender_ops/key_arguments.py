# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command line says of keys: how many, where, and how they lead from one to the next."""

from __future__ import annotations

import argparse
from typing import Any

from ..models.arkit import REGIONS
from .bake_options import NECK_SHARE, BakeOptions


def add_tolerance_argument(command: Any) -> None:
    """--tolerance, for each command that writes few keys."""
    command.add_argument(
        "--tolerance",
        type=float,
        default=0.005,
        metavar="T",
        help="how far a curve may be off, in weight or radians",
    )


def add_bake_arguments(command: Any) -> None:
    """The options of a bake."""
    command.add_argument("--action-name", default="", metavar="NAME", help="of the new Action")
    command.add_argument("--start-frame", type=float, default=1, metavar="N")
    add_tolerance_argument(command)
    command.add_argument(
        "--region-tolerance",
        type=_region_tolerance,
        action="append",
        default=[],
        metavar="REGION=T",
        help=f"another tolerance for one of {', '.join(REGIONS)}, head; can be repeated",
    )
    command.add_argument(
        "--subframes", action="store_true", help="keys between frames, too, not on whole ones only"
    )
    command.add_argument(
        "--hold", type=int, default=1, metavar="N", help="poses held for N frames: 2 = on twos"
    )
    command.add_argument(
        "--drop-still", action="store_true", help="no curve for what never moves from its rest"
    )
    command.add_argument(
        "--range",
        type=float,
        nargs=2,
        metavar=("FIRST", "LAST"),
        help="bake these scene frames only and keep what is animated outside",
    )
    command.add_argument("--blend-in", type=float, default=0, metavar="FRAMES")
    command.add_argument("--blend-out", type=float, default=0, metavar="FRAMES")
    command.add_argument("--head", choices=["auto", "bone", "empty", "none"], default="auto")
    command.add_argument(
        "--neck-share",
        type=float,
        default=NECK_SHARE,
        metavar="0…1",
        help="how much of the head's turn the neck bones make",
    )
    command.add_argument(
        "--eyes",
        choices=["auto", "bones", "keys"],
        default="auto",
        help="what turns the eyes where there are bones and keys for it",
    )


def bake_options(arguments: argparse.Namespace) -> BakeOptions:
    """What `add_bake_arguments` read. Raises BakeError for what makes no sense."""
    return BakeOptions(
        start_frame=arguments.start_frame,
        subframes=arguments.subframes,
        tolerance=arguments.tolerance,
        region_tolerance=dict(arguments.region_tolerance),
        hold=arguments.hold,
        drop_still=arguments.drop_still,
        frame_range=tuple(arguments.range) if arguments.range else None,
        blend_in=arguments.blend_in,
        blend_out=arguments.blend_out,
        head=arguments.head.upper(),
        neck_share=arguments.neck_share,
        eyes=arguments.eyes.upper(),
        action_name=arguments.action_name,
    )


def _region_tolerance(text: str) -> tuple[str, float]:
    """Read mouth=0.002."""
    region, _, number = text.partition("=")
    known = (*REGIONS, "head")
    if region not in known:
        raise argparse.ArgumentTypeError(f"“{region}” is none of {', '.join(known)}")
    try:
        return region, float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not like {region}=0.002") from None
