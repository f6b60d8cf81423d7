"""The report of a batch: a row a shot, whole in one file, and it opens in a browser."""

import shutil
import subprocess

import cv2
import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.batch.report import write_report
from mien.models.batch.results import data, line
from mien.models.batch.run import ShotResult
from mien.models.batch.shot import Shot
from mien.models.performance import Performance
from mien.models.take import write_take


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".steps").mkdir()
    frames = tmp_path / "work" / "frames"
    frames.mkdir(parents=True)
    for number in range(20):
        picture = np.full((90, 160, 3), (10 * number, 80, 200), np.uint8)
        cv2.imwrite(str(frames / f"{number:06d}.png"), picture)
    times = np.arange(60) / 30
    weights = np.zeros((60, 52))
    weights[:, CHANNELS.index("jawOpen")] = 0.5 + 0.4 * np.sin(times * 6)
    weights[:, CHANNELS.index("eyeBlinkLeft")] = times > 1
    write_take(tmp_path / "takes" / "t", Performance(weights, times))
    return tmp_path


def results():
    facts = {
        "capture": {"report": {"frames": 60, "seen": 45, "lost": [[0.5, 1.0]], "warnings": []}},
        "bake": {"keys": 1234, "curves": 52, "largest_error": 0.00491, "notes": ["a <note>"]},
    }
    products = {"capture": "takes/t", "frames": "work/frames", "bake": "shots/a/a.blend"}
    yield ShotResult("a", "", products, facts, 3725.0)
    yield ShotResult("b", "bake: no <character> & no luck.", {}, {}, 0.0)


@pytest.fixture
def page(folder):
    shots = {name: Shot(name, character=folder / "hero.blend") for name in "ab"}
    return write_report(results(), folder, "Night & day", shots)


def test_a_row_says_how_the_shot_went(page):
    text = page.read_text(encoding="utf-8")
    for words in (
        "1 of 2 shots made, 1 failed",
        "1,234 on 52 curves",
        "0.0049",
        "75%",
        "1 h 02 min",
    ):
        assert words in text
    assert "no &lt;character&gt; &amp; no luck." in text and "a &lt;note&gt;" in text
    assert "no face from 0.5 to 1.0 s" in text
    assert text.count("data:image/jpeg") == 6 and text.count("<polyline") == 4
    assert ">jawOpen<" in text and ">eyeBlinkLeft<" in text
    assert 'href="shots/a/a.blend"' in text


def test_the_same_shot_gives_the_same_line_however_long_it_took():
    first, second = results()
    slower = ShotResult("a", "", first.products, first.facts, 9999.0)
    assert line(first) == line(slower)
    assert data(first)["face_seen"] == 0.75
    assert data(second)["state"] == "failed" and data(second)["keys"] is None


def test_a_browser_shows_it(page, tmp_path):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine: the report is not looked at")
    shot = tmp_path / "page.png"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,700"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={shot}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    picture = cv2.imread(str(shot))
    # The second picture of the strip, and the two states, in their colours.
    for colour in ((30, 80, 200), (0x55, 0x8C, 0x2A), (0x3C, 0x40, 0xC8)):
        near = np.abs(picture.astype(int) - colour).max(axis=2) < 14
        assert near.sum() > 200, colour
