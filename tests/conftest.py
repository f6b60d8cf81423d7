"""What every test may use: the real clip, the shared data, a Blender of its own."""

import os
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("MIEN_SHARED_DATA", ROOT.parent / "shared" / "data"))

# Before bpy starts: extensions, preferences and takes of a test run go nowhere else.
os.environ.setdefault("BLENDER_USER_RESOURCES", tempfile.mkdtemp(prefix="mien-test-blender-"))


def pytest_addoption(parser):
    parser.addoption(
        "--ui",
        choices=["4.3", "5.2"],
        help="tests in a window of this Blender of Debian's; `build.py test --ui` runs them",
    )
    parser.addoption(
        "--update-manual",
        action="store_true",
        help="tests in a window write the manual's pictures anew",
    )


def pytest_ignore_collect(collection_path, config):
    """Tests in a window run only where they were asked for."""
    if collection_path == ROOT / "tests" / "ui" and not config.getoption("--ui"):
        return True
    return None


def pytest_collection_modifyitems(config, items):
    if SHARED.is_dir():
        return
    missing = [item for item in items if item.get_closest_marker("shared")]
    if missing:
        config.hook.pytest_deselected(items=missing)
        items[:] = [item for item in items if item not in missing]
        config.stash[_DESELECTED] = len(missing)


_DESELECTED = pytest.StashKey[int]()
_STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session, exitstatus):
    session.config.stash[_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """Leave at once: the bpy module may wait for ever for threads while the process ends."""
    if "bpy" in sys.modules and _STATUS in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_STATUS])


def pytest_terminal_summary(terminalreporter, config):
    count = config.stash.get(_DESELECTED, 0)
    if count:
        terminalreporter.line(f"{count} tests that need shared data were left out: no {SHARED}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared recordings, footage and rigs. Use together with the marker `shared`."""
    return SHARED


@pytest.fixture(scope="session")
def carphone() -> Path:
    """The classic clip: 176 × 144, four seconds, a face in every frame."""
    path = ROOT / ".cache" / "footage" / "carphone_pristine.mp4"
    assert path.is_file(), "`python build.py test` fetches the clip; run that first"
    return path
