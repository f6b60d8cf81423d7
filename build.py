#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set up, demonstrate, test and package Mien. Python's standard library only.

    python build.py demo      from nothing to a talking character in out/demo
    python build.py test      every check: lint, format, types, imports, tests
    python build.py package   dist/mien-<version>-<platform>.zip for Blender
    python build.py setup     only make the virtual environment

Needs Python 3.11 or 3.13, because Blender's module exists for these.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from building.blenders import BLENDERS, DEFAULT_BLENDERS
from building.environments import (
    STUBS,
    Environment,
    make_environment,
    make_types_environment,
)
from building.fetching import fetch_clip, fetch_tracker
from building.in_a_window import WINDOWED, windowed_tests
from building.machine import check_python, check_system, find_python
from building.packaging import PLATFORMS, package_for
from building.running import CACHE, ROOT, BuildError, Command, Steps, run

# matplotlib draws curves.png; markdown makes the manual's pages; onnx and tflite convert the
# tracker's weights. Ranges, because the numpy of Blender 4.2 is too old for the newest.
TOOLS = ("onnx>=1.17,<1.24", "tflite==2.18.0", "matplotlib>=3.9,<3.12", "markdown>=3.8,<4")
TEST_TOOLS = (
    "pytest==9.2.0",
    "hypothesis==6.170.15",
    "scikit-image>=0.24,<0.27",
    "distributed==2026.8.0",
)
# Heavy: where no build of torch for the processor alone is at hand, pip takes one for CUDA.
TRAINING_TOOLS = ("torch==2.13.0", "lightning==2.6.6")
CHECK_TOOLS = (
    "ruff==0.17.6",
    "import-linter==2.16",
    "scipy==1.17.1",
    "PyWavelets==1.9.0",
)


# --- demo ----------------------------------------------------------------------------------


def demo(options: argparse.Namespace) -> None:
    """Footage to a film of the character, everything left in out/demo."""
    version = check_python()
    check_system()
    blender = BLENDERS[options.blender or DEFAULT_BLENDERS[version]]
    steps = Steps(6)
    with steps.step(f"Environment with Blender {blender.bpy} (about 1 GB the first time)"):
        environment = make_environment(blender, TOOLS)
    with steps.step("Tracker weights and the demo clip"):
        fetch_tracker(environment)
        footage = options.footage or fetch_clip(environment)
    folder = ROOT / "out" / "demo"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    mien: Command = [environment.mien]
    take, blend, film = folder / "take", folder / "demo.blend", folder / "demo.mp4"
    curves = folder / "curves.png"
    with steps.step("Capture"):
        run([*mien, "capture", footage, "-o", take])
    with steps.step("Character and bake"):
        character = options.character
        if character is None:
            character = folder / "character.blend"
            run([*mien, "character", "-o", character, "--rate-of", take])
        run([*mien, "bake", take, "--blend", character, "-o", blend, "--fit-range"])
    with steps.step("Render"):
        # Workbench needs no graphics card; the demo scene is lit for it.
        quick = ["--engine", "workbench", "--size", "640x640", "--samples", "5"]
        run([*mien, "render", blend, "-o", film, *quick, "--beside", footage])
    with steps.step("Curves"):
        run([*mien, "inspect", take, "--plot", curves])
    print("\nReady:")
    for path in (film, blend, take, curves):
        print(f"    {path}")


# --- test ----------------------------------------------------------------------------------


def check_types(environment: Environment, version: str) -> None:
    """Run mypy with the stubs of one Blender version."""
    python = make_types_environment(version)
    cache = CACHE / f"mypy-{version}"
    run(
        [python, "-m", "mypy", "--package", "mien", "--cache-dir", cache],
        env={**os.environ, "MYPYPATH": str(environment.folder / "source")},
        cwd=ROOT,
    )


