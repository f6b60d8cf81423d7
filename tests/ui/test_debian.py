# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up a Debian: where it comes from, and what is said where that cannot be."""

import debian
import pytest

SOURCES = """Types: deb
# http://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://mirror.example/debian-security http://mirror.example/debian
Suites: bookworm
"""
LISTS = "deb [signed-by=/etc/key.gpg] https://elsewhere.example/debian/ bookworm main\n"


@pytest.fixture
def apt(tmp_path, monkeypatch):
    monkeypatch.delenv("MIEN_DEBIAN_MIRROR", raising=False)
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "cloud.list").write_text("deb https://cloud.example/apt all x\n")
    return tmp_path


def test_the_mirror_is_that_of_the_machines_own_apt(apt):
    (apt / "sources.list.d" / "debian.sources").write_text(SOURCES)
    assert debian.debian_mirror(apt) == "http://mirror.example/debian"


def test_a_list_of_one_line_each_is_read_as_well(apt):
    (apt / "sources.list").write_text(LISTS)
    assert debian.debian_mirror(apt) == "https://elsewhere.example/debian/"


def test_where_there_is_no_mirror_one_can_be_named(apt, monkeypatch):
    with pytest.raises(debian.SetupError, match="MIEN_DEBIAN_MIRROR"):
        debian.debian_mirror(apt)
    monkeypatch.setenv("MIEN_DEBIAN_MIRROR", "http://own.example/debian")
    assert debian.debian_mirror(apt) == "http://own.example/debian"


def test_what_fails_leaves_nothing_behind_and_says_why(apt, monkeypatch):
    monkeypatch.setenv("MIEN_BLENDERS", str(apt / "blenders"))
    monkeypatch.setenv("MIEN_DEBIAN_MIRROR", f"file://{apt}/nothing")
    with pytest.raises(debian.SetupError, match="Debootstrap of trixie failed"):
        debian.set_up(debian.DEBIANS["4.3"])
    assert [path.name for path in (apt / "blenders").iterdir()] == ["blender-trixie.lock"]


def test_no_mount_and_no_process_outlasts_a_command(tmp_path, blender):
    root = debian.set_up(debian.DEBIANS[blender])
    mounts = debian.Path("/proc/self/mountinfo")
    before = mounts.read_text()
    debian.run(debian.command(root, ["test", "-d", "/proc/1"], tmp_path), "a look at /proc")
    with pytest.raises(debian.SetupError, match="A failure failed"):
        debian.run(debian.command(root, ["false"], tmp_path), "a failure")
    assert mounts.read_text() == before
