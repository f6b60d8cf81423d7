"""The report of a batch: a row a shot, whole in one file, and it opens in a browser."""

import shutil
import subprocess

import cv2
import numpy as np
import pytest
from mien.models.arkit import CHANNELS
from mien.models.batch.overview import overview
from mien.models.batch.report import write_report
from mien.models.batch.results import data, line
from mien.models.batch.run import ShotResult
from mien.models.batch.shot import Shot
from mien.models.performance import Performance
from mien.models.recipe import Recipe, Step, evaluate


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".steps").mkdir()
    frames = tmp_path / "work" / "frames"
    frames.mkdir(parents=True)
    for number in range(20):
        picture = np.full((90, 160, 3), (10 * number, 80, 200), np.uint8)
        cv2.imwrite(str(frames / f"{number:06d}.png"), picture)
    return tmp_path


def told():
    times = np.arange(60) / 30
    weights = np.zeros((60, 52))
    weights[:, CHANNELS.index("jawOpen")] = 0.5 + 0.4 * np.sin(times * 6)
    weights[:, CHANNELS.index("eyeBlinkLeft")] = times > 1
    captured = Performance(weights, times)
    recipe = Recipe((Step("gain", {"channels": {"jawOpen": 0.5}}),))
    return overview(captured, recipe, evaluate(recipe, captured))


def results():
    facts = {
        "capture": {"report": {"frames": 60, "seen": 45, "lost": [[0.5, 1.0]], "warnings": []}},
        "bake": {"keys": 1234, "curves": 52, "largest_error": 0.00491, "notes": ["a <note>"]},
    }
    facts["bake"]["performance"] = told()
    products = {"capture": "takes/t", "frames": "work/frames", "bake": "shots/a/a b.blend"}
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
    assert text.count("data:image/jpeg") == 6
    # As captured and after the recipe; and where no face was seen.
    assert text.count("<polyline") == 2 * 4 and text.count('class="lost"') == 4
    assert "<b>jawOpen</b>0.05 – 0.45" in text and "<b>eyeBlinkLeft</b>0.00 – 1.00" in text
    assert '<a href="shots/a/a%20b.blend">blend</a>' in text
    assert '<a href="#b">b</a>' in text
    assert "Lips meet" not in text and "of samples" in text


def test_the_same_shot_gives_the_same_line_however_long_it_took():
    first, second = results()
    slower = ShotResult("a", "", first.products, first.facts, 9999.0)
    assert line(first) == line(slower)
    assert data(first)["face_seen"] == 0.75
    assert data(first)["evaluation"]["jitter"] < data(first)["evaluation"]["jitter_seen"]
    assert data(second)["state"] == "failed" and data(second)["keys"] is None


@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_shows_it(page, tmp_path, dark):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine: the report is not looked at")
    shot = tmp_path / "page.png"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,700"]
    command += ["--force-dark-mode"] if dark else []
    command += [f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={shot}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    picture = cv2.imread(str(shot))
    # The second picture of the strip, the share that was made and that failed, a curve.
    colours = (_DARK if dark else _LIGHT) | {"picture": (30, 80, 200)}
    for name, colour in colours.items():
        near = np.abs(picture.astype(int) - colour).max(axis=2) < 14
        assert near.sum() > 100, name
    paper = picture[650:, 10].astype(int).mean()
    assert paper < 60 if dark else paper > 200


# Blue, green, red, as OpenCV has them.
_LIGHT = {"made": (0x4A, 0x78, 0x23), "failed": (0x2F, 0x33, 0xB3), "curve": (0xC9, 0x63, 0x25)}
_DARK = {"made": (0x8C, 0xC0, 0x5F), "failed": (0x7E, 0x83, 0xF0), "curve": (0xF5, 0xA4, 0x6F)}
