# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender with windows: Debian's, in a folder of its own outside the checkout.

    python tests/ui/debian.py 4.3      sets it up, once, and prints its folder

Each Debian release has one Blender. What is needed of it is unpacked below
`~/.cache/mien` (or `MIEN_BLENDERS`), about 2 GB each, from the mirror that this machine's
own apt uses (or `MIEN_DEBIAN_MIRROR`). Everything in it runs in namespaces of its own: its
mounts and its processes are gone with the command that had them, however that ends, and
it has no network.

Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Changes with what is set up, so that older folders are made anew.
RECIPE = 1

PACKAGES = (
    "blender",
    "xvfb",
    "xauth",
    "libgl1-mesa-dri",
    "libegl-mesa0",
    "libegl1",
    "imagemagick",
    "python3-numpy",
    "python3-requests",
)

# With /proc and /dev, and the folder of a run as /mnt. $1: the root, $2: the run's folder.
ENTER = """
set -e
root=$1; work=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
chmod 1777 "$root/tmp"
test -z "$work" || mount --bind "$work" "$root/mnt"
chroot "$root" "$@"
"""


class SetupError(Exception):
    """Why there is no Blender with windows, and what to do."""


@dataclass(frozen=True)
class Debian:
    """A release of Debian and the Blender that comes with it."""

    release: str
    blender: str
    python: str
    packages: tuple[str, ...] = PACKAGES

    @property
    def folder(self) -> Path:
        """Where it is unpacked."""
        return blenders_folder() / f"blender-{self.release}"

    @property
    def stamp(self) -> str:
        """What its folder says once it is complete."""
        return f"{RECIPE} {self.release} {' '.join(self.packages)}\n"


DEBIANS = {
    debian.blender: debian
    for debian in (
        Debian("trixie", "4.3", "3.13"),
        Debian("sid", "5.2", "3.14", (*PACKAGES, "python3-cattr")),
    )
}


def blenders_folder() -> Path:
    """Where the Debians lie."""
    default = Path.home() / ".cache" / "mien"
    return Path(os.environ.get("MIEN_BLENDERS", default)).absolute()


def command(root: Path, arguments: Sequence[str], work: Path | None = None) -> list[str]:
    """The command line that runs `arguments` inside; without a network if it has a `work`.

    work: a folder that is /mnt inside.
    """
    namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
    if work is not None:
        namespaces.append("--net")
    enter = ["sh", "-c", ENTER, "sh", str(root), str(work or "")]
    return ["unshare", *namespaces, *enter, *arguments]


def set_up(debian: Debian) -> Path:
    """Its folder, made if it is not there yet. Raises SetupError if that cannot be."""
    check_rights()
    with locked(debian):
        stamp = debian.folder / "mien-complete"
        if stamp.is_file() and stamp.read_text() == debian.stamp:
            return debian.folder
        mirror = debian_mirror()
        install_debootstrap()
        part = debian.folder.with_suffix(".part")
        for leftover in (part, debian.folder):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            unpack(debian, part, mirror)
            (part / "mien-complete").write_text(debian.stamp)
            part.rename(debian.folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return debian.folder


def check_rights() -> None:
    """SetupError unless this is root with the right to make namespaces."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise SetupError(
            "Tests in a window unpack a Debian and run it by chroot: run them as root on Linux."
        )
    answer = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--net", "--propagation", "private", "true"],
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise SetupError(
            "This machine does not let root mount anything, as a container may not: "
            f"{answer.stderr.strip()}. Start the container with --cap-add SYS_ADMIN, or run "
            "these tests elsewhere."
        )


@contextlib.contextmanager
def locked(debian: Debian) -> Iterator[None]:
    """Two set-ups at once wait for each other."""
    folder = debian.folder.parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{debian.folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def debian_mirror(apt: Path = Path("/etc/apt")) -> str:
    """The mirror of Debian that this machine's apt uses."""
    if chosen := os.environ.get("MIEN_DEBIAN_MIRROR"):
        return chosen
    addresses = []
    for path in sorted([*apt.glob("sources.list"), *apt.glob("sources.list.d/*")]):
        text = path.read_text(errors="replace")
        if path.suffix == ".sources":
            for line in re.findall(r"^URIs:(.*)$", text, re.M):
                addresses += line.split()
        else:
            addresses += re.findall(r"^deb\s+(?:\[.*?\]\s+)?(\S+)", text, re.M)
    for address in addresses:
        if address.rstrip("/").endswith("/debian"):
            return address
    raise SetupError(
        f"No mirror of Debian stands in {apt}. Name one in the environment variable "
        "MIEN_DEBIAN_MIRROR."
    )


def install_debootstrap() -> None:
    """By apt, where it is not there yet."""
    if shutil.which("debootstrap"):
        return
    if not shutil.which("apt-get"):
        raise SetupError("debootstrap is not on this machine, and no apt-get to install it with.")
    run(["apt-get", "update", "-qq"], "apt-get update")
    run(["apt-get", "install", "-y", "-qq", "debootstrap"], "installing debootstrap")


def unpack(debian: Debian, root: Path, mirror: str) -> None:
    """The release's base and Blender, into `root`."""
    base = ["debootstrap", "--variant=minbase", "--include=ca-certificates"]
    run([*base, debian.release, str(root), mirror], f"debootstrap of {debian.release}")
    # Nobody reads manuals in there, and a folder that is cut off is made again anyway.
    configuration = root / "etc" / "dpkg" / "dpkg.cfg.d" / "mien"
    left_out = ("/usr/share/doc/*", "/usr/share/man/*")
    lines = ["force-unsafe-io", *(f"path-exclude={path}" for path in left_out)]
    configuration.write_text("\n".join(lines) + "\n")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "apt-get", "-qq"]
    update = [*quiet, "update", "-o", "Acquire::Check-Valid-Until=false"]
    install = [*quiet, "install", "-y", "--no-install-recommends", *debian.packages]
    run(command(root, update), f"apt-get update in {debian.release}")
    run(command(root, install), f"installing Blender in {debian.release}")
    run(command(root, [*quiet, "clean"]), "apt-get clean")


def run(arguments: Sequence[str], what: str) -> None:
    """Run a command; SetupError with its last lines if it fails."""
    answer = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if answer.returncode:
        last = "\n".join(answer.stdout.splitlines()[-8:])
        raise SetupError(f"{what[0].upper()}{what[1:]} failed:\n{last}")


def main(arguments: Sequence[str]) -> int:
    """Set up the Blender of the given version; print where it is."""
    if len(arguments) != 1 or arguments[0] not in DEBIANS:
        print(f"usage: debian.py {'|'.join(DEBIANS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        folder = set_up(DEBIANS[arguments[0]])
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{folder} ({time.monotonic() - started:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