def test(options: argparse.Namespace) -> None:
    """Every check. The last thing printed is pytest's closing line."""
    version = check_python()
    check_system()
    if options.require_shared and not (ROOT.parent / "shared" / "data").is_dir():
        raise BuildError("The shared data are not beside the checkout, and they are required.")
    own = DEFAULT_BLENDERS[version]
    main = BLENDERS[options.blender or own]
    print(f"Environment with Blender {main.bpy} …", flush=True)
    environment = make_environment(main, (*TOOLS, *TEST_TOOLS))
    fetch_tracker(environment)
    fetch_clip(environment)
    if main.name != own:
        blender_tests(environment, options.pytest)
        return
    training = TRAINING_TOOLS if options.training else ()
    make_environment(main, (*TOOLS, *TEST_TOOLS, *CHECK_TOOLS, *training))
    python = environment.python
    print("Lint, format …", flush=True)
    run([python, "-m", "ruff", "check", "."], cwd=ROOT)
    run([python, "-m", "ruff", "format", "--check", "."], cwd=ROOT)
    print("Imports of the three floors …", flush=True)
    run([environment.programs / "lint-imports"], cwd=ROOT)
    for stubs in STUBS:
        print(f"Types, against Blender {stubs} …", flush=True)
        check_types(environment, stubs)
    package_for(environment, next(item for item in PLATFORMS if item.name == "linux-x64"))
    if options.ui:
        windowed_tests(environment, list(WINDOWED))
    for other in DEFAULT_BLENDERS.values():
        if other != own and find_python(BLENDERS[other].python):
            print(f"Tests in Blender {other} …", flush=True)
            second = make_environment(BLENDERS[other], (*TOOLS, *TEST_TOOLS))
            blender_tests(second, options.pytest)
        elif other != own:
            print(f"No Python for Blender {other} here: its tests are left out.", flush=True)
    print(f"Tests in Blender {main.name} …", flush=True)
    run([python, "-m", "pytest", *options.pytest], cwd=ROOT)


def blender_tests(environment: Environment, arguments: Sequence[str]) -> None:
    """The tests that need Blender, in this Blender."""
    folders = ["tests/blender_ops", "tests/addon"]
    run([environment.python, "-m", "pytest", *folders, *arguments], cwd=ROOT)


def ui(options: argparse.Namespace) -> None:
    """The tests that drive Blender by clicks and keys; screenshots are left in out/ui."""
    version = check_python()
    check_system()
    environment = make_environment(BLENDERS[DEFAULT_BLENDERS[version]], (*TOOLS, *TEST_TOOLS))
    fetch_tracker(environment)
    fetch_clip(environment)
    chosen = [options.blender] if options.blender else list(WINDOWED)
    windowed_tests(environment, chosen, options.pytest)


# --- package -------------------------------------------------------------------------------


def package(options: argparse.Namespace) -> None:
    """One zip for each platform in dist/."""
    version = check_python()
    check_system()
    environment = make_environment(BLENDERS[DEFAULT_BLENDERS[version]], TOOLS)
    fetch_tracker(environment)
    chosen = [item for item in PLATFORMS if options.platform in (None, item.name)]
    steps = Steps(len(chosen))
    for platform in chosen:
        with steps.step(platform.name):
            print(f"      {package_for(environment, platform)}")


# --- The command line ----------------------------------------------------------------------


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    blender: dict[str, Any] = {"choices": sorted(BLENDERS), "help": "Blender version to use"}

    command = commands.add_parser("setup", help="make the virtual environment")
    command.add_argument("--blender", **blender)
    command.add_argument("--training", action="store_true", help="with torch, to train networks")
    command.set_defaults(action=setup)

    command = commands.add_parser("demo", help="from nothing to a talking character")
    command.add_argument("--blender", **blender)
    command.add_argument("--footage", type=Path, help="your own video of a face")
    command.add_argument("--character", type=Path, help="your own .blend with face shape keys")
    command.set_defaults(action=demo)

    command = commands.add_parser("test", help="run every check")
    command.add_argument("--blender", **blender)
    command.add_argument("--require-shared", action="store_true", help="fail without shared data")
    command.add_argument("--training", action="store_true", help="with torch, test training too")
    command.add_argument("--ui", action="store_true", help="also in Blender with a window")
    command.add_argument("pytest", nargs="*", help="arguments for pytest (after --)")
    command.set_defaults(action=test)

    command = commands.add_parser("ui", help="only the tests in Blender with a window")
    command.add_argument("--blender", choices=list(WINDOWED), help="only this Blender of Debian's")
    command.add_argument("pytest", nargs="*", help="arguments for pytest (after --)")
    command.set_defaults(action=ui)

    command = commands.add_parser("package", help="make the extension's zips")
    command.add_argument("--platform", choices=[item.name for item in PLATFORMS])
    command.set_defaults(action=package)
    return parser.parse_args(arguments)


def setup(options: argparse.Namespace) -> None:
    """Only the environment, the weights and the clip."""
    version = check_python()
    check_system()
    blender = BLENDERS[options.blender or DEFAULT_BLENDERS[version]]
    training = TRAINING_TOOLS if options.training else ()
    environment = make_environment(blender, (*TOOLS, *training))
    fetch_tracker(environment)
    fetch_clip(environment)
    print(f"Ready: {environment.mien}")


def main(arguments: Sequence[str]) -> int:
    """Run one command; 1 and a clear line if it fails."""
    options = parse(arguments)
    try:
        options.action(options)
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
